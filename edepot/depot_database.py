"""The depot's database, opened without anything else, so that a question is answered quickly."""

from sqlalchemy import Connection, Engine

from edepot.config import Config
from edepot.errors import AmbiguousName, DatabaseMissing, NotFound
from storage import catalogue
from storage.aip import StoredAip
from storage.database import open_database


def open_existing(config: Config) -> Engine:
    """The database of a depot that stands.

    Raises: DatabaseMissing; DatabaseUnusable, SchemaTooNew.
    """
    if not config.database.is_file():
        raise DatabaseMissing(file=config.database)
    return open_database(config.database)


def named_aip(connection: Connection, name: str) -> StoredAip:
    """The AIP with this id or the only one whose id begins so, or with this identifier.

    Raises: NotFound, AmbiguousName.
    """
    beginning = name.strip().lower()
    ids = catalogue.ids_beginning(connection, beginning) if beginning else []
    exact = [each for each in ids if each == beginning]
    if not ids:
        hits = catalogue.find(connection, f'"{name}"', 10)
        ids = [each.aip_id for each in hits if each.identifier == name]
    ids = exact or list(dict.fromkeys(ids))
    if len(ids) > 1:
        raise AmbiguousName(name=name, found=", ".join(ids[:5]))
    found = catalogue.by_id(connection, ids[0]) if ids else None
    if found is None:
        raise NotFound(name=name)
    return found
