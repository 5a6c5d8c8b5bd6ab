"""R19 to R22: which rule a dossier gets, why it gets none, and what a preview takes to count."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete

from retention import rules
from retention.active_lists import ActiveLists, read_active_lists
from retention.case import Rounding, Rule
from retention.grounds import Assumed, Grounds
from retention.list_versions import ListRule
from retention.mapping import NewMapping, as_if_checked, check_mapping, set_mapping
from retention.nouns import Desk, Role
from retention.recomputing import preview_now
from retention.rule_policy import DEFAULT, read_policy
from retention.rule_tables import CHECKS
from retention.rules import rule_for
from retention.selection_list import ProcessTerm, Valuation
from storage.database import begin, open_database, reading
from tests.retention import making

GM = "gm0000"
DAY = date(2026, 11, 23)


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    yield making.desk(engine)
    engine.dispose()


@dataclass(frozen=True)
class Described:
    zaaktype: str = ""
    result: str = ""
    list_year: str = "2020"
    category: str = "11.1.1"
    started_on: str = "2021-01-01"
    ended_on: str = "2021-05-17"


def rule(desk: Desk, **given: str) -> Rule:
    asked = {name: getattr(Described(), name) for name in Described.__dataclass_fields__}
    with reading(desk.engine) as connection:
        return rule_for(connection, GM, **(asked | given))


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        # R19: no valuation; an empty process term is not the same as nihil.
        ("7.1.20", ("", None, None, "lapsed")),
        ("19.1.13", ("", None, None, "lapsed")),
        ("12.1.4", ("destroy", "P2Y", None, "")),
        # Each process term starts the term in its own way.
        ("11.1.1", ("destroy", "P1Y", "afgehandeld", "")),
        ("11.1", ("destroy", "P1Y", "bestaansduur_procesobject", "")),
        ("15.1.1", ("destroy", "P5Y", "termijn", "")),
        ("3.1", ("destroy", "P5Y", "ander_datumkenmerk", "")),
        ("4.1.7", ("destroy", "P67Y", "geboortedatum", "")),
        # What is kept runs from the closing on; a specific result is not its generic one.
        ("1.2", ("keep", None, "afgehandeld", "")),
        ("1.1", ("destroy", "P10Y", "afgehandeld", "")),
        ("1.1.1", ("keep", None, "afgehandeld", "")),
        ("99.1", ("", None, None, "category_unknown")),
    ],
)
def test_a_result_of_the_list_gives_its_rule(
    desk: Desk, category: str, expected: tuple[str, str | None, str | None, str]
) -> None:
    found = rule(desk, category=category)

    assert (found.valuation, found.term, found.trigger, found.problem) == expected
    assert found.name == f"2020, {category}"


def test_a_minimum_and_a_mixed_result_ask_a_person(desk: Desk) -> None:
    flags = {
        category: (found.minimum, found.mixed)
        for category in ("3.1.4", "22.1.2", "22.1.3", "11.1")
        for found in [rule(desk, category=category)]
    }

    assert flags == {
        "3.1.4": (True, False),
        "22.1.2": (False, True),
        "22.1.3": (False, True),
        "11.1": (False, False),
    }


@pytest.mark.parametrize(
    ("started_on", "ended_on", "name", "problem"),
    [
        ("2019-12-31", "2019-12-31", "2017, 11.1.1", ""),
        ("2020-01-01", "2020-01-01", "2020, 11.1.1", ""),
        ("2019-12-31", "2020-01-01", "", "two_lists"),
        ("2017-01-01", "2019-12-31", "2017, 11.1.1", ""),
        ("2016-12-31", "2016-12-31", "1996/2012, 11.1.1", "list_unknown"),
        ("1995-12-31", "1995-12-31", "", "two_lists"),
        ("2021-05-01", "", "2020, 11.1.1", ""),
        ("2021-05-02", "2021-05-01", "", "two_lists"),
        ("", "2021-05-01", "", "two_lists"),
        ("ooit", "", "", "two_lists"),
        ("2021-01-01", "ooit", "", "two_lists"),
        # A year or a month counts from its first day to its last (R8).
        ("2019", "2019-06", "2017, 11.1.1", ""),
        ("2020", "", "2020, 11.1.1", ""),
        ("2019", "2020", "", "two_lists"),
        ("2019-12-31T23:30:00Z", "", "2020, 11.1.1", ""),
    ],
)
def test_without_a_year_the_list_of_the_time_holds(
    desk: Desk, started_on: str, ended_on: str, name: str, problem: str
) -> None:
    found = rule(desk, list_year="", started_on=started_on, ended_on=ended_on)

    assert (found.name, found.problem) == (name, problem)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"category": ""}, "unmapped"),
        ({"category": "", "zaaktype": "Onbekend", "list_year": ""}, "unmapped"),
        ({"list_year": "1983"}, "list_unknown"),
        ({"category": "99.9"}, "category_unknown"),
    ],
)
def test_where_there_is_none_it_says_why(desk: Desk, given: dict[str, str], problem: str) -> None:
    assert rule(desk, **given).problem == problem


def test_nothing_counts_before_two_persons_checked_the_list(desk: Desk) -> None:
    with begin(desk.engine) as connection:
        connection.execute(delete(CHECKS).where(CHECKS.c.person == "second"))

    assert rule(desk) == Rule(problem="unchecked", name="2020, 11.1.1")


def test_a_mapping_says_result_start_and_process_term(desk: Desk) -> None:
    petra = making.actor(desk, "Petra", GM, Role.RECORD_MANAGER)
    anna = making.actor(desk, "Anna", GM, Role.ARCHIVIST)
    asked = NewMapping(
        "Vergunning", "", "2017", "12.1.4", date(2017, 1, 1), "besluit", "termijn", "P30Y"
    )
    made = set_mapping(desk, petra, GM, asked)
    check_mapping(desk, anna, GM, made.number)

    mapped = rule(desk, zaaktype="Vergunning", result="Verleend")

    assert (mapped.name, mapped.trigger, mapped.process_term) == ("2017, 12.1.4", "termijn", "P30Y")
    assert rule(desk, zaaktype="Ander").name == "2020, 11.1.1"


def test_every_process_term_starts_the_term_somehow(desk: Desk) -> None:
    assert set(rules.TRIGGERS) == set(ProcessTerm)
    listed = read(desk).rules["2020"]["11.1"].category
    lists = ActiveLists(
        frozenset({"2028"}),
        {
            "2028": {
                each.value: ListRule(replace(listed, number="1.1", process_term=each))
                for each in ProcessTerm
            }
        },
    )
    with reading(desk.engine) as connection:
        for each, trigger in rules.TRIGGERS.items():
            asked = {"list_year": "2028", "category": each.value, "zaaktype": "", "result": ""}
            found = rule_for(connection, GM, **asked, started_on="", ended_on="", lists=lists)
            assert found.trigger == trigger
    assert listed.valuation is Valuation.DESTROY


def read(desk: Desk) -> ActiveLists:
    with reading(desk.engine) as connection:
        return read_active_lists(connection)


def test_the_lists_are_read_once_for_all_dossiers(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(
        "retention.grounds.read_active_lists",
        lambda connection: asked.append(1) or read_active_lists(connection),
    )
    with reading(desk.engine) as connection:
        grounds = Grounds(connection)
        for category in ("11.1", "11.1.1", "13.1"):
            given = Described(category=category)
            assert grounds.rule(GM, given, assigned=False) == rule(desk, category=category)

    assert asked == [1]


def test_a_preview_takes_a_mapping_a_list_or_a_policy_to_count(desk: Desk) -> None:
    given = Described(zaaktype="Vergunning", result="Verleend")
    mapped = NewMapping("Vergunning", "", "2020", "13.1", date(2020, 1, 1), "besluit")
    old = read(desk)
    longer = {"11.1.1": ListRule(replace(old.rules["2020"]["11.1.1"].category,
                                         retention_term="P9Y"))}  # fmt: skip
    policy = read_policy({"rounding": "ceil_year"}, DEFAULT)
    with reading(desk.engine) as connection:
        plain = Grounds(connection)
        assumed = Grounds(
            connection,
            Assumed({GM: policy}, as_if_checked(GM, [mapped]), old.with_list("2020", longer)),
        )

        assert plain.rule(GM, given, assigned=False).name == "2020, 11.1.1"
        assert assumed.rule(GM, given, assigned=False).problem == "category_unknown"
        assert assumed.rule(GM, given, assigned=True).term == "P9Y"
        assert assumed.rule("gm0001", given, assigned=False).term == "P9Y"
        early = replace(given, started_on="2019-01-01")
        assert assumed.rule(GM, early, assigned=False).term == "P9Y"
        assert plain.policy(GM, DAY) == DEFAULT
        assert assumed.policy(GM, DAY).terms.rounding is Rounding.CEIL_YEAR
        assert assumed.policy("gm0001", DAY) == DEFAULT


def test_a_preview_counts_the_dossiers_and_changes_none(desk: Desk) -> None:
    dossier = making.dossier(desk, GM, zaaktype="Vergunning", result="Verleend")
    before = making.row_of(desk, dossier)
    mapped = NewMapping("Vergunning", "", "2020", "1.2", date(2020, 1, 1), "besluit")

    found = preview_now(desk, GM, Assumed(mappings=as_if_checked(GM, [mapped])))

    assert (found.looked_at, found.changed) == (1, 1)
    assert dict(found.moves) == {("DATED", "KEEP"): 1}
    assert making.row_of(desk, dossier) == before
    assert preview_now(desk, GM).changed == 0


def test_a_specific_result_of_the_dossier_goes_before_the_generic_one_of_a_mapping(
    desk: Desk,
) -> None:
    petra = making.actor(desk, "Petra", GM, Role.RECORD_MANAGER)
    anna = making.actor(desk, "Anna", GM, Role.ARCHIVIST)
    asked = NewMapping("Vergunning", "", "2020", "11.1", date(2017, 1, 1), "besluit")
    check_mapping(desk, anna, GM, set_mapping(desk, petra, GM, asked).number)

    names = {
        category: rule(desk, zaaktype="Vergunning", category=category).name
        for category in ("11.1.1", "11.1", "11.10", "13.1", "")
    }

    assert names == dict.fromkeys(names, "2020, 11.1") | {"11.1.1": "2020, 11.1.1"}
