"""Places beside the stores where traces of a dossier may be: the journal, quarantine, staging."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from edepot.depot import Depot
from ingest.forgetting import forget_dossier, kept_parts, remove_parts, traces_of
from retention.disposal_nouns import Place, Remnant
from storage.database import begin, reading


def places_of(depot: Depot) -> tuple[Place, ...]:
    """Every place of a depot; the journal last, for the others find their parts through it."""
    return (
        KeptDeliveries("quarantine", depot.engine, depot.config.quarantine),
        KeptDeliveries("staging", depot.engine, depot.config.staging),
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
            Remnant(
                str(each.relative_to(self.folder)), each.stat().st_size if each.is_file() else 0
            )
            for each in self._parts(dossier)
        )

    def erase(self, zorgdrager: str, dossier: str) -> None:
        """Remove them."""
        del zorgdrager
        remove_parts(self._parts(dossier))

    def _parts(self, dossier: str) -> list[Path]:
        with reading(self.engine) as connection:
            deliveries = traces_of(connection, dossier)
        return kept_parts(self.folder, deliveries)
