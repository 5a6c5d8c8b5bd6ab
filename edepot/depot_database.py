"""The depot's database, opened without anything else, so that a question is answered quickly."""

from sqlalchemy import Connection, Engine

from edepot.config import Config
from edepot.errors import AmbiguousName, DatabaseMissing, NotFound
from storage import catalogue
from storage.aip import StoredAip
from storage.database import open_database, shown
from storage.depot_id import claim
from storage.places import stands


def open_existing(config: Config) -> Engine:
    """The database of a depot that stands.

    Raises: DatabaseMissing; DatabaseUnusable, DatabaseOfAnother, SchemaTooNew.
    """
    if not stands(config.database):
        raise DatabaseMissing(file=shown(config.database))
    engine = open_database(config.database)
    try:
        claim(engine, config.id)
    except BaseException:
        engine.dispose()
        raise
    return engine


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
