"""Packages of transfers as a place beside the stores: a run that clears a source erases them."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select

from retention.disposal_nouns import Remnant
from retention.transfer_tables import PACKAGES, TRANSFERS
from storage.database import reading

PLACE = "overbrengingen"
"""The depot's own folder for packages."""


@dataclass(frozen=True, slots=True)
class TransferPackages:
    """The folders in which a dossier was packed, as long as they stand in the depot's own place.

    What was packed elsewhere may by now be the archive's only copy: it is never erased.
    """

    name: str
    engine: Engine
    place: Path

    def remnants(self, zorgdrager: str, dossier: str) -> Sequence[Remnant]:
        """The folders of the dossier that are there."""
        del zorgdrager
        return tuple(
            Remnant(str(each), sum(file.stat().st_size for file in _files(each)))
            for each in self._folders(dossier)
        )

    def erase(self, zorgdrager: str, dossier: str) -> None:
        """Remove them."""
        del zorgdrager
        for each in self._folders(dossier):
            shutil.rmtree(each)

    def _folders(self, dossier: str) -> list[Path]:
        wanted = (
            select(TRANSFERS.c.folder, PACKAGES.c.folder.label("own"))
            .join(PACKAGES, PACKAGES.c.transfer == TRANSFERS.c.id)
            .where(PACKAGES.c.dossier == dossier)
        )
        with reading(self.engine) as connection:
            found = [Path(each.folder) / each.own for each in connection.execute(wanted)]
        own = self.place.resolve()
        return [
            each
            for each in found
            if own in each.parents and each.is_dir() and not each.is_symlink()
        ]


def _files(folder: Path) -> Iterator[Path]:
    return (each for each in folder.rglob("*") if each.is_file() and not each.is_symlink())
