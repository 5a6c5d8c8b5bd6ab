"""Dossiers that come under a hold: written down, taken off their lists, and told how they stand.

All of it in the caller's transaction, and the epochs first: the point of no return compares them
in a transaction of its own, so that whichever comes second sees the other.

Source: domain rules, 6.3 (the hold race).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from retention.hold_nouns import Hold, Member, Standing
from retention.hold_sight import lines_of
from retention.hold_texts import in_parts
from retention.leaving import MAY_LEAVE, By, leave
from retention.noting import note
from retention.nouns import FINAL, ON_LIST, Desk, ItemState, ListKind
from retention.tables import (
    COPY_ACTIONS,
    DOSSIERS,
    HOLD_EPOCHS,
    HOLD_MEMBERS,
    ITEMS,
    LISTS,
    TOMBSTONES,
)

FAMILY = "family"
HOLD = "hold"
"""Why an item leaves its list: the code of the refusal (G4)."""
LATE = (Standing.BEGUN, Standing.DESTROYED)

_LEAVING = frozenset(MAY_LEAVE)
_ON_LIST = [each.value for each in ON_LIST]
_FINAL = [each.value for each in FINAL]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why items leave their lists: the code of the refusal, its detail, and who did it."""

    code: str
    detail: str
    by: By


def take_in(
    connection: Connection, desk: Desk, hold: Hold, named: Mapping[str, str], by: By
) -> tuple[Member, ...]:
    """Put dossiers under a hold; how they, and those that belong to them, stand.

    `named`: each with the part of the scope that names it. Of those that only belong to them (what
    they are part of, their parts) only they are told that stood on a list or are gone.
    """
    lines = _reached(connection, named)
    raise_epochs(connection, lines)
    new = _new_members(connection, hold.id, named)
    if new:
        at = desk.now().isoformat()
        rows = [{"hold": hold.id, "dossier": d, "added_at": at, "why": named[d]} for d in new]
        connection.execute(insert(HOLD_MEMBERS), rows)
    stands = let_go(connection, desk, lines, Cause(HOLD, hold.id, by))
    own = {each: Member(each, Standing.HELD, why) for each, why in named.items()}
    reached = {each.dossier: each for each in stands}
    told = [replace(reached.pop(d, member), why=member.why) for d, member in sorted(own.items())]
    return (*told, *(reached[each] for each in sorted(reached)))


def raise_epochs(connection: Connection, dossiers: Collection[str]) -> None:
    """Let every seal on these dossiers be out of date."""
    for part in in_parts(sorted(dossiers)):
        connection.execute(
            update(DOSSIERS)
            .where(DOSSIERS.c.dossier.in_(part))
            .values(hold_epoch=DOSSIERS.c.hold_epoch + 1)
        )


def raise_epoch_of(connection: Connection, zorgdrager: str) -> None:
    """Let every seal on a dossier of this zorgdrager be out of date."""
    mine = HOLD_EPOCHS.c.zorgdrager == zorgdrager
    raised = connection.execute(
        update(HOLD_EPOCHS).where(mine).values(epoch=HOLD_EPOCHS.c.epoch + 1)
    )
    if not raised.rowcount:
        connection.execute(insert(HOLD_EPOCHS), {"zorgdrager": zorgdrager, "epoch": 1})


def let_go(
    connection: Connection, desk: Desk, dossiers: Collection[str], cause: Cause
) -> tuple[Member, ...]:
    """Take these dossiers off the lists that they may still leave.

    Gives how each of them stands that was on a list, or is gone.
    """
    found: dict[str, Member] = {}
    for part in in_parts(sorted(dossiers)):
        for row in connection.execute(_tombs(part)):
            found[row.dossier] = Member(
                row.dossier,
                Standing.DESTROYED,
                FAMILY,
                list=row.list,
                at=row.destroyed_at,
                declaration=row.declaration,
            )
        for row in connection.execute(_items(part)).all():
            found.setdefault(row.dossier, _off(connection, desk, row, cause))
    return tuple(found.values())


def note_late(
    connection: Connection, desk: Desk, hold: Hold, members: Sequence[Member], by: By
) -> None:
    """That a hold came when destruction had begun, or was done: an incident, and the Woo answer."""
    for each in members:
        if each.standing in LATE:
            note(
                connection,
                desk,
                hold.zorgdrager,
                "hold.too_late",
                each.dossier,
                result=each.standing.value,
                actor=by.actor,
                origin=by.origin,
                facts={"hold": hold.id, "list": each.list, "gone": each.gone, "of": each.total},
            )


def _off(connection: Connection, desk: Desk, item: Row[Any], cause: Cause) -> Member:
    """An item as it stands now: it has left its list, or its destruction has begun."""
    waits = item.state == ItemState.NEEDS_OPERATOR and not item.begun_at
    if ItemState(item.state) in _LEAVING or waits:
        leave(connection, desk, item.list, item.dossier, cause.code, cause.detail, cause.by)
        return Member(item.dossier, Standing.LEFT_LIST, FAMILY, list=item.list)
    gone, total = _counted(connection, item.list, item.dossier)
    return Member(
        item.dossier,
        Standing.BEGUN,
        FAMILY,
        list=item.list,
        at=item.begun_at,
        gone=gone,
        total=total,
    )


def _reached(connection: Connection, named: Iterable[str]) -> set[str]:
    """These dossiers with all that they are part of and all their parts."""
    reached: set[str] = set()
    for part in in_parts(named):
        for line in lines_of(connection, part).of.values():
            reached |= line
    return reached


def _new_members(connection: Connection, hold: str, named: Iterable[str]) -> list[str]:
    new: list[str] = []
    for part in in_parts(sorted(named)):
        wanted = select(HOLD_MEMBERS.c.dossier).where(
            HOLD_MEMBERS.c.hold == hold, HOLD_MEMBERS.c.dossier.in_(part)
        )
        known = set(connection.execute(wanted).scalars())
        new += [each for each in part if each not in known]
    return new


def _items(dossiers: Collection[str]) -> Any:
    return (
        select(ITEMS.c.list, ITEMS.c.dossier, ITEMS.c.state, ITEMS.c.begun_at)
        .join(LISTS, LISTS.c.id == ITEMS.c.list)
        .where(
            ITEMS.c.dossier.in_(dossiers),
            ITEMS.c.state.in_(_ON_LIST),
            LISTS.c.state.not_in(_FINAL),
            # A hold stops destruction; what is held may be handed over, and the archive is told.
            LISTS.c.kind != ListKind.TRANSFER.value,
        )
        .order_by(ITEMS.c.dossier, ITEMS.c.list)
    )


def _tombs(dossiers: Collection[str]) -> Any:
    return select(TOMBSTONES).where(TOMBSTONES.c.dossier.in_(dossiers))


def _counted(connection: Connection, list_id: str, dossier: str) -> tuple[int, int]:
    """How many of the copies are gone, and how many there were."""
    mine = (COPY_ACTIONS.c.list == list_id) & (COPY_ACTIONS.c.dossier == dossier)
    total, gone = (
        connection.execute(select(func.count()).select_from(COPY_ACTIONS).where(mine, *more))
        for more in ((), (COPY_ACTIONS.c.gone_at != "",))
    )
    return gone.scalar_one(), total.scalar_one()
