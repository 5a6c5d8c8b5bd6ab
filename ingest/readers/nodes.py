"""What a sidecar says, in the few words that linking needs; the same for MDTO and ToPX."""

from dataclasses import dataclass

from formats.mdto.model import Bestand, Informatieobject
from formats.tmlo import model as tmlo
from ingest.sip import StagedFile

LEVELS = {
    "archief": 0,
    "serie": 1,
    "dossier": 2,
    "zaak": 3,
    "archiefstuk": 4,
    "record": 4,
}
"""The ranks of the aggregation levels of MDTO and ToPX, from the top down."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A file of a delivery, and the path where linking takes it to be.

    `at` is its own path; a sidecar among a bag's tag files is taken to stand in the payload.
    """

    file: StagedFile
    at: str

    @property
    def moved(self) -> bool:
        """Whether it stands among the tag files."""
        return self.at != self.file.path


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to an object: the identifier with its source as far as known, and the name."""

    identifier: str
    source: str
    name: str

    def __str__(self) -> str:
        return self.identifier or self.name


@dataclass(frozen=True, slots=True)
class ObjectNode:
    """An aggregation or record. `subject` is what its sidecar's name says; `identifiers` are
    (kenmerk, bron), where ToPX gives no bron; `part_of` are its parents."""

    sidecar: Placed
    folder: str
    subject: str
    identifiers: tuple[tuple[str, str], ...]
    name: str
    level: str
    part_of: tuple[Ref, ...]
    value: Informatieobject | tmlo.Aggregatie

    @property
    def where(self) -> str:
        """The sidecar's path in the sender's words."""
        return self.sidecar.file.path

    @property
    def rank(self) -> int | None:
        """The rank of its aggregation level; None when it is unknown."""
        return LEVELS.get(self.level)

    @property
    def is_dossier(self) -> bool:
        """Whether it calls itself a dossier or case."""
        return self.level in ("dossier", "zaak")


@dataclass(frozen=True, slots=True)
class FileNode:
    """A file's metadata. `subjects` are names it may describe by its sidecar's name, `names` by
    what it says itself; `record` is what the file represents, `digests` are hex values that its
    bytes should have."""

    sidecar: Placed
    folder: str
    subjects: tuple[str, ...]
    names: tuple[str, ...]
    record: tuple[Ref, ...]
    digests: frozenset[str]
    value: Bestand | tmlo.Bestand

    @property
    def where(self) -> str:
        """The sidecar's path in the sender's words."""
        return self.sidecar.file.path
