"""One writer per name, across threads, processes and machines; a lock ends with whoever held it.

Beside a database in a file it is a lock in a file next to it; on a server it is the server's.
"""

import fcntl
import hashlib
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine

from storage.database import database_file, on_postgres
from storage.errors import DatabaseUnusable
from storage.postgres import failure, lock_key, schema_of, session

# struct flock of Linux on 64 bits: type, whence, start, length, pid (0 for locks of an open file).
_FLOCK = struct.Struct("hhqqi4x")
_OPEN = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
# A lock may be waited for, and held, as long as the work takes.
_PATIENT = """SELECT set_config('lock_timeout', '0', false),
    set_config('statement_timeout', '0', false), set_config('idle_session_timeout', '0', false)"""

StillHeld = Callable[[], None]
"""Raises DatabaseUnreachable when the lock was lost with the connection to the server."""


@contextmanager
def holding(engine: Engine, name: str) -> Iterator[StillHeld]:
    """Wait until nobody else who works with this database holds this name, and hold it.

    What must not happen without the lock asks just before whether it is still held.

    Raises: DatabaseUnusable.
    """
    if on_postgres(engine):
        with holding_on_server(engine, name) as still_held:
            yield still_held
        return
    file = database_file(engine)
    with holding_in_file(file.with_name(f"{file.name}-lock"), name):
        yield _always


@contextmanager
def holding_in_file(file: Path, name: str) -> Iterator[None]:
    """Hold a name among the processes of this machine.

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


@contextmanager
def holding_on_server(engine: Engine, name: str) -> Iterator[StillHeld]:
    """Hold a name among all machines: a lock of a session on the server, that nothing else uses.

    Raises: DatabaseUnreachable.
    """
    from psycopg import Error  # noqa: PLC0415 - see storage.postgres.connect

    key = lock_key(name, 8)
    with session(engine.url, schema_of(engine)) as held:

        def still_held() -> None:
            try:
                held.execute("SELECT 1")
            except Error as error:
                raise failure(engine.url, error, lost=True) from error

        held.execute(_PATIENT)
        held.execute("SELECT pg_advisory_lock(%s)", (key,))
        try:
            yield still_held
        finally:
            # Closing frees it too, but only when the server notices.
            with suppress(Error):
                held.execute("SELECT pg_advisory_unlock(%s)", (key,))


def _always() -> None:
    """A lock in a file cannot be lost while the process lives."""


def _wait(file: Path, handle: int, request: bytes) -> None:
    try:
        fcntl.fcntl(handle, fcntl.F_OFD_SETLKW, request)
    except OSError as error:
        raise _unusable(file, error) from error


def _unusable(file: Path, error: OSError) -> DatabaseUnusable:
    return DatabaseUnusable(f"{file}: {error.strerror}", found=error.strerror)
