"""Worklists, what is due, and the forecast: counted, by cause, and page by page."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from retention import facts, holds, register
from retention.fact_kinds import FactKind
from retention.forecast import Amount, forecast
from retention.hold_nouns import Scope
from retention.nouns import Desk, DossierState, HoldKind, Role
from retention.worklists import Counted, Worklist, count_worklists, every, page
from storage.database import begin, open_database, reading
from tests.retention import making

MINE = "gm0085"
TODAY = date(2026, 11, 23)


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    yield making.desk(engine)
    engine.dispose()


def made(desk: Desk, **values: str) -> str:
    return making.dossier(desk, MINE, zaaktype="", result="", **values)


def one_of_each(desk: Desk) -> dict[str, str]:
    found = {
        "awaiting": made(desk, category="11.1"),
        "open": made(desk, ended_on=""),
        "human": made(desk),
        "error": made(desk, ended_on="2019-01-01"),
        "unmapped": made(desk, category="", list_year=""),
        "overdue": made(desk),
        "held": made(desk),
        "due": made(desk, ended_on="2021-10-01"),
        "later": made(desk, ended_on="2025-10-01", started_on="2025-01-01"),
    }
    making.dossier(desk, "gm0086")
    with begin(desk.engine) as connection:
        facts.assert_fact(
            connection, desk, found["human"], FactKind.SENDER_VALUATION, "B",
            source="mdto:waardering", actor_id="system",
        )  # fmt: skip
    _hold(desk, found["held"])
    return found


def _hold(desk: Desk, dossier: str) -> None:
    officer = making.actor(desk, "Hilda", MINE, Role.HOLD_OFFICER)
    holds.place(
        desk, officer, MINE, HoldKind.WOO, Scope(dossiers=(dossier,)),
        reason="verzoek", legal_basis="Woo 4.1a", reference="W1", review_on=date(2027, 1, 1),
    )  # fmt: skip


def test_the_worklists_are_counted_by_cause(desk: Desk) -> None:
    one_of_each(desk)

    with reading(desk.engine) as connection:
        found = count_worklists(connection, MINE, TODAY)

    assert [(each.worklist, each.total) for each in found] == [
        (Worklist.AWAITING, 2),
        (Worklist.HUMAN, 1),
        (Worklist.ERROR, 1),
        (Worklist.UNMAPPED, 1),
        (Worklist.OVERDUE, 1),
    ]
    assert found[0].causes == {"awaiting_end": 1, "awaiting_object_end": 1}
    assert found[1] == Counted(Worklist.HUMAN, 1, {"sender_keeps": 1})


def test_each_worklist_shows_its_own_dossiers(desk: Desk) -> None:
    known = one_of_each(desk)

    with reading(desk.engine) as connection:
        found = {
            each: {one.dossier for one in every(connection, MINE, each, TODAY)} for each in Worklist
        }

    assert found == {
        Worklist.AWAITING: {known["awaiting"], known["open"]},
        Worklist.HUMAN: {known["human"]},
        Worklist.ERROR: {known["error"]},
        Worklist.UNMAPPED: {known["unmapped"]},
        Worklist.OVERDUE: {known["overdue"]},
    }


def test_a_worklist_goes_on_by_key_and_misses_nothing(desk: Desk) -> None:
    known = {made(desk, ended_on="") for _ in range(3)} | {made(desk, category="11.1")}

    with reading(desk.engine) as connection:
        first = page(connection, MINE, Worklist.AWAITING, TODAY, limit=2)
        second = page(connection, MINE, Worklist.AWAITING, TODAY, after=first.following, limit=3)
        third = page(connection, MINE, Worklist.AWAITING, TODAY, cause="awaiting_object_end")

    assert {each.dossier for each in (*first.dossiers, *second.dossiers)} == known
    assert (len(first.dossiers), second.following, len(third.dossiers)) == (2, None, 1)


def test_a_minimum_term_is_for_a_person_only_when_it_is_over(desk: Desk) -> None:
    made(desk, category="3.1.4")

    with reading(desk.engine) as connection:
        now = count_worklists(connection, MINE, TODAY)
        then = count_worklists(connection, MINE, date(2040, 7, 1))

    assert [each.total for each in now] == [0, 0, 0, 0, 0]
    assert then[1] == Counted(Worklist.HUMAN, 1, {"minimum": 1})


def test_what_is_due_comes_page_by_page_the_longest_first(desk: Desk) -> None:
    known = one_of_each(desk)
    made(desk, state=DossierState.DESTROYED)

    with reading(desk.engine) as connection:
        first = register.due(connection, MINE, TODAY, limit=2)
        key = register.key_of_page(first[-1])
        second = register.due(connection, MINE, TODAY, after=key, limit=2)

    assert [each.dossier for each in first] == sorted([known["overdue"], known["held"]])
    assert [each.dossier for each in second] == [known["due"]]


def test_a_dossier_is_found_by_id_beginning_and_identifier(desk: Desk) -> None:
    one = made(desk, identifier="Z/1")

    with reading(desk.engine) as connection:
        for named in (one, one[:8], "Z/1"):
            assert [each.dossier for each in register.find_dossiers(connection, named)] == [one]
        assert register.find_dossiers(connection, "Z/2") == ()


def test_the_forecast_counts_per_quarter_and_per_year(desk: Desk) -> None:
    one_of_each(desk)
    making.dossier(desk, MINE, category="13.1.3", zaaktype="", result="")

    with reading(desk.engine) as connection:
        found = forecast(connection, MINE, TODAY, quarters=2)

    assert found.now.destroy == Amount(3, 9, 9000)
    assert [each.period for each in found.quarters] == ["2026-Q4", "2027-Q1"]
    assert [
        (each.period, each.destroy.dossiers, each.transfer.dossiers) for each in found.years
    ] == [
        ("2030", 1, 0),
        ("2040", 0, 1),
    ]
    assert found.undated == {"AWAITING": 2, "ERROR": 1, "HUMAN": 2}


def test_a_quarter_holds_its_own_months(desk: Desk) -> None:
    making.set_clock(desk, datetime(2025, 6, 1, tzinfo=UTC))
    made(desk)
    made(desk, ended_on="2020-09-29")
    made(desk, ended_on="2020-09-30")

    with reading(desk.engine) as connection:
        found = forecast(connection, MINE, date(2025, 6, 1), quarters=3)

    assert [(each.period, each.destroy.dossiers) for each in found.quarters] == [
        ("2025-Q2", 0),
        ("2025-Q3", 2),
        ("2025-Q4", 1),
    ]
