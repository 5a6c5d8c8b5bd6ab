"""Places beside the stores where traces of a dossier may be: the journal, quarantine, staging."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from edepot.depot import Depot
from edepot.transfers.place import PLACE, TransferPackages
from ingest.forgetting import (
    forget_dossier,
    kept_parts,
    remove_parts,
    traces_of,
    wholly_forgotten,
)
from retention.disposal_nouns import Place, Remnant
from storage.database import begin, reading

MARK = 16


def places_of(depot: Depot) -> tuple[Place, ...]:
    """Every place of a depot; the journal last, for the others find their parts through it."""
    return (
        KeptDeliveries("quarantine", depot.engine, depot.config.quarantine),
        KeptDeliveries("staging", depot.engine, depot.config.staging),
        TransferPackages("transfers", depot.engine, depot.config.folder / PLACE),
        Journal("journal", depot.engine),
    )


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of ingest: what it names of a dossier."""

    name: str
    engine: Engine

    def remnants(self, zorgdrager: str, dossier: str) -> Sequence[Remnant]:
        """The rows that name the dossier."""
        del zorgdrager
        with reading(self.engine) as connection:
            return tuple(Remnant(f"{each[0]}") for each in traces_of(connection, dossier))

    def erase(self, zorgdrager: str, dossier: str) -> None:
        """Take the names out; that it came in, and when, stays."""
        del zorgdrager
        with begin(self.engine) as connection:
            forget_dossier(connection, dossier)


@dataclass(frozen=True, slots=True)
class KeptDeliveries:
    """A folder with deliveries, or parts of them, that were kept: of the dossier its part."""

    name: str
    engine: Engine
    folder: Path

    def remnants(self, zorgdrager: str, dossier: str) -> Sequence[Remnant]:
        """The parts of the dossier that are there; size in bytes of a file, 0 of a folder."""
        del zorgdrager
        return tuple(
            Remnant(self._name_of(each), each.stat().st_size if each.is_file() else 0)
            for each in self._parts(dossier)
        )

    def erase(self, zorgdrager: str, dossier: str) -> None:
        """Remove them, and look again: once the journal has forgotten the dossier, nobody knows
        where in a delivery it stood.

        Raises: OSError.
        """
        del zorgdrager
        parts = self._parts(dossier)
        remove_parts(parts)
        for each in parts:
            if each.exists():
                raise FileExistsError(f"{self.name}: {self._name_of(each)}")

    def _parts(self, dossier: str) -> list[Path]:
        with reading(self.engine) as connection:
            deliveries = traces_of(connection, dossier)
            whole = wholly_forgotten(connection, dossier)
        return kept_parts(self.folder, deliveries, whole)

    def _name_of(self, part: Path) -> str:
        """The delivery, and a mark of the place in it: a path may be personal, and a manifest of a
        destruction is kept."""
        delivery, *inner = part.relative_to(self.folder).parts
        if not inner:
            return delivery
        return f"{delivery}/{hashlib.sha256('/'.join(inner).encode()).hexdigest()[:MARK]}"
