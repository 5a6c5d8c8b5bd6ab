"""The clock only asks; however many keep the time, and whatever the hour does, it is asked once."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine as Database

from edepot.clock import Clock, OnTheWall
from edepot.duties import schedule_work
from edepot.engine import Engine, Kind, Pulse, State
from storage.database import open_database, reading
from storage.fires import Fired, begin_fire, end_fire
from storage.fixity.nouns import Asked
from storage.schedules import Kind as Sort
from storage.schedules import (
    Schedule,
    ensure_schedules,
    list_schedules,
    next_due,
    set_schedule,
)
from tests.edepot.workers import until

BEGUN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ASKED = Asked(BEGUN, "uid:0", "test")
HOUR = timedelta(hours=1)
FIRST, SECOND = (datetime(2026, 11, day, 3, 15, tzinfo=UTC) for day in (25, 26))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    engine = open_database(tmp_path / "edepot.sqlite")
    ensure_schedules(engine, ASKED)
    with reading(engine) as connection:
        names = {each.name for each in list_schedules(connection)}
    for name in names - {"daily-check"}:
        set_schedule(engine, name, ASKED, active=False)
    yield engine
    engine.dispose()


def test_three_clocks_ask_once_for_each_instant(database: Database, tmp_path: Path) -> None:
    instants: list[datetime] = []
    done: list[tuple[str, str]] = []
    asked: list[tuple[str, datetime]] = []

    def following(schedule: Schedule, after: datetime) -> datetime | None:
        return next((each for each in instants if each > after), None)

    kind = Kind("schedule", lambda name, due: done.append((name, due)))
    pulse = Pulse(poll=0.05)
    with (
        Engine(database, tmp_path, "a-1", [kind], lambda: datetime.now(UTC), pulse=pulse) as engine,
        ExitStack() as clocks,
    ):

        def due(name: str, at: datetime) -> None:
            asked.append((name, at))
            engine.submit(schedule_work(name, at), "schedule", [name, at.isoformat()])

        # Not on the minute, as the schedule says, but so that nobody need wait for it.
        began = datetime.now(UTC)
        instants += [began + timedelta(milliseconds=each) for each in (1000, 1600)]
        for _ in range(3):
            clocks.enter_context(Clock(database, due, lambda: BEGUN, following))
        until(lambda: len(asked) == 6)
        works = [schedule_work("daily-check", each) for each in instants]
        until(lambda: all(engine.status(each) is State.DONE for each in works))

    assert sorted(asked) == sorted([("daily-check", each) for each in instants] * 3)
    assert sorted(done) == [("daily-check", each.isoformat()) for each in instants]


def test_what_was_missed_while_nobody_kept_the_time_is_asked_for_once_the_newest_only(
    database: Database,
) -> None:
    asked: list[tuple[str, datetime]] = []

    with Clock(database, lambda name, due: asked.append((name, due)), lambda: SECOND + HOUR):
        pass

    assert asked == [("daily-check", SECOND)]


@pytest.mark.parametrize(
    ("outcome", "again"),
    [(Fired.RUNNING, []), (Fired.WELL, []), (Fired.FAILED, [])],
)
def test_what_began_is_not_asked_for_again(
    database: Database, outcome: Fired, again: list[tuple[str, datetime]]
) -> None:
    begin_fire(database, "daily-check", FIRST, FIRST)
    if outcome is not Fired.RUNNING:
        end_fire(database, "daily-check", FIRST, outcome, FIRST + HOUR)
    asked: list[tuple[str, datetime]] = []

    with Clock(database, lambda name, due: asked.append((name, due)), lambda: FIRST + HOUR):
        pass

    assert asked == again


def test_a_schedule_that_was_never_due_since_it_counts_is_not_asked_for(
    database: Database,
) -> None:
    asked: list[tuple[str, datetime]] = []

    with Clock(database, lambda name, due: asked.append((name, due)), lambda: BEGUN + HOUR):
        pass

    assert asked == []


def test_a_schedule_that_is_changed_or_switched_is_taken_up_while_the_clock_runs(
    database: Database,
) -> None:
    at = [FIRST + HOUR]
    asked: list[tuple[str, datetime]] = []

    with Clock(database, lambda name, due: asked.append((name, due)), lambda: at[0]) as clock:
        set_schedule(database, "daily-check", Asked(at[0], "uid:0", "test"), cron="0 12 * * *")
        at[0] += 8 * HOUR
        clock.look()
        set_schedule(database, "daily-check", Asked(at[0], "uid:0", "test"), active=False)
        at[0] += 24 * HOUR
        clock.look()

    assert asked == [("daily-check", FIRST), ("daily-check", FIRST.replace(hour=11, minute=0))]


@pytest.mark.parametrize(
    ("cron", "day", "fires"),
    [
        # The nights of the Netherlands in 2026: 29 March (02 becomes 03), 25 October (03 is 02).
        ("30 2 * * *", 28, ["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"]),
        ("30 2 * * *", 24, ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]),
        ("15 4 * * *", 24, ["2026-10-24T02:15", "2026-10-25T03:15", "2026-10-26T03:15"]),
    ],
)
def test_in_the_nights_that_the_clock_is_moved_a_daily_schedule_fires_once_a_day(
    cron: str, day: int, fires: list[str]
) -> None:
    month = int(fires[0][5:7])
    schedule = Schedule("daily", Sort.FIXITY_SHARE, cron, 18, BEGUN)
    trigger = OnTheWall(schedule, next_due)
    now = datetime(2026, month, day, tzinfo=UTC)

    found = [trigger.get_next_fire_time(None, now)]
    for _ in range(2):
        assert found[-1] is not None
        found.append(trigger.get_next_fire_time(found[-1], found[-1]))

    assert [each.isoformat()[:16] for each in found if each] == fires
    assert len({schedule_work("daily", each) for each in found if each}) == 3
