"""PostgreSQL: the database on a server, in a schema of its own, shared by many machines."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError, OperationalError

from storage.errors import DatabaseAbsent, DatabaseUnreachable, DatabaseUnusable
from storage.postgres_url import SCHEMA, passwords, read_url, shown_url

WAIT_SECONDS = 30
CONNECT_SECONDS = 10

# The first half of the key of the writers' lock ("edep"); the second is of the schema.
_WRITERS = 0x65646570

# A machine that dies without a word is noticed within two minutes, and its locks are freed. Waiting
# for the one writer ends as it does on SQLite. A commit that is reported is on the disk.
_SETTINGS = f"""SELECT
    set_config('search_path', %s, false),
    set_config('lock_timeout', '{WAIT_SECONDS}s', false),
    set_config('tcp_keepalives_idle', '60', false),
    set_config('tcp_keepalives_interval', '10', false),
    set_config('tcp_keepalives_count', '5', false),
    set_config('synchronous_commit', CASE current_setting('synchronous_commit')
        WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)"""


def is_lost(error: DBAPIError) -> bool:
    """Whether there was no connection, or there is none any more."""
    unmade = isinstance(error, OperationalError) and error.statement is None
    return unmade or error.connection_invalidated


def postgres_engine(place: str) -> Engine:
    """The engine of a database on a server; nothing is connected yet.

    Raises: DatabaseUnusable when the place cannot be one.
    """
    url, schema = read_url(place)
    return create_engine(
        url,
        creator=partial(connect, url, schema),
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        use_native_hstore=False,
        execution_options={"edepot_schema": schema},
    )


def vacuum(engine: Engine, tables: Sequence[str]) -> None:
    """Give back the room of deleted rows in these tables, so that their bytes are overwritten.

    Raises: DatabaseUnusable, DatabaseUnreachable.
    """
    from psycopg import Error, OperationalError  # noqa: PLC0415 - as below

    try:
        with closing(engine.raw_connection()) as connection:
            bare: Any = connection.dbapi_connection
            bare.autocommit = True
            try:
                bare.execute(f"VACUUM {', '.join(tables)}")
            finally:
                bare.autocommit = False
    except (Error, DBAPIError) as error:
        lost = isinstance(error, OperationalError)
        raise failure(engine.url, error, lost=lost) from error


def schema_of(engine: Engine | Connection) -> str:
    """The schema that an engine works in."""
    return str(engine.get_execution_options()["edepot_schema"])


def connect(url: URL, schema: str) -> Any:
    """A connection of the driver's, in the schema.

    Raises: psycopg.Error; DatabaseUnusable when the database cannot hold every letter.
    """
    # A tenth of a second to import, which nobody waits for whose database is a file.
    import psycopg  # noqa: PLC0415

    from storage.postgres_numbers import WholeNumber  # noqa: PLC0415

    arguments, named = url.get_dialect()().create_connect_args(url)
    usual = {"connect_timeout": CONNECT_SECONDS, "application_name": "edepot"}
    named = {**usual, **named, "client_encoding": "UTF8"}
    connection = psycopg.connect(*arguments, **named, autocommit=True)
    try:
        _refuse_other_letters(connection, url)
        connection.execute(_SETTINGS, (schema,))
        connection.adapters.register_loader("numeric", WholeNumber)
        connection.autocommit = False
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def session(url: URL, schema: str) -> Iterator[Any]:
    """A connection of its own, in which every statement counts at once.

    Raises: DatabaseUnreachable, DatabaseAbsent, DatabaseUnusable: also for what is done in it.
    """
    from psycopg import Error  # noqa: PLC0415 - as above

    opened = None
    try:
        opened = connect(url, schema)
        opened.autocommit = True
        yield opened
    except Error as error:
        raise failure(url, error, lost=opened is None or opened.broken) from error
    finally:
        if opened is not None:
            opened.close()


def failure(url: URL, error: Exception, *, lost: bool) -> DatabaseUnusable:
    """What to raise for an error of the driver's; `lost`: there is no connection (any more)."""
    said = " ".join(str(error).split())
    for each in passwords(url):
        said = said.replace(each, "***")
    kind = DatabaseUnusable
    if lost:
        kind = DatabaseAbsent if _is_absent(url) else DatabaseUnreachable
    return kind(f"{shown_url(url)}: {said}", found=said)


def _is_absent(url: URL) -> bool:
    """Whether the server answers, and says that it has no such database.

    The refusal itself names no code, and is in the server's language.
    """
    from psycopg import Error  # noqa: PLC0415 - as above

    asked = "SELECT 1 FROM pg_database WHERE datname = %s"
    try:
        with closing(connect(url.set(database="postgres"), SCHEMA)) as connection:
            return connection.execute(asked, (url.database,)).fetchone() is None
    except Error:
        return False


def _refuse_other_letters(connection: Any, url: URL) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        where = shown_url(url)
        raise DatabaseUnusable(f"{where}: encoding is {encoding}, not UTF8", found=encoding)


def start(connection: Connection, *, only_reads: bool) -> None:
    """Begin a transaction; one that may write waits until no other does, in this schema."""
    if not only_reads:
        key = lock_key(schema_of(connection), 4)
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s, %s)", (_WRITERS, key))


def lock_key(name: str, size_bytes: int) -> int:
    """A name as the number that the server locks: signed, of 4 or 8 bytes."""
    digest = hashlib.sha256(name.encode("utf-8")).digest()
    return int.from_bytes(digest[:size_bytes], "big", signed=True)


def prepare(connection: Connection) -> None:
    """Make the schema in which the tables will stand."""
    connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema_of(connection)}")


def order_by_bytes(connection: Connection) -> None:
    """Let every text column sort and compare by its bytes, as on SQLite, whatever the locale of
    the server is."""
    columns = connection.exec_driver_sql(_OTHER_ORDER).all()
    for table, column, kind in columns:
        connection.exec_driver_sql(
            f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE {kind} COLLATE "C"'
        )


_OTHER_ORDER = """SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_collation o ON o.oid = a.attcollation
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
      AND a.attnum > 0 AND NOT a.attisdropped AND o.collname <> 'C'
    ORDER BY c.relname, a.attnum"""
