"""The SIP: one dossier as it was delivered, in staging, with its metadata read."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from formats.digest import Digest, Sums
from formats.mdto.model import Bestand, Informatieobject


class Shape(StrEnum):
    """The shape of a delivery."""

    MDTO_SIDECARS = "mdto"
    TOPX_SIDECARS = "topx"
    BAG = "bag"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file of the delivery in staging.

    `path` is relative to the delivery, with "/" between the names, as the sender spelled
    them; `place` is where the bytes stand (its name may differ from the sender's). It is a text,
    because a dossier may hold 100,000 files.
    """

    path: str
    place: str
    sums: Sums

    @property
    def staged(self) -> Path:
        """Where the bytes stand."""
        return Path(self.place)


@dataclass(frozen=True, slots=True)
class SipObject:
    """An aggregation or a record: its metadata, and where the sender gave them.

    `path` is the folder (or file) that it describes, relative to the delivery; `source` the
    sidecar's path, or the index's path with its row number: "index.csv, rij 3".
    `parent` is the position of its hierarchical parent in Sip.objects; None for the top.
    """

    path: str
    metadata: Informatieobject
    source: str
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class SipFile:
    """A record's file: the staged bytes, and what the sender said of them.

    `record` is the position in Sip.objects of the object that it represents.
    `name_in_dossier` is its path relative to the dossier: where it stands below data/original/.
    `metadata` is None when the sender gave no metadata of the file itself.
    """

    file: StagedFile
    name_in_dossier: str
    record: int
    metadata: Bestand | None = None
    claimed_digests: tuple[Digest, ...] = ()
    claimed_mime: str = ""
    claimed_size_bytes: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """The part of a source shared by several dossiers that is about one of them alone.

    Kept in place of the whole: what is destroyed with one dossier must not live on in another.
    """

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Sip:
    """One dossier: `objects[0]` is the dossier itself, `context` its parents, where delivered.

    `sources` are the sidecars, packing slips, indexes and mapping profiles that describe it, kept
    as delivered below metadata/source/; of those that describe other dossiers too, `extracts`
    are kept.
    """

    path: str
    shape: Shape
    objects: tuple[SipObject, ...]
    files: tuple[SipFile, ...]
    sources: tuple[StagedFile, ...] = ()
    context: tuple[SipObject, ...] = ()
    extracts: tuple[Extract, ...] = ()

    @property
    def dossier(self) -> Informatieobject:
        """The metadata of the dossier itself."""
        return self.objects[0].metadata
