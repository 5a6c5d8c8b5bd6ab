"""After a day and after a week every place is asked again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from retention import run, sweeps
from retention.nouns import ItemState, ListState
from storage.database import begin, open_database, reading
from tests.retention import listing, making, running
from tests.retention.faulty import FaultyStore
from tests.retention.listing import GM
from tests.retention.running import COPY, VAULT, Running


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(tmp_path / "edepot.sqlite")
    yield made
    made.dispose()


@pytest.fixture
def done(engine: Engine, tmp_path: Path) -> Running:
    """A list whose two dossiers were destroyed a moment ago."""
    town = running.started(engine, tmp_path, dossiers=2)
    assert run.execute(town.works(), town.list_id).state is ListState.VERIFYING
    return town


def tend(town: Running, **by: float) -> run.Tended:
    making.advance(town.desk, **by)
    return run.tend(town.works(), [GM])


def state(town: Running) -> ListState:
    return listing.look(town.desk, town.list_id).state


def aside(town: Running) -> str:
    return f"{GM}/evidence/job/{town.first}-v0001.zip"


def test_after_a_day_and_a_week_all_places_are_asked_and_the_list_is_executed(
    done: Running,
) -> None:
    assert tend(done, hours=23).lists == 0
    first = tend(done, hours=1)
    assert (first.lists, len(done.evidence(1)), state(done)) == (1, 8, ListState.VERIFYING)
    assert tend(done, days=5).lists == 0

    tend(done, days=1)

    assert (len(done.evidence(2)), state(done)) == (8, ListState.EXECUTED)
    assert listing.look(done.desk, done.list_id).executed_at


def test_what_turns_up_goes_under_the_same_list_and_is_an_incident(done: Running) -> None:
    done.vault.replace(aside(done), b"thumbnail")
    done.exports.there[done.first] = ["late.zip"]

    found = tend(done, days=1)

    assert found.found_again == 1
    assert (done.left(), done.exports.there) == ([], {})
    told = done.told("disposal.found_again")[0]
    assert (told["list"], told["places"], told["hold"]) == (done.list_id, ["exports", VAULT], "")
    assert done.trouble() == "found_again"
    assert done.state() == ItemState.DESTROYED
    assert len(done.evidence(1)) == 4


def test_it_stays_unproven_until_a_later_sweep_finds_nothing(done: Running) -> None:
    done.vault.replace(aside(done), b"thumbnail")
    tend(done, days=8)
    assert state(done) is ListState.VERIFYING

    tend(done, minutes=1)
    tend(done, minutes=1)

    assert (len(done.evidence(1)), len(done.evidence(2))) == (8, 8)
    assert done.item()["trouble"] == ""
    assert state(done) is ListState.EXECUTED


def test_a_copy_under_its_old_name_and_a_row_of_the_catalogue_go_as_well(
    done: Running, tmp_path: Path
) -> None:
    done.copy.publish(done.keys[done.first], b"put back")
    other = running.shelve(done, tmp_path, 9)
    with begin(done.desk.engine) as connection:
        connection.execute(
            text("UPDATE aips SET aip_id = :dossier WHERE aip_id = :other"),
            {"dossier": done.first, "other": other},
        )

    found = tend(done, days=1)

    assert found.found_again == 1
    assert done.told("disposal.found_again")[0]["places"] == ["database", COPY]
    tend(done, minutes=1)
    assert len(done.evidence(1)) == 8


def test_while_a_hold_covers_it_nothing_is_touched_and_it_is_told(done: Running) -> None:
    done.vault.replace(aside(done), b"thumbnail")
    done.hold()

    tend(done, days=1)
    tend(done, minutes=1)

    assert done.left() == [f"{VAULT}: {aside(done)}"]
    assert [each["hold"] for each in done.told("disposal.found_again")] == ["h0001", "h0001"]
    assert state(done) is ListState.VERIFYING
    done.release("h0001")
    tend(done, minutes=1)
    assert done.left() == []


@pytest.mark.parametrize("name", [COPY, VAULT, "exports"])
def test_a_place_that_does_not_answer_leaves_the_sweep_open(done: Running, name: str) -> None:
    store = FaultyStore(done.archive.stores[VAULT if name == "exports" else name])
    done.use(**{store.name: store})
    store.down = name != "exports"
    done.exports.fails = name == "exports"
    making.advance(done.desk, days=8)

    swept = sweeps.sweep(done.works(), done.list_id, 1)

    assert swept.silent == done.dossiers
    assert done.evidence(1) == []
    store.down, done.exports.fails = False, False
    assert sweeps.sweep(done.works(), done.list_id, 1).silent == ()
    assert sweeps.sweep(done.works(), done.list_id, 2).silent == ()
    assert state(done) is ListState.EXECUTED


def test_a_place_that_fails_or_a_lock_leaves_what_was_found_for_the_next_sweep(
    done: Running,
) -> None:
    done.vault.replace(aside(done), b"thumbnail")
    done.vault.put_lock(aside(done))
    done.exports.there[done.first] = ["late.zip"]
    remnants = done.exports.erase
    done.exports.erase = _cannot  # type: ignore[method-assign]

    tend(done, days=1)

    assert done.left() == [f"{VAULT}: {aside(done)}"]
    assert done.exports.there
    done.vault.contents.locked = frozenset()
    done.exports.erase = remnants  # type: ignore[method-assign]
    tend(done, minutes=1)
    assert (done.left(), done.exports.there) == ([], {})


def _cannot(_zorgdrager: str, _dossier: str) -> None:
    raise OSError("no right")


def test_a_sweep_that_is_stopped_goes_on_later(done: Running) -> None:
    making.advance(done.desk, days=8)

    stopped = sweeps.sweep(done.works(stop=lambda: True), done.list_id, 1)

    assert stopped.asked == 0
    assert sweeps.sweep(done.works(), done.list_id, 1).asked == 2


def test_a_list_of_which_nothing_was_destroyed_is_executed_at_once(
    engine: Engine, tmp_path: Path
) -> None:
    town = running.started(engine, tmp_path)
    town.hold()
    assert run.execute(town.works(), town.list_id).state is ListState.VERIFYING
    with reading(engine) as connection:
        assert sweeps.next_sweep(connection, town.list_id) == sweeps.LAST

    assert tend(town, minutes=1).lists == 1

    assert state(town) is ListState.EXECUTED
