"""Provenance: what was done with a dossier until it was packed, in PREMIS 3.

Events that concern every file alike link to the AIP and carry counts; what differs per file
stands with the file's object. Source: PREMIS Data Dictionary 3.0.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

from formats.premis.model import (
    Agent,
    Characteristics,
    Event,
    Fixity,
    Format,
    FormatRegistry,
    Identifier,
    Inhibitor,
    Linked,
    Outcome,
    PremisObject,
    Relationship,
)
from formats.premis.vocabulary import (
    AgentRole,
    AgentType,
    Category,
    EventOutcome,
    EventType,
    RelationshipSubType,
    RelationshipType,
)
from formats.premis.write import premis_chunks
from ingest.inspect import Inspected
from ingest.malware import Scan, ScanState
from ingest.sip import Shape, SipFile

EDEPOT = "edepot"


@dataclass(frozen=True, slots=True)
class Passage:
    """How the delivery came to this point: who, what, and when each thing was done.

    `extras` are documents besides those delivered, (name, bytes), kept with the sources;
    `folder` is a place in staging where large documents may be gathered.
    """

    delivery_id: str
    source: str
    supplier: str
    zorgdrager: str
    agreement: str
    software: str
    scan: Scan
    unpacked: bool
    received_at: datetime
    staged_at: datetime
    scanned_at: datetime
    inspected_at: datetime
    described_at: datetime
    extras: tuple[tuple[str, bytes], ...]
    folder: Path


def provenance_xml(aip_id: str, inspected: Inspected, passage: Passage) -> Iterator[bytes]:
    """The PREMIS document of an AIP in chunks: its objects, events and agents.

    Nothing of it is held: a dossier of 100,000 files has 170 MB of PREMIS.
    """
    whole = Identifier("UUID", aip_id)
    return premis_chunks(
        chain((_entity(whole, inspected),), _file_objects(aip_id, inspected)),
        _events(whole, inspected, passage),
        _agents(inspected, passage),
    )


def _entity(whole: Identifier, inspected: Inspected) -> PremisObject:
    dossier = inspected.sip.dossier
    own = tuple(
        Identifier(each.identificatieBron, each.identificatieKenmerk)
        for each in dossier.identificatie
    )
    return PremisObject(
        category=Category.INTELLECTUAL_ENTITY,
        identifiers=(whole, *own),
        original_name=inspected.sip.path,
    )


def _file_objects(aip_id: str, inspected: Inspected) -> Iterator[PremisObject]:
    included = Relationship(
        RelationshipType.STRUCTURAL,
        RelationshipSubType.IS_INCLUDED_IN,
        (Identifier("UUID", aip_id),),
    )
    sip = inspected.sip
    for each, seen, sound in zip(
        sip.files, inspected.identifications, inspected.examinations, strict=True
    ):
        registry = FormatRegistry("PRONOM", seen.puid, "specification") if seen.puid else None
        notes = [f"basis: {seen.basis}" if seen.basis else "basis: -"]
        notes.append(f"validity: {sound.validity.value} ({sound.validator})")
        formats = Format(seen.format_name or "unknown", seen.version, registry, tuple(notes))
        yield PremisObject(
            category=Category.FILE,
            identifiers=(file_identifier(aip_id, each),),
            characteristics=(
                Characteristics(
                    formats=(formats,),
                    fixity=tuple(_fixity(each)),
                    size_bytes=each.file.sums.size_bytes,
                    inhibitors=(Inhibitor("encryption"),) if sound.encrypted else (),
                ),
            ),
            original_name=f"data/original/{each.name_in_dossier}",
            relationships=(included,),
        )


def file_identifier(aip_id: str, each: SipFile) -> Identifier:
    """The identifier of a file's object: a UUID made from the AIP's and the file's name."""
    return Identifier("UUID", str(uuid.uuid5(uuid.UUID(aip_id), each.name_in_dossier)))


def _fixity(each: SipFile) -> Iterator[Fixity]:
    yield Fixity("SHA-256", each.file.sums.sha256, EDEPOT)
    yield Fixity("SHA-512", each.file.sums.sha512, EDEPOT)
    for claim in each.claimed_digests:
        if claim.algorithm.value not in ("sha256", "sha512"):
            yield Fixity(claim.algorithm.value.upper(), claim.value, "supplier")


def _events(whole: Identifier, inspected: Inspected, passage: Passage) -> Iterator[Event]:
    count = len(inspected.sip.files)
    make = _EventMaker(whole)
    yield make.event(
        EventType.TRANSFER,
        passage.received_at,
        f"delivery {passage.delivery_id} from {passage.supplier}; agreement {passage.agreement}",
    )
    yield make.event(
        EventType.MESSAGE_DIGEST_CALCULATION,
        passage.staged_at,
        f"SHA-256 and SHA-512 of {count} files while they were copied to staging",
    )
    yield _virus_check(make, passage)
    if passage.unpacked:
        yield make.event(EventType.UNPACKING, passage.scanned_at, "container unpacked in staging")
    claimed = sum(bool(each.claimed_digests) for each in inspected.sip.files)
    yield make.event(
        EventType.FIXITY_CHECK,
        passage.inspected_at,
        f"{claimed} of {count} files came with a digest; each was computed again and agreed",
    )
    yield make.event(
        EventType.FORMAT_IDENTIFICATION,
        passage.inspected_at,
        f"{_engine(inspected)}; {count} files",
        notes=_counted(each.puid or "unknown" for each in inspected.identifications),
    )
    yield make.event(
        EventType.VALIDATION,
        passage.inspected_at,
        f"{count} files",
        notes=_counted(each.validity.value for each in inspected.examinations),
    )
    yield make.event(
        EventType.METADATA_MODIFICATION,
        passage.described_at,
        _description_detail(inspected.sip.shape),
    )
    yield make.event(
        EventType.INFORMATION_PACKAGE_CREATION,
        passage.described_at,
        "BagIt 1.0 bag in one uncompressed ZIP, with MDTO 1.0.1, ToPX 2.3.2 and PREMIS 3",
    )


class _EventMaker:
    """Makes numbered events of one AIP; the identifiers follow from the AIP's own."""

    def __init__(self, whole: Identifier) -> None:
        self._whole = whole
        self._number = 0

    def event(
        self,
        kind: EventType,
        at: datetime,
        detail: str,
        outcome: EventOutcome = EventOutcome.SUCCESS,
        notes: tuple[str, ...] = (),
    ) -> Event:
        self._number += 1
        own = uuid.uuid5(uuid.UUID(self._whole.value), f"event-{self._number}")
        return Event(
            identifier=Identifier("UUID", str(own)),
            type=kind,
            at=at.isoformat(),
            details=(detail,),
            outcomes=(Outcome(outcome, notes),),
            agents=(Linked(Identifier("software", EDEPOT), (AgentRole.EXECUTING_PROGRAM,)),),
            objects=(Linked(self._whole),),
        )


def _virus_check(make: _EventMaker, passage: Passage) -> Event:
    if passage.scan.state is ScanState.PARTLY:
        return make.event(
            EventType.VIRUS_CHECK,
            passage.scanned_at,
            passage.scan.scanner,
            EventOutcome.WARNING,
            tuple(f"not scanned, too large: {each.where}" for each in passage.scan.findings),
        )
    if passage.scan.state is ScanState.CLEAN:
        return make.event(
            EventType.VIRUS_CHECK, passage.scanned_at, passage.scan.scanner, notes=("clean",)
        )
    return make.event(
        EventType.VIRUS_CHECK,
        passage.scanned_at,
        f"not scanned: allowed by agreement {passage.agreement}",
        EventOutcome.WARNING,
        ("not scanned",),
    )


def _engine(inspected: Inspected) -> str:
    for each in inspected.identifications:
        return f"{each.engine} ({each.signatures})"
    return "-"


def _counted(values: Iterator[str]) -> tuple[str, ...]:
    counts = sorted(Counter(values).items())
    return tuple(f"{value}: {number}" for value, number in counts)


def _description_detail(shape: Shape) -> str:
    if shape is Shape.TOPX_SIDECARS:
        return "inherited ToPX values expanded and mapped to MDTO; the delivered ToPX is kept"
    if shape is Shape.INDEX:
        return "index mapped to MDTO by the agreement's mapping profile; the index is kept"
    return "digest, format and relations added to the delivered MDTO; the delivered file is kept"


def _agents(inspected: Inspected, passage: Passage) -> Iterator[Agent]:
    name, _, version = passage.software.partition(" ")
    yield Agent((Identifier("software", EDEPOT),), (name,), AgentType.SOFTWARE, version)
    if passage.scan.scanner:
        scanner = Identifier("software", "clamd")
        yield Agent((scanner,), (passage.scan.scanner,), AgentType.SOFTWARE)
    for engine in _distinct(each.engine for each in inspected.identifications):
        yield Agent((Identifier("software", engine),), (engine,), AgentType.SOFTWARE)
    for validator in _distinct(each.validator for each in inspected.examinations):
        yield Agent((Identifier("validator", validator),), (validator,), AgentType.SOFTWARE)
    supplier = Identifier("supplier", passage.supplier)
    yield Agent((supplier,), (passage.supplier,), AgentType.ORGANIZATION)
    zorgdrager = Identifier("zorgdrager", passage.zorgdrager)
    yield Agent((zorgdrager,), (passage.zorgdrager,), AgentType.ORGANIZATION)


def _distinct(values: Iterator[str]) -> Sequence[str]:
    return sorted({each for each in values if each})
