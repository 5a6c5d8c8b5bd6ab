"""What is gathered: totals that add up to the catalogue, causes as one line, ages, histories."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine

from edepot.config import Config
from edepot.depot import open_depot
from edepot.errors import RunUnknown
from edepot.fixity_report.ages import group_ages
from edepot.fixity_report.gather import run_named, summarise
from edepot.fixity_report.problems import first_code, iter_problem_copies
from edepot.fixity_report.summary import Bin, Happening, Place
from formats.findings import finding
from storage.database import METADATA, begin, open_database, reading
from storage.fixity.nouns import Kind, RunState
from storage.outcomes import Basis, Outcome
from tests.edepot.fixity_report.conftest import Summed
from tests.edepot.fixity_report.making import (
    AS_OF,
    ASKED_AT,
    ENDED_AT,
    RUN,
    SIZE,
    ZORGDRAGER,
    Made,
    leave_share,
    make_aips,
    make_entry,
    make_incident,
    make_party,
    make_remark,
    make_repair,
    make_run,
    with_rhythm,
    written,
)
from tests.edepot.fixity_report.scenes import everything
from tests.storage.making import aip_id

HERE = Place("kopie-1", ZORGDRAGER)


@given(
    parts=st.lists(
        st.tuples(
            st.integers(1, 4),
            st.sampled_from(Outcome),
            st.sampled_from(["kopie-1", "kopie-2", "partij"]),
            st.sampled_from([ZORGDRAGER, "opsterland"]),
        ),
        max_size=8,
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_totals_coverage_and_problems_add_up_to_the_run(
    parts: list[tuple[int, Outcome, str, str]], bare: Config
) -> None:
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    made = [Made(count, outcome, store, whose) for count, outcome, store, whose in parts]
    with engine.begin() as connection:
        make_aips(connection, sum(each.count for each in made))
        make_run(connection, made)

        summary = summarise(connection, bare, RUN, AS_OF)

    engine.dispose()
    items = sum(each.count for each in made)
    assert summary.totals.items == summary.run.items == items
    assert sum(each.items for each in summary.coverage) == items
    for outcome in Outcome:
        counted = sum(each.count for each in made if each.outcome is outcome)
        assert summary.totals.of(outcome) == counted
        assert sum(each.totals.of(outcome) for each in summary.coverage) == counted
        if outcome not in (Outcome.INTACT, Outcome.ATTESTED):
            of_problems = [each.copies for each in summary.problems if each.outcome is outcome]
            assert sum(of_problems) == counted
    for ages in summary.ages:
        places = [each for each in summary.coverage if each.place.store == ages.store]
        assert sum(each.copies for each in ages.bins) <= sum(each.copies for each in places)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Config:
    from tests.edepot.fixity_report.making import found

    return found(tmp_path_factory.mktemp("bare"))


def test_coverage_says_what_is_there_what_was_read_and_how_old(summed: Summed) -> None:
    summary = summed(
        lambda to: make_aips(to, 10, ages={"kopie-1": timedelta(days=3), "kopie-2": timedelta(40)}),
        lambda to: make_run(to, [Made(6, Outcome.INTACT), Made(1, Outcome.DIFFERS)]),
    )

    first, second = summary.coverage
    assert (first.place, first.copies, first.items, first.late) == (HERE, 10, 7, 0)
    assert (first.size_bytes, first.read_bytes) == (10 * SIZE, 7 * SIZE)
    assert first.oldest_at == (AS_OF - timedelta(days=3)).isoformat()
    assert (second.copies, second.items, second.days, second.late) == (10, 0, 30, 10)
    assert summary.late == 10


def test_ten_thousand_of_one_cause_are_one_problem(summed: Summed) -> None:
    summary = summed(
        lambda to: make_aips(to, 10_005),
        lambda to: make_run(
            to,
            [
                Made(10_000, Outcome.NOT_CHECKED, store="kopie-2"),
                Made(3, Outcome.DIFFERS),
                Made(2, Outcome.DIFFERS, code="S211"),
            ],
        ),
    )

    told = [(e.outcome, e.code, e.copies, len(e.examples)) for e in summary.problems]
    assert told == [
        (Outcome.DIFFERS, "S201", 3, 3),
        (Outcome.DIFFERS, "S211", 2, 2),
        (Outcome.NOT_CHECKED, "S207", 10_000, 50),
    ]
    assert summary.problems[-1].since == (ASKED_AT + timedelta(minutes=12)).isoformat()


def test_every_problem_can_be_read_one_by_one(config: Config, summed: Summed) -> None:
    summed(
        lambda to: make_aips(to, 5_003),
        lambda to: make_run(to, [Made(3, Outcome.INTACT), Made(5_000, Outcome.MISSING)]),
    )

    with open_depot(config) as depot, reading(depot.engine) as connection:
        numbers = [each.number for each in iter_problem_copies(connection, RUN)]

    assert numbers == list(range(3, 5_003))


@pytest.mark.parametrize("code", ["S201", "S350", "S431"])
def test_the_cause_is_read_where_the_findings_write_it(code: str) -> None:
    assert first_code((finding(code, "x"), finding("S202", "y"))) == code
    assert first_code(()) == ""


def test_repairs_are_counted_with_their_problem(summed: Summed) -> None:
    def repairs(to: Connection) -> None:
        make_repair(to, 0, "done")
        make_repair(to, 1, "impossible")

    summary = summed(
        lambda to: make_aips(to, 3), lambda to: make_run(to, [Made(3, Outcome.DIFFERS)]), repairs
    )

    (problem,) = summary.problems
    assert problem.repairs == {"done": 1, "impossible": 1}
    assert problem.unrepaired == 2
    assert [each.repair for each in problem.examples] == ["done", "impossible", ""]


def test_remarks_and_incidents_are_told(summed: Summed) -> None:
    def remark(to: Connection) -> None:
        for number in range(3):
            make_remark(to, number, finding("S347", f"kopie-1, x/{number}", 9, "2026"), "kopie-1")
        make_remark(to, 3, finding("S103", "ooststellingwerf, 3", "a", "b"))
        make_incident(to, 1)
        make_incident(to, 2, closed_at=ENDED_AT.isoformat())
        make_incident(to, 3, closed_at=ENDED_AT.isoformat(), run="2026-11-01-1")

    summary = summed(
        lambda to: make_aips(to, 1), lambda to: make_run(to, [Made(1, Outcome.INTACT)]), remark
    )

    assert [(e.code, e.store, e.count) for e in summary.remarks] == [
        ("S103", "", 1),
        ("S347", "kopie-1", 3),
    ]
    assert sorted(each.id for each in summary.incidents) == ["lost-1", "lost-2"]
    assert [each.id for each in summary.lost] == ["lost-1"]


def test_a_run_that_ended_with_shares_left_was_stopped(summed: Summed) -> None:
    summary = summed(
        lambda to: make_aips(to, 2),
        lambda to: make_run(to, [Made(1, Outcome.INTACT), Made(1, Outcome.NOT_CHECKED)]),
        leave_share,
    )

    assert summary.run.state is RunState.CANCELLED
    assert summary.run.ended_at == ENDED_AT


def test_the_history_of_an_aip_goes_over_the_runs(summed: Summed) -> None:
    earlier = ASKED_AT - timedelta(days=20)
    summary = summed(
        lambda to: make_aips(to, 1),
        lambda to: make_run(
            to,
            [Made(1, Outcome.INTACT, checked_at=earlier)],
            run="2026-11-05-1",
            asked_at=earlier,
        ),
        lambda to: make_run(to, [Made(1, Outcome.DIFFERS)]),
        lambda to: make_repair(to, 0, "done"),
        lambda to: make_entry(to, 1, "copy.repaired", "done"),
        lambda to: make_entry(to, 1, "aip.store", "stored"),
    )

    (history,) = summary.histories
    assert (history.aip_id, history.more) == (aip_id(1), 0)
    checked = (ASKED_AT + timedelta(minutes=12)).isoformat()
    mended = (ENDED_AT + timedelta(hours=1)).isoformat()
    assert history.happenings == (
        Happening(mended, "repair", "done", "kopie-1", RUN, "kopie-2"),
        Happening(ENDED_AT.isoformat(), "ledger", "copy.repaired", "kopie-1", RUN, "done"),
        Happening(checked, "run", "differs", "kopie-1", RUN, "read"),
        Happening(earlier.isoformat(), "run", "intact", "kopie-1", "2026-11-05-1", "read"),
    )


def test_the_history_that_is_asked_for_comes_first_and_nothing_twice(summed: Summed) -> None:
    summary = summed(
        lambda to: make_aips(to, 3),
        lambda to: make_run(to, [Made(1, Outcome.INTACT), Made(2, Outcome.DIFFERS)]),
        aips=(aip_id(1), aip_id(3)),
    )

    assert [each.aip_id for each in summary.histories] == [aip_id(1), aip_id(3), aip_id(2)]


def test_attested_by_challenge_is_counted(summed: Summed) -> None:
    summary = summed(
        lambda to: make_run(
            to,
            [
                Made(3, Outcome.ATTESTED, "omgevingsdienst", kind=Kind.HELD),
                Made(2, Outcome.ATTESTED, "omgevingsdienst", kind=Kind.HELD, basis=Basis.CHALLENGE),
            ],
        )
    )

    assert (summary.challenged, summary.held_items, summary.coverage[0].held) == (2, 5, True)


def test_the_newest_run_is_the_last_and_an_unknown_one_is_refused(
    config: Config, summed: Summed
) -> None:
    with (
        open_depot(config) as depot,
        reading(depot.engine) as connection,
        pytest.raises(RunUnknown),
    ):
        run_named(connection, "last")
    written(
        config,
        lambda to: make_run(to, [], run="2026-11-05-1", asked_at=ASKED_AT - timedelta(days=20)),
        lambda to: make_run(to, []),
    )

    with open_depot(config) as depot, reading(depot.engine) as connection:
        assert run_named(connection, "last") == RUN
        assert run_named(connection, "2026-11-05-1") == "2026-11-05-1"
        with pytest.raises(RunUnknown):
            run_named(connection, "2026-11-05-2")


def test_the_more_exact_rhythm_counts(config: Config) -> None:
    strict = with_rhythm(config, 2, store="kopie-1")
    written(config, lambda to: make_aips(to, 4), lambda to: make_run(to, []))

    with open_depot(config) as depot, reading(depot.engine) as connection:
        summary = summarise(connection, strict, RUN, AS_OF)

    assert [(each.days, each.late) for each in summary.coverage] == [(2, 4), (30, 0)]


def test_ages_are_put_in_bins_and_the_day_of_the_limit_is_divided() -> None:
    days = {"2026-11-25": 5, "2026-11-20": 3, "2026-10-26": 4, "2026-10-25": 2, "": 1}

    (ages,) = group_ages({HERE: days}, {HERE: 30}, {HERE: 4}, AS_OF)

    assert ages.bins == (
        Bin(0, 5, 8),
        Bin(6, 10, 0),
        Bin(11, 15, 0),
        Bin(16, 20, 0),
        Bin(21, 25, 0),
        Bin(26, 30, 3),
        Bin(31, 60, 3),
        Bin(61, None, 1),
    )
    assert ages.copies == 15


@pytest.mark.parametrize("days", [1, 2, 5, 7, 90, 365])
@given(counts=st.dictionaries(st.integers(0, 800), st.integers(1, 50), min_size=1))
def test_no_copy_is_lost_or_counted_twice_in_the_bins(days: int, counts: dict[int, int]) -> None:
    today = AS_OF.date()
    per_day = {(today - timedelta(days=age)).isoformat(): count for age, count in counts.items()}
    late = sum(count for age, count in counts.items() if age > days)

    (ages,) = group_ages({HERE: per_day}, {HERE: days}, {HERE: late}, AS_OF)

    assert ages.copies == sum(counts.values())
    assert sum(each.copies for each in ages.bins if each.first > days) == late
    assert all(each.copies >= 0 for each in ages.bins)


def test_both_databases_give_the_same_report(
    database_place: Path | str, bare: Config, summed: Summed
) -> None:
    """With a party that holds files of which one was never checked."""

    def held(to: Connection) -> None:
        make_party(to, "archiefdienst", {1: AS_OF - timedelta(days=4), 2: None})

    engine = open_database(database_place)
    with begin(engine) as connection:
        everything(connection)
        held(connection)
    with reading(engine) as connection:
        here = summarise(connection, bare, RUN, AS_OF)
    engine.dispose()

    assert here == summed(everything, held)
    party = here.coverage[-1]
    assert (party.place.store, party.held, party.copies, party.days) == (
        "archiefdienst",
        True,
        2,
        14,
    )
    assert (party.oldest_at, party.late) == ("", 1)
    assert here.name("archiefdienst") == "Regionale archiefdienst"
    assert [(each.id, each.heard_at) for each in here.late_parties] == [("archiefdienst", "")]
