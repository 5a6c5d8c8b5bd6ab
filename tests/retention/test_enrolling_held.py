"""Dossiers that a party holds come into the register from a table: all of it, or nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from retention.enrolling_held import EnrolledHeld, enrol_held, held_id
from retention.errors import Refused
from retention.nouns import Actor, Desk, Role
from retention.tables import DOSSIERS
from storage.database import open_database, reading
from storage.fixity.nouns import Asked
from storage.held.errors import PartyUnknown
from storage.held.parties import Arrangement, Party, Way, register
from tests.retention import making

GM = "gm0000"
HEAD = "identifier;zaaktype;result;list_year;category;started_on;ended_on;files;size_bytes"
LINE = "W-1;Toezicht;Uitgevoerd;2020;13.1;2020-01-15;2020-06-30;3;4000"


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    made = making.desk(engine)
    party = Party(
        id="fumo", zorgdrager=GM, name="FUMO", task="toezicht", basis=Arrangement.MANDATE,
        agreement="DVO", contact="", way=Way.MANIFEST, rhythm_days=30,
    )  # fmt: skip
    register(engine, party, Asked(made.now(), "uid:0", "test"), bytes(32))
    yield made
    engine.dispose()


@pytest.fixture
def petra(desk: Desk) -> Actor:
    return making.actor(desk, "Petra", GM, Role.RECORD_MANAGER)


def take(desk: Desk, actor: Actor, *lines: str) -> EnrolledHeld:
    content = "\r\n".join(lines).encode("utf-8-sig")
    return enrol_held(desk, actor, "fumo", "tabel.csv", content)


def test_they_come_in_with_their_term_computed_and_once(desk: Desk, petra: Actor) -> None:
    assert take(desk, petra, HEAD, LINE) == EnrolledHeld("fumo", 1, 0, ())
    assert take(desk, petra, HEAD, LINE) == EnrolledHeld("fumo", 0, 1, ())

    row = making.row_of(desk, held_id(GM, "fumo", "W-1"))
    assert (row["holder"], row["identifier"], row["files"]) == ("fumo", "W-1", 3)
    assert (row["decision"], row["eligible_from"]) == ("DATED", "2025-07-01")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("naam;jaar", "x;y"), "R670"),
        (("",), "R670"),
        ((HEAD, ";Toezicht;;2020;13.1;2020-01-15;;;"), "R671"),
        ((HEAD, LINE.replace(";3;", ";drie;")), "R671"),
        ((HEAD, LINE, LINE), "R672"),
    ],
)
def test_a_table_with_something_wrong_brings_nothing_in(
    desk: Desk, petra: Actor, lines: tuple[str, ...], code: str
) -> None:
    done = take(desk, petra, *lines)

    assert [each.code for each in done.findings] == [code]
    with reading(desk.engine) as connection:
        assert connection.execute(select(func.count()).select_from(DOSSIERS)).scalar_one() == 0


def test_bytes_that_are_no_text_are_told(desk: Desk, petra: Actor) -> None:
    done = enrol_held(desk, petra, "fumo", "tabel.csv", b"\xff\xfe\x00")
    assert [each.code for each in done.findings] == ["R670"]


def test_only_who_may_and_only_for_a_party_that_is_known(desk: Desk, petra: Actor) -> None:
    stranger = making.actor(desk, "Els", "gm9999", Role.RECORD_MANAGER)
    with pytest.raises(Refused):
        take(desk, stranger, HEAD, LINE)
    with pytest.raises(PartyUnknown):
        enrol_held(desk, petra, "niemand", "tabel.csv", HEAD.encode())
