"""The database: opened, brought up to date, and written in one transaction at a time.

SQLite with a write-ahead log and full sync. Tables of every package register on METADATA; the
schema itself is made by the migrations alone.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.pool import QueuePool

from storage.errors import DatabaseUnusable, SchemaTooNew

METADATA = MetaData()
BUSY_SECONDS = 30
VERSIONS = Path(__file__).parent / "migrations" / "versions"

_READING = "edepot_reading"
_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -32000",
)


def open_database(path: Path) -> Engine:
    """The database in a file, made or brought up to date where needed.

    Raises: DatabaseUnusable; SchemaTooNew.
    """
    engine = _engine(path)
    try:
        with engine.connect() as connection:
            version = schema_version(connection)
        newest = newest_version()
        if version is not None and version > newest:
            raise SchemaTooNew(
                f"{path}: schema {version}, known here {newest}",
                path=str(path),
                found=version,
                expected=newest,
            )
        if version != newest:
            _migrate(engine)
    except DatabaseError as error:
        engine.dispose()
        raise _unusable(error) from error
    except SchemaTooNew:
        engine.dispose()
        raise
    return engine


@contextmanager
def begin(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write, and writes alone: committed at the end, or nothing of it.

    Raises: DatabaseUnusable when the database is locked for long, full, or cannot be written.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except IntegrityError:
        raise
    except DatabaseError as error:
        raise _unusable(error) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: one state of the database, beside whoever writes.

    Raises: DatabaseUnusable.
    """
    try:
        with (
            engine.connect().execution_options(**{_READING: True}) as connection,
            connection.begin(),
        ):
            yield connection
    except IntegrityError:
        raise
    except DatabaseError as error:
        raise _unusable(error) from error


def schema_version(connection: Connection) -> str | None:
    """The number of the newest migration that the database has had; None for a new one."""
    known = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
    if connection.exec_driver_sql(known).first() is None:
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return str(row[0]) if row else None


def newest_version() -> str:
    """The number of the newest migration that this version of the software has."""
    names = (each for each in os.listdir(VERSIONS) if each.endswith(".py") and each[0].isdigit())
    return max(names).split("_", 1)[0]


def database_file(engine: Engine) -> Path:
    """The file that the database stands in."""
    return Path(engine.url.database or "")


def _engine(path: Path) -> Engine:
    def connect() -> Any:
        connection = dbapi2.connect(
            str(path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        return connection

    url = URL.create("sqlite+pysqlite", database=str(path))
    engine = create_engine(url, creator=connect, module=dbapi2, poolclass=QueuePool)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    """Take the write lock at once: a transaction that reads first could be refused it later."""
    only_reads = connection.get_execution_options().get(_READING)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> None:
    # Alembic takes a tenth of a second to import: only who migrates waits for it.
    from storage.migrations.upgrade import upgrade  # noqa: PLC0415

    with engine.begin() as connection:
        upgrade(connection)


def _unusable(error: DatabaseError) -> DatabaseUnusable:
    return DatabaseUnusable(str(error.orig), found=str(error.orig))
