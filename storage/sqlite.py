"""SQLite: the database in one file, with a write-ahead log and full sync."""

from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.pool import QueuePool

BUSY_SECONDS = 30
COMPANIONS = ("-wal", "-shm")
"""What stands beside the file while it is open, by the endings of their names."""

_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -32000",
)


def sqlite_engine(path: Path) -> Engine:
    """The engine of a file; nothing is opened yet."""

    def connect() -> Any:
        connection = dbapi2.connect(
            str(path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        return connection

    url = URL.create("sqlite+pysqlite", database=str(path))
    return create_engine(
        url, creator=connect, module=dbapi2, poolclass=QueuePool, pool_use_lifo=True
    )


def start(connection: Connection, *, only_reads: bool) -> None:
    """Begin a transaction; one that may write takes the write lock at once, for if it read first
    the lock could be refused it later."""
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")
