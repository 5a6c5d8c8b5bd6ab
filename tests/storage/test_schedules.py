"""Schedules, fires and the dead man's switch, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select

from formats.findings import Finding
from storage import ledger
from storage.database import begin, open_database, reading
from storage.errors import ScheduleInvalid, ScheduleUnknown
from storage.fires import (
    Fire,
    Fired,
    begin_fire,
    bind_fire,
    end_fire,
    end_fires_of,
    last_fire,
    missed,
    note_missed,
    remark_missed,
)
from storage.fixity.given_up import give_up
from storage.fixity.nouns import Asked
from storage.fixity.tables import ITEMS, REMARKS, SHARES
from storage.ledger_check import verify_ledger
from storage.schedules import (
    Kind,
    ensure_schedules,
    last_due,
    list_schedules,
    next_due,
    read_schedule,
    set_schedule,
)
from storage.workers import (
    alive,
    beat,
    bury,
    count_takeover,
    enter,
    leave,
    share_key,
    silent,
    strike,
    takeovers,
)

BEGUN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ASKED = Asked(BEGUN, "uid:0", "test")
HOUR = timedelta(hours=1)
FIRST, SECOND = (datetime(2026, 11, day, 3, 15, tzinfo=UTC) for day in (25, 26))


@pytest.fixture
def engine(database_place: Path | str) -> Iterator[Engine]:
    engine = open_database(database_place)
    for each in ensure_schedules(engine, ASKED):
        if each.name != "daily-check":
            set_schedule(engine, each.name, ASKED, active=False)
    yield engine
    engine.dispose()


def switch(engine: Engine, now: datetime) -> list[tuple[str, str, str, str]]:
    """What the dead man's switch says at an instant."""
    with reading(engine) as connection:
        return [_told(each) for each in missed(connection, now)]


def _told(found: Finding) -> tuple[str, str, str, str]:
    return found.code, found.where, found.found, found.expected


def test_a_depot_begins_with_its_schedules_once(engine: Engine) -> None:
    again = ensure_schedules(engine, ASKED)
    with reading(engine) as connection:
        found = {
            each.name: (each.kind, each.cron, each.active) for each in list_schedules(connection)
        }

    assert again == ()
    assert found == {
        "daily-check": (Kind.FIXITY_SHARE, "15 4 * * *", True),
        "daily-ledger": (Kind.LEDGER_PUBLISH, "45 4 * * *", False),
        "daily-recompute": (Kind.RETENTION_RECOMPUTE, "45 3 * * *", False),
        "hourly-tend": (Kind.RETENTION_TEND, "5 * * * *", False),
        "monthly-due": (Kind.RETENTION_DUE, "30 5 1 * *", False),
        "weekly-ledger-check": (Kind.VERIFY_LEDGER, "15 6 * * sun", False),
        "weekly-reconcile": (Kind.FIXITY_RECONCILE, "15 5 * * sun", False),
    }


def test_a_schedule_that_is_changed_counts_from_then_on(engine: Engine) -> None:
    asked = Asked(FIRST + 5 * HOUR, "uid:7", "test")

    after = set_schedule(engine, "daily-check", asked, cron="30  6 * * *", active=True)

    with reading(engine) as connection:
        assert read_schedule(connection, "daily-check") == after
    assert (after.cron, after.since, after.changed_by) == ("30 6 * * *", asked.at, "uid:7")
    assert next_due(after, asked.at) == datetime(2026, 11, 26, 5, 30, tzinfo=UTC)
    assert last_due(after, asked.at) is None
    assert switch(engine, asked.at + 10 * HOUR) == []


def test_a_schedule_that_is_off_is_never_due_and_never_missed(engine: Engine) -> None:
    off = set_schedule(engine, "daily-check", ASKED, active=False)

    assert (next_due(off, FIRST), last_due(off, SECOND)) == (None, None)
    assert switch(engine, SECOND + 90 * HOUR) == []


def test_an_unknown_schedule_and_a_time_that_is_none_are_refused(engine: Engine) -> None:
    with pytest.raises(ScheduleUnknown, match="hourly; known: daily-check, daily-ledger"):
        set_schedule(engine, "hourly", ASKED, active=True)
    with pytest.raises(ScheduleInvalid, match="15 25"):
        set_schedule(engine, "daily-check", ASKED, cron="15 25 * * *")


def test_what_never_began_within_its_grace_is_missed(engine: Engine) -> None:
    assert switch(engine, FIRST + 17 * HOUR) == []
    assert switch(engine, FIRST + 18 * HOUR) == [("S450", "daily-check", "2026-11-25 04:15", "-")]
    assert switch(engine, SECOND + 18 * HOUR) == [
        ("S450", "daily-check", "2026-11-25 04:15 … 2026-11-26 04:15 (2)", "-")
    ]


def test_what_ended_is_not_missed_and_what_hangs_or_failed_is(engine: Engine) -> None:
    late = SECOND + 18 * HOUR
    begin_fire(engine, "daily-check", FIRST, FIRST)
    hanging = switch(engine, late - 24 * HOUR)
    end_fire(engine, "daily-check", FIRST, Fired.WRONG, FIRST + HOUR)
    ended = switch(engine, late - 24 * HOUR)
    begin_fire(engine, "daily-check", SECOND, SECOND)
    end_fire(engine, "daily-check", SECOND, Fired.FAILED, SECOND + HOUR, detail="StoreFailed: x")
    failed = switch(engine, late)

    assert hanging == [("S454", "daily-check", "2026-11-25 04:15", "-")]
    assert ended == []
    assert failed == [("S453", "daily-check", "2026-11-26 04:15", "2026-11-25 04:15")]


def test_a_fire_by_hand_after_a_miss_makes_it_good(engine: Engine) -> None:
    by_hand = SECOND + 20 * HOUR
    begin_fire(engine, "daily-check", by_hand, by_hand)
    end_fire(engine, "daily-check", by_hand, Fired.WELL, by_hand + HOUR)

    assert switch(engine, by_hand + HOUR) == []


def test_a_miss_is_written_once_into_each_ledger_and_into_the_next_run(engine: Engine) -> None:
    late = FIRST + 18 * HOUR
    zorgdragers = ["ooststellingwerf", "opsterland"]

    first = note_missed(engine, Asked(late, "uid:0", "worker"), zorgdragers)
    again = note_missed(engine, Asked(late + HOUR, "uid:0", "worker"), zorgdragers)
    following = note_missed(engine, Asked(late + 24 * HOUR, "uid:0", "worker"), zorgdragers)
    remarks = [remark_missed(engine, "2026-11-27-1"), remark_missed(engine, "2026-11-27-2")]

    assert [_told(each) for each in first] == [("S450", "daily-check", "2026-11-25 04:15", "-")]
    assert again == ()
    assert [_told(each)[2] for each in following] == ["2026-11-26 04:15"]
    assert remarks == [1, 0]
    with reading(engine) as connection:
        for zorgdrager in zorgdragers:
            entries = list(ledger.entries(connection, zorgdrager))
            assert [(each.action, each.object, each.result) for each in entries] == [
                ("schedule.missed", "daily-check", "missed")
            ] * 2
            assert entries[0].facts == {
                "code": "S450",
                "from": FIRST.isoformat(),
                "to": FIRST.isoformat(),
                "times": 1,
            }
            assert list(verify_ledger(connection, zorgdrager)) == []
        rows = connection.execute(select(REMARKS.c.run, REMARKS.c.number, REMARKS.c.code)).all()
        assert [tuple(each) for each in rows] == [("2026-11-27-1", 1, "S450")]


def test_a_fire_that_was_missed_and_comes_late_counts_as_begun(engine: Engine) -> None:
    note_missed(engine, Asked(FIRST + 18 * HOUR, "uid:0", "worker"), ["opsterland"])
    with reading(engine) as connection:
        before = last_fire(connection, "daily-check")

    fire = begin_fire(engine, "daily-check", FIRST, FIRST + 20 * HOUR)
    bind_fire(engine, "daily-check", FIRST, "2026-11-25-1")
    end_fires_of(engine, "2026-11-25-1", Fired.WELL, FIRST + 21 * HOUR)
    end_fires_of(engine, "2026-11-25-1", Fired.WRONG, FIRST + 22 * HOUR)

    assert before is None
    assert fire.outcome is Fired.RUNNING
    with reading(engine) as connection:
        assert last_fire(connection, "daily-check") == Fire(
            schedule="daily-check",
            due_at=FIRST,
            outcome=Fired.WELL,
            run="2026-11-25-1",
            started_at=FIRST + 20 * HOUR,
            ended_at=FIRST + 21 * HOUR,
            detail="",
        )


def test_a_fire_that_ended_is_not_begun_again_and_one_that_failed_is(engine: Engine) -> None:
    begin_fire(engine, "daily-check", FIRST, FIRST)
    end_fire(engine, "daily-check", FIRST, Fired.FAILED, FIRST + HOUR, detail="x")
    again = begin_fire(engine, "daily-check", FIRST, FIRST + HOUR)
    end_fire(engine, "daily-check", FIRST, Fired.WELL, FIRST + HOUR)
    ended = begin_fire(engine, "daily-check", FIRST, FIRST + 2 * HOUR)

    assert (again.outcome, again.detail, again.started_at) == (Fired.RUNNING, "", FIRST + HOUR)
    assert (ended.outcome, ended.started_at) == (Fired.WELL, FIRST + HOUR)


def test_the_shares_of_a_dead_worker_are_free_and_bear_that_it_died_in_them(
    engine: Engine,
) -> None:
    with begin(engine) as connection:
        for number in (1, 2, 3):
            connection.execute(
                insert(SHARES), _share(number, worker="a-1" if number < 3 else "b-1")
            )
    enter(engine, "a-1", BEGUN)
    enter(engine, "b-1", BEGUN)
    with begin(engine) as connection:
        connection.execute(insert(SHARES), _share(4, worker="a-1"))
    beat(engine, "b-1", BEGUN + 2 * HOUR)

    with begin(engine) as connection:
        dead = silent(connection, BEGUN + 2 * HOUR, HOUR)
        for each in dead:
            bury(connection, each)

    assert dead == ("a-1",)
    with reading(engine) as connection:
        assert alive(connection) == ("b-1",)
        deaths = [takeovers(connection, share_key("r-1", each)) for each in (1, 2, 3, 4)]
        rows = connection.execute(
            select(SHARES.c.number, SHARES.c.worker, SHARES.c.lease_until).order_by(SHARES.c.number)
        )
        # What b-1 had when it began (as an earlier one of its name) is free too.
        assert [tuple(each) for each in rows] == [(each, "", "") for each in (1, 2, 3, 4)]
    assert deaths == [1, 1, 1, 1]


def test_who_leaves_gives_back_what_it_has_without_a_mark_and_may_beat_again(
    engine: Engine,
) -> None:
    enter(engine, "a-1", BEGUN)
    with begin(engine) as connection:
        connection.execute(insert(SHARES), _share(1, worker="a-1"))
        strike(connection, "r-1", 2, "a-1")

    leave(engine, "a-1")
    beat(engine, "a-1", BEGUN)

    with reading(engine) as connection:
        assert connection.execute(select(SHARES.c.worker)).scalar_one() == ""
        assert takeovers(connection, share_key("r-1", 1)) == 0
        assert takeovers(connection, share_key("r-1", 2)) == 1
        assert alive(connection) == ("a-1",)
    with begin(engine) as connection:
        assert [count_takeover(connection, "work") for _ in range(2)] == [1, 2]


def test_a_share_that_kills_is_given_up_and_its_items_say_why(engine: Engine) -> None:
    with begin(engine) as connection:
        connection.execute(insert(SHARES), _share(1, worker="a-1"))
        connection.execute(insert(ITEMS), [_item(1, "intact"), _item(2, "not_checked")])

    with begin(engine) as connection:
        given_up = [give_up(connection, "r-1", 1, 3, BEGUN) for _ in range(2)]

    assert given_up == [True, False]
    with reading(engine) as connection:
        items = connection.execute(
            select(ITEMS.c.outcome, ITEMS.c.findings).order_by(ITEMS.c.number)
        )
        assert [(outcome, "S452" in said) for outcome, said in items] == [
            ("intact", False),
            ("not_checked", True),
        ]
        remarks = connection.execute(select(REMARKS.c.code, REMARKS.c.store)).all()
        assert [tuple(each) for each in remarks] == [("S452", "kopie-1")]
        assert connection.execute(select(SHARES.c.done_at)).scalar_one() == BEGUN.isoformat()


def _share(number: int, worker: str) -> dict[str, object]:
    return {
        "run": "r-1",
        "number": number,
        "store": "kopie-1",
        "zorgdrager": "opsterland",
        "first": 1,
        "items": 2,
        "size_bytes": 2,
        "worker": worker,
        "lease_until": (BEGUN + HOUR).isoformat(),
        "tries": 1,
        "done_at": "",
    }


def _item(number: int, outcome: str) -> dict[str, object]:
    names = [each.name for each in ITEMS.columns]
    numbers = {"number": number, "aip": number, "version": 1, "size_bytes": 1, "read_bytes": 0}
    row = dict.fromkeys(names, "") | numbers
    return row | {"run": "r-1", "outcome": outcome, "basis": "none", "store": "kopie-1"}
