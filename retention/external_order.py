"""Orders to parties who hold records: destroy these dossiers, and declare of each what you did.

issued -> attested -> accepted, or disputed until a better answer comes. Giving the order is the
point of no return of its dossiers: what another was told to destroy cannot be called back. Until
an order is accepted nothing is declared.

Source: the mandate arrangement of outsourced tasks; AVG art. 28.3.g for processors.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from retention import guards
from retention.closing_tables import ORDER_ITEMS, ORDERS
from retention.days import trusted_instant, trusted_today
from retention.destruction_list import leave
from retention.errors import ListUnknown, OrderUnknown, Refused
from retention.guard_nouns import ItemRef, Stage
from retention.noting import note
from retention.nouns import Actor, Desk, DossierState, ItemState, ListKind, ListState, Role
from retention.people import require_mandate
from retention.tables import DOSSIERS, ITEMS, LISTS
from storage.database import begin
from storage.ledger import canonical

FORM = "edepot-destruction-order 1"
DUE_DAYS = 30


class OrderState(StrEnum):
    """How far an order is."""

    ISSUED = "issued"
    ATTESTED = "attested"
    ACCEPTED = "accepted"
    DISPUTED = "disputed"


class Answer(StrEnum):
    """What a party declares of one dossier."""

    OPEN = ""
    DESTROYED = "destroyed"
    NOT_FOUND = "not_found"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Order:
    """An order; `said` is the document that goes to the party, `sha256` its digest."""

    id: str
    list: str
    zorgdrager: str
    party: str
    state: OrderState
    said: Mapping[str, Any]
    sha256: str
    issued_at: str
    due_on: date
    attested_at: str
    attested_by: str


@dataclass(frozen=True, slots=True)
class OrderItem:
    """What a party answered of one dossier."""

    dossier: str
    answer: Answer
    how: str
    done_on: str
    note: str
    checked: str


def issue_orders(
    desk: Desk, actor: Actor, list_id: str, *, due_days: int = DUE_DAYS
) -> tuple[Order, ...]:
    """Order every party to destroy what it holds of a list that is being carried out.

    Each dossier is judged by every guard once more; what fails leaves the list. Orders that were
    given already are not given twice.

    Raises: ListUnknown; Refused (state, mandate).
    """
    with begin(desk.engine) as connection:
        row = connection.execute(select(LISTS).where(LISTS.c.id == list_id)).first()
        if row is None:
            raise ListUnknown(list=list_id)
        today = trusted_today(connection, row.zorgdrager, desk.now())
        require_mandate(connection, actor, row.zorgdrager, (Role.EXECUTOR,), today)
        if row.state not in {ListState.EXECUTING, ListState.PARTIALLY_EXECUTED}:
            raise Refused("state", list=list_id, found=row.state, expected=ListState.EXECUTING)
        orders = []
        for party, dossiers in _held(connection, list_id).items():
            ready = [each for each in dossiers if _passes(connection, desk, row, each, today)]
            if ready:
                due = today + timedelta(days=due_days)
                orders.append(_issue(connection, desk, actor, _To(row, party, due), ready))
    return tuple(orders)


def read_order(connection: Connection, order: str) -> Order:
    """The order under an id.

    Raises: OrderUnknown.
    """
    row = connection.execute(select(ORDERS).where(ORDERS.c.id == order)).first()
    if row is None:
        raise OrderUnknown(order=order)
    return _order(row)


def orders_of(connection: Connection, list_id: str | None = None) -> tuple[Order, ...]:
    """The orders of a list, or all of them."""
    wanted = select(ORDERS).order_by(ORDERS.c.id)
    if list_id is not None:
        wanted = wanted.where(ORDERS.c.list == list_id)
    return tuple(_order(each) for each in connection.execute(wanted))


def order_items(connection: Connection, order: str) -> tuple[OrderItem, ...]:
    """What was answered of each dossier of an order."""
    rows = connection.execute(
        select(ORDER_ITEMS).where(ORDER_ITEMS.c.order_id == order).order_by(ORDER_ITEMS.c.dossier)
    )
    return tuple(
        OrderItem(
            each.dossier, Answer(each.answer), each.how, each.done_on, each.note, each.checked
        )
        for each in rows
    )


def overdue_orders(connection: Connection, today: date) -> tuple[Order, ...]:
    """The orders on which a party should have answered by now: silence is told, never assumed."""
    return tuple(
        each
        for each in orders_of(connection)
        if each.state in {OrderState.ISSUED, OrderState.DISPUTED} and each.due_on < today
    )


@dataclass(frozen=True, slots=True)
class _To:
    """Of which list, to whom, and by when."""

    row: Row[Any]
    party: str
    due_on: date


def _held(connection: Connection, list_id: str) -> dict[str, list[Row[Any]]]:
    """The dossiers of a list that parties hold and that were not ordered yet, by party."""
    rows = connection.execute(
        select(ITEMS, DOSSIERS.c.holder, DOSSIERS.c.identifier.label("named"))
        .join(DOSSIERS, DOSSIERS.c.dossier == ITEMS.c.dossier)
        .where(
            ITEMS.c.list == list_id,
            ITEMS.c.state == ItemState.APPROVED.value,
            DOSSIERS.c.holder != "",
        )
        .order_by(DOSSIERS.c.holder, ITEMS.c.position)
    )
    found: dict[str, list[Row[Any]]] = {}
    for each in rows:
        found.setdefault(each.holder, []).append(each)
    return found


def _passes(connection: Connection, desk: Desk, row: Row[Any], item: Row[Any], today: date) -> bool:
    ref = ItemRef(row.id, item.dossier, row.zorgdrager, ListKind(row.kind))
    refusals = guards.check(connection, desk, ref, Stage.SEAL, today)
    if not refusals:
        return True
    first = refusals[0]
    leave(connection, desk, row.id, item.dossier, first.code, first.detail)
    return False


def _issue(
    connection: Connection, desk: Desk, actor: Actor, to: _To, items: Sequence[Row[Any]]
) -> Order:
    row = to.row
    at = trusted_instant(connection, row.zorgdrager, desk.now()).isoformat()
    order = f"{row.id}-{to.party}-{_number(connection, row.id, to.party)}"
    said = {
        "form": FORM,
        "id": order,
        "zorgdrager": row.zorgdrager,
        "party": to.party,
        "list": row.id,
        "root": row.root,
        "issued_at": at,
        "due_on": to.due_on.isoformat(),
        "items": [_item_said(each) for each in items],
    }
    text = canonical(said)
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    values = {
        "id": order,
        "list": row.id,
        "zorgdrager": row.zorgdrager,
        "party": to.party,
        "kind": row.kind,
        "state": OrderState.ISSUED.value,
        "said": text,
        "sha256": digest,
        "issued_at": at,
        "issued_by": actor.person,
        "due_on": to.due_on.isoformat(),
    }
    later = ("attestation", "attested_at", "attested_by", "signature", "judged_by", "judged_at")
    connection.execute(insert(ORDERS), values | dict.fromkeys((*later, "note"), ""))
    blank = dict.fromkeys(("answer", "how", "done_on", "note", "checked"), "")
    connection.execute(
        insert(ORDER_ITEMS),
        [{"order_id": order, "dossier": each.dossier, **blank} for each in items],
    )
    for each in items:
        _begin(connection, row.id, each.dossier, at)
    note(
        connection, desk, row.zorgdrager, "disposal.ordered", order,
        result="issued", actor=actor.person, origin=actor.origin,
        facts={
            "list": row.id, "root": row.root, "party": to.party, "sha256": digest,
            "dossiers": [each.dossier for each in items],
        },
    )  # fmt: skip
    return read_order(connection, order)


def _begin(connection: Connection, list_id: str, dossier: str, at: str) -> None:
    """The point of no return of one dossier that another holds."""
    connection.execute(
        update(ITEMS)
        .where(ITEMS.c.list == list_id, ITEMS.c.dossier == dossier)
        .values(state=ItemState.SEALED.value, sealed_at=at)
    )
    connection.execute(
        update(ITEMS)
        .where(ITEMS.c.list == list_id, ITEMS.c.dossier == dossier)
        .values(state=ItemState.DESTROYING.value, begun_at=at)
    )
    connection.execute(
        update(DOSSIERS)
        .where(DOSSIERS.c.dossier == dossier)
        .values(state=DossierState.DESTROYING.value)
    )


def _item_said(item: Row[Any]) -> dict[str, Any]:
    snapshot = json.loads(item.snapshot)
    names = ("list_year", "category", "brondatum", "end_date")
    return {
        "dossier": item.dossier,
        "identifier": item.named,
        **{name: snapshot.get(name, "") for name in names},
        "snapshot_sha256": item.snapshot_sha256,
    }


def _number(connection: Connection, list_id: str, party: str) -> int:
    """The next number of an order of this list to this party."""
    wanted = select(ORDERS.c.id).where(ORDERS.c.list == list_id, ORDERS.c.party == party)
    return len(connection.execute(wanted).all()) + 1


def _order(row: Row[Any]) -> Order:
    return Order(
        id=row.id,
        list=row.list,
        zorgdrager=row.zorgdrager,
        party=row.party,
        state=OrderState(row.state),
        said=json.loads(row.said),
        sha256=row.sha256,
        issued_at=row.issued_at,
        due_on=date.fromisoformat(row.due_on),
        attested_at=row.attested_at,
        attested_by=row.attested_by,
    )
