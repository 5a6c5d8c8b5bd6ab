"""Leaving a list: a dossier falls out, the list goes on; what is empty is withdrawn.

Apart from how lists are made, so that a hold can let a dossier leave at once: this asks no guard.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from retention.errors import Refused
from retention.list_reading import read_list
from retention.noting import note
from retention.nouns import ON_LIST, OPEN_AGAIN, Desk, DossierState, ItemState, ListState
from retention.tables import AUTHORISATIONS, DOSSIERS, ITEMS, LISTS

MAY_LEAVE = (ItemState.PROPOSED, ItemState.AGREED, ItemState.APPROVED, ItemState.SEALED)
"""Up to the point of no return. Whoever needs an operator may leave when nothing was begun."""

NOT_STARTED = (
    ListState.CONCEPT,
    ListState.IN_REVIEW,
    ListState.CHANGES_REQUESTED,
    ListState.REVIEWED,
    ListState.AT_ARCHIVIST,
    ListState.TO_SIGN,
    ListState.WAITING,
)

_COUNTS = [each.value for each in (*ON_LIST, ItemState.DESTROYED)]


@dataclass(frozen=True, slots=True)
class By:
    """Who let it leave, and from where; the software itself where no person did."""

    actor: str = "edepot"
    origin: str = "retention"


ITSELF = By()


def leave(  # noqa: PLR0913, PLR0917 - which item, and why
    connection: Connection,
    desk: Desk,
    list_id: str,
    dossier: str,
    code: str,
    detail: str = "",
    by: By = ITSELF,
) -> bool:
    """Take a dossier off a list, in the caller's transaction; False when it had left already.

    `code` is the refusal's (guard_nouns.Refusal) or another short word; `detail` an id, a date, or
    a person's own reason. What was signed does not change. A dossier that was sealed is open
    again. A list that has nothing left before it was started is withdrawn.

    Raises: ListUnknown; Refused (unknown) for a dossier that was never on it; Refused (state) when
    its destruction has begun.
    """
    listed = read_list(connection, list_id)
    one = (ITEMS.c.list == list_id) & (ITEMS.c.dossier == dossier)
    item = connection.execute(select(ITEMS.c.state, ITEMS.c.begun_at).where(one)).first()
    if item is None:
        raise Refused("unknown", f"{dossier} is not on {list_id}", list=list_id, dossier=dossier)
    state = ItemState(item.state)
    if state is ItemState.LEFT:
        return False
    waits = state is ItemState.NEEDS_OPERATOR and not item.begun_at
    if state not in MAY_LEAVE and not waits:
        raise Refused("state", f"{dossier}: {state.value}", dossier=dossier, state=state.value)
    at = desk.now().isoformat()
    connection.execute(
        update(ITEMS)
        .where(one)
        .values(state=ItemState.LEFT.value, left_reason=code, left_detail=detail, left_at=at)
    )
    connection.execute(
        update(DOSSIERS)
        .where(DOSSIERS.c.dossier == dossier, DOSSIERS.c.state == DossierState.SEALED.value)
        .values(state=OPEN_AGAIN[listed.kind].value)
    )
    connection.execute(update(LISTS).where(LISTS.c.id == list_id).values(changed_at=at))
    note(
        connection,
        desk,
        listed.zorgdrager,
        "list.item_left",
        dossier,
        result="ok",
        actor=by.actor,
        origin=by.origin,
        facts={"list": list_id, "code": code, "was": state.value},
        details={"detail": detail},
    )
    if listed.state in NOT_STARTED and _is_empty(connection, list_id):
        _withdraw(connection, desk, list_id, listed.zorgdrager, by)
    return True


def _is_empty(connection: Connection, list_id: str) -> bool:
    wanted = (
        select(func.count())
        .select_from(ITEMS)
        .where(ITEMS.c.list == list_id, ITEMS.c.state.in_(_COUNTS))
    )
    return connection.execute(wanted).scalar_one() == 0


def _withdraw(connection: Connection, desk: Desk, list_id: str, zorgdrager: str, by: By) -> None:
    at = desk.now().isoformat()
    connection.execute(
        update(LISTS)
        .where(LISTS.c.id == list_id)
        .values(state=ListState.WITHDRAWN.value, changed_at=at)
    )
    connection.execute(
        update(AUTHORISATIONS)
        .where(AUTHORISATIONS.c.list == list_id, AUTHORISATIONS.c.withdrawn_at == "")
        .values(withdrawn_at=at)
    )
    note(
        connection,
        desk,
        zorgdrager,
        "list.withdrawn",
        list_id,
        result="ok",
        actor=by.actor,
        origin=by.origin,
        facts={"code": "empty"},
    )
