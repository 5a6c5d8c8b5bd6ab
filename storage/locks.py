"""One writer per name, across threads and processes; a lock ends with whoever held it."""

import fcntl
import hashlib
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import DatabaseUnusable

# struct flock of Linux on 64 bits: type, whence, start, length, pid (0 for locks of an open file).
_FLOCK = struct.Struct("hhqqi4x")
_OPEN = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


@contextmanager
def holding(file: Path, name: str) -> Iterator[None]:
    """Wait until nobody else holds this name, and hold it.

    One file serves all names: each locks one byte at a place of its own, so nothing is left
    behind. Locks of the open file (OFD) are used: they hold between threads too.

    Raises: DatabaseUnusable when the file cannot be made or locked.
    """
    place = int.from_bytes(hashlib.sha256(name.encode("utf-8")).digest()[:7], "big")
    request = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, place, 1, 0)
    try:
        handle = os.open(file, _OPEN, 0o640)
    except OSError as error:
        raise _unusable(file, error) from error
    try:
        _wait(file, handle, request)
        yield
    finally:
        os.close(handle)


def _wait(file: Path, handle: int, request: bytes) -> None:
    try:
        fcntl.fcntl(handle, fcntl.F_OFD_SETLKW, request)
    except OSError as error:
        raise _unusable(file, error) from error


def _unusable(file: Path, error: OSError) -> DatabaseUnusable:
    return DatabaseUnusable(f"{file}: {error.strerror}", found=error.strerror)
