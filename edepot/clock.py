"""The clock: says when a schedule is due, and only asks for the work.

Any number of processes may run one. What is due gets its id from the schedule and the instant, so
it is asked for once, whoever asks. The schedules are rows of ours (storage.schedules); APScheduler
holds them in memory and wakes us.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from sqlalchemy import Engine as Database

from storage.database import reading
from storage.fires import read_fire
from storage.schedules import Schedule, last_due, list_schedules, next_due

Due = Callable[[str, datetime], None]
"""Asks for the work of a schedule that was due at an instant."""
NextDue = Callable[[Schedule, datetime], datetime | None]


class Clock:
    """Asks for the work of every schedule when it is due, from start to stop."""

    def __init__(
        self,
        database: Database,
        due: Due,
        now: Callable[[], datetime],
        following: NextDue = next_due,
    ) -> None:
        self._database = database
        self._due = due
        self._now = now
        self._following = following
        self._loaded: dict[str, Schedule] = {}
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            executors={"default": Asking(due)},
            job_defaults={"coalesce": True, "misfire_grace_time": None},
        )

    def __enter__(self) -> "Clock":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Ask for what was missed while nobody kept the time, and go on from there.

        Raises: DatabaseUnusable.
        """
        self.look()
        self._scheduler.start()

    def stop(self) -> None:
        """Keep the time no more."""
        self._scheduler.shutdown(wait=False)

    def look(self) -> None:
        """Read the schedules anew, and ask for what was due last and that nobody asked for.

        Raises: DatabaseUnusable.
        """
        with reading(self._database) as connection:
            schedules = list_schedules(connection)
        self._load(schedules)
        for name, due in self.missed(schedules):
            self._due(name, due)

    def missed(self, schedules: Iterable[Schedule]) -> list[tuple[str, datetime]]:
        """The newest due instant of each schedule, where no fire of it began."""
        now, found = self._now(), []
        with reading(self._database) as connection:
            for each in schedules:
                due = last_due(each, now)
                fire = read_fire(connection, each.name, due) if due else None
                if due and (fire is None or fire.started_at is None):
                    found.append((each.name, due))
        return found

    def _load(self, schedules: Iterable[Schedule]) -> None:
        wanted = {each.name: each for each in schedules if each.active}
        for name in self._loaded.keys() - wanted.keys():
            self._scheduler.remove_job(name)
        for name, each in wanted.items():
            if self._loaded.get(name) != each:
                trigger = OnTheWall(each, self._following)
                self._scheduler.add_job(_nothing, trigger, id=name, replace_existing=True)
        self._loaded = wanted


class Asking(BaseExecutor):  # type: ignore[misc]
    """Does no work: asks for it, and lets the scheduler go on."""

    def __init__(self, due: Due) -> None:
        super().__init__()
        self._due = due

    def submit_job(self, job: Any, run_times: list[datetime]) -> None:
        """Ask for the newest of the instants that are due; the others are past anyway."""
        self._do_submit_job(job, run_times)

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        self._due(job.id, run_times[-1].astimezone(UTC))


class OnTheWall(BaseTrigger):  # type: ignore[misc]
    """The instants of a schedule, as storage.cron reads them off the clock on the wall."""

    __slots__ = ("_following", "_schedule")

    def __init__(self, schedule: Schedule, following: NextDue) -> None:
        self._schedule = schedule
        self._following = following

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """The next instant after the previous one, else from now on."""
        after = previous or now - timedelta(microseconds=1)
        return self._following(self._schedule, after.astimezone(UTC))


def _nothing() -> None:
    """Stands where APScheduler wants a function; it is never called."""
