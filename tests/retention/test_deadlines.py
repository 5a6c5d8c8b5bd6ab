"""Who is told, and when: reminded, escalated, reported; never approved by the clock."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from retention import review
from retention.deadlines import DeadlineStep, reminders, tell_deadlines, waits_for
from retention.nouns import Desk, Duty, ListState, Role
from retention.review import Assignment, Exchange
from retention.review_nouns import Advice, AdviceKind, Answer, AnswerKind, Judgement
from retention.working_days import add_working_days
from storage.database import begin, open_database, reading
from tests.retention import listing, making
from tests.retention.listing import Town
from tests.retention.unguarded import unguarded

TODAY = date(2026, 11, 23)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_database(tmp_path / "edepot.sqlite")
    yield making.desk(engine)
    engine.dispose()


@pytest.fixture
def town(desk: Desk) -> Town:
    return listing.town(desk)


def at(desk: Desk, day: date) -> None:
    making.set_clock(desk, datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


def steps(desk: Desk, day: date) -> list[tuple[str, DeadlineStep]]:
    with reading(desk.engine) as connection:
        return [(each.person, each.step) for each in reminders(connection, day)]


@pytest.mark.parametrize("state", [ListState.IN_REVIEW, ListState.AT_ARCHIVIST])
def test_who_does_not_act_is_reminded_escalated_and_reported(
    desk: Desk, town: Town, state: ListState
) -> None:
    made = listing.concept(desk, town)
    listing.to(desk, town, made.id, state)
    person = town.reviewer.person if state is ListState.IN_REVIEW else town.archivist.person
    expected = {
        9: [],
        10: [(person, DeadlineStep.FIRST)],
        14: [(person, DeadlineStep.FIRST)],
        15: [(person, DeadlineStep.SECOND)],
        19: [(person, DeadlineStep.SECOND)],
        20: [(person, DeadlineStep.ESCALATION)],
        29: [(person, DeadlineStep.ESCALATION)],
        30: [(person, DeadlineStep.REPORT)],
        300: [(person, DeadlineStep.REPORT)],
    }

    found = {days: steps(desk, add_working_days(TODAY, days)) for days in expected}

    assert found == expected
    assert listing.look(desk, made.id).state is state


def test_each_step_is_told_once_and_stands_in_the_ledger(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town)
    listing.to(desk, town, made.id, ListState.IN_REVIEW)
    assert tell_deadlines(desk) == ()
    at(desk, add_working_days(TODAY, 10))

    [told] = tell_deadlines(desk)

    assert tell_deadlines(desk) == ()
    assert (told.step, told.due_on) == (DeadlineStep.FIRST, add_working_days(TODAY, 20))
    at(desk, add_working_days(TODAY, 31))
    assert [each.step for each in tell_deadlines(desk)] == [DeadlineStep.REPORT]
    with reading(desk.engine) as connection:
        wanted = text("SELECT count(*) FROM ledger_entries WHERE action = 'list.reminder'")
        assert connection.execute(wanted).scalar_one() == 2


def test_a_new_round_has_days_of_its_own(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town)
    both = Assignment([town.reviewer.person, town.second.person])
    review.submit(desk, town.proposer, made.id, both)
    [first, *_] = listing.dossiers(desk, made.id)
    round_two = add_working_days(TODAY, 12)
    at(desk, round_two)
    judgement = Judgement(approves=False, advices={first: Advice(AdviceKind.ASK, "waarom?")})
    review.judge(desk, town.reviewer, made.id, judgement)
    review.answer(desk, town.proposer, made.id, {first: Answer(AnswerKind.STAYS, "daarom")})
    replaced = add_working_days(round_two, 8)
    at(desk, replaced)
    third = making.actor(desk, "Tom", listing.GM, Role.PROCESS_OWNER)
    exchanged = Exchange(town.second.person, third.person)
    review.reassign(desk, town.proposer, made.id, exchanged, "ziek")

    found = steps(desk, add_working_days(round_two, 10))

    assert found == [(town.reviewer.person, DeadlineStep.FIRST)]
    with reading(desk.engine) as connection:
        waits = waits_for(connection, listing.look(desk, made.id))
    due = {each.person: each.due_on for each in waits}
    assert due == {
        town.reviewer.person: add_working_days(round_two, 20),
        third.person: add_working_days(replaced, 20),
    }


def test_every_state_says_who_is_next(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town)
    found = {}
    for state in ListState:
        with begin(desk.engine) as connection, unguarded(connection):
            connection.execute(text(f"UPDATE disposal_lists SET state = '{state}'"))  # noqa: S608
        with reading(desk.engine) as connection:
            listed = listing.look(desk, made.id)
            found[state] = [each.duty for each in waits_for(connection, listed)]

    assert found == {
        ListState.CONCEPT: [Duty.PROPOSER],
        ListState.IN_REVIEW: [],
        ListState.CHANGES_REQUESTED: [Duty.PROPOSER],
        ListState.REVIEWED: [Duty.PROPOSER],
        ListState.AT_ARCHIVIST: [],
        ListState.TO_SIGN: [Duty.SIGNATORY],
        ListState.WAITING: [Duty.EXECUTOR],
        ListState.EXECUTING: [None],
        ListState.PARTIALLY_EXECUTED: [Duty.EXECUTOR, Duty.ARCHIVIST],
        ListState.VERIFYING: [None],
        ListState.EXECUTED: [Duty.SIGNATORY],
        ListState.DECLARED: [None],
        ListState.CLOSED: [],
        ListState.WITHDRAWN: [],
    }


def test_a_list_that_waits_says_from_when_until_when(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town)
    listing.to(desk, town, made.id, ListState.WAITING)

    with reading(desk.engine) as connection:
        [waits] = waits_for(connection, listing.look(desk, made.id))

    assert (waits.from_on, waits.due_on) == (date(2026, 12, 1), date(2027, 5, 23))


def test_who_was_never_asked_is_not_late(desk: Desk, town: Town) -> None:
    made = listing.concept(desk, town)
    listing.to(desk, town, made.id, ListState.IN_REVIEW)
    with begin(desk.engine) as connection, unguarded(connection):
        connection.execute(text("DELETE FROM list_acts WHERE act = 'submit'"))

    assert steps(desk, add_working_days(TODAY, 300)) == []
