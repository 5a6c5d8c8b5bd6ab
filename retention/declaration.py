"""The declaration of destruction (verklaring van vernietiging): made from evidence, signed, kept.

draft -> signed -> kept; what changes later is an addendum. Source: Archiefbesluit 1995, art. 8.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from retention.acts import act
from retention.closing_tables import DECLARATIONS, ORDERS
from retention.days import trusted_today
from retention.declaration_facts import (
    Context,
    declared_facts,
    digest_of,
    residual_until,
)
from retention.errors import ListUnknown, Refused
from retention.involvement import involve
from retention.noting import note
from retention.nouns import Actor, Desk, Duty, ItemState, ListKind, ListState, Role
from retention.people import require_mandate, sign
from retention.tables import ITEMS, LISTS
from storage.database import begin
from storage.ledger import canonical


class DeclarationKind(StrEnum):
    """What is declared."""

    DESTRUCTION = "vernietiging"
    RELEASE = "bronexemplaar-opgeruimd"
    TRANSFER = "overbrenging"
    ADDENDUM = "aanvulling"


class DeclarationState(StrEnum):
    """How far a declaration is."""

    DRAFT = "draft"
    SIGNED = "signed"
    KEPT = "kept"


OPEN_ORDERS = ("issued", "acknowledged", "reported_done", "attested", "disputed")


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration: `said` is all that is declared; `sha256` of it is what was signed."""

    id: str
    list: str
    zorgdrager: str
    kind: DeclarationKind
    state: DeclarationState
    said: Mapping[str, Any]
    sha256: str
    made_at: str
    signed_by: str
    signed_at: str
    signature: str
    aip_id: str
    residual_until: date | None


def declaration_id(list_id: str, kind: DeclarationKind) -> str:
    """The number of a declaration: that of its list, and what it declares."""
    return f"{list_id}-{'aanvulling' if kind is DeclarationKind.ADDENDUM else 'verklaring'}"


def read_declaration(connection: Connection, declaration: str) -> Declaration | None:
    """The declaration under a number; None when there is none."""
    row = connection.execute(select(DECLARATIONS).where(DECLARATIONS.c.id == declaration)).first()
    return None if row is None else _declaration(row)


def declarations_of(connection: Connection, list_id: str) -> tuple[Declaration, ...]:
    """The declarations of a list, the first made first."""
    rows = connection.execute(
        select(DECLARATIONS)
        .where(DECLARATIONS.c.list == list_id)
        .order_by(DECLARATIONS.c.made_at, DECLARATIONS.c.id)
    )
    return tuple(_declaration(each) for each in rows)


def make_declaration(desk: Desk, list_id: str, context: Context, actor: Actor) -> Declaration:
    """Draw up the declaration of a list that was executed; made again while it is not signed.

    Raises: ListUnknown; Refused (state) when the list is not executed, or an order to a party is
    open; Refused (mandate).
    """
    with begin(desk.engine) as connection:
        row = _list(connection, list_id)
        today = trusted_today(connection, row.zorgdrager, desk.now())
        require_mandate(connection, actor, row.zorgdrager, MAKERS, today)
        if row.state != ListState.EXECUTED:
            raise _wrong_state(row, ListState.EXECUTED)
        _refuse_open_orders(connection, list_id)
        destroyed = row.kind == ListKind.DESTROY
        kind = DeclarationKind.DESTRUCTION if destroyed else DeclarationKind.RELEASE
        said = declared_facts(connection, list_id, context)
        return _write(connection, desk, row, _Drawn(kind, said), actor)


def make_addendum(desk: Desk, list_id: str, context: Context, actor: Actor) -> Declaration:
    """Declare that the last backup is gone that could still hold what was destroyed.

    Raises: ListUnknown; Refused (state) when the list was not declared, or (waiting) while a
    backup may still be there; Refused (mandate).
    """
    with begin(desk.engine) as connection:
        row = _list(connection, list_id)
        today = trusted_today(connection, row.zorgdrager, desk.now())
        require_mandate(connection, actor, row.zorgdrager, MAKERS, today)
        if row.state != ListState.DECLARED:
            raise _wrong_state(row, ListState.DECLARED)
        first = _first_of(connection, list_id)
        until = first.residual_until
        if until is not None and today <= until:
            raise Refused("waiting", list=list_id, until=until.isoformat(), found=today.isoformat())
        said = {
            "form": first.said["form"],
            "zorgdrager": first.said["zorgdrager"],
            "list": first.said["list"],
            "declaration": {"id": first.id, "sha256": first.sha256},
            "residual": first.said["residual"],
            "software": context.software,
            "expired_on": today.isoformat(),
        }
        return _write(connection, desk, row, _Drawn(DeclarationKind.ADDENDUM, said), actor)


def sign_declaration(desk: Desk, actor: Actor, declaration: str) -> Declaration:
    """Sign for the zorgdrager; the list is declared then, or closed when no backup is left.

    Raises: Refused (unknown, state, mandate, separation_of_duties); Refused (joint) for one that
    two parties sign (retention/transfer_declaration.py).
    """
    with begin(desk.engine) as connection:
        found = read_declaration(connection, declaration)
        if found is None:
            raise Refused("unknown", declaration=declaration)
        if found.state is not DeclarationState.DRAFT:
            raise Refused("state", declaration=declaration, found=found.state.value)
        if found.kind is DeclarationKind.TRANSFER:
            raise Refused("joint", declaration=declaration, list=found.list)
        today = trusted_today(connection, found.zorgdrager, desk.now())
        mandate = require_mandate(connection, actor, found.zorgdrager, (Role.SIGNATORY,), today)
        involve(connection, desk, found.list, actor.person, Duty.SIGNATORY)
        signature = sign(connection, actor, found.sha256.encode("ascii"))
        said = {"declaration": declaration, "sha256": found.sha256}
        act(connection, desk, actor, found.list, Duty.SIGNATORY, "declare", said)
        at = desk.now().isoformat()
        connection.execute(
            update(DECLARATIONS)
            .where(DECLARATIONS.c.id == declaration)
            .values(
                state=DeclarationState.SIGNED.value,
                signed_by=actor.person,
                mandate=mandate.number,
                signed_at=at,
                signature=signature,
            )
        )
        after = _after(found)
        connection.execute(
            update(LISTS).where(LISTS.c.id == found.list).values(state=after.value, changed_at=at)
        )
        note(
            connection,
            desk,
            found.zorgdrager,
            "declaration.sign",
            declaration,
            result=after.value,
            actor=actor.person,
            origin=actor.origin,
            facts={"list": found.list, "sha256": found.sha256, "signature": signature},
        )
        signed = read_declaration(connection, declaration)
    assert signed is not None, "it was just signed"
    return signed


def note_kept(connection: Connection, declaration: str, aip_id: str) -> None:
    """Write down in which AIP the declaration's documents are kept; the titles of what was
    destroyed stand there from now on, and no longer in the list."""
    list_id = select(DECLARATIONS.c.list).where(DECLARATIONS.c.id == declaration)
    connection.execute(
        update(ITEMS)
        .where(
            ITEMS.c.list == list_id.scalar_subquery(),
            ITEMS.c.state == ItemState.DESTROYED.value,
        )
        .values(title="", title_salt="")
    )
    connection.execute(
        update(DECLARATIONS)
        .where(DECLARATIONS.c.id == declaration)
        .values(aip_id=aip_id, state=DeclarationState.KEPT.value)
    )


def addenda_due(connection: Connection, today: date) -> tuple[Declaration, ...]:
    """The declarations of which the last backup is gone by now, and no addendum says so yet."""
    rows = connection.execute(
        select(DECLARATIONS)
        .join(LISTS, LISTS.c.id == DECLARATIONS.c.list)
        .where(
            LISTS.c.state == ListState.DECLARED.value,
            DECLARATIONS.c.kind != DeclarationKind.ADDENDUM.value,
            DECLARATIONS.c.residual_until < today.isoformat(),
        )
        .order_by(DECLARATIONS.c.id)
    )
    return tuple(_declaration(each) for each in rows)


MAKERS = (Role.RECORD_MANAGER, Role.EXECUTOR, Role.ARCHIVIST, Role.SIGNATORY)


def _list(connection: Connection, list_id: str) -> Row[Any]:
    row = connection.execute(select(LISTS).where(LISTS.c.id == list_id)).first()
    if row is None:
        raise ListUnknown(list=list_id)
    return row


def _wrong_state(row: Row[Any], expected: ListState) -> Refused:
    return Refused("state", list=row.id, found=row.state, expected=expected.value)


def _refuse_open_orders(connection: Connection, list_id: str) -> None:
    wanted = select(ORDERS.c.id, ORDERS.c.party).where(
        ORDERS.c.list == list_id, ORDERS.c.state.in_(OPEN_ORDERS)
    )
    row = connection.execute(wanted.limit(1)).first()
    if row is not None:
        raise Refused("order_open", list=list_id, order=row.id, party=row.party)


def _after(declaration: Declaration) -> ListState:
    """What the list is once this is signed: closed when no backup is left that could hold any."""
    if declaration.kind is DeclarationKind.ADDENDUM or declaration.residual_until is None:
        return ListState.CLOSED
    return ListState.DECLARED


def _first_of(connection: Connection, list_id: str) -> Declaration:
    found = [
        each
        for each in declarations_of(connection, list_id)
        if each.kind is not DeclarationKind.ADDENDUM
    ]
    assert found, "a list is declared by a declaration"
    return found[0]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What was drawn up: the kind, and all that it says."""

    kind: DeclarationKind
    said: Mapping[str, Any]


def _write(
    connection: Connection, desk: Desk, row: Row[Any], drawn: _Drawn, actor: Actor
) -> Declaration:
    kind, said = drawn.kind, drawn.said
    number = declaration_id(row.id, kind)
    known = read_declaration(connection, number)
    if known is not None and known.state is not DeclarationState.DRAFT:
        raise Refused("state", declaration=number, found=known.state.value)
    until = residual_until(said["residual"]) if kind is not DeclarationKind.ADDENDUM else None
    text = canonical(said)
    values = {
        "list": row.id,
        "zorgdrager": row.zorgdrager,
        "kind": kind.value,
        "state": DeclarationState.DRAFT.value,
        "said": text,
        "sha256": digest_of(said),
        "made_at": desk.now().isoformat(),
        "made_by": actor.person,
        "signed_by": "",
        "mandate": 0,
        "signed_at": "",
        "signature": "",
        "aip_id": "",
        "residual_until": until.isoformat() if until else "",
    }
    if known is None:
        connection.execute(insert(DECLARATIONS), {"id": number, **values})
    else:
        connection.execute(update(DECLARATIONS).where(DECLARATIONS.c.id == number).values(values))
    made = read_declaration(connection, number)
    assert made is not None, "it was just written"
    return made


def _declaration(row: Row[Any]) -> Declaration:
    return Declaration(
        id=row.id,
        list=row.list,
        zorgdrager=row.zorgdrager,
        kind=DeclarationKind(row.kind),
        state=DeclarationState(row.state),
        said=json.loads(row.said),
        sha256=row.sha256,
        made_at=row.made_at,
        signed_by=row.signed_by,
        signed_at=row.signed_at,
        signature=row.signature,
        aip_id=row.aip_id,
        residual_until=date.fromisoformat(row.residual_until) if row.residual_until else None,
    )
