"""The engine: work that outlives the process that does it. The only module that knows DBOS.

A piece of work has an id, a kind and plain arguments; it is done by one worker at a time, goes on
elsewhere when that worker dies, and is done once: asked for twice under one id is asked for once.
The engine may still deliver twice, so every kind is bound to our own register and does no harm
then. DBOS stands in a file of its own beside a SQLite database, or in the schema `dbos` of the
PostgreSQL database. Its scheduler is not used; the clock is ours (edepot.clock).
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pysqlite3 import dbapi2
from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy import Engine as Database

from storage import workers
from storage.database import begin, on_postgres, reading
from storage.postgres import schema_of
from storage.postgres_url import SCHEMA as DEFAULT_SCHEMA

if TYPE_CHECKING:
    from dbos import DBOSClient, WorkflowStatus

VERSION = "1"
"""Raised only when the order of what a kind of work does changes: work of another version waits."""
APPLICATION = "edepot"
SCHEMA = "dbos"
"""The engine's schema; for a depot in a schema of its own, that name with this behind it."""
FILE = "engine.sqlite"
PER_CALL = 200

Argument = str | int
Doing = Callable[..., None]
Failed = Callable[[str, Exception], None]
"""Hears of work of a kind that ended with an exception; the work is FAILED then."""


class State(StrEnum):
    """How far a piece of work is. `GIVEN_UP`: those who did it died in it too often."""

    UNKNOWN = "unknown"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    GIVEN_UP = "given_up"


OVER = (State.DONE, State.FAILED, State.CANCELLED, State.GIVEN_UP)
_STATES = {
    "ENQUEUED": State.WAITING,
    "DELAYED": State.WAITING,
    "PENDING": State.RUNNING,
    "SUCCESS": State.DONE,
    "ERROR": State.FAILED,
    "CANCELLED": State.CANCELLED,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": State.GIVEN_UP,
}


class Stopping(BaseException):
    """The worker ends; the work that raises it stays as it is, and goes on elsewhere or later."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work: what does it, and how many at once in one worker (0: as many as there are).

    `does` is called with the work's arguments, and raises Stopping when the engine stops. Work of
    which `tries` workers died is given up (0: never); it is counted by its id up to a "#".
    """

    name: str
    does: Doing
    at_once: int = 0
    tries: int = 3


@dataclass(frozen=True, slots=True)
class Pulse:
    """How often the engine looks (seconds), and after how many a silent worker is dead."""

    poll: float = 0.15
    beat: float = 10.0
    dead: float = 60.0


class Engine:
    """One worker's engine, from start to stop; there is at most one in a process."""

    def __init__(  # noqa: PLR0913 - where, who, what, and which clock
        self,
        database: Database,
        folder: Path,
        name: str,
        kinds: Sequence[Kind],
        clock: Callable[[], datetime],
        *,
        failed: Failed = lambda kind, error: None,
        pulse: Pulse = Pulse(),
    ) -> None:
        self.name = name
        self._database = database
        self._folder = folder
        self._kinds = {each.name: each for each in kinds}
        self._clock = clock
        self._failed = failed
        self._pulse = pulse
        self._stopping = threading.Event()
        self._at_work: set[threading.Event] = set()
        self._beating = threading.Thread(target=self._beat, name="beat", daemon=True)

    def __enter__(self) -> "Engine":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def stopping(self) -> bool:
        """Whether the engine stops; whoever works then raises Stopping at the next safe place."""
        return self._stopping.is_set()

    def pause(self, seconds: float) -> None:
        """Wait within a piece of work.

        Raises: Stopping when the engine stops.
        """
        if self._stopping.wait(seconds):
            raise Stopping

    def start(self) -> None:
        """Take up what this name left, and begin to take work.

        Raises: DatabaseUnusable.
        """
        from dbos import DBOS, DBOSPortableJSONSerializer  # noqa: PLC0415 - takes long to import

        _quiet()
        self._book = _book(self._database, self._folder)
        workers.enter(self._database, self.name, self._clock())
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_engine": self._book,
                "dbos_system_schema": _schema(self._database),
                "application_version": VERSION,
                "executor_id": self.name,
                "serializer": DBOSPortableJSONSerializer(),
                "enable_otlp": False,
                "log_level": "CRITICAL",
                "use_listen_notify": False,
                "notification_listener_polling_interval_sec": 1.0,
            }
        )
        for kind in self._kinds.values():
            DBOS.workflow(name=kind.name)(_named(kind.name, partial(self._do, kind)))
        DBOS.listen_queues([_queue(each) for each in self._kinds])
        DBOS.launch()
        for kind in self._kinds.values():
            DBOS.register_queue(
                _queue(kind.name),
                worker_concurrency=kind.at_once or None,
                polling_interval_sec=self._pulse.poll,
                on_conflict="always_update",
            )
        self._client = self._open_client()
        self._beating.start()

    def stop(self, patience: float = 30.0) -> None:
        """Take no more work, wait for what is being done to stop, and give back the rest."""
        from dbos import DBOS  # noqa: PLC0415

        self._stopping.set()
        self._beating.join(patience)
        for each in tuple(self._at_work):
            each.wait(patience)
        DBOS.destroy(destroy_registry=True)
        self._give_back()
        self._client.destroy()
        self._book.dispose()
        workers.leave(self._database, self.name)

    def submit(self, work: str, kind: str, arguments: Sequence[Argument]) -> bool:
        """Ask for a piece of work; False when there is one of this id already, whatever its state.

        Several processes may ask at once: it is there once.

        Raises: Stopping when the engine stops.
        """
        assert kind in self._kinds, f"{kind} is no kind of work"
        if self.stopping:
            raise Stopping
        known = self._client.list_workflows(workflow_ids=[work], load_input=False)
        self._client.enqueue(
            {
                "workflow_id": work,
                "workflow_name": kind,
                "queue_name": _queue(kind),
                "app_version": VERSION,
                "application_name": APPLICATION,
            },
            *arguments,
        )
        return not known

    def status(self, work: str) -> State:
        """How far a piece of work is."""
        found = self._client.list_workflows(workflow_ids=[work], load_input=False)
        return _STATES[found[0].status] if found else State.UNKNOWN

    def cancel(self, work: str) -> None:
        """Stop a piece of work: one that waits is not begun, one that runs is not gone on with.

        Work that runs in this moment is not torn from its worker; our register tells it to stop.
        """
        if self.status(work) is not State.UNKNOWN:
            self._client.cancel_workflow(work)

    def progress(self, beginning: str) -> Mapping[State, int]:
        """How many pieces of work whose id begins so are in each state."""
        found: dict[State, int] = {}
        for state, _ in self._each(beginning, None):
            found[state] = found.get(state, 0) + 1
        return found

    def lost(self, beginning: str) -> tuple[str, ...]:
        """The work whose id begins so that is over without being done."""
        gone = [
            name for name, state in _STATES.items() if state in OVER and state is not State.DONE
        ]
        return tuple(work for _, work in self._each(beginning, gone))

    def under_way(self, beginning: str) -> tuple[str, ...]:
        """The work whose id begins so that waits or is being done."""
        return tuple(work for _, work in self._each(beginning, ["ENQUEUED", "PENDING"]))

    def reap(self) -> tuple[str, ...]:
        """Take over the work of workers that died; their names. Work that killed too many is lost.

        Raises: DatabaseUnusable.
        """
        dead_after = timedelta(seconds=self._pulse.dead)
        with reading(self._database) as connection:
            if not workers.silent(connection, self._clock(), dead_after):
                return ()
        with begin(self._database) as connection:
            dead = workers.silent(connection, self._clock(), dead_after)
            for name in dead:
                for each in self._in_hand(name):
                    times = self._count(connection, each.workflow_id, each.name)
                    if 0 < self._kinds[each.name].tries <= times:
                        self._client.cancel_workflow(each.workflow_id)
                    else:
                        self._client.resume_workflow(each.workflow_id, queue_name=_queue(each.name))
                workers.bury(connection, name)
        return dead

    def _count(self, connection: Connection, work: str, kind: str) -> int:
        if not self._kinds[kind].tries:
            return 0
        return workers.count_takeover(connection, work.partition("#")[0])

    def _do(self, kind: Kind, *arguments: Argument) -> None:
        if self.stopping:
            raise Stopping
        done = threading.Event()
        self._at_work.add(done)
        try:
            kind.does(*arguments)
        except Exception as error:
            self._failed(kind.name, error)
            raise
        finally:
            self._at_work.discard(done)
            done.set()

    def _beat(self) -> None:
        """Say that this worker is alive, and look after the dead, until the engine stops."""
        while not self._stopping.wait(self._pulse.beat):
            try:
                workers.beat(self._database, self.name, self._clock())
                self.reap()
            except Exception as error:  # noqa: BLE001 - told, and a worker that lives beats on
                self._failed("beat", error)

    def _each(self, beginning: str, statuses: Sequence[str] | None) -> Iterator[tuple[State, str]]:
        offset = 0
        while True:
            part = self._client.list_workflows(
                workflow_id_prefix=beginning,
                status=list(statuses) if statuses else None,
                load_input=False,
                load_output=False,
                limit=PER_CALL,
                offset=offset,
            )
            yield from ((_STATES[each.status], each.workflow_id) for each in part)
            offset += len(part)
            if len(part) < PER_CALL:
                return

    def _open_client(self) -> "DBOSClient":
        """What asks the engine's tables. Asked from within a piece of work DBOS itself would
        remember its answer, and give the same again when the work is gone on with.
        """
        from dbos import DBOSClient, DBOSPortableJSONSerializer  # noqa: PLC0415

        return DBOSClient(
            system_database_engine=self._book,
            dbos_system_schema=_schema(self._database),
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
        )

    def _give_back(self) -> None:
        """Let others go on with what this worker had begun, now that it takes no more itself."""
        for each in self._in_hand(self.name):
            self._client.resume_workflow(each.workflow_id, queue_name=_queue(each.name))

    def _in_hand(self, worker: str) -> "list[WorkflowStatus]":
        return self._client.list_workflows(
            status="PENDING", executor_id=worker, load_input=False, load_output=False
        )


def _book(database: Database, folder: Path) -> Database:
    """The database in which DBOS keeps its book: a file of its own, or the depot's server.

    On a file with our own library of SQLite, for the system's may have a fault in its write-ahead
    log; and with that log, for without it everything takes twice as long.
    """
    if on_postgres(database):
        url = database.url.set(drivername="postgresql+psycopg")
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    url = URL.create("sqlite", database=str(folder / FILE))
    book = create_engine(url, module=dbapi2)
    event.listen(book, "connect", _set_up)
    return book


def _set_up(connection: Any, _record: object) -> None:
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("busy_timeout = 30000", "foreign_keys = ON", "journal_mode = WAL"):
        connection.execute(f"PRAGMA {pragma}")


def _schema(database: Database) -> str:
    """Two depots in one PostgreSQL database never see each other's work."""
    named = schema_of(database) if on_postgres(database) else DEFAULT_SCHEMA
    return SCHEMA if named == DEFAULT_SCHEMA else f"{named}_{SCHEMA}"


def _queue(kind: str) -> str:
    return f"{APPLICATION}-{kind}"


def _named(name: str, does: Callable[..., None]) -> Callable[..., None]:
    """A function of its own for DBOS, which asks for a name and where it was written."""

    def work(*arguments: Argument) -> None:
        does(*arguments)

    work.__name__ = work.__qualname__ = name
    return work


def _quiet() -> None:
    """DBOS writes on standard error as it likes; what matters of it we say ourselves."""
    log = logging.getLogger("dbos")
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())
