"""The depot's database, opened without anything else, so that a question is answered quickly."""

from pathlib import Path

from sqlalchemy import Connection, Engine

from edepot.config import Config
from edepot.errors import (
    AmbiguousName,
    DatabaseMissing,
    DossierDestroyed,
    DossierReleased,
    EdepotError,
    NotFound,
)
from storage import catalogue
from storage.aip import StoredAip
from storage.database import open_database, reading, shown
from storage.denied import check_fresh
from storage.depot_id import claim
from storage.places import stands


def open_existing(config: Config, *, older: bool = False) -> Engine:
    """The database of a depot that stands; `older` also one that was put back from a backup from
    before a destruction, and one whose deny list was, which else are refused.

    Raises: DatabaseMissing; DatabaseUnusable, DatabaseOfAnother, SchemaTooNew; DatabaseOlder,
    DenyListOlder.
    """
    if not stands(config.database):
        raise DatabaseMissing(file=shown(config.database))
    engine = open_database(config.database)
    try:
        claim(engine, config.id)
        folder = denied_folder(config)
        if not older:
            with reading(engine) as connection:
                check_fresh(connection, folder, [each.id for each in config.zorgdragers])
    except BaseException:
        engine.dispose()
        raise
    return engine


def denied_folder(config: Config) -> Path:
    """Where the deny lists stand: beside the database, one file per zorgdrager."""
    return config.folder / "vernietigd"


def named_aip(connection: Connection, name: str) -> StoredAip:
    """The AIP with this id or the only one whose id begins so, or with this identifier.

    Raises: NotFound, AmbiguousName; DossierDestroyed, DossierReleased.
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
        raise gone(connection, name) or NotFound(name=name)
    return found


def gone(connection: Connection, name: str) -> EdepotError | None:
    """What there is to say of a dossier that was destroyed or released, by id or identifier."""
    # Only who asks for what is not here needs the register.
    from retention.nouns import ListKind  # noqa: PLC0415
    from retention.tombstones import find_tombstones  # noqa: PLC0415

    for each in find_tombstones(connection, name.strip()):
        kind = DossierReleased if each.kind is ListKind.RELEASE else DossierDestroyed
        return kind(
            name=name,
            dossier=each.dossier,
            identifier=each.identifier,
            zorgdrager=each.zorgdrager,
            day=each.destroyed_at[:10],
            list=each.list,
            declaration=each.declaration,
        )
    return _gone_by_ledger(connection, name.strip())


def _gone_by_ledger(connection: Connection, aip_id: str) -> EdepotError | None:
    """What the ledger alone says: after a rebuild there are no tombstones until they are put
    back."""
    from storage.promised import destroyed_by  # noqa: PLC0415 - as above

    entry = destroyed_by(connection, aip_id)
    if entry is None:
        return None
    list_id = entry.facts.get("list", "")
    kind = DossierReleased if entry.result == "released" else DossierDestroyed
    return kind(
        name=aip_id,
        dossier=aip_id,
        identifier=aip_id,
        zorgdrager=entry.zorgdrager,
        day=entry.at.date().isoformat(),
        list=list_id,
        declaration=f"{list_id}-verklaring",
    )
