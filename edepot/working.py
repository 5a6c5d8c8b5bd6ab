"""A worker from start to end: its name, its engine, and the clock where it keeps the time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from edepot.clock import Clock
from edepot.depot import Depot, now
from edepot.duties import Duties, Told
from edepot.engine import Engine, Pulse
from edepot.fixity_works import asked_by_worker
from edepot.worker_names import worker_name
from formats.findings import Finding
from formats.tools import open_pool
from storage.database import reading
from storage.errors import DatabaseUnusable
from storage.fires import Fire, note_missed, read_fire
from storage.schedules import ensure_schedules, read_schedule

HOUSEKEEPING_SECONDS = 60.0
IDLE_SECONDS = 0.2
PART_SECONDS = 0.5
BEATS = 6
"""So often a worker says that it is alive in the time after which it is dead."""

Missed = Callable[[Finding], None]


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that takes work."""

    name: str
    depot: Depot
    duties: Duties
    engine: Engine

    def fire(self, schedule: str) -> datetime:
        """Ask for the work of a schedule now; under which instant it is known.

        Raises: ScheduleUnknown.
        """
        with reading(self.depot.engine) as connection:
            read_schedule(connection, schedule)
        at = now()
        self.duties.due(schedule, at)
        return at

    def fired(self, schedule: str, at: datetime) -> Fire | None:
        """How far that is; None when nobody began it yet."""
        with reading(self.depot.engine) as connection:
            return read_fire(connection, schedule, at)

    def keep_time(
        self, stop: threading.Event, missed: Missed = lambda finding: None, *, once: bool = False
    ) -> None:
        """Keep the time, and house, until told to stop; `once`: until there is nothing to do.

        `missed` hears of what should have come and did not, once each.
        """
        with Clock(self.depot.engine, self.duties.due, now) as clock:
            for each in self.note_missed():
                missed(each)
            if once:
                self._wait_until_idle(stop)
                return
            while not _told_within(stop, HOUSEKEEPING_SECONDS):
                try:
                    clock.look()
                    for each in self.note_missed():
                        missed(each)
                except DatabaseUnusable as error:
                    # One that is away for a while is no reason to keep the time no more.
                    self.duties.failed("clock", error)

    def note_missed(self) -> tuple[Finding, ...]:
        """Write into the ledgers what should have come and did not, each miss once."""
        zorgdragers = [each.id for each in self.depot.config.zorgdragers]
        return note_missed(self.depot.engine, asked_by_worker(), zorgdragers)

    def _wait_until_idle(self, stop: threading.Event) -> None:
        while self.engine.under_way("") and not stop.wait(IDLE_SECONDS):
            pass


def _told_within(stop: threading.Event, seconds: float) -> bool:
    """Wait to be told; in short parts, for a signal does not always wake a thread that waits."""
    return any(stop.wait(PART_SECONDS) for _ in range(round(seconds / PART_SECONDS)))


@contextmanager
def working(depot: Depot, told: Told, *, name: str = "") -> Iterator[Worker]:
    """A worker on a depot; at the end it gives back what it has in hand.

    Raises: WorkerNameTaken; StorageError.
    """
    ensure_schedules(depot.engine, asked_by_worker())
    with (
        worker_name(depot.config.folder, name) as mine,
        open_pool(depot.config.workers.processes) as pool,
    ):
        dead = float(depot.config.workers.dead_seconds)
        duties = Duties(depot, mine, told, pool)
        engine = Engine(
            depot.engine,
            depot.config.folder,
            mine,
            duties.kinds(),
            now,
            failed=duties.failed,
            pulse=Pulse(beat=dead / BEATS, dead=dead),
        )
        duties.engine = engine
        with engine:
            yield Worker(mine, depot, duties, engine)
