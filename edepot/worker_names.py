"""Names of workers: a process of a depot has one, and no other process bears it meanwhile."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edepot.errors import WorkerNameTaken

LOCKS = "workers"


@contextmanager
def worker_name(folder: Path, asked: str = "") -> Iterator[str]:
    """A worker's name that no other process of this depot bears, for as long as it is open.

    Without one asked for: this machine's name and the lowest number that is free, so that who
    begins anew after a crash takes up its own work.

    Raises: WorkerNameTaken.
    """
    locks = folder / LOCKS
    locks.mkdir(mode=0o700, exist_ok=True)
    host = socket.gethostname().split(".", 1)[0].lower() or "localhost"
    for name in [asked] if asked else [f"{host}-{number}" for number in range(1, 1000)]:
        handle = os.open(locks / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        try:
            yield name
        finally:
            os.close(handle)
        return
    raise WorkerNameTaken(name=asked or host)
