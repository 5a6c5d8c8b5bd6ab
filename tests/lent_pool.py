"""A pool that a forked child borrows: its jobs run in the children of the process that forked it.

The crash sweep forks thousands of short lives; the engines that identify and examine take
seconds to start, so they live with the parent. The jobs are the real ones, done by the real pool.
"""

import pickle
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from formats.limits import PARSER_LIMITS, Limits
from formats.outcomes import Outcome
from formats.pool import Pool


class LentPool(Pool):
    """Speaks to the lender over a Unix socket; one connection per batch."""

    def __init__(self, address: str) -> None:
        self.workers = 2
        self._address = address

    def submit(
        self,
        job: str,
        items: Sequence[Any],
        *,
        limits: Limits = PARSER_LIMITS,
        allow: Callable[[Any], float] | None = None,
    ) -> "Future[list[Outcome]]":
        future: Future[list[Outcome]] = Future()
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(self._address)
            _send(link, (job, list(items), limits))
            future.set_result(_receive(link))
        return future

    def close(self) -> None:
        """Nothing to end: the children are the lender's."""


@contextmanager
def lending(pool: Pool, folder: Path) -> Iterator[str]:
    """Lend a pool while the block runs; the address for LentPool."""
    address = str(folder / "pool.sock")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen(64)
        threading.Thread(target=_serve, args=(door, pool), daemon=True).start()
        yield address
        door.shutdown(socket.SHUT_RDWR)


def _serve(door: socket.socket, pool: Pool) -> None:
    while True:
        try:
            link, _ = door.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(link, pool), daemon=True).start()


def _answer(link: socket.socket, pool: Pool) -> None:
    with link:
        try:
            job, items, limits = _receive(link)
            _send(link, pool.submit(job, items, limits=limits).result())
        except (EOFError, ConnectionError):
            return  # the borrower was killed


def _send(link: socket.socket, value: Any) -> None:
    content = pickle.dumps(value)
    link.sendall(struct.pack(">I", len(content)) + content)


def _receive(link: socket.socket) -> Any:
    (size,) = struct.unpack(">I", _exactly(link, 4))
    return pickle.loads(_exactly(link, size))  # noqa: S301 - from ourselves


def _exactly(link: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        part = link.recv(size - len(content))
        if not part:
            raise EOFError
        content += part
    return content
