"""SQLite: the database in one file, with a write-ahead log and full sync."""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.pool import QueuePool

BUSY_SECONDS = 30
MERGED_AT_ONCE = 500
"""So many pages of the full-text index are written again in one transaction."""
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


def purge(engine: Engine, begin: Callable[[Engine], AbstractContextManager[Connection]]) -> None:
    """Take what was deleted out of the full-text index and the write-ahead log.

    Step by step, each in a transaction of its own by `begin`. When somebody still reads an older
    state, the log keeps it until they are done.

    Source: SQLite FTS5, 6.10 the 'merge' command; PRAGMA wal_checkpoint.
    """
    pages = -MERGED_AT_ONCE
    while True:
        with begin(engine) as connection:
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
            bare = connection.connection.dbapi_connection
            assert bare is not None, "it is open"
            before = bare.total_changes
            connection.exec_driver_sql(
                "INSERT INTO search (search, rank) VALUES ('merge', ?)", (pages,)
            )
            merged = bare.total_changes - before
        if pages > 0 and merged < 2:
            break
        pages = MERGED_AT_ONCE
    with closing(engine.raw_connection()) as bare:
        bare.execute("PRAGMA busy_timeout = 1000")
        bare.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        bare.execute(_PRAGMAS[0])
