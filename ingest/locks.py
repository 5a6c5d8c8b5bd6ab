"""One process at a time takes in from one source: a lock that dies with the process."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import DeliveryBusy


@contextmanager
def holding(staging: Path, source: str) -> Iterator[None]:
    """Hold the source while it is taken in.

    Raises: DeliveryBusy when another process holds it.
    """
    handle = _open_lock(staging, source)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DeliveryBusy(source) from error
        yield
    finally:
        os.close(handle)


def _open_lock(staging: Path, source: str) -> int:
    folder = staging / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(os.fsencode(source)).hexdigest()[:32]
    return os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
