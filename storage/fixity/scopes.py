"""Scopes: their one text, and which stores and zorgdragers of the catalogue they take in."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select, tuple_

from storage.catalogue import AIPS, COPIES
from storage.errors import ScopeUnknown
from storage.fixity.nouns import Portion, Scope
from storage.ledger import canonical

IDS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Known:
    """What the configuration names, also where nothing stands yet: stores, zorgdragers, parties."""

    stores: Sequence[str] = ()
    zorgdragers: Sequence[str] = ()
    parties: Sequence[str] = ()


@dataclass(frozen=True, slots=True, order=True)
class Shelf:
    """What one store holds of one zorgdrager."""

    store: str
    zorgdrager: str


def scope_text(scope: Scope) -> str:
    """A scope as canonical JSON: equal scopes have equal texts, whatever the order of names."""
    said: dict[str, Any] = {
        "stores": sorted(set(scope.stores)),
        "zorgdragers": sorted(set(scope.zorgdragers)),
        "aips": sorted(set(scope.aips)),
        "checked_before": _instant(scope.checked_before),
        "oldest": scope.oldest,
        "sample": scope.sample,
        "seed": scope.seed if scope.sample else None,
        "portions": sorted([each.store, each.zorgdrager, each.copies] for each in scope.portions),
    }
    return canonical({key: value for key, value in said.items() if value not in (None, [])})


def read_scope(text: str) -> Scope:
    """The scope that `scope_text` wrote."""
    said = json.loads(text)
    before = said.get("checked_before")
    return Scope(
        stores=tuple(said.get("stores", ())),
        zorgdragers=tuple(said.get("zorgdragers", ())),
        aips=tuple(said.get("aips", ())),
        checked_before=datetime.fromisoformat(before) if before else None,
        oldest=said.get("oldest"),
        sample=said.get("sample"),
        seed=said.get("seed", 0),
        portions=tuple(Portion(*each) for each in said.get("portions", ())),
    )


def every_shelf(connection: Connection) -> Iterator[Shelf]:
    """The shelves on which the catalogue has copies, in order: a step of the index each."""
    pair = tuple_(COPIES.c.store, COPIES.c.zorgdrager)
    last = ("", "")
    while True:
        row = connection.execute(
            select(COPIES.c.store, COPIES.c.zorgdrager)
            .where(pair > tuple_(*last))
            .order_by(COPIES.c.store, COPIES.c.zorgdrager)
            .limit(1)
        ).first()
        if row is None:
            return
        last = (row.store, row.zorgdrager)
        yield Shelf(*last)


def taken_in(scope: Scope, shelf: Shelf) -> bool:
    """Whether a scope takes in this shelf, as far as stores and zorgdragers go."""
    return (
        (not scope.stores or shelf.store in scope.stores)
        and (not scope.zorgdragers or shelf.zorgdrager in scope.zorgdragers)
        and (not scope.portions or scope.limit(shelf.store, shelf.zorgdrager) != 0)
    )


def check_names(
    connection: Connection, scope: Scope, shelves: Sequence[Shelf], known: Known, held: set[str]
) -> None:
    """Refuse a scope that names what is nowhere. `held`: parties of which the run has items.

    Raises: ScopeUnknown.
    """
    stores = {each.store for each in shelves} | {*known.stores, *known.parties, *held}
    zorgdragers = {each.zorgdrager for each in shelves} | set(known.zorgdragers)
    wrong = [*(each for each in scope.stores if each not in stores)]
    if not held:
        wrong += [each for each in scope.zorgdragers if each not in zorgdragers]
    wrong += _unknown_aips(connection, scope.aips)
    if wrong:
        known_names = ", ".join(sorted(stores | zorgdragers)) or "-"
        raise ScopeUnknown(
            f"nowhere here: {', '.join(wrong)}", found=", ".join(wrong), expected=known_names
        )


def _unknown_aips(connection: Connection, aips: Sequence[str]) -> list[str]:
    found: set[str] = set()
    for start in range(0, len(aips), IDS_AT_ONCE):
        part = aips[start : start + IDS_AT_ONCE]
        wanted = select(AIPS.c.aip_id).where(AIPS.c.aip_id.in_(part))
        found.update(connection.execute(wanted).scalars())
    return [each for each in aips if each not in found]


def _instant(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).isoformat() if instant else None
