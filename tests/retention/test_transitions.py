"""The table of transitions, and that nothing else moves a list."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from retention import moving, review, signing, steering
from retention.conditions import CHECKS
from retention.errors import Refused
from retention.nouns import FINAL, Desk, ListState
from retention.review import Assignment, Exchange
from retention.review_nouns import Judgement
from retention.transitions import ROLES, TABLE, Condition, Event, changes, find, next_events
from storage.database import begin, open_database
from tests.retention import listing, making
from tests.retention.listing import Town
from tests.retention.unguarded import unguarded

DEEDS: dict[Event, Callable[[Desk, Town, str], Any]] = {
    Event.SUBMIT: lambda desk, town, made: review.submit(
        desk, town.proposer, made, Assignment([town.reviewer.person])
    ),
    Event.WITHDRAW: lambda desk, town, made: review.withdraw(desk, town.proposer, made, "x"),
    Event.COMMENT: lambda desk, town, made: review.comment(desk, town.colleague, made, {}),
    Event.REJECT: lambda desk, town, made: review.judge(
        desk, town.reviewer, made, Judgement(approves=False)
    ),
    Event.APPROVE: lambda desk, town, made: review.judge(
        desk, town.reviewer, made, Judgement(approves=True)
    ),
    Event.REASSIGN: lambda desk, town, made: review.reassign(
        desk, town.proposer, made, Exchange(town.reviewer.person, town.second.person), "x"
    ),
    Event.ANSWER: lambda desk, town, made: review.answer(desk, town.proposer, made, {}),
    Event.HAND_OVER: lambda desk, town, made: review.hand_over(
        desk, town.proposer, made, town.archivist.person
    ),
    Event.AUTHORISE: lambda desk, town, made: review.authorise(desk, town.archivist, made),
    Event.REFUSE_AUTHORISATION: lambda desk, town, made: review.refuse(
        desk, town.archivist, made, "x", {}
    ),
    Event.SIGN: lambda desk, town, made: signing.sign(desk, town.signatory, made, root=""),
    Event.REFUSE_SIGNATURE: lambda desk, town, made: signing.refuse(
        desk, town.signatory, made, "x", {}
    ),
    Event.ABORT: lambda desk, town, made: signing.abort(desk, town.signatory, made, "x"),
    Event.EXPIRE: lambda desk, _town, made: signing.expire(desk, made),
    Event.START: lambda desk, town, made: signing.start(desk, town.executor, made),
    Event.PAUSE: lambda desk, town, made: steering.pause(desk, town.executor, made),
    Event.RESUME: lambda desk, town, made: steering.resume(desk, town.executor, made),
    Event.STOP: lambda desk, town, made: steering.stop(desk, town.signatory, made, "x"),
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_database(tmp_path / "edepot.sqlite")
    yield making.desk(engine)
    engine.dispose()


@pytest.mark.parametrize("event", sorted(DEEDS))
def test_what_the_table_does_not_know_is_refused(desk: Desk, event: Event) -> None:
    town = listing.town(desk)
    made = listing.concept(desk, town, 1)
    known = {source for each in TABLE if each.event is event for source in each.sources}

    for state in set(ListState) - known:
        with begin(desk.engine) as connection, unguarded(connection):
            connection.execute(text(f"UPDATE disposal_lists SET state = '{state}'"))  # noqa: S608
        with pytest.raises(Refused) as caught:
            DEEDS[event](desk, town, made.id)
        assert (state, caught.value.code) == (state, "state")
        assert listing.look(desk, made.id).state is state


def test_every_state_but_the_final_ones_goes_on_and_is_reached() -> None:
    pairs = changes()

    assert {source for source, _ in pairs} == set(ListState) - set(FINAL)
    assert {to for _, to in pairs} == set(ListState) - {ListState.CONCEPT}


def test_execution_is_reached_from_waiting_or_from_trouble_alone() -> None:
    into = {source for source, to in changes() if to is ListState.EXECUTING}

    assert into == {ListState.WAITING, ListState.PARTIALLY_EXECUTED}


def test_an_event_has_one_row_for_a_state() -> None:
    for state in ListState:
        events = [each.event for each in next_events(state)]
        assert len(events) == len(set(events))


def test_every_duty_has_its_roles_and_every_condition_its_question() -> None:
    assert {duty for each in TABLE for duty in each.who} == set(ROLES)
    assert CHECKS.keys() == set(Condition)


def test_a_refusal_names_the_states_in_which_it_could() -> None:
    with pytest.raises(Refused) as caught:
        find(Event.SIGN, ListState.CONCEPT, "l1")

    assert caught.value.values["expected"] == "to_sign"


def test_only_one_of_two_moves_a_list(desk: Desk) -> None:
    town = listing.town(desk)
    made = listing.concept(desk, town, 1)
    listing.submit(desk, town, made.id)

    with begin(desk.engine) as connection, pytest.raises(Refused) as caught:
        moving._move(connection, desk, made, find(Event.SUBMIT, made.state, made.id))
    assert caught.value.code == "state"
    assert listing.look(desk, made.id).state is ListState.IN_REVIEW


def test_the_system_says_that_all_agreed_when_they_did(desk: Desk) -> None:
    town = listing.town(desk)
    made = listing.concept(desk, town, 1)
    listing.submit(desk, town, made.id)

    with begin(desk.engine) as connection, pytest.raises(Refused) as caught:
        steering.system_step(connection, desk, made.id, Event.ALL_AGREED)
    assert (caught.value.code, caught.value.values["people"]) == (
        "not_agreed",
        town.reviewer.person,
    )


def test_a_list_with_nothing_on_it_is_not_submitted(desk: Desk) -> None:
    town = listing.town(desk)
    made = listing.concept(desk, town, 1)
    with begin(desk.engine) as connection:
        connection.execute(text("UPDATE list_items SET state = 'left_list'"))

    with pytest.raises(Refused) as caught:
        listing.submit(desk, town, made.id)
    assert caught.value.code == "empty_list"
