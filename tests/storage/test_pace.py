"""A store is asked no faster, no more at once, and at no other hours than its pace allows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Lock

import pytest

from storage.errors import StoreUnreachable
from storage.stores.memory import MemoryStore
from storage.stores.pace import RECOVERY_SECONDS, Pace, PacedStore, opens_at, within_hours

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NIGHT = Pace(hours="20:00-06:00")


class Watch:
    """A clock that only moves when someone sleeps, or it is moved."""

    def __init__(self) -> None:
        self.now = START
        self.slept = 0.0
        self._lock = Lock()

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += timedelta(seconds=seconds)
            self.slept += seconds


class Busy(MemoryStore):
    """A store that says "slow down" as often as it is told to."""

    refusals = 0

    def read_chunks(self, key: str, *, fresh: bool = False):
        if self.refusals:
            self.refusals -= 1
            raise StoreUnreachable(f"{self.name}: {key}: 503 SlowDown: later", store=self.name)
        yield from super().read_chunks(key, fresh=fresh)


@pytest.fixture
def watch() -> Watch:
    return Watch()


def filled(store: MemoryStore, count: int = 1, size: int = 1000) -> MemoryStore:
    for number in range(count):
        store.publish(f"stuk/{number}", b"x" * size)
    return store


def paced(store: MemoryStore, watch: Watch, **limits: int) -> PacedStore:
    return PacedStore(store, Pace(**limits), watch.clock, watch.sleep)


def read(store: PacedStore, number: int = 0) -> bytes:
    return b"".join(bytes(each) for each in store.read_chunks(f"stuk/{number}"))


@pytest.mark.parametrize(
    ("now", "within"),
    [
        ("2026-11-24T18:59:59+00:00", False),
        ("2026-11-24T19:00:00+00:00", True),  # 20:00 in winter
        ("2026-11-24T23:30:00+00:00", True),
        ("2026-11-25T04:59:59+00:00", True),
        ("2026-11-25T05:00:00+00:00", False),
        ("2026-07-01T17:59:00+00:00", False),
        ("2026-07-01T18:00:00+00:00", True),  # 20:00 in summer
        ("2026-07-02T04:00:00+00:00", False),
        ("2026-10-25T00:30:00+00:00", True),  # 02:30, and an hour later 02:30 again
        ("2026-10-25T01:30:00+00:00", True),
        ("2026-10-25T04:59:00+00:00", True),
        ("2026-10-25T05:00:00+00:00", False),
    ],
)
def test_the_hours_go_over_midnight_on_the_clock_of_the_netherlands(now: str, within: bool) -> None:
    assert within_hours(NIGHT, datetime.fromisoformat(now)) is within


def test_hours_within_a_day_and_no_hours_at_all() -> None:
    assert within_hours(Pace(hours="12:30-14:00"), START)  # 13:00 here
    assert not within_hours(Pace(hours="14:00-15:00"), START)
    assert within_hours(Pace(hours="08:00-08:00"), START)
    assert within_hours(Pace(), START)


def test_it_is_told_when_the_hours_begin() -> None:
    assert opens_at(NIGHT, START) == datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
    assert opens_at(Pace(), START) == START


def test_bytes_come_at_the_rate_that_is_allowed(watch: Watch) -> None:
    store = paced(filled(MemoryStore("proef"), 10), watch, bytes_per_second=1000)

    for number in range(10):
        assert len(read(store, number)) == 1000

    # The first second's worth is there at once.
    assert watch.slept == pytest.approx(9.0)


def test_requests_come_at_the_rate_that_is_allowed(watch: Watch) -> None:
    store = paced(filled(MemoryStore("proef")), watch, requests_per_second=5)

    for _ in range(25):
        store.stat("stuk/0")

    assert watch.slept == pytest.approx(4.0)


def test_a_part_that_is_read_counts_for_its_size(watch: Watch) -> None:
    store = paced(filled(MemoryStore("proef"), size=10_000), watch, bytes_per_second=1000)

    with store.open_read("stuk/0", 9_000, 4_000) as stream:
        assert len(stream.read()) == 1_000
    with store.open_read("stuk/0", 0, 500) as stream:
        assert len(stream.read()) == 500

    assert watch.slept == pytest.approx(0.5)


def test_what_was_not_used_is_not_saved_up(watch: Watch) -> None:
    store = paced(filled(MemoryStore("proef"), 3), watch, bytes_per_second=1000)
    watch.now += timedelta(hours=1)

    for number in range(3):
        read(store, number)

    assert watch.slept == pytest.approx(2.0)


def test_without_limits_nobody_waits(watch: Watch) -> None:
    store = paced(filled(MemoryStore("proef"), 50), watch)

    for number in range(50):
        read(store, number)

    assert watch.slept == 0.0


def test_no_more_are_asked_at_once_than_is_allowed(watch: Watch) -> None:
    inside, most = 0, 0
    lock, two = Lock(), Barrier(2, timeout=5)

    class Counting(MemoryStore):
        def read_chunks(self, key: str, *, fresh: bool = False):
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
            two.wait()
            with lock:
                inside -= 1
            yield from super().read_chunks(key, fresh=fresh)

    store = paced(filled(Counting("proef"), 8), watch, concurrent=2)
    with ThreadPoolExecutor(8) as pool:
        sizes = list(pool.map(lambda number: len(read(store, number)), range(8)))

    assert sizes == [1000] * 8
    assert most == 2


def test_threads_share_one_rate(watch: Watch) -> None:
    store = paced(filled(MemoryStore("proef"), 20), watch, bytes_per_second=1000)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: read(store, number), range(20)))

    assert (watch.now - START).total_seconds() >= 19.0


def test_a_store_that_is_asked_too_much_is_asked_half_as_much_and_recovers(watch: Watch) -> None:
    busy = Busy("proef")
    busy.refusals = 2
    store = paced(filled(busy), watch, bytes_per_second=1000)

    for _ in range(2):
        with pytest.raises(StoreUnreachable):
            read(store)
    assert store.part == 0.25
    read(store)
    slow = watch.slept
    watch.now += timedelta(seconds=3 * RECOVERY_SECONDS)
    recovering = store.part
    watch.now += timedelta(seconds=10 * RECOVERY_SECONDS)

    assert slow == pytest.approx(3.0)
    assert recovering == pytest.approx(0.55)
    assert store.part == 1.0


def test_another_failure_does_not_slow_it_down(watch: Watch) -> None:
    store = paced(MemoryStore("proef"), watch, bytes_per_second=1000)

    with pytest.raises(Exception, match="stuk/0"):
        read(store)

    assert store.part == 1.0


def test_a_paced_store_is_the_store_in_everything_else(watch: Watch) -> None:
    store = paced(MemoryStore("proef"), watch, bytes_per_second=10)

    with store.put_new("a") as upload:
        upload.write(b"inhoud")
        upload.commit()
    store.make_durable("a")
    store.set_aside("a", "b")
    (version,) = store.list_versions("b")

    assert (store.name, store.sweep(), store.server_sha256("b")) == ("proef", 0, None)
    assert [each.key for each in store.list()] == ["b"]
    store.delete_version("b", version)
    assert list(store.list()) == []
