"""Moving a list along its transitions: one function, in one transaction, whoever asks.

    carry_out(connection, desk, actor, Step(list_id, Event.AUTHORISE, {"reference": "brief 12"}))

Mandate, separation of duties, the row of the table, its conditions and the guards of the items are
asked in this order; then the state changes (only when it is still what was read), and the signed
act, the person's duty and the ledger's entry are written with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, select, update

from retention.acts import Act, act
from retention.conditions import CHECKS, Moment
from retention.days import trusted_today
from retention.destruction_list import RefusedItems, screen
from retention.errors import Refused
from retention.involvement import check_duty, involve
from retention.leaving import By, leave
from retention.list_reading import DisposalList, read_list
from retention.noting import note
from retention.nouns import Actor, Desk, Duty, ItemState, ListKind, ListState
from retention.people import require_mandate
from retention.revising import revise
from retention.tables import ITEMS, LISTS
from retention.transitions import ROLES, Event, Transition, find, rows_of

SYSTEM = By()


@dataclass(frozen=True, slots=True)
class Step:
    """What is to happen with a list, and what is said with it.

    `also`: what is done once mandate, duty and conditions are seen to, before the items are asked;
    `answered`: the stores that gave their inventory, for the start.
    """

    list_id: str
    event: Event
    said: Mapping[str, Any] = field(default_factory=dict)
    also: Callable[[DisposalList], None] | None = None
    answered: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The list as it stands now; `left`: the items that fell out; `act`: what was signed.

    `done` is False when the items that fell out kept the list from moving.
    """

    list: DisposalList
    left: RefusedItems
    done: bool
    act: Act | None = None


def carry_out(connection: Connection, desk: Desk, actor: Actor | None, step: Step) -> Moved:
    """Let something happen with a list, by a person or (None) by the system.

    Raises: ListUnknown; PersonUnknown; SignatureWrong; Refused with the code of what forbids it:
    mandate, separation_of_duties, state, reason_missing, or that of a condition or a guard; Refused
    (kind) for a list to hand over, which has a life of its own (retention/transfer.py).
    """
    listed = read_list(connection, step.list_id)
    if listed.kind is ListKind.TRANSFER:
        raise Refused("kind", listed.id, list=listed.id, kind=listed.kind.value)
    today = trusted_today(connection, listed.zorgdrager, desk.now())
    duty = None
    if actor is not None:
        duty = _duty(connection, desk, actor, listed, step.event, today)
    row = find(step.event, listed.state, listed.id)
    by_person = bool(row.who or row.roles)
    assert by_person == (actor is not None), "by a person, or by the system"
    if row.reason and not str(step.said["reason"]).strip():
        raise Refused("reason_missing", listed.id, list=listed.id, dossier="")
    moment = Moment(connection, desk, listed, today, step.event, actor, step.said)
    for each in row.conditions:
        CHECKS[each](moment)
    if step.also is not None:
        step.also(listed)
    left: RefusedItems = ()
    if row.stage is not None and not _emptied(connection, listed):
        left = screen(connection, desk, listed.id, row.stage, today, step.answered)
    stays = _emptied(connection, listed)
    if not stays and (row.revises or (left and listed.state is not ListState.WAITING)):
        revise(connection, desk, listed.id, step.event.value, actor.person if actor else "edepot")
    stays = stays or (row.whole and bool(left))
    if actor is not None and duty is not None:
        involve(connection, desk, listed.id, actor.person, duty)
    if not stays:
        _move(connection, desk, listed, row)
    done = None
    if actor is not None and not (row.whole and left):
        done = act(connection, desk, actor, listed.id, duty, step.event.value, step.said)
    _note(connection, desk, listed, step, actor, done, moved=not stays)
    return Moved(read_list(connection, listed.id), left, done=not stays, act=done)


def _duty(  # noqa: PLR0913, PLR0917 - who, of which list, for what, on which day
    connection: Connection,
    desk: Desk,
    actor: Actor,
    listed: DisposalList,
    event: Event,
    today: date,
) -> Duty | None:
    """As what the person acts: the first duty of the row that fits mandate and history; None for
    what is no duty of the list.

    Raises: Refused (mandate, separation_of_duties).
    """
    rows = rows_of(event)
    if roles := {one for each in rows for one in each.roles}:
        require_mandate(connection, actor, listed.zorgdrager, roles, today)
        return None
    refusals: list[Refused] = []
    for duty in dict.fromkeys(one for each in rows for one in each.who):
        try:
            require_mandate(connection, actor, listed.zorgdrager, ROLES[duty], today)
            check_duty(connection, desk, listed.id, actor.person, duty)
        except Refused as refused:
            refusals.append(refused)
        else:
            return duty
    raise max(refusals, key=lambda each: each.code == "separation_of_duties")


def _emptied(connection: Connection, listed: DisposalList) -> bool:
    """Whether the list was withdrawn since it was read: its last item fell out."""
    return read_list(connection, listed.id).state is not listed.state


def _move(connection: Connection, desk: Desk, listed: DisposalList, row: Transition) -> None:
    """Change the state, only from the one that was read, and the items with it.

    Raises: Refused (state) when somebody else moved it meanwhile.
    """
    at = desk.now().isoformat()
    moved = connection.execute(
        update(LISTS)
        .where(LISTS.c.id == listed.id, LISTS.c.state == listed.state.value)
        .values(state=(row.to or listed.state).value, changed_at=at)
    )
    if moved.rowcount != 1:
        raise Refused("state", listed.id, list=listed.id, state="?", event=row.event.value)
    if row.items is not None:
        _move_items(connection, desk, listed.id, row, at)


def _move_items(connection: Connection, desk: Desk, list_id: str, row: Transition, at: str) -> None:
    assert row.items is not None
    sources, to = row.items
    if ItemState.SEALED in sources:
        sealed = select(ITEMS.c.dossier).where(
            ITEMS.c.list == list_id, ITEMS.c.state == ItemState.SEALED.value
        )
        for dossier in connection.execute(sealed).scalars().all():
            leave(connection, desk, list_id, dossier, row.event.value)
    values: dict[str, Any] = {"state": to.value}
    if to is ItemState.LEFT:
        values |= {"left_reason": row.event.value, "left_detail": "", "left_at": at}
    connection.execute(
        update(ITEMS)
        .where(ITEMS.c.list == list_id, ITEMS.c.state.in_([each.value for each in sources]))
        .values(**values)
    )


def _note(  # noqa: PLR0913, PLR0917 - what happened, by whom
    connection: Connection,
    desk: Desk,
    listed: DisposalList,
    step: Step,
    actor: Actor | None,
    done: Act | None,
    *,
    moved: bool,
) -> None:
    now = read_list(connection, listed.id)
    note(
        connection,
        desk,
        listed.zorgdrager,
        f"list.{step.event.value}",
        listed.id,
        result="ok" if moved else "refused",
        actor=actor.person if actor else SYSTEM.actor,
        origin=actor.origin if actor else SYSTEM.origin,
        facts={
            "from": listed.state.value,
            "to": now.state.value,
            "revision": now.revision,
            "root": now.root,
            "act": done.number if done else 0,
        },
        details={"reason": step.said["reason"]} if step.said.get("reason") else {},
    )
