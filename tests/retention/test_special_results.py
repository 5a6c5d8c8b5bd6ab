"""Results that no dossier falls under without a person: minimum terms, remarks, specific ones."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from retention.appraisal import appraise
from retention.case import Case, Decision, Rule, Zaak
from retention.list_versions import shipped_rules
from retention.mapping import NewMapping, check_mapping, set_mapping
from retention.nouns import Desk, Role
from retention.rules import rule_for
from storage.database import open_database, reading
from tests.retention import making

GM = "gm0000"
MINIMUM = {
    2017: {"3.1.4", "3.1.5", "5.1.7", "8.1.1", "8.1.2", "8.1.11", "8.1.12", "8.1.13", "8.3.1",
           "8.3.2", "12.1.2", "12.2.6", "21.1.3"},
    2020: {"3.1.4", "3.1.5", "5.1.7", "8.1.1", "8.1.2", "8.1.11", "8.1.12", "8.1.13", "8.3.1",
           "8.3.2", "12.1.2", "12.1.12", "12.2.4", "12.2.6", "12.2.9", "21.1.3"},
}  # fmt: skip
"""Whose explanation in VNG's spreadsheet says: or as much longer as is reasonable."""
STARTS = {2017: "2018-01-01", 2020: "2021-01-01"}


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    yield making.desk(engine)
    engine.dispose()


def rule(desk: Desk, year: int, category: str, zaaktype: str = "") -> Rule:
    with reading(desk.engine) as connection:
        return rule_for(
            connection,
            GM,
            list_year=str(year),
            category=category,
            zaaktype=zaaktype,
            result="Verleend",
            started_on=STARTS[year],
            ended_on="",
        )


def told(found: Rule) -> tuple[Decision, str]:
    verdict = appraise(Case(rule=found, zaak=Zaak(end="2022-05-01", result=True)))
    return verdict.decision, verdict.reasons[-1].code


@pytest.mark.parametrize("year", [2017, 2020])
def test_every_minimum_of_the_list_is_known_as_one(year: int) -> None:
    flagged = {number for number, each in shipped_rules(year).items() if each.minimum}

    assert flagged == MINIMUM[year]


@pytest.mark.parametrize("year", [2017, 2020])
def test_a_minimum_asks_a_person(desk: Desk, year: int) -> None:
    assert told(rule(desk, year, "8.1.2")) == (Decision.HUMAN, "minimum")


@pytest.mark.parametrize(
    ("year", "category"),
    [
        (2017, "5.1.6"), (2017, "6.1.6"), (2017, "7.1.20"), (2017, "8.1.6"), (2017, "12.1.4"),
        (2020, "5.1.6"), (2020, "6.1.6"), (2020, "12.1.4"), (2020, "19.1.19"),
    ],
)  # fmt: skip
def test_a_remark_or_no_process_term_at_all_asks_a_person(
    desk: Desk, year: int, category: str
) -> None:
    assert told(rule(desk, year, category)) == (Decision.HUMAN, "no_trigger")


def test_a_mapping_says_what_starts_the_term_where_the_list_has_a_remark(desk: Desk) -> None:
    _map(desk, "Reisdocument weigeren", "19.1.19", "ander_datumkenmerk")

    found = rule(desk, 2020, "", "Reisdocument weigeren")

    assert (found.name, found.trigger) == ("2020, 19.1.19", "ander_datumkenmerk")


def test_the_specific_result_of_a_dossier_goes_before_the_generic_one_of_a_mapping(
    desk: Desk,
) -> None:
    _map(desk, "Vergunning", "11.1", "vervaldatum_besluit")

    specific = rule(desk, 2020, "11.1.17", "Vergunning")
    other = rule(desk, 2020, "11.2", "Vergunning")
    of_another_list = rule(desk, 2017, "11.1.2", "Vergunning")

    assert (specific.name, specific.valuation, specific.trigger) == (
        "2020, 11.1.17", "keep", "afgehandeld",
    )  # fmt: skip
    assert (other.name, other.trigger) == ("2020, 11.1", "vervaldatum_besluit")
    assert of_another_list.name == "2020, 11.1"


def _map(desk: Desk, zaaktype: str, category: str, trigger: str) -> None:
    first = making.actor(desk, "Petra", GM, Role.RECORD_MANAGER)
    second = making.actor(desk, "Anna", GM, Role.ARCHIVIST)
    new = NewMapping(
        zaaktype, "Verleend", "2020", category, date(2015, 1, 1), "lijst", trigger=trigger
    )
    check_mapping(desk, second, GM, set_mapping(desk, first, GM, new).number)
