"""The work of a run: shares claimed, their copies checked, every result kept, the run sealed.

Any number of workers do one run together, each its own shares; who dies loses only what it had
not recorded yet, and another takes up its share when the lease lapses. A run that was stopped or
killed is gone on with by the same call.
"""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from datetime import datetime

from sqlalchemy import func, select

from formats.tools import open_pool
from storage.database import reading
from storage.fixity import claim
from storage.fixity.lanes import Lanes, OpenShare, open_share
from storage.fixity.nouns import Run, RunState, Share
from storage.fixity.reading import Halted
from storage.fixity.reconcile import look
from storage.fixity.record import Found, Recorder
from storage.fixity.remarks import write_remarks
from storage.fixity.runs import read_run
from storage.fixity.tables import SHARES
from storage.fixity.works import Step, Works
from storage.stores.local import LocalStore

AHEAD = 3
"""So many shares of one store are under way at once, so that no lane waits for a commit."""
TICK_SECONDS = 0.2
STORES_AT_ONCE = 16


def work_run(works: Works, run_id: str) -> Run:
    """Work on a run until nothing of it is left, whoever does it, and seal it.

    Returns the run: ended; or still running when `works.stop` said so. A cancelled run is sealed
    as it is. What an earlier worker of this name left is taken up at once.

    Raises: DatabaseUnusable; whatever `works.seal` raises.
    """
    run = _read(works, run_id)
    if run.state is RunState.ENDED:
        return run
    if run.state is RunState.RUNNING:
        claim.release(works.engine, run_id, works.worker)
        with _working(works, run) as doing:
            doing.work()
        if doing.stopped:
            return _read(works, run_id)
    return works.seal(run_id)


def work_share(works: Works, share: Share) -> None:
    """Work on one share that was claimed for this worker, and end it.

    When its store does not answer, the share is put off once: `work_run` takes it up at the end.

    Raises: DatabaseUnusable.
    """
    with _working(works, _read(works, share.run), one=True) as doing:
        doing.work_one(share)


def _read(works: Works, run_id: str) -> Run:
    with reading(works.engine) as connection:
        run = read_run(connection, run_id)
    assert run is not None, f"there is a run {run_id}"
    return run


@contextmanager
def _working(works: Works, run: Run, *, one: bool = False) -> Iterator["_Doing"]:
    halt = threading.Event()
    with ExitStack() as stack:
        pool = works.pool
        if pool is None and not one:
            pool = stack.enter_context(open_pool(works.lanes))
        doing = _Doing(works, run, halt)
        try:
            with Recorder(works.engine, works.worker, doing.keep) as recorder:
                doing.begin(recorder, Lanes(works, recorder, pool, halt))
                try:
                    yield doing
                finally:
                    halt.set()
                    if pool is not works.pool and pool is not None:
                        pool.close()
                    doing.end()
        finally:
            if recorder.error is None and not one:
                claim.release(works.engine, run.id, works.worker)


class _Doing:
    """One worker at work on one run."""

    def __init__(self, works: Works, run: Run, halt: threading.Event) -> None:
        self.stopped = False
        self._works = works
        self._run = run
        self._halt = halt
        self._lock = threading.Lock()
        self._open: dict[int, OpenShare] = {}
        self._lanes: dict[str, ThreadPoolExecutor] = {}
        self._kept: dict[int, int] = {}
        self._ended = 0
        self._read_bytes = 0
        self._renewed_at = works.clock()

    def begin(self, recorder: Recorder, lanes: Lanes) -> None:
        """Get to work."""
        self._recorder = recorder
        self._jobs = lanes
        self._count()

    def end(self) -> None:
        """End every lane; what has not begun is dropped."""
        for each in self._lanes.values():
            each.shutdown(cancel_futures=True)

    def work(self) -> None:
        """Claim and do shares, each store beside the others, until none is left or it is halted."""
        with reading(self._works.engine) as connection:
            stores = claim.undone_stores(connection, self._run.id)
        with ThreadPoolExecutor(STORES_AT_ONCE, thread_name_prefix="edepot-store") as threads:
            try:
                working = [threads.submit(self._work_store, each) for each in stores]
                self._watch(working)
            finally:
                self._halt.set()
        self._raise(working)

    def work_one(self, share: Share) -> None:
        """Do one share."""
        with ThreadPoolExecutor(1, thread_name_prefix="edepot-store") as threads:
            try:
                working = [threads.submit(self._do, share)]
                self._watch(working)
            finally:
                self._halt.set()
        self._raise(working)

    def keep(self, share: Share, found: Sequence[Found] | None) -> None:
        """Hear from the recorder which results stand in the database; None: the share is lost."""
        opened = self._open.get(share.number)
        if found is None:
            if opened is not None:
                opened.lost = True
                opened.ready.set()
            return
        with self._lock:
            self._kept[share.number] = self._kept.get(share.number, 0) + len(found)
            self._read_bytes += sum(each.result.read_bytes for each in found)
            done = min(self._ended + sum(self._kept.values()), self._run.items)
            step = Step(done, self._run.items, self._read_bytes, share.store)
        self._works.told(step)

    def _watch(self, working: "Sequence[Future[None]]") -> None:
        """Wait for the stores, and see meanwhile whether to stop, and that leases last."""
        while True:
            done, left = wait(working, TICK_SECONDS, FIRST_EXCEPTION)
            failed = any(each.exception() is not None for each in done)
            if not left or failed:
                return
            if self._works.stop():
                self.stopped = True
                self._halt.set()
            elif _read(self._works, self._run.id).state is not RunState.RUNNING:
                self._halt.set()
            if not self._halt.is_set():
                self._renew(self._works.clock())
                self._count()

    def _renew(self, now: datetime) -> None:
        if now - self._renewed_at < self._works.lease / 3:
            return
        self._renewed_at = now
        with self._lock:
            mine = [each.share for each in self._open.values()]
        self._recorder.renew(mine, now, self._works.lease)

    def _count(self) -> None:
        """Count the items of shares that are done, by whom ever; what is open counts itself."""
        with self._lock:
            mine = set(self._open)
        with reading(self._works.engine) as connection:
            ended = connection.execute(
                select(func.coalesce(func.sum(SHARES.c["items"]), 0)).where(
                    SHARES.c.run == self._run.id,
                    SHARES.c.done_at != "",
                    SHARES.c.number.not_in(mine),
                )
            ).scalar_one()
        with self._lock:
            self._ended = int(ended)
            counted = mine | set(self._open)
            self._kept = {each: count for each, count in self._kept.items() if each in counted}

    def _raise(self, working: "Sequence[Future[None]]") -> None:
        for error in (self._jobs.error, self._recorder.error):
            if error is not None:
                raise error
        for each in working:
            each.result()

    def _work_store(self, store: str) -> None:
        flying: deque[OpenShare] = deque()
        while not self._halt.is_set():
            share = self._claim(store)
            if share is not None:
                opened = self._start(share)
                if opened is not None:
                    flying.append(opened)
                if len(flying) >= AHEAD:
                    self._land(flying.popleft())
            elif flying:
                self._land(flying.popleft())
            elif self._left(store):
                self._halt.wait(TICK_SECONDS)
            else:
                return

    def _do(self, share: Share) -> None:
        opened = self._start(share)
        if opened is not None:
            self._land(opened)

    def _claim(self, store: str) -> Share | None:
        who = claim.claimer(self._works.worker, self._works.clock(), self._works.lease)
        return self._recorder.claim(self._run.id, who, store).result()

    def _left(self, store: str) -> bool:
        with reading(self._works.engine) as connection:
            return claim.undone(connection, self._run.id, store) > 0

    def _start(self, share: Share) -> OpenShare | None:
        """Begin a share; None when it was a look, which is over then."""
        if not share.items:
            self._look(share)
            return None
        with reading(self._works.engine) as connection:
            opened, planned = open_share(connection, share)
        with self._lock:
            self._open[share.number] = opened
            self._kept[share.number] = share.items - len(planned)
        self._jobs.start(opened, planned, self._lanes_of(share.store))
        return opened

    def _land(self, opened: OpenShare) -> None:
        """Wait until a share is done, lost, or all is halted."""
        while not opened.ready.wait(TICK_SECONDS):
            if self._halt.is_set():
                return
        if opened.answer is not None:
            opened.answer.result()
        with self._lock:
            self._open.pop(opened.share.number, None)
            if opened.answer is None or (opened.silent and not opened.again):
                self._kept.pop(opened.share.number, None)

    def _look(self, share: Share) -> None:
        opened = OpenShare(share, 0, again=False)
        with self._lock:
            self._open[share.number] = opened
        try:
            remarks = look(self._works, self._run, share, self._halt.is_set)
        except Halted:
            return
        finally:
            with self._lock:
                self._open.pop(share.number, None)
        worker, now = self._works.worker, self._works.clock()
        self._recorder.ask(
            lambda connection: write_remarks(connection, share, worker, now, remarks)
        ).result()

    def _lanes_of(self, store: str) -> Executor:
        """The threads that read one store; one more than there are lanes, to judge meanwhile."""
        with self._lock:
            if store not in self._lanes:
                local = isinstance(self._works.stores.get(store), LocalStore)
                width = self._works.lanes if local else self._works.remote_lanes
                self._lanes[store] = ThreadPoolExecutor(
                    width + local, thread_name_prefix=f"edepot-{store}"
                )
            return self._lanes[store]
