"""Where a database stands, and how one that was made beside it takes its place.

A place is a file (SQLite), or a URL (PostgreSQL): there the places beside it are other schemas of
the same database, and one takes another's place by its name, in one transaction.
"""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from storage import postgres
from storage.database import begin, open_database, shown
from storage.errors import AlreadyThere, DatabaseUnusable
from storage.postgres import WAIT_SECONDS
from storage.postgres_url import in_schema, names_postgres, read_url
from storage.sqlite import COMPANIONS

TRY_SECONDS = 0.1
IN_USE = "55P03"
"""SQLSTATE lock_not_available."""

Place = Path | str
Check = Callable[[Connection], None]


def on_server(place: Place) -> bool:
    """Whether a place is on a server."""
    return isinstance(place, str) and names_postgres(place)


def stands(place: Place) -> bool:
    """Whether there is a database in this place.

    Raises: DatabaseUnreachable, DatabaseAbsent when the server cannot say.
    """
    if not on_server(place):
        return Path(place).exists()
    with _asking(str(place)) as (ask, schema):
        return ask(_TABLE.format(schema=schema)) is not None


def beside(place: Place, ending: str) -> Place:
    """A place beside it, whose name ends so."""
    if not on_server(place):
        file = Path(place)
        return file.with_name(f"{file.name}.{ending}")
    _, schema = read_url(str(place))
    return in_schema(str(place), f"{schema}_{ending.lower().replace('.', '_')}")


def remove(place: Place) -> None:
    """Remove what stands in a place that was made here.

    Raises: AlreadyThere when a schema holds something that is no database of ours.
    """
    if not on_server(place):
        for each in ("", *COMPANIONS):
            Path(f"{place}{each}").unlink(missing_ok=True)
        return
    with _asking(str(place)) as (ask, schema):
        if ask(_TABLE.format(schema=schema)) is None and ask(_OTHERS.format(schema=schema)):
            raise AlreadyThere(f"{shown(place)} is of something else", path=shown(place))
        ask(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def rename(place: Place, to: Place) -> None:
    """Give a database that nobody has open its name, in a place where nothing stands."""
    if not on_server(place):
        os.rename(place, to)
        _sync(Path(to).parent)
        return
    _, name = read_url(str(to))
    with _asking(str(place)) as (ask, schema):
        ask(f"ALTER SCHEMA {schema} RENAME TO {name}")


def take_place(place: Place, new: Place, kept: Place, check: Check) -> None:
    """Put a database aside, and another in its place; nothing happens when `check` raises.

    On a server it happens at one instant, when nobody reads or writes; in a file nobody must have
    it open.

    Raises: what `check` raises; DatabaseUnusable when it is in use for long.
    """
    old = open_database(place)
    try:
        with begin(old) as connection:
            check(connection)
            if on_server(place):
                _swap_schemas(connection, old, str(new), str(kept))
    finally:
        old.dispose()
    if not on_server(place):
        _swap_files(Path(place), Path(new), Path(kept))


_TABLE = "SELECT to_regclass('{schema}.alembic_version')"
_OTHERS = "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('{schema}')"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"


def _swap_schemas(connection: Connection, old: Engine, new: str, kept: str) -> None:
    """Who has read here is waited for: within one transaction nobody sees both databases."""
    schema = postgres.schema_of(old)
    (_, coming), (_, going) = read_url(new), read_url(kept)
    tries = itertools.count(1)
    while not _lock_alone(connection):
        if next(tries) * TRY_SECONDS > WAIT_SECONDS:
            raise DatabaseUnusable("read by others for long", found=schema)
        connection.exec_driver_sql(f"SELECT pg_sleep({TRY_SECONDS})")
    connection.exec_driver_sql(f"ALTER SCHEMA {schema} RENAME TO {going}")
    connection.exec_driver_sql(f"ALTER SCHEMA {coming} RENAME TO {schema}")


def _lock_alone(connection: Connection) -> bool:
    """Lock every table, if nobody else uses one: who waited with some of them locked and others
    not would stand in a reader's way, and the reader in ours."""
    tables = connection.exec_driver_sql(_TABLES).scalars().all()
    names = ", ".join(f'"{each}"' for each in tables)
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE NOWAIT")
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != IN_USE:
            raise
        return False
    return True


def _swap_files(file: Path, new: Path, kept: Path) -> None:
    os.rename(file, kept)
    for each in COMPANIONS:
        companion = Path(f"{file}{each}")
        if companion.exists():
            os.rename(companion, f"{kept}{each}")
    os.rename(new, file)
    _sync(file.parent)


@contextmanager
def _asking(place: str) -> Iterator[tuple[Callable[[str], Any], str]]:
    """What asks the server one thing, and the schema that is meant."""
    url, schema = read_url(place)
    with postgres.session(url, schema) as session:

        def ask(statement: str) -> Any:
            cursor = session.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None

        yield ask, schema


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
