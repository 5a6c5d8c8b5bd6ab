"""Reading disposal lists and their items."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, case, func, literal, select, tuple_

from retention.errors import ListUnknown
from retention.guard_nouns import Refusals
from retention.list_root import OFF
from retention.nouns import ItemState, ListKind, ListState
from retention.tables import ITEMS, LISTS, REVISIONS

ALL_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class DisposalList:
    """A list as it stands; instants ISO texts, "" where there is none."""

    id: str
    zorgdrager: str
    kind: ListKind
    name: str
    state: ListState
    revision: int
    root: str
    made_by: str
    made_at: str
    policy: str
    changed_at: str
    executed_at: str
    paused_by: str
    refused: tuple[tuple[str, Refusals], ...] = ()
    """What could not come in, with what stands against it; told once, when it is asked for."""


@dataclass(frozen=True)
class Item:
    """A dossier of a list; `said` is its snapshot read as JSON."""

    list: str
    dossier: str
    position: int
    computation: int
    snapshot: str
    snapshot_sha256: str
    title: str
    title_salt: str
    state: ItemState
    left_reason: str
    left_detail: str
    left_at: str
    manifest_sha256: str
    begun_at: str
    destroyed_at: str
    trouble: str

    @cached_property
    def said(self) -> Mapping[str, Any]:
        """What the snapshot says."""
        return dict(json.loads(self.snapshot))


@dataclass(frozen=True, slots=True)
class Revision:
    """A list as it was frozen once: how many items, under which root, by whom and why."""

    list: str
    revision: int
    root: str
    items: int
    made_by: str
    made_at: str
    note: str


_PLACE = case((ITEMS.c.position <= OFF, 2**31 - 1), else_=ITEMS.c.position)
_ITEM = [ITEMS.c[name] for name in Item.__dataclass_fields__]


def read_list(connection: Connection, list_id: str) -> DisposalList:
    """The list of an id.

    Raises: ListUnknown.
    """
    row = connection.execute(select(LISTS).where(LISTS.c.id == list_id)).first()
    if row is None:
        raise ListUnknown(id=list_id)
    return _list(row)


def list_lists(
    connection: Connection, zorgdrager: str = "", states: Collection[ListState] = ()
) -> tuple[DisposalList, ...]:
    """The lists, of one zorgdrager or of all, in these states or in any, the newest first."""
    wanted = select(LISTS).order_by(LISTS.c.made_at.desc(), LISTS.c.id.desc())
    if zorgdrager:
        wanted = wanted.where(LISTS.c.zorgdrager == zorgdrager)
    if states:
        wanted = wanted.where(LISTS.c.state.in_(sorted(states)))
    return tuple(_list(each) for each in connection.execute(wanted))


def items_of(
    connection: Connection,
    list_id: str,
    after: str | None = None,
    limit: int = 100,
    states: Collection[ItemState] = (),
) -> tuple[Item, ...]:
    """The items of a list in its order, from after a dossier on; those that have no leaf any more
    come last."""
    wanted = select(*_ITEM).where(ITEMS.c.list == list_id)
    if after is not None:
        last = select(_PLACE).where(ITEMS.c.list == list_id, ITEMS.c.dossier == after)
        place = connection.execute(last).scalar_one_or_none()
        place = -1 if place is None else place
        wanted = wanted.where(tuple_(_PLACE, ITEMS.c.dossier) > tuple_(literal(place), after))
    if states:
        wanted = wanted.where(ITEMS.c.state.in_(sorted(states)))
    rows = connection.execute(wanted.order_by(_PLACE, ITEMS.c.dossier).limit(limit))
    return tuple(_item(each) for each in rows)


def item_of(connection: Connection, list_id: str, dossier: str) -> Item | None:
    """One item; None when the dossier was never on the list."""
    wanted = select(*_ITEM).where(ITEMS.c.list == list_id, ITEMS.c.dossier == dossier)
    row = connection.execute(wanted).first()
    return None if row is None else _item(row)


def in_order(
    connection: Connection, list_id: str, states: Collection[ItemState] = ()
) -> Iterator[Item]:
    """Every item in the order of the list, read part by part; those that have no leaf any more
    come last."""
    yield from _walk(connection, list_id, ITEMS.c.position > OFF, states)
    yield from _walk(connection, list_id, ITEMS.c.position <= OFF, states)


def _walk(
    connection: Connection, list_id: str, among: Any, states: Collection[ItemState]
) -> Iterator[Item]:
    wanted = select(*_ITEM).where(ITEMS.c.list == list_id, among)
    if states:
        wanted = wanted.where(ITEMS.c.state.in_(sorted(states)))
    order = (ITEMS.c.position, ITEMS.c.dossier)
    part = connection.execute(wanted.order_by(*order).limit(ALL_AT_ONCE)).all()
    while part:
        yield from map(_item, part)
        last = (literal(part[-1].position), part[-1].dossier)
        further = wanted.where(tuple_(*order) > tuple_(*last))
        part = connection.execute(further.order_by(*order).limit(ALL_AT_ONCE)).all()


def count_items(connection: Connection, list_id: str) -> dict[ItemState, int]:
    """How many items of a list are in which state."""
    wanted = (
        select(ITEMS.c.state, func.count().label("items"))
        .where(ITEMS.c.list == list_id)
        .group_by(ITEMS.c.state)
        .order_by(ITEMS.c.state)
    )
    return {ItemState(each.state): each.items for each in connection.execute(wanted)}


def revisions_of(connection: Connection, list_id: str) -> tuple[Revision, ...]:
    """Every revision of a list, the oldest first."""
    wanted = select(REVISIONS).where(REVISIONS.c.list == list_id).order_by(REVISIONS.c.revision)
    return tuple(Revision(**each._mapping) for each in connection.execute(wanted))


def _list(row: Row[Any]) -> DisposalList:
    said = dict(row._mapping)
    return DisposalList(**said | {"kind": ListKind(row.kind), "state": ListState(row.state)})


def _item(row: Row[Any]) -> Item:
    return Item(**dict(row._mapping) | {"state": ItemState(row.state)})
