"""The engine keeps its promises: done once, gone on with after a death, given back, never lost."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from sqlalchemy import Engine as Database
from sqlalchemy import create_engine, select, text

from edepot.engine import Engine, Kind, Pulse, State, Stopping
from edepot.errors import WorkerNameTaken
from edepot.worker_names import worker_name
from storage import ledger, workers
from storage.database import begin, on_postgres, open_database, reading
from storage.fires import Fired, last_fire
from storage.fixity.tables import SHARES
from storage.ledger_check import verify_ledger
from storage.outcomes import Outcome
from storage.workers import WORKERS
from tests.databases import fresh_place
from tests.edepot.shelf import stocked
from tests.edepot.workers import busy, ended, in_hand, stop, the_run, until, worker

NOW = datetime(2026, 11, 25, 3, 15, tzinfo=UTC)
QUICK = Pulse(poll=0.05, beat=0.1, dead=60)


@pytest.fixture
def database(database_place: Path | str) -> Iterator[Database]:
    engine = open_database(database_place)
    yield engine
    engine.dispose()


@pytest.fixture
def unmade_postgres(tmp_path: Path) -> Iterator[str]:
    """A database on PostgreSQL without our tables, for a depot that is founded there."""
    with fresh_place("postgres", tmp_path, made=False) as place:
        yield str(place)


class Doing:
    """Kinds of work that note what they did."""

    def __init__(self) -> None:
        self.done: list[tuple[str, object]] = []
        self.failed: list[tuple[str, str]] = []
        self.go_on = threading.Event()
        self.engine: Engine | None = None

    def on(self, database: Database, folder: Path, name: str = "a-1") -> Engine:
        kinds = (
            Kind("quick", self.quick),
            Kind("long", self.long, at_once=1),
            Kind("free", self.long),
            Kind("bad", self.bad),
        )
        self.engine = Engine(
            database, folder, name, kinds, lambda: datetime.now(UTC),
            failed=lambda kind, error: self.failed.append((kind, str(error))), pulse=QUICK,
        )  # fmt: skip
        return self.engine

    def quick(self, number: int, word: str) -> None:
        self.done.append((word, number))

    def long(self, number: int) -> None:
        self.done.append(("begun", number))
        while not self.go_on.is_set():
            assert self.engine is not None
            self.engine.pause(0.02)
        self.done.append(("ended", number))

    def bad(self) -> None:
        raise ValueError("this never works")


def test_what_is_asked_for_twice_is_done_once_also_after_a_restart(
    database: Database, tmp_path: Path
) -> None:
    doing = Doing()

    with doing.on(database, tmp_path) as engine:
        asked = [engine.submit("w-1", "quick", [7, "zeven"]) for _ in range(2)]
        until(lambda: engine.status("w-1") is State.DONE)
        again = engine.submit("w-1", "quick", [7, "zeven"])
    with doing.on(database, tmp_path) as engine:
        later = engine.submit("w-1", "quick", [7, "zeven"])
        state = engine.status("w-1")
        unknown = engine.status("w-2")

    assert [*asked, again, later] == [True, False, False, False]
    assert (doing.done, state, unknown) == ([("zeven", 7)], State.DONE, State.UNKNOWN)


def test_work_that_fails_is_told_and_others_go_on(database: Database, tmp_path: Path) -> None:
    doing = Doing()

    with doing.on(database, tmp_path) as engine:
        engine.submit("run:1", "bad", [])
        engine.submit("run:2", "quick", [1, "een"])
        engine.submit("other:1", "quick", [2, "twee"])
        until(lambda: not engine.under_way(""))
        progress, lost = engine.progress("run:"), engine.lost("run:")

    assert doing.failed == [("bad", "this never works")]
    assert progress == {State.FAILED: 1, State.DONE: 1}
    assert lost == ("run:1",)
    assert sorted(doing.done, key=str) == [("een", 1), ("twee", 2)]


def test_work_is_cancelled_before_it_begins_and_while_it_is_done(
    database: Database, tmp_path: Path
) -> None:
    doing = Doing()

    with doing.on(database, tmp_path) as engine:
        engine.submit("l-1", "long", [1])
        until(lambda: doing.done == [("begun", 1)])
        engine.submit("l-2", "long", [2])
        waiting = engine.status("l-2")
        engine.cancel("l-2")
        engine.cancel("l-1")
        engine.cancel("unknown")
        doing.go_on.set()
        states = [engine.status("l-1"), engine.status("l-2")]

    assert waiting is State.WAITING
    assert states == [State.CANCELLED, State.CANCELLED]
    assert ("begun", 2) not in doing.done


def test_who_stops_gives_back_what_it_had_begun_and_another_ends_it(
    database: Database, tmp_path: Path
) -> None:
    first, second = Doing(), Doing()
    second.go_on.set()

    with first.on(database, tmp_path, "a-1") as engine:
        engine.submit("l-1", "long", [1])
        until(lambda: first.done == [("begun", 1)])
        stopping = engine
    with pytest.raises(Stopping):
        stopping.submit("l-2", "long", [2])
    with second.on(database, tmp_path, "b-1") as engine:
        until(lambda: engine.status("l-1") is State.DONE)

    assert first.done == [("begun", 1)]
    assert second.done == [("begun", 1), ("ended", 1)]
    assert first.failed == second.failed == []


def test_the_work_of_a_worker_that_died_is_taken_over_and_given_up_in_the_end(
    database: Database, tmp_path: Path
) -> None:
    doing = Doing()
    states = []

    with doing.on(database, tmp_path) as engine:
        engine.submit("l-1#x", "free", [1])
        until(lambda: doing.done == [("begun", 1)])
        for deaths in (1, 2, 3):
            # As if the worker that has it were another, which has not beaten for two minutes.
            _belongs_to(database, tmp_path, "dead-1")
            with begin(database) as connection:
                connection.execute(
                    WORKERS.insert().values(
                        name="dead-1",
                        started_at="",
                        beat_at=(datetime.now(UTC) - timedelta(minutes=2)).isoformat(),
                    )
                )
            until(lambda: _alive(database) == ("a-1",))
            if deaths < 3:
                until(lambda wanted=deaths + 1: doing.done.count(("begun", 1)) >= wanted)
            states.append(engine.status("l-1#x"))
        doing.go_on.set()

    with reading(database) as connection:
        assert workers.takeovers(connection, "l-1") == 3
    assert states[-1] is State.CANCELLED


def test_the_engine_keeps_plain_values_and_no_schedules_of_its_own(
    database: Database, tmp_path: Path
) -> None:
    doing = Doing()

    with doing.on(database, tmp_path) as engine:
        engine.submit("w-1", "quick", [7, "zeven"])
        until(lambda: engine.status("w-1") is State.DONE)

    rows = _ask(
        database,
        tmp_path,
        "SELECT serialization, executor_id, application_version FROM {}workflow_status",
    )
    schedules = _ask(database, tmp_path, "SELECT count(*) FROM {}workflow_schedules")
    assert rows == [("portable_json", "a-1", "1")]
    assert schedules == [(0,)]
    assert (tmp_path / "engine.sqlite").exists() is not on_postgres(database)


def test_two_processes_of_a_depot_never_bear_one_name(tmp_path: Path) -> None:
    with worker_name(tmp_path) as first:
        with (
            worker_name(tmp_path) as second,
            pytest.raises(WorkerNameTaken, match=second),
            worker_name(tmp_path, second),
        ):
            pass
        with worker_name(tmp_path, second) as again:
            pass
    with worker_name(tmp_path) as later:
        pass

    assert (first.rpartition("-")[2], second.rpartition("-")[2]) == ("1", "2")
    assert (again, later) == (second, first)


def test_a_worker_killed_in_a_share_goes_on_when_it_is_started_again(tmp_path: Path) -> None:
    config = busy(stocked(tmp_path), slow="kopie-1")
    engine = open_database(config.database)

    with worker(config, "w-1") as process:
        until(lambda: bool(in_hand(engine, "kopie-1")), config.folder / "w-1.log")
        process.kill()
        process.wait()
    open_then = not ended(engine)
    config = busy(config)
    with worker(config, "w-1", "--once") as process:
        code = process.wait(60)

    run, sums = the_run(engine)
    assert (open_then, code) == (True, 0), (config.folder / "w-1.log").read_text()
    assert sums.counts == {Outcome.INTACT: 4}
    assert run.schedule == "daily-check"
    with reading(engine) as connection:
        fire = last_fire(connection, "daily-check")
        assert fire is not None
        assert (fire.outcome, fire.run) == (Fired.WELL, run.id)
        sealed = [
            each.object
            for each in ledger.entries(connection, "ooststellingwerf")
            if each.action == "fixity.run"
        ]
        assert sealed == [run.id]
        assert list(verify_ledger(connection, "ooststellingwerf")) == []
    engine.dispose()


def test_two_workers_share_a_run_and_when_one_is_killed_the_other_ends_it(
    unmade_postgres: str, tmp_path: Path
) -> None:
    config = busy(stocked(tmp_path, unmade_postgres), slow="kopie-1")
    engine = open_database(config.database)
    log = config.folder / "w-1.log"

    with worker(config, "w-1") as first, worker(config, "w-2") as second:
        until(lambda: bool(in_hand(engine, "kopie-1")), log)
        dies = {"w-1": first, "w-2": second}.pop(in_hand(engine, "kopie-1"))
        dies.kill()
        dies.wait()
        until(lambda: ended(engine), log)
        code = stop(second if dies is first else first)

    run, sums = the_run(engine)
    with reading(engine) as connection:
        rows = connection.execute(select(SHARES.c.store, SHARES.c.tries))
        tries = {each.store: each.tries for each in rows}
        alive = workers.alive(connection)
    assert sums.counts == {Outcome.INTACT: 4}
    assert (code, alive) == (0, ())
    assert tries["kopie-1"] == 2
    assert run.schedule == "daily-check"
    engine.dispose()


def _alive(database: Database) -> Sequence[str]:
    with reading(database) as connection:
        return workers.alive(connection)


def _belongs_to(database: Database, folder: Path, name: str) -> None:
    _ask(database, folder, f"UPDATE {{}}workflow_status SET executor_id = '{name}'")  # noqa: S608


def _ask(database: Database, folder: Path, question: str) -> list[tuple[object, ...]]:
    """Ask DBOS' own tables; only a test may."""
    if on_postgres(database):
        engine, prefix = create_engine(database.url), "dbos."
    else:
        engine = create_engine(f"sqlite:///{folder}/engine.sqlite", module=dbapi2)
        prefix = ""
    try:
        with engine.begin() as connection:
            found = connection.execute(text(question.format(prefix)))
            return [tuple(each) for each in found] if found.returns_rows else []
    finally:
        engine.dispose()
