"""What persons decide on a dossier that was halted, or that needs an operator."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from retention import halting, run
from retention.acts import check_acts
from retention.errors import Refused
from retention.halting import Decided, Decision
from retention.nouns import Actor, Duty, ItemState, ListState, Role
from storage.database import open_database, reading
from tests.retention import listing, making, running
from tests.retention.faulty import FaultyStore
from tests.retention.listing import GM
from tests.retention.running import COPY, VAULT, Running

Decide = Callable[..., Decided]


@pytest.fixture
def engine(database_place: Path | str) -> Iterator[Engine]:
    made = open_database(database_place)
    yield made
    made.dispose()


@pytest.fixture
def halted(engine: Engine, tmp_path: Path) -> Running:
    """One of two stores is empty, and a hold came."""
    town = running.started(engine, tmp_path)
    store = FaultyStore(town.copy)
    store.after_delete = town.hold
    town.use(**{COPY: store})
    run.execute(town.works(), town.list_id)
    store.after_delete = lambda: None
    assert town.state() == ItemState.HALTED
    return town


@pytest.fixture
def troubled(engine: Engine, tmp_path: Path) -> Running:
    """A copy was missing before anything began."""
    town = running.started(engine, tmp_path)
    town.copy.delete_version(town.keys[town.first], "1")
    run.execute(town.works(), town.list_id)
    assert town.state() == ItemState.NEEDS_OPERATOR
    return town


def decide(
    town: Running, deed: Decide, actor: Actor, *more: Decision, reason: str = "besproken"
) -> Decided:
    return deed(town.works(), actor, town.list_id, town.first, *more, reason=reason)


def list_state(town: Running) -> ListState:
    return listing.look(town.desk, town.list_id).state


@pytest.mark.parametrize("first", ["signatory", "archivist"])
def test_two_let_a_halted_dossier_stay(halted: Running, first: str) -> None:
    people = [halted.people.signatory, halted.people.archivist]
    one, two = people if first == "signatory" else people[::-1]

    asked = decide(halted, halting.restore_halted, one)
    done = decide(halted, halting.restore_halted, two)

    assert (asked.done, asked.state) == (False, ItemState.HALTED)
    assert (done.done, done.state) == (True, ItemState.LEFT)
    assert {asked.duty, done.duty} == {Duty.SIGNATORY, Duty.ARCHIVIST}
    assert (halted.item()["left_reason"], halted.item()["left_detail"]) == ("hold", "h0001")
    assert halted.register() == "here"
    restored = halted.told("disposal.restored")[0]
    assert (restored["gone"], restored["left"]) == ({COPY: 1}, [VAULT])
    assert halted.tombstones() == []
    with reading(halted.desk.engine) as connection:
        check_acts(connection, halted.list_id)


def test_after_that_the_list_goes_on_to_its_end(halted: Running) -> None:
    decide(halted, halting.restore_halted, halted.people.archivist)
    decide(halted, halting.restore_halted, halted.people.signatory)

    done = run.execute(halted.works(), halted.list_id)

    assert done.state is ListState.VERIFYING


def test_a_dossier_of_which_no_copy_is_left_cannot_stay(halted: Running) -> None:
    for version in list(halted.vault.list_versions(halted.keys[halted.first])):
        halted.vault.delete_version(halted.keys[halted.first], version)

    with pytest.raises(Refused, match=halted.first) as refused:
        decide(halted, halting.restore_halted, halted.people.archivist)

    assert refused.value.code == "no_copy"


def test_a_store_that_is_not_known_has_no_copy(halted: Running) -> None:
    del halted.archive.stores[VAULT]

    with pytest.raises(Refused) as refused:
        decide(halted, halting.restore_halted, halted.people.archivist)

    assert refused.value.code == "no_copy"


def test_a_halted_dossier_goes_on_once_two_released_the_hold(halted: Running) -> None:
    decide(halted, halting.go_on_halted, halted.people.executor)
    with pytest.raises(Refused) as refused:
        decide(halted, halting.go_on_halted, halted.people.archivist)
    assert refused.value.code == "held"
    halted.release("h0001")

    done = decide(halted, halting.go_on_halted, halted.people.archivist)

    assert (done.done, done.state) == (True, ItemState.DESTROYING)
    assert list_state(halted) is ListState.EXECUTING
    assert halted.register() == "destroying"
    assert run.execute(halted.works(), halted.list_id).state is ListState.VERIFYING
    assert halted.left() == []
    assert halted.tombstones() == [halted.first]


def test_one_person_decides_nothing(halted: Running) -> None:
    both = making.actor(halted.desk, "Ed", GM, Role.EXECUTOR, Role.ARCHIVIST)
    halted.release("h0001")

    for _ in range(3):
        assert not decide(halted, halting.go_on_halted, both).done

    assert halted.state() == ItemState.HALTED


def test_one_person_is_not_two_when_the_mandate_changes_in_between(halted: Running) -> None:
    ed = making.actor(halted.desk, "Ed", GM, Role.ARCHIVIST)
    halted.release("h0001")
    decide(halted, halting.go_on_halted, ed)
    making.actor(halted.desk, "Ed", GM, Role.EXECUTOR)

    with pytest.raises(Refused) as refused:
        decide(halted, halting.go_on_halted, ed)

    assert refused.value.code == "same_person"


@pytest.mark.parametrize("who", ["proposer", "reviewer", "colleague"])
def test_who_was_something_else_for_the_list_does_not_decide(halted: Running, who: str) -> None:
    with pytest.raises(Refused) as refused:
        decide(halted, halting.restore_halted, getattr(halted.people, who))

    assert refused.value.code in {"mandate", "separation_of_duties"}


def test_a_proposer_with_another_mandate_does_not_decide_either(halted: Running) -> None:
    making.actor(halted.desk, "Petra", GM, Role.ARCHIVIST)

    with pytest.raises(Refused) as refused:
        decide(halted, halting.restore_halted, halted.people.proposer)

    assert refused.value.code == "separation_of_duties"


def test_a_decision_needs_a_reason_and_something_to_decide_on(halted: Running) -> None:
    with pytest.raises(Refused) as without:
        decide(halted, halting.restore_halted, halted.people.archivist, reason=" ")
    with pytest.raises(Refused) as other_state:
        decide(halted, halting.resolve_operator, halted.people.executor, Decision.AGAIN)
    works = halted.works()
    with pytest.raises(Refused) as unknown:
        halting.go_on_halted(works, halted.people.executor, halted.list_id, "x", reason="y")

    codes = [each.value.code for each in (without, other_state, unknown)]
    assert codes == ["reason_missing", "state", "unknown"]


def test_an_operator_lets_the_run_try_again_where_it_was(troubled: Running) -> None:
    key = troubled.keys[troubled.first]
    troubled.copy.publish(key, b"".join(troubled.vault.read_chunks(key)))

    decide(troubled, halting.resolve_operator, troubled.people.executor, Decision.AGAIN)
    done = decide(troubled, halting.resolve_operator, troubled.people.archivist, Decision.AGAIN)

    assert (done.done, done.state) == (True, ItemState.SEALED)
    assert list_state(troubled) is ListState.EXECUTING
    run.execute(troubled.works(), troubled.list_id)
    assert (troubled.state(), troubled.left()) == (ItemState.DESTROYED, [])


def test_trying_again_without_a_remedy_ends_with_the_operator_again(troubled: Running) -> None:
    for person in (troubled.people.executor, troubled.people.archivist):
        decide(troubled, halting.resolve_operator, person, Decision.AGAIN)

    run.execute(troubled.works(), troubled.list_id)
    after = decide(troubled, halting.resolve_operator, troubled.people.archivist, Decision.AGAIN)

    assert (after.done, troubled.state()) == (False, ItemState.NEEDS_OPERATOR)
    assert list_state(troubled) is ListState.PARTIALLY_EXECUTED


def test_two_who_decide_differently_decide_nothing(troubled: Running) -> None:
    decide(troubled, halting.resolve_operator, troubled.people.executor, Decision.AGAIN)
    other = decide(troubled, halting.resolve_operator, troubled.people.archivist, Decision.LEAVE)

    assert (other.done, troubled.state()) == (False, ItemState.NEEDS_OPERATOR)


def test_what_was_not_begun_may_leave_the_list(troubled: Running) -> None:
    decide(troubled, halting.resolve_operator, troubled.people.archivist, Decision.LEAVE)
    done = decide(troubled, halting.resolve_operator, troubled.people.executor, Decision.LEAVE)

    assert (done.done, done.state) == (True, ItemState.LEFT)
    assert troubled.item()["left_reason"] == "operator"
    assert troubled.register() == "here"
    assert run.execute(troubled.works(), troubled.list_id).state is ListState.VERIFYING


def test_what_was_begun_may_not_leave_and_the_lock_is_lifted_first(
    engine: Engine, tmp_path: Path
) -> None:
    town = running.started(engine, tmp_path, dossiers=2)
    for each in town.dossiers:
        town.vault.put_lock(town.keys[each])
    run.execute(town.works(), town.list_id)
    decide(town, halting.resolve_operator, town.people.executor, Decision.LEAVE)
    with pytest.raises(Refused) as refused:
        decide(town, halting.resolve_operator, town.people.archivist, Decision.LEAVE)
    assert refused.value.code == "begun"
    town.vault.contents.locked = frozenset()

    for person in (town.people.executor, town.people.archivist):
        decide(town, halting.resolve_operator, person, Decision.AGAIN)
    run.execute(town.works(), town.list_id)

    # The other one still waits for persons.
    assert town.tombstones() == [town.first]
    assert list_state(town) is ListState.PARTIALLY_EXECUTED
    with reading(town.desk.engine) as connection:
        waits = halting.undecided(connection, town.list_id)
    assert [(each, state) for each, state, _ in waits] == [
        (town.dossiers[1], ItemState.NEEDS_OPERATOR)
    ]
