"""Lanes: threads that each take the same chunks in order, so that hashing and writing overlap."""

from collections.abc import Callable, Sequence
from queue import Queue
from threading import Thread

Take = Callable[[bytes], object]
AHEAD = 4


class Lanes:
    """One thread per taker; each takes every chunk, in order. Chunks must not change afterwards.

    The first error of a taker is raised by the next `put`, or by `join`.
    """

    def __init__(self, takers: Sequence[Take]) -> None:
        self._lanes = [_Lane(take) for take in takers]

    def __enter__(self) -> "Lanes":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the threads, after what they were given."""
        for lane in self._lanes:
            lane.close()

    def put(self, chunk: bytes) -> None:
        """Hand one chunk to every lane; waits when a lane is far behind."""
        for lane in self._lanes:
            lane.put(chunk)
        self._raise_first()

    def join(self) -> None:
        """Wait until every lane took every chunk."""
        for lane in self._lanes:
            lane.join()
        self._raise_first()

    def _raise_first(self) -> None:
        for lane in self._lanes:
            if lane.error is not None:
                raise lane.error


class _Lane:
    """A thread with a short queue before it."""

    def __init__(self, take: Take) -> None:
        self.error: BaseException | None = None
        self._take = take
        self._queue: Queue[bytes | None] = Queue(AHEAD)
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def put(self, chunk: bytes) -> None:
        self._queue.put(chunk)

    def join(self) -> None:
        self._queue.join()

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (chunk := self._queue.get()) is not None:
            try:
                if self.error is None:
                    self._take(chunk)
            except BaseException as error:  # noqa: BLE001 - raised again by whoever puts or joins
                self.error = error
            finally:
                self._queue.task_done()
