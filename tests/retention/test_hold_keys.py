"""Persons in holds: a number only ever as a keyed hash."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from retention import holds
from retention.errors import Refused
from retention.hold_keys import bsn_of, forget_marks, mark_number, people_in, person_hash
from retention.hold_nouns import HOLD_ACTS, HOLD_MARKS, Scope
from retention.nouns import Desk, HoldKind, Role
from retention.tables import HOLDS
from storage.database import begin, open_database, reading
from tests.retention import making
from tests.retention.test_holds import REVIEW, retitle

GM = "ooststellingwerf"
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
BSN = "123456782"
"""A number that fits the check of eleven and is given to nobody."""
SHORT = "011111112"


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    yield replace(making.desk(engine), person_key=KEY)
    engine.dispose()


@pytest.mark.parametrize("typed", ["123456782", " 123456782 ", "1234.56.782", "1234 56 782"])
def test_a_bsn_is_read_however_it_is_typed(typed: str) -> None:
    assert bsn_of(typed) == BSN
    assert person_hash(KEY, typed) == person_hash(KEY, BSN) != person_hash(OTHER_KEY, BSN)


@pytest.mark.parametrize(
    "wrong", ["", "123456789", "1234567", "000000000", "12345678x", "١٢٣٤٥٦٧٨٢"]
)
def test_what_is_no_bsn_is_refused_without_being_repeated(wrong: str) -> None:
    with pytest.raises(Refused) as refused:
        bsn_of(wrong)

    assert refused.value.code == "bsn"
    assert not wrong or wrong not in str(refused.value)


def test_without_a_whole_key_there_is_no_hash() -> None:
    with pytest.raises(Refused) as refused:
        person_hash(b"short", BSN)

    assert refused.value.code == "person_key"


def test_numbers_are_recognised_in_a_text() -> None:
    texts = [f"Bijstand {BSN}; ook 1234.56.782", "zaak 123456789", "11111112", "9123456782"]

    assert people_in(KEY, texts) == {person_hash(KEY, BSN), person_hash(KEY, SHORT)}


def test_a_hold_on_a_person_finds_the_number_and_stores_it_nowhere(desk: Desk) -> None:
    anna = making.actor(desk, "Anna", GM, Role.HOLD_OFFICER)
    due = making.dossier(desk, GM, title="Bijstand 1234.56.782")
    glued = making.dossier(desk, GM, title=f"BSN{BSN}")
    making.dossier(desk, GM, title="Bijstand 123456789")
    making.dossier(desk, "opsterland", title=f"Bijstand {BSN}")
    with begin(desk.engine) as connection:
        hashed = mark_number(connection, KEY, GM, BSN)
        assert mark_number(connection, KEY, GM, BSN) == hashed

    hold = holds.place(
        desk,
        anna,
        GM,
        HoldKind.AVG,
        Scope(persons=(hashed,)),
        reason="inzageverzoek",
        legal_basis="AVG art. 15",
        reference="",
        review_on=REVIEW,
    )

    assert [(each.dossier, each.why) for each in hold.members] == [
        (due, "persons"),
        (glued, "persons"),
    ]
    with reading(desk.engine) as connection:
        stored = [
            str(row)
            for table in (HOLDS, HOLD_ACTS, HOLD_MARKS)
            for row in connection.execute(select(table))
        ]
    assert not any(BSN in each for each in stored)


def test_a_new_dossier_with_the_number_is_caught(desk: Desk) -> None:
    anna = making.actor(desk, "Anna", GM, Role.HOLD_OFFICER)
    scope = Scope(persons=(person_hash(KEY, BSN),))
    said = {"reason": "inzage", "legal_basis": "AVG art. 15", "reference": ""}
    hold = holds.place(desk, anna, GM, HoldKind.AVG, scope, review_on=REVIEW, **said)
    new = making.dossier(desk, GM, title="Wmo")
    other = making.dossier(desk, GM, title="Wmo 111222333")
    retitle(desk, new, f"Wmo {BSN}")

    with begin(desk.engine) as connection:
        caught = holds.catch_each(connection, desk, [new, other])

    assert hold.members == ()
    assert caught == {new: (hold.id,)}


def test_the_marks_of_a_destroyed_dossier_go(desk: Desk) -> None:
    due = making.dossier(desk, GM, title=f"Wmo {BSN}")
    kept = making.dossier(desk, GM, title=f"Wmo {BSN}")
    with begin(desk.engine) as connection:
        mark_number(connection, KEY, GM, BSN)

        forget_marks(connection, due)

        assert list(connection.execute(select(HOLD_MARKS.c.dossier)).scalars()) == [kept]
