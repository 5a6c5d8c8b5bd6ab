"""Whose database this is: a depot writes its id in it, and finds out when it is another's."""

from sqlalchemy import Column, Connection, Engine, Table, Text, insert, select

from storage.database import METADATA, begin, reading
from storage.errors import DatabaseOfAnother

DEPOT = Table("depot", METADATA, Column("id", Text, primary_key=True))


def claim(engine: Engine, depot: str) -> None:
    """Write the depot's id in its database; a second time nothing happens. "" claims nothing.

    Raises: DatabaseOfAnother; DatabaseUnusable.
    """
    if not depot:
        return
    with reading(engine) as connection:
        known = _known(connection)
    if not known:
        with begin(engine) as connection:
            known = _known(connection)
            if not known:
                connection.execute(insert(DEPOT), {"id": depot})
                return
    if known != depot:
        raise DatabaseOfAnother(f"depot {known}, not {depot}", found=known, expected=depot)


def _known(connection: Connection) -> str:
    return connection.execute(select(DEPOT.c.id)).scalars().first() or ""
