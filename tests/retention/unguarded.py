"""States that no service would make: rows put there without going through a flow, and tables
written while the database does not look.

    with unguarded(connection):
        connection.execute(insert(LISTS), …)

The triggers on the tables of lists are off within, and on again afterwards; in the transaction of
the connection, so that nobody else sees it.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, insert, text

from storage.database import on_postgres

TABLES = (
    "disposal_lists",
    "list_items",
    "list_involvement",
    "list_acts",
    "list_revisions",
    "list_authorisations",
    "persons",
)


@contextmanager
def unguarded(connection: Connection) -> Iterator[None]:
    """The tables of lists without their triggers."""
    if on_postgres(connection):
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield
        connection.execute(text("SET LOCAL session_replication_role = origin"))
        return
    wanted = text("SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'")
    triggers = [each for each in connection.execute(wanted).all() if each.tbl_name in TABLES]
    for each in triggers:
        connection.execute(text(f"DROP TRIGGER {each.name}"))
    yield
    for each in triggers:
        connection.exec_driver_sql(each.sql)


def put_rows(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows past the guards of the database; the guards of this table stay off."""
    if on_postgres(connection):
        connection.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
    else:
        wanted = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")
        for name in connection.execute(wanted, {"name": table.name}).scalars().all():
            connection.execute(text(f"DROP TRIGGER {name}"))
    for row in rows:
        whole: dict[str, Any] = {
            each.name: 0 if each.type.python_type is int else "" for each in table.columns
        }
        connection.execute(insert(table), {**whole, **row})
