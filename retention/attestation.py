"""What a party declares on an order: read, laid beside the order, accepted or disputed by us.

Source: AVG art. 28.3.g; ISO 15489-2:2001, 4.3.9.3 (certificates of third parties).
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from formats.findings import Finding, finding, has_errors
from retention.closing_tables import ORDER_ITEMS, ORDERS
from retention.days import local_day, trusted_instant, trusted_today
from retention.errors import Refused
from retention.external_order import (
    Answer,
    Order,
    OrderState,
    order_items,
    read_order,
)
from retention.noting import note
from retention.nouns import Actor, Desk, DossierState, ItemState, ListState, Role
from retention.people import require_mandate
from retention.tables import DOSSIERS, EVIDENCE, ITEMS, LISTS
from retention.tombstones import bury
from storage.database import begin
from storage.held.parties import read_party
from storage.held.signatures import check_signature

FORM = "edepot-attestation 1"
COLUMNS = ("dossier", "identifier", "answer", "how", "done_on", "note")
DUTCH = {"vernietigd": "destroyed", "niet gevonden": "not_found", "geweigerd": "refused"}
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Attested:
    """One line of a party's answer."""

    dossier: str
    answer: Answer
    how: str = ""
    done_on: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of an answer: taken in or refused, and everything that is wrong with it."""

    order: str
    accepted: bool
    answers: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def take_answer(desk: Desk, actor: Actor, order_id: str, content: bytes, signature: bytes) -> Taken:
    """Take in a party's answer to an order, when it is whole, fits, and bears its signature.

    Refused as a whole otherwise: the order stays open and nothing of it counts.

    Raises: OrderUnknown; Refused (mandate, state).
    """
    with begin(desk.engine) as connection:
        order = read_order(connection, order_id)
        today = trusted_today(connection, order.zorgdrager, desk.now())
        roles = (Role.RECORD_MANAGER, Role.EXECUTOR, Role.ARCHIVIST)
        require_mandate(connection, actor, order.zorgdrager, roles, today)
        if order.state is OrderState.ACCEPTED:
            raise Refused("state", order=order_id, found=order.state.value)
        known = {each.dossier for each in order_items(connection, order_id)}
        party = read_party(connection, order.party)
        findings: list[Finding] = []
        if party.key:
            findings += check_signature(party.key, content, signature, order_id)
        else:
            findings.append(finding("R680", order_id, order.party))
        answers = _read(content, order, findings)
        findings += _check(answers, order, known, today)
        if has_errors(findings):
            return Taken(order_id, accepted=False, findings=tuple(findings))
        _write(connection, desk, order, answers, content, signature)
        counts = _counted(answers)
        note(
            connection, desk, order.zorgdrager, "disposal.attested", order_id,
            result="attested", actor=actor.person, origin=actor.origin,
            facts={"party": order.party, "answers": counts},
        )  # fmt: skip
        return Taken(order_id, accepted=True, answers=counts, findings=tuple(findings))


def judge_answer(desk: Desk, actor: Actor, order_id: str, *, accept: bool, reason: str) -> Order:
    """Accept a party's answer, or dispute it; another person than who gave the order.

    What the party declared destroyed is destroyed by its word: the evidence says so. What it did
    not find or refused waits for a decision.

    Raises: OrderUnknown; Refused (mandate, state, same_person, reason_missing).
    """
    with begin(desk.engine) as connection:
        order = read_order(connection, order_id)
        today = trusted_today(connection, order.zorgdrager, desk.now())
        require_mandate(connection, actor, order.zorgdrager, (Role.EXECUTOR, Role.ARCHIVIST), today)
        if order.state is not OrderState.ATTESTED:
            raise Refused("state", order=order_id, found=order.state.value)
        if not reason.strip():
            raise Refused("reason_missing", order=order_id)
        _refuse_same(connection, actor, order_id)
        state = OrderState.ACCEPTED if accept else OrderState.DISPUTED
        at = trusted_instant(connection, order.zorgdrager, desk.now())
        connection.execute(
            update(ORDERS)
            .where(ORDERS.c.id == order_id)
            .values(
                state=state.value,
                judged_by=actor.person,
                judged_at=at.isoformat(),
                note=reason,
            )
        )
        note(
            connection, desk, order.zorgdrager, "disposal.judged", order_id,
            result=state.value, actor=actor.person, origin=actor.origin,
            details={"reason": reason},
        )  # fmt: skip
        if accept:
            _settle(connection, desk, order, at)
        return read_order(connection, order_id)


def attestation_plain(order: Order, answers: Sequence[Attested]) -> dict[str, Any]:
    """An answer in the form in which a party hands it in."""
    return {
        "form": FORM,
        "order": order.id,
        "order_sha256": order.sha256,
        "items": [
            {
                "dossier": each.dossier,
                "answer": each.answer.value,
                "how": each.how,
                "done_on": each.done_on,
                "note": each.note,
            }
            for each in answers
        ],
    }


def _read(content: bytes, order: Order, findings: list[Finding]) -> list[Attested]:
    """The answers in a JSON document or a CSV table; what cannot be read is a finding."""
    if len(content) > MAX_BYTES:
        findings.append(finding("R681", order.id, len(content), MAX_BYTES))
        return []
    try:
        text = content.decode("utf-8-sig")
        if text.lstrip().startswith("{"):
            return list(_from_json(json.loads(text), order, findings))
        return list(_from_csv(text, order, findings))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        findings.append(finding("R682", order.id, f"{type(error).__name__}: {error}"[:120]))
        return []


def _from_json(
    said: Mapping[str, Any], order: Order, findings: list[Finding]
) -> Iterator[Attested]:
    if said.get("form") != FORM or said.get("order") != order.id:
        found = f"{said.get('form')}, {said.get('order')}"
        findings.append(finding("R683", order.id, found[:120], f"{FORM}, {order.id}"))
        return
    if said.get("order_sha256") != order.sha256:
        found = str(said.get("order_sha256"))[:64]
        findings.append(finding("R684", order.id, found, order.sha256))
    for each in said["items"]:
        values = {name: str(each.get(name, "")) for name in COLUMNS}
        if (line := _line(values, order, findings)) is not None:
            yield line


def _from_csv(text: str, order: Order, findings: list[Finding]) -> Iterator[Attested]:
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter):
        values = {name: (row.get(name) or "").strip() for name in COLUMNS}
        if (line := _line(values, order, findings)) is not None:
            yield line


def _line(values: Mapping[str, str], order: Order, findings: list[Finding]) -> Attested | None:
    answer = values["answer"].strip().lower()
    answer = DUTCH.get(answer, answer)
    if answer not in set(Answer) or answer == Answer.OPEN:
        where = f"{order.id}, {values['dossier']}"
        findings.append(finding("R685", where, answer[:40] or "-", ", ".join(DUTCH)))
        return None
    return Attested(
        values["dossier"], Answer(answer), values["how"], values["done_on"], values["note"]
    )


def _check(
    answers: Sequence[Attested], order: Order, known: set[str], today: date
) -> Iterator[Finding]:
    """Every dossier of the order once, and no other; dates that can be; a manner, or a reason."""
    seen: set[str] = set()
    issued = local_day(datetime.fromisoformat(order.issued_at))
    for each in answers:
        where = f"{order.id}, {each.dossier}"
        if each.dossier not in known:
            yield finding("R686", where)
        if each.dossier in seen:
            yield finding("R687", where)
        seen.add(each.dossier)
        if each.answer is Answer.DESTROYED:
            yield from _check_destroyed(each, where, issued, today)
        elif not each.note.strip():
            yield finding("R690", where, each.answer.value)
    for dossier in sorted(known - seen):
        yield finding("R688", f"{order.id}, {dossier}")


def _check_destroyed(
    attested: Attested, where: str, issued: date, today: date
) -> Iterator[Finding]:
    if not attested.how.strip():
        yield finding("R691", where)
    try:
        done = date.fromisoformat(attested.done_on)
    except ValueError:
        yield finding("R689", where, attested.done_on[:40] or "-", f"{issued} - {today}")
        return
    if not issued <= done <= today:
        yield finding("R689", where, attested.done_on, f"{issued} - {today}")


def _write(  # noqa: PLR0913, PLR0917 - an answer, and what it answers
    connection: Connection,
    desk: Desk,
    order: Order,
    answers: Sequence[Attested],
    content: bytes,
    signature: bytes,
) -> None:
    at = trusted_instant(connection, order.zorgdrager, desk.now()).isoformat()
    connection.execute(
        update(ORDERS)
        .where(ORDERS.c.id == order.id)
        .values(
            state=OrderState.ATTESTED.value,
            attestation=content.decode("utf-8-sig"),
            signature=signature.hex(),
            attested_at=at,
            attested_by=order.party,
        )
    )
    for each in answers:
        connection.execute(
            update(ORDER_ITEMS)
            .where(ORDER_ITEMS.c.order_id == order.id, ORDER_ITEMS.c.dossier == each.dossier)
            .values(answer=each.answer.value, how=each.how, done_on=each.done_on, note=each.note)
        )


def _settle(connection: Connection, desk: Desk, order: Order, at: datetime) -> None:
    """Carry through what a party declared, dossier by dossier."""
    for each in order_items(connection, order.id):
        item = connection.execute(
            select(ITEMS).where(ITEMS.c.list == order.list, ITEMS.c.dossier == each.dossier)
        ).one()
        if item.state != ItemState.DESTROYING:
            continue
        if each.answer is not Answer.DESTROYED:
            trouble = f"{order.id}: {each.answer.value}"
            _set_item(connection, order.list, each.dossier, ItemState.NEEDS_OPERATOR, trouble)
            continue
        connection.execute(
            insert(EVIDENCE),
            {
                "list": order.list,
                "dossier": each.dossier,
                "place": order.party,
                "sweep": 0,
                "at": at.isoformat(),
                "asked": f"order {order.id}",
                "answer": f"attested: destroyed on {each.done_on}",
                "absent": 1,
            },
        )
        bury(connection, desk, order.list, each.dossier, at)
        connection.execute(
            update(ITEMS)
            .where(ITEMS.c.list == order.list, ITEMS.c.dossier == each.dossier)
            .values(state=ItemState.DESTROYED.value, destroyed_at=at.isoformat())
        )
        connection.execute(
            update(DOSSIERS)
            .where(DOSSIERS.c.dossier == each.dossier)
            .values(state=DossierState.DESTROYED.value)
        )


def _set_item(
    connection: Connection, list_id: str, dossier: str, state: ItemState, trouble: str
) -> None:
    connection.execute(
        update(ITEMS)
        .where(ITEMS.c.list == list_id, ITEMS.c.dossier == dossier)
        .values(state=state.value, trouble=trouble, came_from=ItemState.DESTROYING.value)
    )
    connection.execute(
        update(LISTS)
        .where(LISTS.c.id == list_id, LISTS.c.state == ListState.EXECUTING.value)
        .values(state=ListState.PARTIALLY_EXECUTED.value)
    )


def _refuse_same(connection: Connection, actor: Actor, order: str) -> None:
    """Who gave the order does not judge the answer to it."""
    issued_by = connection.execute(select(ORDERS.c.issued_by).where(ORDERS.c.id == order)).scalar()
    if issued_by == actor.person:
        raise Refused("same_person", person=actor.person, order=order)


def _counted(answers: Sequence[Attested]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in answers:
        found[each.answer.value] = found.get(each.answer.value, 0) + 1
    return dict(sorted(found.items()))
