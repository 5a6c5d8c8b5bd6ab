"""The database: opened, brought up to date, and written in one transaction at a time.

It stands in a file (SQLite) or on a server (PostgreSQL), and means the same on both. Tables of
every package register on METADATA; the schema itself is made by the migrations alone.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, event, inspect
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoneFree

from storage import postgres, postgres_url, sqlite
from storage.errors import DatabaseUnusable, SchemaTooNew

METADATA = MetaData()
VERSIONS = Path(__file__).parent / "migrations" / "versions"

_READING = "edepot_reading"
_ONE_STATE = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def open_database(place: Path | str) -> Engine:
    """The database in a file, or under a postgresql:// URL; made or brought up to date where
    needed.

    Raises: DatabaseUnusable, DatabaseUnreachable, DatabaseAbsent; SchemaTooNew.
    """
    engine = _engine(place)
    try:
        with reading(engine) as connection:
            version = schema_version(connection)
        newest = newest_version()
        if version is not None and version > newest:
            raise SchemaTooNew(
                f"{shown(place)}: schema {version}, known here {newest}",
                path=shown(place),
                found=version,
                expected=newest,
            )
        if version != newest:
            _migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def begin(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write, and writes alone: committed at the end, or nothing of it.

    Raises: DatabaseUnusable when the database is locked for long, full, cannot be written, or when
    the connection is lost: then nothing of it is there, unless it was lost while committing.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except IntegrityError:
        raise
    except (DBAPIError, NoneFree) as error:
        raise _unusable(engine, error) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: one state of the database, beside whoever writes.

    Raises: DatabaseUnusable.
    """
    options = {_READING: True} | (_ONE_STATE if on_postgres(engine) else {})
    try:
        with (
            engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection
    except IntegrityError:
        raise
    except (DBAPIError, NoneFree) as error:
        raise _unusable(engine, error) from error


def on_postgres(where: Engine | Connection) -> bool:
    """Whether the database stands on a PostgreSQL server."""
    return where.dialect.name == "postgresql"


def shown(place: Path | str) -> str:
    """A place as a person may see it: a password that stands in it is left out."""
    if isinstance(place, Path) or not postgres_url.names_postgres(place):
        return str(place)
    return postgres_url.shown(place)


def schema_version(connection: Connection) -> str | None:
    """The number of the newest migration that the database has had; None for a new one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return str(row[0]) if row else None


def newest_version() -> str:
    """The number of the newest migration that this version of the software has."""
    names = (each for each in os.listdir(VERSIONS) if each.endswith(".py") and each[0].isdigit())
    return max(names).split("_", 1)[0]


def database_file(engine: Engine) -> Path:
    """The file that the database stands in, where it stands in one."""
    assert not on_postgres(engine), "a database on a server has no file"
    return Path(engine.url.database or "")


def _engine(place: Path | str) -> Engine:
    if isinstance(place, str) and postgres_url.names_postgres(place):
        engine = postgres.postgres_engine(place)
    else:
        engine = sqlite.sqlite_engine(Path(place))
    event.listen(engine, "begin", _start)
    return engine


def _start(connection: Connection) -> None:
    only_reads = bool(connection.get_execution_options().get(_READING))
    dialect = postgres if on_postgres(connection) else sqlite
    dialect.start(connection, only_reads=only_reads)


def _migrate(engine: Engine) -> None:
    # Alembic takes a tenth of a second to import: only who migrates waits for it.
    from storage.migrations.upgrade import upgrade  # noqa: PLC0415

    with begin(engine) as connection:
        if on_postgres(connection):
            postgres.prepare(connection)
        upgrade(connection)
        if on_postgres(connection):
            postgres.order_by_bytes(connection)


def _unusable(engine: Engine, error: DBAPIError | NoneFree) -> DatabaseUnusable:
    cause = getattr(error, "orig", None) or error
    if on_postgres(engine):
        lost = isinstance(error, DBAPIError) and postgres.is_lost(error)
        return postgres.failure(engine.url, cause, lost=lost)
    return DatabaseUnusable(str(cause), found=str(cause))
