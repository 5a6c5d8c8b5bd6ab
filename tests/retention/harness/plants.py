"""Mistakes planted in the disposal, one named step each: the harness must find every one."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from retention import (
    disposal,
    disposal_claims,
    disposal_manifest,
    disposal_seal,
    disposal_settle,
    hold_members,
)
from retention.disposal_nouns import Claim, Works
from retention.disposal_verify import Found, look
from retention.nouns import ItemState
from storage.database import begin
from storage.erasing import Erased, Erasure
from storage.forgetting import forget
from storage.inventory import Trace
from tests.retention.harness.watch import WatchedStore
from tests.retention.harness.world import VAULT

Plant = Callable[[pytest.MonkeyPatch], None]


def no_hold_check_at_the_point(patch: pytest.MonkeyPatch) -> None:
    """Neither does placing a hold take a dossier off its list, nor do the guards ask for it."""
    patch.setattr(hold_members, "let_go", lambda *_: ())
    _without(patch, "G4")


def no_keep_check(patch: pytest.MonkeyPatch) -> None:
    """The guards do not ask for the valuation."""
    _without(patch, "G1", "G2", "G3")


def late_hold_ignored(patch: pytest.MonkeyPatch) -> None:
    """Past the point nobody asks for holds."""
    patch.setattr(disposal, "_late_hold", lambda *_: None)


def not_found_counts_as_gone(patch: pytest.MonkeyPatch) -> None:
    """A copy that is not there is no obstacle."""
    patch.setattr(disposal_manifest, "_compare", lambda *_: None)


def no_verification(patch: pytest.MonkeyPatch) -> None:
    """What was deleted is believed to be gone."""
    patch.setattr(disposal, "look", _believes)


def evidence_first(patch: pytest.MonkeyPatch) -> None:
    """The evidence is written, and then it is deleted."""

    def destroy(works: Works, held: Claim) -> ItemState:
        told = disposal_settle.settle(works, held, _believes(works, held.zorgdrager, held.dossier))
        assert told is not None
        for name, store in sorted(works.stores.items()):
            list(disposal.erase(store, _traces(works, name, held)))
        for place in works.places:
            place.erase(held.zorgdrager, held.dossier)
        return told

    patch.setattr(disposal, "_destroy", destroy)


def no_resume(patch: pytest.MonkeyPatch) -> None:
    """What was interrupted is never taken up."""
    patch.setattr(disposal_claims, "TAKEN_UP", (ItemState.APPROVED,))
    patch.setattr(disposal_claims, "BEGUN", ())


def shared_bytes_deleted(patch: pytest.MonkeyPatch) -> None:
    """Nobody asks whether another dossier has the same bytes."""
    for room in (disposal, disposal_manifest, disposal_settle):
        patch.setattr(room, "shared_of", lambda *_: frozenset())


def description_removed_first(patch: pytest.MonkeyPatch) -> None:
    """The description goes before the copies."""
    real = disposal._delete

    def delete(works: Works, held: Claim) -> ItemState | None:
        with begin(works.desk.engine) as connection:
            forget(connection, held.dossier)
        return real(works, held)

    patch.setattr(disposal, "_delete", delete)


def plain_deletes(patch: pytest.MonkeyPatch) -> None:
    """Deletions name no version: a bucket that keeps versions puts a mark on top."""

    def erase(store: WatchedStore, found: Sequence[Trace]) -> Iterator[Erasure]:
        if store.name == VAULT:
            for each in found:
                store.bare.remove(each.key)
        else:
            list(store.delete_all([(each.key, each.version) for each in found]))
        yield from (Erasure(each, Erased.ACCEPTED) for each in found)

    patch.setattr(disposal, "erase", erase)


PLANTS: dict[str, tuple[Plant, str]] = {
    each.__name__: (each, variant)
    for each, variant in (
        (no_hold_check_at_the_point, "plain"),
        (no_keep_check, "keep"),
        (late_hold_ignored, "plain"),
        (not_found_counts_as_gone, "missing"),
        (no_verification, "plain"),
        (evidence_first, "plain"),
        (no_resume, "plain"),
        (shared_bytes_deleted, "shared"),
        (description_removed_first, "plain"),
        (plain_deletes, "plain"),
    )
}
"""Each mistake, and the variant of the town that shows it."""


def _without(patch: pytest.MonkeyPatch, *guards: str) -> None:
    real = disposal_seal._refusals

    def refusals(*asked: Any) -> tuple[Any, ...]:
        return tuple(each for each in real(*asked) if each.guard not in guards)

    patch.setattr(disposal_seal, "_refusals", refusals)


def _believes(works: Works, zorgdrager: str, dossier: str, _rows: object = ()) -> Found:
    del zorgdrager
    places = [*works.stores, *(each.name for each in works.places)]
    return Found([(each, dossier, "nothing") for each in places])


def _traces(works: Works, name: str, held: Claim) -> list[Trace]:
    found = look(works, held.zorgdrager, held.dossier, ())
    return [each for each in found.left if each.store == name]
