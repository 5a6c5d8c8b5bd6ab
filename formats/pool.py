"""The pool: lanes of child processes, one lane per kind of limits, used from any thread."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from formats.limits import DEFAULT_LIMITS, Limits
from formats.outcomes import Failed, Fault, Outcome
from formats.pool_child import Child, Start, ToolUnavailable, Work

ITEMS_PER_CHILD = 10_000
STARTS = 3

Allowance = Callable[[Any], float]


class Pool:
    """Child processes that do jobs; usable from several threads. Made by `open_pool`."""

    def __init__(self, workers: int, scratch: Path, start: Start) -> None:
        self.workers = workers
        self._scratch = scratch
        self._start = start
        self._lanes: dict[Limits, _Lane] = {}
        self._lock = threading.Lock()

    def run_items(
        self,
        job: str,
        batches: Iterable[Sequence[Any]],
        *,
        limits: Limits = DEFAULT_LIMITS,
        allow: Allowance | None = None,
    ) -> Iterator[Outcome]:
        """One outcome per item, in order, while at most two batches per worker are under way.

        `job` names a function of one JSON value, "module:function", resolved in the child;
        `allow` gives the seconds that one item may take (else `limits.seconds`).
        Raises: JobUnknown, ToolUnavailable.
        """
        waiting: deque[Future[list[Outcome]]] = deque()
        try:
            for batch in batches:
                waiting.append(self.submit(job, batch, limits=limits, allow=allow))
                if len(waiting) > 2 * self.workers:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def run(
        self, job: str, arguments: Iterable[Any], *, limits: Limits = DEFAULT_LIMITS
    ) -> Iterator[Outcome]:
        """One outcome per argument, in order. Raises: JobUnknown, ToolUnavailable."""
        return self.run_items(job, ([each] for each in arguments), limits=limits)

    def call(self, job: str, argument: Any, *, limits: Limits = DEFAULT_LIMITS) -> Outcome:
        """The outcome of one job. Raises: JobUnknown, ToolUnavailable."""
        return self.submit(job, [argument], limits=limits).result()[0]

    def submit(
        self,
        job: str,
        items: Sequence[Any],
        *,
        limits: Limits = DEFAULT_LIMITS,
        allow: Allowance | None = None,
    ) -> "Future[list[Outcome]]":
        """The outcomes of one batch, later."""
        seconds = [allow(each) if allow else limits.seconds for each in items]
        return self._lane(limits).submit(Work(job, list(items), seconds))

    def close(self) -> None:
        """End every child, at once."""
        with self._lock:
            lanes = list(self._lanes.values())
        for lane in lanes:
            lane.close()

    def pids(self) -> list[int]:
        """The process ids of the children that live now."""
        with self._lock:
            lanes = list(self._lanes.values())
        return [pid for lane in lanes for pid in lane.pids()]

    def _lane(self, limits: Limits) -> "_Lane":
        with self._lock:
            if limits not in self._lanes:
                width = limits.workers or self.workers
                self._lanes[limits] = _Lane(self._start, limits, width, self._scratch)
            return self._lanes[limits]


class _Lane:
    """The children of one kind of limits, and the threads that wait for them.

    A child dies with the thread that started it (PR_SET_PDEATHSIG), so these threads live
    as long as the pool.
    """

    def __init__(self, start: Start, limits: Limits, width: int, scratch: Path) -> None:
        self._start = start
        self._limits = limits
        self._scratch = scratch
        self._threads = ThreadPoolExecutor(width, thread_name_prefix="edepot-pool")
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._all: set[Child] = set()
        self._closed = False

    def submit(self, work: Work) -> "Future[list[Outcome]]":
        return self._threads.submit(self._run, work)

    def pids(self) -> list[int]:
        with self._lock:
            return [child.pid for child in self._all]

    def close(self) -> None:
        with self._lock:
            self._closed = True
            children = list(self._all)
        for child in children:
            child.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for child in children:
            child.end()

    def _run(self, work: Work) -> list[Outcome]:
        outcomes: list[Outcome] = []
        while len(outcomes) < len(work.items):
            rest = work.only(len(outcomes), len(work.items))
            outcomes.extend(self._attempt(rest))
        return outcomes

    def _attempt(self, work: Work) -> list[Outcome]:
        """At least one outcome: all until the child was lost, the culprit tried once more alone."""
        for _ in range(STARTS):
            child = self._take()
            fresh = child.answered == 0
            try:
                outcomes = child.do(work)
            finally:
                self._give_back(child)
            if not outcomes:
                continue
            culprit = isinstance(outcomes[-1], Failed) and child.lost
            first = fresh and len(outcomes) == 1
            if not culprit or first or outcomes[-1].reason is Fault.TIMEOUT:  # type: ignore[union-attr]
                return outcomes
            place = len(outcomes) - 1
            return [*outcomes[:-1], *self._once_more(work.only(place, place + 1), outcomes[-1])]
        raise ToolUnavailable(f"{work.job}: no child process was ready after {STARTS} starts")

    def _once_more(self, work: Work, before: Outcome) -> list[Outcome]:
        child = self._take(fresh=True)
        try:
            return child.do(work) or [before]
        finally:
            self._give_back(child)

    def _take(self, *, fresh: bool = False) -> Child:
        with self._lock:
            if self._closed:
                raise ToolUnavailable("the pool is closed")
            if self._idle and not fresh:
                return self._idle.pop()
            surplus = self._idle.pop() if self._idle else None
        if surplus is not None:
            self._drop(surplus)
        child = Child(self._start, self._limits, self._scratch)
        with self._lock:
            self._all.add(child)
            if self._closed:
                child.kill()
        return child

    def _give_back(self, child: Child) -> None:
        if child.lost or child.answered >= ITEMS_PER_CHILD:
            self._drop(child)
            return
        with self._lock:
            self._idle.append(child)

    def _drop(self, child: Child) -> None:
        child.end()
        with self._lock:
            self._all.discard(child)
