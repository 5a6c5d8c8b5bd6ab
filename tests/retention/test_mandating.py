"""Mandates: the account gives the first, then administrators do, and nobody to themselves."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from retention import mandating, people
from retention.errors import PersonUnknown, Refused, SignatureWrong
from retention.mandating import Account, Giver, NewMandate
from retention.nouns import Actor, Desk, Role
from storage.database import begin, open_database, reading
from storage.ledger import ENTRIES
from tests.retention import making

GM = "ooststellingwerf"
ACCOUNT = Account("uid:1000", "cli@test")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_database(tmp_path / "edepot.sqlite")
    yield making.desk(engine)
    engine.dispose()


def new(person: str, role: Role = Role.AUDITOR) -> NewMandate:
    return NewMandate(person, GM, role, date(2026, 1, 1), None, "besluit 3")


def refusal(desk: Desk, giver: Giver, wanted: NewMandate) -> str:
    with pytest.raises(Refused) as refused:
        mandating.give(desk, giver, wanted)
    return refused.value.code


def test_the_account_gives_the_first_mandate_and_it_stands_in_the_ledger(desk: Desk) -> None:
    anna = making.actor(desk, "Anna", GM)

    given = mandating.give(desk, ACCOUNT, new(anna.person))

    assert (given.role, given.decision) == (Role.AUDITOR, "besluit 3")
    with reading(desk.engine) as connection:
        (row,) = mandating.list_mandates(connection, [GM])
        line = connection.execute(select(ENTRIES.c.line)).scalar_one()
    assert (row.given_by, row.name) == ("uid:1000", "Anna")
    said = json.loads(line)
    assert (said["action"], said["actor"]) == ("retention.mandate_given", "uid:1000")
    assert "Anna" not in line


def test_an_administrator_gives_the_rest_and_signs(desk: Desk) -> None:
    admin = making.actor(desk, "Dik", GM, Role.ADMINISTRATOR)
    anna = making.actor(desk, "Anna", GM)
    forged = Actor(admin.person, "test", anna.sign)

    assert refusal(desk, ACCOUNT, new(anna.person)) == "administrator_needed"
    assert refusal(desk, anna, new(admin.person, Role.ADMINISTRATOR)) == "mandate"
    assert refusal(desk, admin, new(admin.person, Role.ADMINISTRATOR)) == "self_mandate"
    with pytest.raises(SignatureWrong):
        mandating.give(desk, forged, new(anna.person))
    mandating.give(desk, admin, replace(new(anna.person), deputy_for=admin.person))

    with reading(desk.engine) as connection:
        lines = connection.execute(select(ENTRIES.c.line)).scalars().all()
    assert "signature" in json.loads(lines[-1])["facts"]


def test_when_no_administrator_is_left_the_account_gives_again(desk: Desk) -> None:
    admin = making.actor(desk, "Dik", GM, Role.ADMINISTRATOR)
    anna = making.actor(desk, "Anna", GM)

    ended = mandating.end(desk, ACCOUNT, 1)

    assert ended.person == admin.person
    assert mandating.give(desk, ACCOUNT, new(anna.person)).number == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"decision": "  "}, "reason_missing"),
        ({"valid_to": date(2025, 1, 1)}, "contradiction"),
        ({"role": Role.ADMINISTRATOR}, "administrator_role"),
        ({"person": "p0002"}, "person_ended"),
    ],
)
def test_what_cannot_be_is_refused(desk: Desk, change: dict[str, object], code: str) -> None:
    anna = making.actor(desk, "Anna", GM, Role.RECORD_MANAGER)
    making.actor(desk, "Bea", GM)
    mandating.end_person(desk, ACCOUNT, "p0002", [GM], forget_name=False)

    assert refusal(desk, ACCOUNT, replace(new(anna.person), **change)) == code  # type: ignore[arg-type]


def test_somebody_who_is_not_known_is_refused(desk: Desk) -> None:
    anna = making.actor(desk, "Anna", GM)

    for wanted in (new("p0009"), replace(new(anna.person), deputy_for="p0009")):
        with pytest.raises(PersonUnknown):
            mandating.give(desk, ACCOUNT, wanted)


def test_a_mandate_is_laid_down_by_the_person_or_ended_by_an_administrator(desk: Desk) -> None:
    anna = making.actor(desk, "Anna", GM, Role.AUDITOR, Role.RECORD_MANAGER)
    bea = making.actor(desk, "Bea", GM, Role.ARCHIVIST)
    admin = making.actor(desk, "Dik", GM, Role.ADMINISTRATOR)

    with pytest.raises(Refused, match="no mandate"):
        mandating.end(desk, bea, 1)
    mandating.end(desk, anna, 1)
    mandating.end(desk, admin, 2)
    with pytest.raises(Refused, match="was ended"):
        mandating.end(desk, admin, 2)
    with pytest.raises(Refused, match="mandate 99"):
        mandating.end(desk, admin, 99)

    with reading(desk.engine) as connection:
        assert people.mandates_of(connection, anna.person) == ()
        every = mandating.list_mandates(connection, ended=True)
    assert [(each.counts_on(date(2026, 11, 23)), bool(each.ended_at)) for each in every] == [
        (False, True),
        (False, True),
        (True, False),
        (True, False),
    ]


def test_a_person_ends_once_and_the_name_can_go(desk: Desk) -> None:
    making.actor(desk, "Anna", GM, Role.AUDITOR)

    ended = mandating.end_person(desk, ACCOUNT, "p0001", [GM], forget_name=False)
    making.advance(desk, days=1)
    again = mandating.end_person(desk, ACCOUNT, "p0001", [GM], forget_name=True)

    assert (ended.name, ended.ended, again.name, again.public_key) == (
        "Anna",
        True,
        "",
        ended.public_key,
    )
    with begin(desk.engine) as connection:
        (row,) = mandating.list_mandates(connection)
    assert not row.counts_on(date(2026, 11, 23))
