"""Orders to parties who hold records: given once, answered item by item, then judged."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from formats.findings import Finding
from retention import run
from retention.attestation import (
    Attested,
    Taken,
    attestation_plain,
    judge_answer,
    take_answer,
)
from retention.destruction_list import Selection, new_list
from retention.disposal_nouns import Works
from retention.errors import ListUnknown, OrderUnknown, Refused
from retention.external_order import (
    Answer,
    Order,
    OrderState,
    issue_orders,
    order_items,
    orders_of,
    overdue_orders,
    read_order,
)
from retention.nouns import Desk, ItemState, ListState
from retention.tables import EVIDENCE, ITEMS, TOMBSTONES
from storage.archive import Archive
from storage.database import open_database, reading
from storage.fixity.nouns import Asked
from storage.held.parties import Arrangement, Party, Way, register
from storage.held.signatures import sign_raw
from storage.stores.memory import MemoryStore
from tests.retention import listing, making

GM = listing.GM
KEY = Ed25519PrivateKey.from_private_bytes(b"\x21" * 32)
PUBLIC = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()


@dataclass(frozen=True, slots=True)
class Field:
    """A list that was started, of which a party holds two dossiers, and we one."""

    desk: Desk
    town: listing.Town
    works: Works
    list_id: str
    held: tuple[str, str]


@pytest.fixture
def field(database_place: Path | str) -> Iterator[Field]:
    engine = open_database(database_place)
    desk = making.desk(engine)
    town = listing.town(desk)
    party = Party(
        id="fumo", zorgdrager=GM, name="FUMO", task="toezicht", basis=Arrangement.MANDATE,
        agreement="DVO 2024", contact="archief@fumo.example", way=Way.MANIFEST, rhythm_days=30,
        key=PUBLIC,
    )  # fmt: skip
    register(engine, party, Asked(desk.now(), "uid:0", "test"), bytes(32))
    held = tuple(making.dossier(desk, GM, holder="fumo") for _ in range(2))
    selection = Selection(dossiers=held)
    made = new_list(desk, town.proposer, GM, name="Elders", selection=selection)
    listing.to(desk, town, made.id, ListState.EXECUTING)
    with Archive(engine, {"een": MemoryStore("een")}, {GM: ("een",)}) as archive:
        yield Field(desk, town, Works(desk, archive, "w1"), made.id, (held[0], held[1]))
    engine.dispose()


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def issue(field: Field) -> Order:
    (order,) = issue_orders(field.desk, field.town.executor, field.list_id)
    return order


def said(order: Order, answers: Sequence[Attested]) -> bytes:
    return json.dumps(attestation_plain(order, answers)).encode()


def done(field: Field, dossier: str) -> Attested:
    day = field.desk.now().date().isoformat()
    return Attested(dossier, Answer.DESTROYED, "gewist, drie kopieen", day)


def take(field: Field, order: Order, content: bytes, signature: bytes | None = None) -> Taken:
    signed = sign_raw(KEY, content) if signature is None else signature
    return take_answer(field.desk, field.town.proposer, order.id, content, signed)


def codes(findings: Sequence[Finding]) -> set[str]:
    return {each.code for each in findings}


def states(field: Field) -> dict[str, str]:
    with reading(field.desk.engine) as connection:
        rows = connection.execute(select(ITEMS.c.dossier, ITEMS.c.state)).all()
    return {each.dossier: each.state for each in rows}


def test_an_order_is_given_once_and_its_dossiers_are_past_the_point(field: Field) -> None:
    order = issue(field)

    assert [each["dossier"] for each in order.said["items"]] == sorted(field.held)
    assert set(states(field).values()) == {ItemState.DESTROYING}
    assert issue_orders(field.desk, field.town.executor, field.list_id) == ()
    with reading(field.desk.engine) as connection:
        assert orders_of(connection) == orders_of(connection, field.list_id) == (order,)
        assert {each.answer for each in order_items(connection, order.id)} == {Answer.OPEN}


def test_only_the_executor_of_a_list_that_runs_gives_one(field: Field) -> None:
    with refused("mandate"):
        issue_orders(field.desk, field.town.proposer, field.list_id)
    with pytest.raises(ListUnknown):
        issue_orders(field.desk, field.town.executor, "L9")
    other = listing.concept(field.desk, field.town, 1)
    with refused("state"):
        issue_orders(field.desk, field.town.executor, other.id)
    with reading(field.desk.engine) as connection, pytest.raises(OrderUnknown):
        read_order(connection, "O9")


def test_the_run_leaves_what_a_party_holds_alone(field: Field) -> None:
    finished = run.execute(field.works, field.list_id)

    assert finished.state is ListState.EXECUTING
    assert set(states(field).values()) == {ItemState.APPROVED}


def test_a_whole_answer_that_is_accepted_destroys_by_their_word(field: Field) -> None:
    order = issue(field)
    taken = take(field, order, said(order, [done(field, each) for each in field.held]))
    assert taken.accepted
    assert taken.answers == {"destroyed": 2}

    with refused("same_person"):
        judge_answer(field.desk, field.town.executor, order.id, accept=True, reason="volledig")
    with refused("reason_missing"):
        judge_answer(field.desk, field.town.archivist, order.id, accept=True, reason=" ")
    judged = judge_answer(
        field.desk, field.town.archivist, order.id, accept=True, reason="volledig"
    )

    assert judged.state is OrderState.ACCEPTED
    assert set(states(field).values()) == {ItemState.DESTROYED}
    with reading(field.desk.engine) as connection:
        assert set(connection.execute(select(TOMBSTONES.c.dossier)).scalars()) == set(field.held)
        answers = connection.execute(select(EVIDENCE.c.answer)).scalars()
        assert all(each.startswith("attested: destroyed on") for each in answers)
    with refused("state"):
        take(field, order, b"{}")
    with refused("state"):
        judge_answer(field.desk, field.town.archivist, order.id, accept=True, reason="weer")


def test_what_the_party_refused_or_did_not_find_waits_for_a_decision(field: Field) -> None:
    order = issue(field)
    first, second = field.held
    answers = [
        Attested(first, Answer.REFUSED, note="beroep loopt"),
        Attested(second, Answer.NOT_FOUND, note="nooit ontvangen"),
    ]
    assert take(field, order, said(order, answers)).accepted

    judge_answer(field.desk, field.town.archivist, order.id, accept=True, reason="gezien")

    assert set(states(field).values()) == {ItemState.NEEDS_OPERATOR}
    assert listing.look(field.desk, field.list_id).state is ListState.PARTIALLY_EXECUTED


def test_a_disputed_answer_leaves_the_order_open_for_a_better_one(field: Field) -> None:
    order = issue(field)
    whole = said(order, [done(field, each) for each in field.held])
    take(field, order, whole)
    judged = judge_answer(
        field.desk, field.town.archivist, order.id, accept=False, reason="back-ups?"
    )
    assert judged.state is OrderState.DISPUTED
    assert set(states(field).values()) == {ItemState.DESTROYING}

    assert take(field, order, whole).accepted


def test_a_table_in_dutch_is_an_answer_too(field: Field) -> None:
    order = issue(field)
    day = field.desk.now().date().isoformat()
    lines = ["dossier;identifier;answer;how;done_on;note"]
    lines += [f"{each};x;Vernietigd;gewist;{day};" for each in field.held]

    taken = take(field, order, ("﻿" + "\r\n".join(lines)).encode())

    assert (taken.accepted, taken.answers) == (True, {"destroyed": 2})


def test_an_answer_without_the_signature_of_the_party_is_none(field: Field) -> None:
    order = issue(field)
    content = said(order, [done(field, each) for each in field.held])

    assert codes(take(field, order, content, b"").findings) == {"S410"}
    wrong = Ed25519PrivateKey.generate().sign(content)
    assert codes(take(field, order, content, wrong).findings) == {"S415"}
    assert set(states(field).values()) == {ItemState.DESTROYING}


def test_of_a_party_without_a_key_no_answer_counts(field: Field) -> None:
    party = Party(
        id="fumo", zorgdrager=GM, name="FUMO", task="toezicht", basis=Arrangement.MANDATE,
        agreement="DVO 2024", contact="", way=Way.MANIFEST, rhythm_days=30,
    )  # fmt: skip
    register(field.desk.engine, party, Asked(field.desk.now(), "uid:0", "test"), bytes(32))
    order = issue(field)

    taken = take(field, order, said(order, [done(field, each) for each in field.held]))

    assert (taken.accepted, codes(taken.findings)) == (False, {"R680"})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"order": "O9"}, "R683"),
        ({"form": "iets anders"}, "R683"),
        ({"order_sha256": "0" * 64}, "R684"),
    ],
)
def test_an_answer_to_another_order_is_refused(
    field: Field, change: dict[str, str], code: str
) -> None:
    order = issue(field)
    answer = attestation_plain(order, [done(field, each) for each in field.held]) | change

    taken = take(field, order, json.dumps(answer).encode())

    assert not taken.accepted
    assert code in codes(taken.findings)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b'{"form": 1}', b"[]", b"{" * 5000])
def test_what_cannot_be_read_is_told_and_nothing_is_taken_in(field: Field, content: bytes) -> None:
    order = issue(field)

    taken = take(field, order, content)

    assert not taken.accepted
    assert codes(taken.findings) & {"R682", "R683", "R688"}


def test_an_answer_that_is_far_too_large_is_not_read(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = issue(field)
    monkeypatch.setattr("retention.attestation.MAX_BYTES", 10)

    assert "R681" in codes(take(field, order, b"x" * 11).findings)


def test_each_line_is_judged(field: Field) -> None:
    order = issue(field)
    first, second = field.held
    early = (field.desk.now() - timedelta(days=3)).date().isoformat()
    answers = [
        Attested(first, Answer.DESTROYED, "", early),
        Attested(first, Answer.DESTROYED, "gewist", "gisteren"),
        Attested("vreemd", Answer.REFUSED),
    ]
    content = json.loads(said(order, answers))
    content["items"].append({"dossier": second, "answer": "misschien"})

    taken = take(field, order, json.dumps(content).encode())

    assert codes(taken.findings) == {"R685", "R686", "R687", "R688", "R689", "R690", "R691"}
    assert not taken.accepted


def test_a_party_that_is_silent_is_late_and_nothing_is_assumed(field: Field) -> None:
    order = issue(field)
    late = order.due_on + timedelta(days=1)

    with reading(field.desk.engine) as connection:
        assert overdue_orders(connection, order.due_on) == ()
        assert overdue_orders(connection, late) == (order,)
