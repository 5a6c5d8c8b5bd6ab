"""The lanes of one share: its items cut into jobs, each read and judged, the results recorded."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from formats.findings import finding
from formats.limits import Limits
from formats.outcomes import Done
from formats.pool import Pool
from formats.pool_child import ToolUnavailable
from storage.errors import StorageError, StoreUnreachable
from storage.fixity.breaker import Breaker
from storage.fixity.check import (
    Care,
    check_item,
    intact,
    misplaced,
    not_checked,
    right,
    unreachable,
)
from storage.fixity.nouns import Item, Kind, Result, Share
from storage.fixity.reading import JOB, Halted, Reading
from storage.fixity.record import Found, Recorder
from storage.fixity.works import Works
from storage.stores.local import LocalStore

SMALL_BYTES = 1_500_000
SMALL_ITEMS = 24
"""From so many small packages on, a share is worth a child process."""
CHILDS = (128, 32_000_000)
REMOTE = (4, 1_000_000)
"""How many items, and bytes, go to a child at a time; and to a lane of a store elsewhere."""

_KINDS = {each.value: each for each in Kind}
_UNDONE = text(
    'SELECT number, zorgdrager, store, "key", aip, aip_id, version, size_bytes, expected, kind, '
    "findings, checked_at FROM fixity_items WHERE run = :run AND number >= :first "
    "AND number < :end AND outcome = 'not_checked' ORDER BY number"
)

_LIMITS = Limits(seconds=900.0, writes_below=())


@dataclass(frozen=True, slots=True)
class Planned:
    """An item of a share that has no verdict yet, and the findings that the plan wrote on it."""

    item: Item
    findings: str


@dataclass(slots=True)
class OpenShare:
    """A share that is being worked on: how many items are left, whether its store is silent."""

    share: Share
    left: int
    again: bool
    silent: bool = False
    lost: bool = False
    answer: "Future[bool] | None" = None
    ready: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)


def open_share(connection: Connection, share: Share) -> tuple[OpenShare, list[Planned]]:
    """A share with its items that have no verdict yet.

    It is done `again` when a worker was here before and the store did not answer.
    """
    values = {"run": share.run, "first": share.first, "end": share.first + share.items}
    planned, again = [], False
    for *said, kind, findings, checked_at in connection.execute(_UNDONE, values):
        number, zorgdrager, store, key, aip, aip_id, version, size_bytes, expected = said
        item = Item(
            share.run, number, _KINDS[kind], zorgdrager, store, key, aip, aip_id, version,
            size_bytes, expected,
        )  # fmt: skip
        planned.append(Planned(item, "" if checked_at else findings))
        again = again or bool(checked_at)
    return OpenShare(share, len(planned), again), planned


class Lanes:
    """What the jobs of a run share: the works, the recorder, the breaker, the sign to halt."""

    def __init__(
        self, works: Works, recorder: Recorder, pool: Pool | None, halt: threading.Event
    ) -> None:
        self._works = works
        self._recorder = recorder
        self._pool = pool
        self._halt = halt
        self._breaker = Breaker(works.retry_after)
        self._care = Care(works.clock, halt.wait, works.pauses, works.fresh, halt.is_set)
        self.error: BaseException | None = None

    def start(self, opened: OpenShare, planned: Sequence[Planned], lanes: Executor) -> None:
        """Hand the items of a share to the lanes; the share ends itself when all are recorded."""
        if not planned:
            self._settle(opened, 0, ())
        small = self._small(opened, planned)
        local = isinstance(self._works.stores.get(opened.share.store), LocalStore)
        most = CHILDS if small else (1, 0) if local else REMOTE
        for job in jobs(planned, *most):
            lanes.submit(self._do, opened, job, in_child=small and len(job) > 1)

    def _small(self, opened: OpenShare, planned: Sequence[Planned]) -> bool:
        """Whether the packages are so small and so many that a child reads them quicker."""
        size = sum(each.item.size_bytes for each in planned)
        return (
            self._pool is not None
            and type(self._works.stores.get(opened.share.store)) is LocalStore
            and len(planned) >= SMALL_ITEMS
            and size < SMALL_BYTES * len(planned)
        )

    def _do(self, opened: OpenShare, job: Sequence[Planned], *, in_child: bool) -> None:
        try:
            if opened.lost or self._halt.is_set():
                return
            found = self._read_in_child(opened, job) if in_child else self._check(opened, job)
            self._settle(opened, len(job), found)
        except Halted:
            return
        except BaseException as error:  # noqa: BLE001 - raised again by whoever works the run
            self.error = error
            self._halt.set()

    def _settle(self, opened: OpenShare, count: int, found: Sequence[Found]) -> None:
        """Hand results to the recorder, and the share itself after the last of them."""
        if found:
            self._recorder.put(opened.share, found)
        with opened.lock:
            opened.left -= count
            if opened.left:
                return
        now = self._works.clock()
        if opened.silent and not opened.again:
            opened.answer = self._recorder.put_off(opened.share, now + self._works.retry_after)
        else:
            opened.answer = self._recorder.finish(opened.share, now)
        opened.ready.set()

    def _read_in_child(self, opened: OpenShare, job: Sequence[Planned]) -> list[Found]:
        """Read many in one go; what is right is intact, the rest is looked at with care."""
        works, well = self._works, [each for each in job if misplaced(each.item) is None]
        store = works.stores[opened.share.store]
        assert isinstance(store, LocalStore), "as _small said"
        assert self._pool is not None, "as _small said"
        keys = [each.item.key for each in well]
        try:
            batch = [[str(store.root), keys, works.fresh]]
            outcome = self._pool.submit(JOB, batch, limits=_LIMITS).result()[0]
            readings = outcome.value if isinstance(outcome, Done) else [None] * len(keys)
        except ToolUnavailable:
            readings = [None] * len(keys)
        by_number = {
            each.item.number: None if said is None else Reading(*said)
            for each, said in zip(well, readings, strict=True)
        }
        now, found, doubtful = works.clock(), [], []
        for each in job:
            reading = by_number.get(each.item.number)
            if reading is not None and right(reading, each.item):
                found.append(Found(each.item, intact(each.item, now), each.findings))
            else:
                doubtful.append(each)
        if doubtful:
            found += self._check(opened, doubtful, by_number)
        return found

    def _check(
        self,
        opened: OpenShare,
        job: Sequence[Planned],
        first: "dict[int, Reading | None] | None" = None,
    ) -> list[Found]:
        readings = first or {}
        return [
            Found(
                each.item,
                self._result(opened, each.item, readings.get(each.item.number)),
                each.findings,
            )
            for each in job
        ]

    def _result(self, opened: OpenShare, item: Item, first: Reading | None) -> Result:
        clock = self._works.clock
        if self._halt.is_set():
            raise Halted
        silence = self._breaker.silence(item.store, clock())
        if silence is not None:
            opened.silent = True
            return unreachable(item, clock(), silence.reason, silence.since)
        try:
            result = self._ask(item, first)
        except StoreUnreachable as error:
            if self._halt.is_set():
                raise Halted from error
            opened.silent = True
            reason = str(error.values.get("found") or error)
            since = self._breaker.fell_silent(item.store, reason, clock()).since
            return unreachable(item, clock(), reason, since)
        except (StorageError, OSError) as error:
            where = f"{item.store}, {item.key}"
            told = finding("S351", where, f"{type(error).__name__}: {error}")
            return not_checked(item, clock(), told)
        self._breaker.answered(item.store)
        return result

    def _ask(self, item: Item, first: Reading | None) -> Result:
        works = self._works
        if item.kind is Kind.HELD and works.held is not None:
            return works.held(item)
        store = works.stores.get(item.store) if item.kind is Kind.PACKAGE else None
        if store is None:
            told = finding("S343", f"{item.store}, {item.key}")
            return not_checked(item, works.clock(), told)
        return check_item(store, item, self._care, first)


def jobs(
    planned: Sequence[Planned], most_items: int, most_bytes: int
) -> Iterator[Sequence[Planned]]:
    """The items in the portions in which they are done: so many together, or a large one alone."""
    gathered: list[Planned] = []
    size = 0
    for each in planned:
        size += each.item.size_bytes
        if gathered and (len(gathered) >= most_items or size > most_bytes):
            yield gathered
            gathered, size = [], each.item.size_bytes
        gathered.append(each)
    if gathered:
        yield gathered
