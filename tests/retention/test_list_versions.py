"""Versions of the selection list: two persons check them, each with a signature, and none is ever
edited."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from retention import list_versions
from retention.active_lists import read_active_lists
from retention.errors import Refused, SelectionListUnknown, SignatureWrong
from retention.list_versions import (
    SHIPPED,
    ListRule,
    NewVersion,
    VersionState,
    active_version,
    add_version,
    check_version,
    read_version,
    rules_of,
    shipped_rules,
    signed_content,
)
from retention.nouns import Actor, Desk, Role
from retention.people import check_signature
from retention.rule_tables import CHECKS
from storage import ledger
from storage.database import begin, open_database, reading
from tests.retention import making

GM = "gm0000"


@pytest.fixture
def desk(database_place: Path | str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk at which nobody has checked a list."""
    monkeypatch.setattr(making, "check_lists", lambda _engine: None)
    engine = open_database(database_place)
    yield making.desk(engine)
    engine.dispose()


@pytest.fixture
def people(desk: Desk) -> list[Actor]:
    return [
        making.actor(desk, name, GM, role)
        for name, role in (
            ("Petra", Role.RECORD_MANAGER),
            ("Anna", Role.ARCHIVIST),
            ("Bert", Role.PROCESS_OWNER),
        )
    ]


def edition(year: str = "2020", sha256: str = "a" * 64, term: str = "P3Y") -> NewVersion:
    listed = shipped_rules(2020)["11.1"].category
    rules = (
        ListRule(replace(listed, retention_term=term), minimum=True),
        ListRule(replace(listed, number="11.2"), mixed=True),
    )
    return NewVersion(year, "Lijst", "Stcrt. 1", "2026-01-01", "lijst.xlsx", sha256, rules)


def states(desk: Desk) -> list[tuple[str, int, VersionState]]:
    with reading(desk.engine) as connection:
        found = list_versions.list_versions(connection)
    return [(each.year, each.number, each.state) for each in found]


def test_a_shipped_list_counts_once_two_persons_checked_it(desk: Desk, people: list[Actor]) -> None:
    assert states(desk) == [("2017", 0, VersionState.DRAFT), ("2020", 0, VersionState.DRAFT)]

    first = check_version(desk, people[0], GM, year="2020")
    with reading(desk.engine) as connection:
        waiting = active_version(connection, "2020")
    with pytest.raises(Refused) as again:
        check_version(desk, people[0], GM, number=first.number)
    second = check_version(desk, people[1], GM, number=first.number)

    assert (first.number, first.state, waiting) == (1, VersionState.DRAFT, None)
    assert again.value.code == "same_person"
    assert (second.state, second.source) == (VersionState.ACTIVE, SHIPPED)
    assert second.checked_by == (people[0].person, people[1].person)
    with reading(desk.engine) as connection:
        assert active_version(connection, "2020") == second
        assert rules_of(connection, second) == shipped_rules(2020)
        actions = [each.action for each in ledger.entries(connection, GM)]
    assert actions.count("retention.list_checked") == 2


def test_each_check_bears_a_signature_over_the_list_and_its_digest(
    desk: Desk, people: list[Actor]
) -> None:
    version = check_version(desk, people[0], GM, year="2017")

    with reading(desk.engine) as connection:
        row = connection.execute(select(CHECKS)).one()
        check_signature(connection, row.person, signed_content(version), row.signature)
        other = signed_content(replace(version, sha256="0" * 64))
        with pytest.raises(SignatureWrong):
            check_signature(connection, row.person, other, row.signature)
    forged = replace(people[1], sign=people[0].sign)
    with pytest.raises(SignatureWrong):
        check_version(desk, forged, GM, number=version.number)
    assert states(desk)[0] == ("2017", 1, VersionState.DRAFT)


def test_who_imported_a_version_does_not_check_it_and_it_takes_the_place_of_the_old(
    desk: Desk, people: list[Actor]
) -> None:
    for each in people[:2]:
        check_version(desk, each, GM, year="2020")

    made = add_version(desk, people[0], GM, edition())
    with pytest.raises(Refused) as own:
        check_version(desk, people[0], GM, number=made.number)
    check_version(desk, people[1], GM, number=made.number)
    assert states(desk)[1:] == [("2020", 1, VersionState.ACTIVE), ("2020", 2, VersionState.DRAFT)]
    check_version(desk, people[2], GM, number=made.number)

    assert own.value.code == "same_person"
    assert made.replaces == 1
    assert states(desk)[1:] == [
        ("2020", 1, VersionState.REPLACED),
        ("2020", 2, VersionState.ACTIVE),
    ]
    with reading(desk.engine) as connection:
        lists = read_active_lists(connection)
    assert lists.known == {"2017", "2020"}
    assert list(lists.rules) == ["2020"]
    assert tuple(lists.rules["2020"].values()) == edition().rules


def test_the_same_file_is_one_version_of_a_year(desk: Desk, people: list[Actor]) -> None:
    made = add_version(desk, people[0], GM, edition("2028"))

    assert add_version(desk, people[1], GM, edition("2028")) == made
    assert add_version(desk, people[1], GM, edition("2029")).number != made.number
    assert made.replaces == 0


def test_a_list_that_was_checked_stays_as_it_was_when_another_one_is_shipped(
    desk: Desk, people: list[Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in people[:2]:
        checked = check_version(desk, each, GM, year="2020")
    monkeypatch.setattr(list_versions, "shipped_sha256", lambda year: f"{year}".rjust(64, "0"))
    monkeypatch.setattr(list_versions, "shipped_rules", lambda _year: {})

    assert ("2020", 0, VersionState.DRAFT) in states(desk)
    with reading(desk.engine) as connection:
        assert active_version(connection, "2020") == checked
        kept = rules_of(connection, checked)
    assert kept == shipped_rules(2020)

    first = check_version(desk, people[0], GM, year="2020")
    newer = check_version(desk, people[1], GM, number=first.number)
    assert (newer.replaces, newer.state) == (checked.number, VersionState.ACTIVE)
    assert (checked.year, checked.number, VersionState.REPLACED) in states(desk)


def test_only_who_has_a_mandate_imports_or_checks(desk: Desk) -> None:
    stranger = making.actor(desk, "Els", GM, Role.AUDITOR)

    for deed in (
        lambda: check_version(desk, stranger, GM, year="2020"),
        lambda: add_version(desk, stranger, GM, edition()),
    ):
        with pytest.raises(Refused) as refused:
            deed()
        assert refused.value.code == "mandate"


def test_an_unknown_version_is_refused_by_name(desk: Desk, people: list[Actor]) -> None:
    with reading(desk.engine) as connection:
        for number, year in ((0, "1950"), (7, "")):
            with pytest.raises(SelectionListUnknown):
                read_version(connection, number, year)
    with pytest.raises(SelectionListUnknown):
        check_version(desk, people[0], GM, year="1950")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("P5Y", True), ("P6W", True), ("P0D", True), ("5 jaar", False), ("", False), ("P", False)],
)
def test_a_term_is_what_the_date_engine_reads(text: str, is_one: bool) -> None:
    assert list_versions.is_term(text) is is_one


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE selection_list_rules SET retention_term = 'P1D'",
        "DELETE FROM selection_list_rules",
        "UPDATE selection_list_versions SET sha256 = ''",
        "DELETE FROM selection_list_versions",
        "UPDATE selection_list_checks SET person = 'p0009'",
    ],
)
def test_the_database_lets_nobody_edit_a_version(
    change: str, desk: Desk, people: list[Actor]
) -> None:
    add_version(desk, people[0], GM, edition())
    checked = check_version(desk, people[1], GM, number=1)

    with pytest.raises(IntegrityError, match="selection list: fixed"), begin(desk.engine) as at:
        at.execute(text(change))

    with reading(desk.engine) as connection:
        assert read_version(connection, 1) == checked
        assert "11.1" in rules_of(connection, checked)
