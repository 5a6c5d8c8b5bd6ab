"""Rebuilding a depot's database from its stores, beside the old one, and comparing both.

The journal of deliveries is not on the shelf; it stays in the old database, which is kept.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from edepot.config import Config
from storage import catalogue, ledger
from storage.database import open_database, reading
from storage.depot_id import claim
from storage.errors import DatabaseChanged
from storage.places import Place, beside, remove, stands, take_place
from storage.rebuild import Adoption, RebuildReport, rebuild
from storage.stores.base import Store


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it: `kept` is where the old database stands now, if it was put aside.

    `placed` says whether the new database is the depot's now.
    """

    report: RebuildReport
    placed: bool
    kept: Place | None


def rebuild_depot(
    config: Config, stores: dict[str, Store], adoption: Adoption, *, replace: bool
) -> Rebuilt:
    """Build the database anew. Where there is one already, it is compared with it; only with
    `replace` does the new one take its place.

    Raises: DatabaseChanged when something came into the old one meanwhile: then that one stays;
    DatabaseUnusable.
    """
    if not stands(config.database):
        report = rebuild(stores, config.database, adoption)
        _claim(config.database, config)
        return Rebuilt(report, True, None)
    new = beside(config.database, "new")
    remove(new)
    old = open_database(config.database)
    try:
        claim(old, config.id)
        with reading(old) as connection:
            before = _state(connection)
        report = rebuild(stores, new, adoption, old)
    finally:
        old.dispose()
    if not replace:
        remove(new)
        return Rebuilt(report, False, None)
    _claim(new, config)
    return Rebuilt(report, True, _put_in_place(config, new, before, adoption))


def _put_in_place(config: Config, new: Place, before: dict[str, int], adoption: Adoption) -> Place:
    """Put the old database aside under a name that is used once; where it stands then."""

    def check(connection: Connection) -> None:
        if _state(connection) != before:
            raise DatabaseChanged("written to while it was being rebuilt")

    kept = beside(config.database, f"{adoption.now:%Y%m%dT%H%M%S%f}.old")
    take_place(config.database, new, kept, check)
    return kept


def _state(connection: Connection) -> dict[str, int]:
    """How far catalogue and ledgers are: nothing comes in without these growing."""
    sizes = {each: ledger.size(connection, each) for each in ledger.zorgdragers(connection)}
    return sizes | {"": catalogue.count(connection).aips}


def _claim(place: Place, config: Config) -> None:
    engine = open_database(place)
    try:
        claim(engine, config.id)
    finally:
        engine.dispose()
