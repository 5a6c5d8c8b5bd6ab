"""The rule for a dossier; mappings and policies that a second person checks before they count."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from retention import mapping, rule_policy
from retention.case import Rounding, Rule
from retention.errors import Refused, RulePolicyInvalid
from retention.mapping import (
    Difference,
    NewMapping,
    check_mapping,
    compare_mappings,
    list_mappings,
    set_mapping,
)
from retention.nouns import Actor, Desk, Role
from retention.rule_policy import DEFAULT, check_policy, list_policies, policy_for, set_policy
from retention.rule_tables import CHECKS
from retention.rules import rule_for
from storage.database import begin, open_database, reading
from tests.retention import making

GM = "gm0000"
DAY = date(2026, 11, 23)


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


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def rule(desk: Desk, **given: str) -> Rule:
    asked = {
        "list_year": "2020", "category": "11.1", "zaaktype": "", "result": "",
        "started_on": "2021-01-01", "ended_on": "2021-05-17",
    }  # fmt: skip
    with reading(desk.engine) as connection:
        return rule_for(connection, GM, **(asked | given))


@pytest.mark.parametrize(
    ("category", "valuation", "term", "trigger"),
    [
        ("11.1", "destroy", "P1Y", "bestaansduur_procesobject"),
        ("11.1.1", "destroy", "P1Y", "afgehandeld"),
        ("15.1.1", "destroy", "P5Y", "termijn"),
        ("4.1.7", "destroy", "P67Y", "geboortedatum"),
        ("3.1", "destroy", "P5Y", "ander_datumkenmerk"),
        ("1.2", "keep", None, "afgehandeld"),
        ("12.1.4", "destroy", "P2Y", None),
    ],
)
def test_what_starts_the_term_follows_from_the_process_term(
    desk: Desk, category: str, valuation: str, term: str | None, trigger: str | None
) -> None:
    found = rule(desk, category=category)

    assert (found.valuation, found.term, found.trigger) == (valuation, term, trigger)
    assert (found.name, found.problem) == (f"2020, {category}", "")


def test_flags_ask_a_person(desk: Desk) -> None:
    assert rule(desk, category="3.1.4").minimum
    assert rule(desk, category="22.1.2").mixed


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"category": ""}, "unmapped"),
        ({"list_year": "1996"}, "list_unknown"),
        ({"category": "99.9"}, "category_unknown"),
        ({"category": "7.1.20"}, "lapsed"),
        ({"list_year": "", "started_on": "2019-11-01", "ended_on": "2020-03-01"}, "two_lists"),
        ({"list_year": "", "started_on": "ooit"}, "two_lists"),
    ],
)
def test_where_there_is_no_rule_it_says_why(
    desk: Desk, given: dict[str, str], problem: str
) -> None:
    assert rule(desk, **given).problem == problem


def test_without_a_year_the_list_of_the_time_holds(desk: Desk) -> None:
    old = {"list_year": "", "started_on": "2018-01-01"}
    assert rule(desk, **old, ended_on="2018-05-01").name == "2017, 11.1"
    assert rule(desk, **old, ended_on="").name == "2017, 11.1"


def test_a_list_that_two_persons_have_not_checked_gives_no_rule(desk: Desk) -> None:
    with begin(desk.engine) as connection:
        connection.execute(CHECKS.delete().where(CHECKS.c.person == "second"))

    assert rule(desk).problem == "unchecked"


def new(**given: object) -> NewMapping:
    asked = {
        "zaaktype": "Bezwaar", "result": "Gegrond", "list_year": "2020", "category": "13.1",
        "valid_from": date(2020, 1, 1), "reason": "selectielijst",
    }  # fmt: skip
    return NewMapping(**(asked | given))


def test_a_mapping_counts_once_another_person_checked_it(
    desk: Desk, people: tuple[Actor, Actor]
) -> None:
    asked = {"category": "", "zaaktype": "Bezwaar", "result": "Gegrond"}
    made = set_mapping(desk, people[0], GM, new(trigger="eigenschap", process_term=""))
    assert rule(desk, **asked).problem == "unmapped"
    with refused("same_person"):
        check_mapping(desk, people[0], GM, made.number)

    check_mapping(desk, people[1], GM, made.number)

    found = rule(desk, **asked)
    assert (found.name, found.trigger) == ("2020, 13.1", "eigenschap")
    with refused("state"):
        check_mapping(desk, people[1], GM, made.number)
    with refused("unknown"):
        check_mapping(desk, people[1], GM, 99)


def test_the_very_result_goes_before_every_result_and_both_hold_in_their_time(
    desk: Desk, people: tuple[Actor, Actor]
) -> None:
    for each in (
        new(result="", category="13.1"),
        new(category="13.2", valid_from=date(2021, 1, 1), valid_to=date(2021, 12, 31)),
    ):
        made = set_mapping(desk, people[0], GM, each)
        check_mapping(desk, people[1], GM, made.number)
    asked = {"zaaktype": "Bezwaar", "result": "Gegrond"}

    assert rule(desk, **asked, started_on="2021-06-01").name == "2020, 13.2"
    assert rule(desk, **asked, started_on="2022-06-01").name == "2020, 13.1"
    assert rule(desk, **asked, started_on="").name == "2020, 13.2"
    assert rule(desk, zaaktype="Bezwaar", result="Ander").name == "2020, 13.1"
    assert rule(desk, zaaktype="Bezwaar", result="Ander", started_on="2019-01-01").name == (
        "2020, 11.1"
    )
    with reading(desk.engine) as connection:
        assert len(list_mappings(connection, GM)) == 2


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"reason": " "}, "reason_missing"),
        ({"trigger": "ooit"}, "mapping_invalid"),
        ({"list_year": "1950"}, "unknown"),
        ({"category": "99.9"}, "unknown"),
    ],
)
def test_a_mapping_to_what_is_not_there_is_refused(
    desk: Desk, people: tuple[Actor, Actor], given: dict[str, str], code: str
) -> None:
    with refused(code):
        set_mapping(desk, people[0], GM, new(**given))


def test_only_who_has_a_mandate_maps(desk: Desk) -> None:
    stranger = making.actor(desk, "Els", "gm9999", Role.RECORD_MANAGER)
    with refused("mandate"):
        set_mapping(desk, stranger, GM, new())


def test_where_zorgdragers_differ_is_shown(desk: Desk) -> None:
    for town, category in ((GM, "13.1"), ("gm0001", "13.2")):
        first = making.actor(desk, "Petra", town, Role.RECORD_MANAGER)
        second = making.actor(desk, "Anna", town, Role.ARCHIVIST)
        for each in (new(category=category), new(zaaktype="Klacht")):
            made = set_mapping(desk, first, town, each)
            check_mapping(desk, second, town, made.number)

    with reading(desk.engine) as connection:
        found = compare_mappings(connection, (GM, "gm0001"))

    rules = ((GM, "2020, 13.1"), ("gm0001", "2020, 13.2"))
    assert found == (Difference("Bezwaar", "Gegrond", rules),)
    assert mapping.MAKERS


def test_a_policy_holds_from_its_day_once_another_person_checked_it(
    desk: Desk, people: tuple[Actor, Actor]
) -> None:
    said = {"rounding": "ceil_year", "waiting_days": 14, "family": "alone_allowed"}
    made = set_policy(desk, people[0], GM, said, decision="besluit 7", valid_from=date(2026, 6, 1))
    assert made.name == f"{GM}-1"
    with reading(desk.engine) as connection:
        assert policy_for(connection, GM, DAY) == DEFAULT
    with refused("same_person"):
        check_policy(desk, people[0], GM, 1)

    check_policy(desk, people[1], GM, 1)

    with reading(desk.engine) as connection:
        holds = policy_for(connection, GM, DAY)
        assert policy_for(connection, GM, date(2026, 5, 31)) == DEFAULT
        assert len(list_policies(connection, GM)) == 1
    assert (holds.waiting_days, holds.family, holds.decision) == (14, "alone_allowed", "besluit 7")
    assert (holds.terms.rounding, holds.terms.name) == (Rounding.CEIL_YEAR, f"{GM}-1")
    with refused("state"):
        check_policy(desk, people[1], GM, 1)
    with refused("unknown"):
        check_policy(desk, people[1], GM, 2)


@pytest.mark.parametrize(
    "said",
    [
        {"waiting_days": 6}, {"waiting_days": True}, {"waiting_days": "7"}, {"rounding": "half"},
        {"eligible": "before"}, {"transfer_term": "20 jaar"}, {"transfer_term": 20},
        {"verval_offset_days": 2}, {"executor_may_propose": 1}, {"family": "none"},
        {"onbekend": 1}, {"standing": [{"category": "11.1"}]},
        {"standing": [{"list_year": "2020", "category": "11.1", "archivist": "p1",
                       "valid_from": "gisteren"}]},
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_is_refused(
    desk: Desk, people: tuple[Actor, Actor], said: dict[str, object]
) -> None:
    with pytest.raises(RulePolicyInvalid):
        set_policy(desk, people[0], GM, said, decision="besluit", valid_from=DAY)
    with reading(desk.engine) as connection:
        assert list_policies(connection, GM) == ()


def test_a_policy_rests_on_a_decision(desk: Desk, people: tuple[Actor, Actor]) -> None:
    with refused("reason_missing"):
        set_policy(desk, people[0], GM, {}, decision=" ", valid_from=DAY)
    standing = {
        "list_year": "2020", "category": "11.1", "archivist": people[1].person,
        "valid_from": "2026-01-01", "valid_to": "2027-01-01", "reference": "brief",
    }  # fmt: skip
    made = set_policy(
        desk, people[0], GM, {"standing": [standing]}, decision="besluit", valid_from=DAY
    )
    assert made.standing[0].valid_to == date(2027, 1, 1)
    assert rule_policy.SHORTEST_WAITING_DAYS == 7
