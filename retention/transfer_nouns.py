"""The nouns of transfer (overbrenging): how far it is, openness, and what was packed and received.

Source: Archiefwet 1995, art. 12 to 15; Archiefbesluit 1995, art. 9 and 10.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class TransferState(StrEnum):
    """How far a transfer is."""

    CONCEPT = "concept"
    AGREED = "agreed"
    PACKAGED = "packaged"
    DELIVERED = "delivered"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    SOURCE_RELEASABLE = "source_releasable"
    SOURCE_RELEASED = "source_released"
    CLOSED = "closed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


S = TransferState
OPEN = (S.CONCEPT, S.RETURNED)
"""In which states dossiers and restrictions may change."""

HANDED_OVER = (S.ACCEPTED, S.SOURCE_RELEASABLE, S.SOURCE_RELEASED, S.CLOSED)
"""In which states the archive service owns the dossiers."""

MAY_BECOME: Mapping[TransferState, tuple[TransferState, ...]] = {
    S.AGREED: (S.CONCEPT, S.RETURNED),
    S.PACKAGED: (S.AGREED,),
    S.DELIVERED: (S.PACKAGED,),
    S.RECEIVED: (S.DELIVERED,),
    S.ACCEPTED: (S.RECEIVED,),
    S.SOURCE_RELEASABLE: (S.ACCEPTED,),
    S.SOURCE_RELEASED: (S.SOURCE_RELEASABLE,),
    S.CLOSED: (S.SOURCE_RELEASED,),
    S.RETURNED: (S.AGREED, S.PACKAGED, S.DELIVERED, S.RECEIVED),
    S.WITHDRAWN: (S.CONCEPT, S.RETURNED),
}
"""From which states each state is reached: the database holds the same."""


class Openness(StrEnum):
    """What was decided on the openness of a dossier or record."""

    UNDECIDED = "undecided"
    OPEN = "open"
    RESTRICTED = "restricted"


class Ground(StrEnum):
    """On which ground openness is restricted. Source: Archiefwet 1995, art. 15, first paragraph."""

    PRIVACY = "a"
    STATE = "b"
    HARM = "c"


class PackageForm(StrEnum):
    """The form of a package: an MDTO SIP, or OPEX for a receiver with Preservica."""

    MDTO = "mdto"
    OPEX = "opex"


class FileKind(StrEnum):
    """What a file of a package is."""

    RECORD = "record"
    METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Archive:
    """The archive service that receives, and what the packing slip tells of it.

    `id`: under which it gives mandates to its own people; "" where it gives none.
    """

    name: str
    id: str = ""
    destination: str = ""
    contact: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer as it stands; its dossiers are the items of the list with the same id."""

    id: str
    zorgdrager: str
    state: TransferState
    round: int
    archive: str
    archive_id: str
    destination: str
    contact: str
    email: str
    form: str
    folder: str
    packaged_at: str
    made_at: str
    changed_at: str
    release_list: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Openness as it is decided: a ground and an end date (ISO) only when it is restricted."""

    openness: Openness
    ground: Ground | None = None
    until: str = ""
    description: str = ""


UNDECIDED = Decision(Openness.UNDECIDED)


@dataclass(frozen=True, slots=True)
class Restriction:
    """What counts for a dossier (`record` "") or for one record of it, and who decided it."""

    dossier: str
    record: str
    decision: Decision
    source: str
    decided_by: str
    decided_at: str

    @property
    def plain(self) -> Mapping[str, str]:
        """What is signed of it."""
        ground = self.decision.ground
        return {
            "dossier": self.dossier,
            "record": self.record,
            "openness": self.decision.openness.value,
            "ground": ground.value if ground else "",
            "until": self.decision.until,
            "description": self.decision.description,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file of the package: its path from the package's top, and its path in the bag ("" none)."""

    path: str
    kind: FileKind
    sha256: str
    size_bytes: int
    original: str = ""


@dataclass(frozen=True, slots=True)
class Packed:
    """What was packed of one dossier, in which folder of the package."""

    dossier: str
    folder: str
    objects: int
    files: tuple[PackedFile, ...]


@dataclass(frozen=True, slots=True)
class Assertion:
    """What the archive asserts beside the list: in how many copies it has everything, when their
    fixity was checked (ISO, "" for not said), and its own reference."""

    copies: int = 0
    fixity_checked_on: str = ""
    reference: str = ""

    def or_else(self, other: "Assertion") -> "Assertion":
        """This, with what it leaves out as the other says it."""
        return replace(
            self,
            copies=self.copies or other.copies,
            fixity_checked_on=self.fixity_checked_on or other.fixity_checked_on,
            reference=self.reference or other.reference,
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that was taken in, and how it compares with what was packed."""

    number: int
    transfer: str
    round: int
    sha256: str
    said: str
    whole: bool
    findings: str
    taken_at: str
    taken_by: str

    @property
    def saying(self) -> Mapping[str, Any]:
        """What the archive asserts, and the counts."""
        return dict(json.loads(self.said))
