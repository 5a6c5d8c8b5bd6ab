"""Mappings and policies: what cannot be is refused, what is agreed is signed, a table is whole."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from retention.errors import Refused, RulePolicyInvalid
from retention.mapping import (
    NewMapping,
    check_mappings,
    list_mappings,
    read_mapping,
    set_mapping,
    set_mappings,
)
from retention.mapping_rows import ReadMappings, read_mapping_rows
from retention.nouns import Actor, Desk, Role
from retention.people import check_signature
from retention.rule_policy import check_policy, list_policies, set_policy
from storage import ledger
from storage.database import open_database, reading
from tests.retention import making

GM = "gm0000"
DAY = date(2020, 1, 1)
HEADER = ("Zaaktype", "Resultaat", "Lijst", "Nummer", "Start", "Procestermijn", "Van",
          "Tot en met", "Reden")  # fmt: skip
GOOD = ("Bezwaar", "*", "2020", "13.1", "", "", "", "", "")


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    yield making.desk(engine)
    engine.dispose()


@pytest.fixture
def people(desk: Desk) -> tuple[Actor, Actor]:
    return (
        making.actor(desk, "Petra", GM, Role.RECORD_MANAGER),
        making.actor(desk, "Anna", GM, Role.ARCHIVIST),
    )


def read(desk: Desk, *rows: tuple[str, ...], reason: str = "besluit") -> ReadMappings:
    numbered = list(enumerate(rows, start=2))
    with reading(desk.engine) as connection:
        return read_mapping_rows(
            connection, GM, "k.csv", HEADER, numbered, reason=reason, valid_from=DAY
        )


def test_a_table_is_read_with_what_its_rows_say_themselves(desk: Desk) -> None:
    own = ("Vergunning", "Verleend", "2017", "11.1", "termijn", "P6W", "01-02-2018",
           "2019-12-31", "eigen reden")  # fmt: skip

    found = read(desk, GOOD, own)

    assert found.findings == ()
    assert found.new == (
        NewMapping("Bezwaar", "", "2020", "13.1", DAY, "besluit"),
        NewMapping("Vergunning", "Verleend", "2017", "11.1", date(2018, 2, 1), "eigen reden",
                   "termijn", "P6W", date(2019, 12, 31)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("place", "value", "code", "where"),
    [
        (0, "", "R031", "zaaktype"),
        (2, "1950", "R031", "lijst"),
        (3, "99.9", "R033", "nummer"),
        (3, "", "R033", "nummer"),
        (4, "ooit", "R031", "start"),
        (5, "6 weken", "R031", "procestermijn"),
        (6, "gisteren", "R031", "van"),
        (7, "31-02-2020", "R031", "tot en met"),
    ],
)
def test_a_row_that_cannot_be_is_told(
    desk: Desk, place: int, value: str, code: str, where: str
) -> None:
    bad = (*GOOD[:place], value, *GOOD[place + 1 :])

    found = read(desk, GOOD, bad)

    assert [(each.code, each.where) for each in found.findings] == [(code, f"k.csv, 3, {where}")]


def test_other_faults_of_a_table_are_told_too(desk: Desk) -> None:
    backward = (*GOOD[:6], "2020-02-01", "2020-01-01", "x")
    with reading(desk.engine) as connection:
        headless = read_mapping_rows(
            connection, GM, "k.csv", ("a", "zaaktype"), [], reason="", valid_from=DAY
        )

    assert [each.code for each in headless.findings] == ["R030"]
    assert headless.findings[0].expected == "lijst, nummer"
    assert [each.code for each in read(desk, GOOD, GOOD).findings] == ["R032"]
    assert [each.code for each in read(desk, backward).findings] == ["R031"]
    assert [each.expected for each in read(desk, GOOD, reason=" ").findings] == ["--reason"]
    assert read(desk, ("Bezwaar", "", "2020", "13.1")).findings == ()


def test_a_table_that_was_read_before_adds_nothing(desk: Desk, people: tuple[Actor, Actor]) -> None:
    set_mappings(desk, people[0], GM, read(desk, GOOD).new)

    again = read(desk, GOOD, ("Klacht", *GOOD[1:]))

    assert ([each.zaaktype for each in again.new], again.known) == (["Klacht"], 1)


def test_mappings_are_kept_and_agreed_to_together_or_not_at_all(
    desk: Desk, people: tuple[Actor, Actor]
) -> None:
    new = [NewMapping(name, "", "2020", "13.1", DAY, "besluit") for name in ("A", "B", "C")]
    impossible = NewMapping(" ", "", "2020", "13.1", DAY, "besluit")

    with pytest.raises(Refused) as refused:
        set_mappings(desk, people[0], GM, [*new, impossible])
    with reading(desk.engine) as connection:
        assert list_mappings(connection, GM) == ()
    made = set_mappings(desk, people[0], GM, new)
    numbers = [each.number for each in made]
    with pytest.raises(Refused) as unknown:
        check_mappings(desk, people[1], GM, [*numbers, 999])
    with reading(desk.engine) as connection:
        waiting = [each.checked_by for each in list_mappings(connection, GM)]
    checked = check_mappings(desk, people[1], GM, numbers)

    assert refused.value.code == "mapping_invalid"
    assert unknown.value.code == "unknown"
    assert waiting == ["", "", ""]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert {each.checked_by for each in checked} == {people[1].person}
    with reading(desk.engine) as connection, pytest.raises(Refused):
        read_mapping(connection, "gm0001", numbers[0])


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"zaaktype": "  "}, "zaaktype"),
        ({"trigger": "ooit"}, "trigger"),
        ({"process_term": "10 jaar"}, "process_term"),
        ({"valid_to": date(2019, 12, 31)}, "valid_to"),
    ],
)
def test_a_mapping_that_can_never_be_is_refused_by_its_place(
    desk: Desk, people: tuple[Actor, Actor], given: dict[str, str], where: str
) -> None:
    asked = {"zaaktype": "Bezwaar", "result": "", "list_year": "2020", "category": "13.1",
             "valid_from": DAY, "reason": "besluit"} | given  # fmt: skip

    with pytest.raises(Refused) as refused:
        set_mapping(desk, people[0], GM, NewMapping(**asked))

    assert (refused.value.code, refused.value.values["where"]) == ("mapping_invalid", where)


def test_who_makes_and_who_checks_signs_and_the_ledger_keeps_it(
    desk: Desk, people: tuple[Actor, Actor]
) -> None:
    new = NewMapping("Bezwaar", "", "2020", "13.1", DAY, "besluit")
    made = set_mapping(desk, people[0], GM, new)
    check_mappings(desk, people[1], GM, [made.number])
    set_policy(desk, people[0], GM, {"waiting_days": 9}, decision="besluit", valid_from=DAY)
    check_policy(desk, people[1], GM, 1)

    with reading(desk.engine) as connection:
        entries = [
            each
            for each in ledger.entries(connection, GM)
            if each.action.startswith(("retention.mapping", "retention.policy"))
        ]
        signed = {each.action: each.facts["signature"] for each in entries}
        with pytest.raises(Exception, match="no signature"):
            check_signature(connection, people[0].person, b"", signed["retention.mapping_set"])
    assert list(signed) == [
        "retention.mapping_set", "retention.mapping_checked",
        "retention.policy_set", "retention.policy_checked",
    ]  # fmt: skip
    assert len(set(signed.values())) == 4


@pytest.mark.parametrize(
    "said",
    [
        {"standing": 5},
        {"standing": "11.1"},
        {"standing": ["11.1"]},
        {"standing": [{"list_year": "2020", "category": "11.1", "archivist": "p1",
                       "valid_from": "2026-01-01", "valid_too": "2027-01-01"}]},
        {"standing": [{"list_year": "2020", "category": "11.1", "archivist": "p1",
                       "valid_from": "2026-01-01", "valid_to": "2025-01-01"}]},
    ],
)  # fmt: skip
def test_a_standing_authorisation_that_cannot_be_is_refused(
    desk: Desk, people: tuple[Actor, Actor], said: dict[str, object]
) -> None:
    with pytest.raises(RulePolicyInvalid):
        set_policy(desk, people[0], GM, said, decision="besluit", valid_from=DAY)


def test_days_of_a_toml_file_are_days(desk: Desk, people: tuple[Actor, Actor]) -> None:
    standing = {"list_year": "2020", "category": "11.1", "archivist": "p0002",
                "valid_from": date(2026, 1, 1), "valid_to": date(2027, 1, 1)}  # fmt: skip

    set_policy(desk, people[0], GM, {"standing": [standing]}, decision="besluit", valid_from=DAY)

    with reading(desk.engine) as connection:
        (made,) = list_policies(connection, GM)
    assert made.standing[0].valid_to == date(2027, 1, 1)
    assert json.dumps(made.standing[0].reference) == '""'
