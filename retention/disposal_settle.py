"""The one transaction that says that a dossier is destroyed: all of it, or nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from retention.days import trusted_instant
from retention.disposal_claims import ask_operator, item_of, set_dossier, set_item, tell
from retention.disposal_manifest import manifest_rows, mark, shared_of
from retention.disposal_nouns import Claim, TraceState, Trouble, Works
from retention.disposal_verify import Found, write_evidence
from retention.hold_keys import forget_marks
from retention.nouns import DossierState, ItemState, ListKind
from retention.tombstones import bury
from storage import forgetting
from storage.archive import DESTROYED
from storage.catalogue import AIPS
from storage.database import begin
from storage.forgetting import erase_details_of, forget, numbers_of, still_known

purge = forgetting.purge


def settle(works: Works, held: Claim, found: Found) -> ItemState | None:
    """Evidence, tombstone, ledger, and the description last. None when there is more to delete
    after all: the other that had the same bytes is gone since.

    Raises: ClaimLost; DatabaseUnusable.
    """
    try:
        with begin(works.desk.engine) as connection:
            item_of(connection, held, ItemState.DESTROYING)
            rows = manifest_rows(connection, held)
            if _take_in_last(connection, held, rows):
                return None
            words = rare_words(connection, held.dossier)
            numbers = forget(connection, held.dossier)
            known = still_known(connection, held.dossier, numbers, words)
            if known:
                raise _StillKnown(", ".join(known))
            at = trusted_instant(connection, held.zorgdrager, works.desk.now())
            _write(connection, works, held, found, at)
    except _StillKnown as error:
        return ask_operator(works, held, ItemState.DESTROYING, Trouble.STILL_KNOWN, str(error))
    return ItemState.DESTROYED


class _StillKnown(Exception):
    """The database still finds a dossier that was just removed from it: nothing is committed."""


def versions_of(connection: Connection, dossier: str) -> int:
    """How many versions of a dossier the catalogue has."""
    return len(numbers_of(connection, dossier))


def rare_words(connection: Connection, dossier: str) -> tuple[str, ...]:
    """A few words of the dossier by which the full text is asked whether it still knows it."""
    row = connection.execute(
        select(AIPS.c.identifier, AIPS.c.title).where(AIPS.c.aip_id == dossier)
    ).first()
    if row is None:
        return ()
    longest = max(str(row.title).split(), key=len, default="")
    return tuple(each for each in (row.identifier, longest) if each)


def _take_in_last(connection: Connection, held: Claim, rows: Sequence[Row[Any]]) -> bool:
    """Of bytes that two dossiers had, the last reference goes here: whoever destroys the second of
    them sees that, for these transactions come one after another."""
    shared = shared_of(connection, held.dossier)
    last = [
        each
        for each in rows
        if each.state == TraceState.SHARED and (each.store, each.key) not in shared
    ]
    for each in last:
        mark(connection, held, each.number, TraceState.PLANNED, "the last that has it")
    return bool(last)


def _write(connection: Connection, works: Works, held: Claim, found: Found, at: datetime) -> None:
    evidence = [*found.evidence, ("database", f"{held.dossier}, words", "nothing")]
    write_evidence(connection, held.list_id, held.dossier, 0, evidence, at)
    erase_details_of(connection, held.zorgdrager, held.dossier)
    forget_marks(connection, held.dossier)
    gone: dict[str, int] = {}
    for each in manifest_rows(connection, held):
        gone.setdefault(each.store, 0)
        if each.state != TraceState.SHARED:
            mark(connection, held, each.number, TraceState.GONE, "", at.isoformat())
            gone[each.store] += 1
    tomb = bury(connection, works.desk, held.list_id, held.dossier, at, works.key)
    facts = {"kind": held.kind, "manifest": tomb.said["manifest"], "gone": gone}
    released = held.kind == ListKind.RELEASE
    tell(connection, works, held, DESTROYED, "released" if released else "destroyed", facts)
    set_item(
        connection,
        held,
        ItemState.DESTROYING,
        state=ItemState.DESTROYED.value,
        destroyed_at=at.isoformat(),
        trouble="",
        worker="",
        claimed_at="",
    )
    state = DossierState.RELEASED if released else DossierState.DESTROYED
    set_dossier(connection, held.dossier, state)
