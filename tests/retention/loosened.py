"""States that no service would make: written while the database does not look.

    with loosened(connection):
        connection.execute(insert(LISTS), …)

The triggers on the tables of lists are off within, and on again afterwards, in the transaction of
the connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

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
def loosened(connection: Connection) -> Iterator[None]:
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
