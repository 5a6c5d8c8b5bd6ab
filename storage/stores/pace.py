"""How much a store is asked for checks: bytes and requests a second, how many at once, which hours.

A bucket of tokens for each of the two rates, of one second's worth: what was not used is not
saved up longer. When the store says that it is too much (503, "slow down"), both rates are
halved, and win back a tenth of what was set for every ten seconds without such an answer.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from threading import BoundedSemaphore, Lock
from typing import BinaryIO
from zoneinfo import ZoneInfo

from storage.errors import StorageError
from storage.stores.base import (
    Capabilities,
    KeepsUploads,
    ObjectStat,
    ObjectVersion,
    Refusal,
    Store,
    Upload,
)

ZONE = "Europe/Amsterdam"
SLOWEST = 1 / 64
RECOVERY_SECONDS = 10.0
RECOVERY_STEP = 0.1
TOO_MUCH = ("SlowDown", "TooManyRequests", "503 ", "429 ")

Clock = Callable[[], datetime]
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """The limits of one store; 0 is no limit.

    `hours`: "20:00-06:00" on the clock of the Netherlands, over midnight too; "" is all day.
    """

    bytes_per_second: int = 0
    requests_per_second: int = 0
    concurrent: int = 0
    hours: str = ""


def within_hours(pace: Pace, now: datetime) -> bool:
    """Whether the store may be asked at this instant (with a zone); the end does not belong to it.

    "20:00-06:00" in the night that the clock goes back is an hour longer, and that it goes
    forward an hour shorter: what counts is what the clock on the wall shows.
    """
    if not pace.hours:
        return True
    begin, end = _hours(pace.hours)
    local = now.astimezone(ZoneInfo(ZONE)).time()
    if begin == end:
        return True
    if begin < end:
        return begin <= local < end
    return local >= begin or local < end


def opens_at(pace: Pace, now: datetime) -> datetime:
    """The first instant from now on that is within the hours, to the minute; now, when it is."""
    at = now
    while not within_hours(pace, at):
        at = (at + timedelta(minutes=1)).replace(second=0, microsecond=0)
    return at


class PacedStore:
    """A store that is asked no faster than its pace allows; threads may share it.

    Only what a check uses is paced: reading, asking, listing. The hours are the caller's to keep:
    a request that has begun is not broken off.
    """

    def __init__(self, store: Store, pace: Pace, clock: Clock, sleep: Sleep) -> None:
        self._store = store
        self._pace = pace
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._part = 1.0
        self._slowed_at = clock()
        self._requests = _Tokens(pace.requests_per_second, clock())
        self._bytes = _Tokens(pace.bytes_per_second, clock())
        self._places = BoundedSemaphore(pace.concurrent) if pace.concurrent else None

    @property
    def name(self) -> str:
        """The store's name in the configuration."""
        return self._store.name

    @property
    def capabilities(self) -> Capabilities:
        """What the store can do."""
        return self._store.capabilities

    @property
    def store(self) -> Store:
        """The store itself."""
        return self._store

    @property
    def pace(self) -> Pace:
        """The limits."""
        return self._pace

    @property
    def part(self) -> float:
        """Which part of its rates is used now: less than 1 after the store said "slow down"."""
        with self._lock:
            self._recover()
            return self._part

    def put_new(self, key: str) -> AbstractContextManager[Upload]:
        """Begin a new object; a put is no check, and is not paced."""
        return self._store.put_new(key)

    def open_read(
        self, key: str, start: int = 0, length: int | None = None, *, fresh: bool = False
    ) -> BinaryIO:
        """A stream of the object's bytes; its size is taken from the rate when it is opened."""
        with self._asking():
            stream = self._store.open_read(key, start, length, fresh=fresh)
        if self._pace.bytes_per_second:
            size = self._store.stat(key).size_bytes - start
            self._spend(max(0, size if length is None else min(size, length)))
        return stream

    def read_chunks(self, key: str, *, fresh: bool = False) -> Iterator[bytes | memoryview]:
        """The object's bytes in pieces, each no sooner than the rate allows."""
        with self._asking():
            for piece in self._store.read_chunks(key, fresh=fresh):
                self._spend(len(piece))
                yield piece

    def server_sha256(self, key: str) -> str | None:
        """What the store computed when the bytes came in."""
        with self._asking():
            return self._store.server_sha256(key)

    def set_aside(self, key: str, aside: str) -> bool:
        """Free a key."""
        return self._store.set_aside(key, aside)

    def stat(self, key: str) -> ObjectStat:
        """Size of the object."""
        with self._asking():
            return self._store.stat(key)

    def list(self, prefix: str = "") -> Iterator[ObjectStat]:
        """Every object whose key begins with the prefix, in key order."""
        with self._asking():
            yield from self._store.list(prefix)

    def list_versions(self, key: str) -> Iterator[str]:
        """The ids of every version."""
        with self._asking():
            yield from self._store.list_versions(key)

    def delete_version(self, key: str, version: str) -> None:
        """Remove one version for good."""
        self._store.delete_version(key, version)

    def list_all(self, prefix: str) -> Iterator[ObjectVersion]:
        """Every version and delete marker below a prefix."""
        yield from self._store.list_all(prefix)

    def unended(self, prefix: str) -> Iterator[ObjectVersion]:
        """The unended uploads, where the store keeps such."""
        if isinstance(self._store, KeepsUploads):
            yield from self._store.unended(prefix)

    def delete_all(self, versions: Sequence[tuple[str, str]]) -> Iterator[Refusal]:
        """Remove exact versions for good."""
        yield from self._store.delete_all(versions)

    def make_durable(self, key: str) -> None:
        """Make sure of an object."""
        self._store.make_durable(key)

    def sweep(self) -> int:
        """Remove what interrupted uploads left behind."""
        return self._store.sweep()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """One request: in its turn, one of so many at once."""
        if self._places is not None:
            self._places.acquire()
        try:
            self._wait_for(self._requests, 1)
            yield
        except StorageError as error:
            if any(each in str(error) for each in TOO_MUCH):
                self._slow_down()
            raise
        finally:
            if self._places is not None:
                self._places.release()

    def _spend(self, size_bytes: int) -> None:
        self._wait_for(self._bytes, size_bytes)

    def _wait_for(self, tokens: "_Tokens", count: int) -> None:
        if not tokens.per_second:
            return
        with self._lock:
            self._recover()
            wait = tokens.take(count, self._clock(), self._part)
        if wait > 0:
            self._sleep(wait)

    def _slow_down(self) -> None:
        with self._lock:
            self._part = max(SLOWEST, self._part / 2)
            self._slowed_at = self._clock()

    def _recover(self) -> None:
        if self._part >= 1.0:
            return
        quiet = (self._clock() - self._slowed_at).total_seconds()
        steps = int(quiet / RECOVERY_SECONDS)
        if steps > 0:
            self._part = min(1.0, self._part + steps * RECOVERY_STEP)
            self._slowed_at += timedelta(seconds=steps * RECOVERY_SECONDS)


class _Tokens:
    """A bucket of one second's worth; it may go into debt, which is then waited for."""

    def __init__(self, per_second: int, now: datetime) -> None:
        self.per_second = per_second
        self._left = float(per_second)
        self._at = now

    def take(self, count: int, now: datetime, part: float) -> float:
        """Take so many; the seconds to wait before they may be used."""
        rate = self.per_second * part
        passed = max(0.0, (now - self._at).total_seconds())
        self._left = min(rate, self._left + passed * rate) - count
        self._at = max(self._at, now)
        return max(0.0, -self._left / rate)


def _hours(text: str) -> tuple[time, time]:
    begin, _, end = text.partition("-")
    return time.fromisoformat(begin), time.fromisoformat(end)
