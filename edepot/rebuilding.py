"""Rebuilding a depot's database from its stores, beside the old one, and comparing both.

The journal of deliveries is not on the shelf; it stays in the old database, which is kept.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edepot.config import Config
from storage.database import open_database
from storage.rebuild import Adoption, RebuildReport, rebuild
from storage.stores.base import Store

COMPANIONS = ("-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it: `kept` is where the old database stands now, if it was put aside.

    `placed` says whether the new database is the depot's now.
    """

    report: RebuildReport
    placed: bool
    kept: Path | None


def rebuild_depot(
    config: Config, stores: dict[str, Store], adoption: Adoption, *, replace: bool
) -> Rebuilt:
    """Build the database anew. Where there is one already, it is compared with it; only with
    `replace` does the new one take its place.

    Raises: DatabaseUnusable.
    """
    if not config.database.exists():
        return Rebuilt(rebuild(stores, config.database, adoption), True, None)
    beside = config.database.with_name(f"{config.database.name}.new")
    _remove(beside)
    old = open_database(config.database)
    try:
        report = rebuild(stores, beside, adoption, old)
    finally:
        old.dispose()
    if not replace:
        _remove(beside)
        return Rebuilt(report, False, None)
    kept = _put_aside(config.database, adoption.now)
    os.rename(beside, config.database)
    return Rebuilt(report, True, kept)


def _put_aside(database: Path, now: datetime) -> Path:
    """Rename the old database with what belongs to it; no name is used twice."""
    kept = database.with_name(f"{database.name}.{now:%Y%m%dT%H%M%S%f}.old")
    os.rename(database, kept)
    for each in COMPANIONS:
        companion = database.with_name(database.name + each)
        if companion.exists():
            os.rename(companion, kept.with_name(kept.name + each))
    return kept


def _remove(database: Path) -> None:
    for each in ("", *COMPANIONS):
        database.with_name(database.name + each).unlink(missing_ok=True)
