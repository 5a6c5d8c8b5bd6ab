"""The pieces of a package: what is to be written of one dossier, in whatever form."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from edepot.transfers.source import PREMIS, Source
from formats.digest import Algorithm
from formats.mdto.lists import begrip_checksum, begrip_pronom
from formats.mdto.model import (
    Bestand,
    Checksum,
    Event,
    Identificatie,
    Informatieobject,
    Verwijzing,
)
from retention.transfer_mdto import for_transfer
from retention.transfer_nouns import Decision, FileKind

OWN = "e-depot"
IN_BAG = "data/"
XML = ("fmt/101", "Extensible Markup Language 1.0")


@dataclass(frozen=True, slots=True)
class Piece:
    """One file to be written: its path within the dossier's folder, and where its bytes come from.

    `member`: the path in the bag of what is copied byte for byte; "" for what `content` holds.
    """

    path: str
    kind: FileKind
    member: str = ""
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Handing:
    """What goes with a dossier that is handed over: decisions by record ("" the dossier), the
    event of writing it out, and what happened to it since it was stored (PREMIS)."""

    decisions: Mapping[str, Decision]
    event: Event
    since: bytes


@dataclass(frozen=True, slots=True)
class Provenance:
    """A document of what happened to the dossier: where its bytes are, and its metadata."""

    suffix: str
    member: str
    content: bytes
    metadata: Bestand


def described(source: Source, handing: Handing, number: int) -> Informatieobject:
    """The metadata of an object as they are handed over."""
    item = source.objects[number].item
    own = (handing.decisions.get(each.identificatieKenmerk) for each in item.identificatie)
    decision = next((each for each in own if each is not None and number), handing.decisions[""])
    if number:
        return for_transfer(item, decision)
    named = tuple(
        Verwijzing(each.metadata.naam, each.metadata.identificatie[0])
        for each in provenance(source, handing)
    )
    item = replace(item, aanvullendeMetagegevens=(*item.aanvullendeMetagegevens, *named))
    return for_transfer(item, decision, (handing.event,))


def file_described(metadata: Bestand, name: str) -> Bestand:
    """The metadata of a file under the name that it has in the package."""
    location = metadata.URLBestand or ""
    return replace(
        metadata, naam=name, URLBestand=None if location.startswith(IN_BAG) else location or None
    )


def provenance(source: Source, handing: Handing) -> Iterator[Provenance]:
    """What happened before and since it was stored, each with metadata of its own.

    Source: MDTO SIP-specificatie, additional metadata (an own file, with an own sidecar).
    """
    if PREMIS in source.reader.members:
        size = source.reader.members[PREMIS].size_bytes
        yield _provenance(source, handing, ".premis.xml", size, source.digests[PREMIS])
    if handing.since:
        digest = _sha256(handing.since)
        made = _provenance(source, handing, ".beheer.premis.xml", len(handing.since), digest)
        yield replace(made, member="", content=handing.since)


def _provenance(
    source: Source, handing: Handing, suffix: str, size: int, sha256: str
) -> Provenance:
    dossier = source.dossier
    stem = suffix.removesuffix(".xml").strip(".").replace(".", "-")
    return Provenance(
        suffix,
        PREMIS,
        b"",
        Bestand(
            identificatie=(Identificatie(f"{source.aip.description.aip_id}-{stem}", OWN),),
            naam=suffix,
            omvang=size,
            bestandsformaat=begrip_pronom(*XML),
            checksum=(
                Checksum(begrip_checksum(Algorithm.SHA256), sha256, handing.event.eventTijd or ""),
            ),
            isRepresentatieVan=Verwijzing(dossier.naam, dossier.identificatie[0]),
        ),
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
