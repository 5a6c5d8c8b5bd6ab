"""Describing: the sender's metadata, completed with what we saw ourselves, in MDTO.

Nothing that the sender said is taken away or altered; what is added are the digest and the
format that we found, and relations that the folder structure shows but the metadata leave out.
Source: MDTO SIP-specificatie (relations stand in the metadata too; one bestand per file).
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from formats.digest import Algorithm, algorithm_named
from formats.identify import Identification
from formats.mdto.lists import begrip_checksum, begrip_pronom
from formats.mdto.model import (
    Begrip,
    Bestand,
    Checksum,
    Identificatie,
    Informatieobject,
    Verwijzing,
)
from ingest.sip import Sip, SipFile


@dataclass(frozen=True, slots=True)
class Described:
    """A dossier's complete MDTO; `objects` stand in the order of the SIP's.

    The files' MDTO is made each time it is asked for: a dossier may hold 100,000 of them.
    """

    sip: Sip
    identifications: Sequence[Identification]
    aip_id: str
    at: datetime
    objects: tuple[Informatieobject, ...]

    def files(self) -> Iterator[Bestand]:
        """The MDTO of every file, in the order of the SIP's."""
        return _describe_files(self.sip, self.identifications, self.aip_id, self.at)


def describe(
    sip: Sip, identifications: Sequence[Identification], aip_id: str, at: datetime
) -> Described:
    """Complete the metadata of every object and file; `at` is when the digests were computed."""
    representations = _representations(sip, _describe_files(sip, identifications, aip_id, at))
    children = _children(sip)
    objects = tuple(
        _describe_object(sip, position, representations[position], children[position])
        for position in range(len(sip.objects))
    )
    return Described(sip, identifications, aip_id, at, objects)


def reference_to(value: Informatieobject | Bestand) -> Verwijzing:
    """A reference (verwijzing) to an object or file, by its first identification."""
    return Verwijzing(value.naam, value.identificatie[0])


def _describe_files(
    sip: Sip, identifications: Sequence[Identification], aip_id: str, at: datetime
) -> Iterator[Bestand]:
    for each, seen in zip(sip.files, identifications, strict=True):
        yield _describe_file(sip, each, seen, aip_id, at)


def _describe_file(
    sip: Sip, each: SipFile, seen: Identification, aip_id: str, at: datetime
) -> Bestand:
    given = each.metadata
    checksum = Checksum(
        begrip_checksum(Algorithm.SHA256),
        each.file.sums.sha256,
        at.replace(microsecond=0).isoformat(),
    )
    name = each.name_in_dossier.rsplit("/", 1)[-1]
    location = f"data/original/{quote(each.name_in_dossier)}"
    if given is None:
        return Bestand(
            identificatie=(_own_identification(aip_id, each.name_in_dossier),),
            naam=name,
            omvang=each.file.sums.size_bytes,
            bestandsformaat=_format_of(seen),
            checksum=(checksum,),
            URLBestand=location,
            isRepresentatieVan=reference_to(sip.objects[each.record].metadata),
        )
    return replace(
        given,
        omvang=each.file.sums.size_bytes,
        bestandsformaat=_format_of(seen) if seen.puid else given.bestandsformaat,
        checksum=_with_ours(given.checksum, checksum),
        URLBestand=given.URLBestand or location,
    )


def _own_identification(aip_id: str, name: str) -> Identificatie:
    own = uuid.uuid5(uuid.UUID(aip_id), name)
    return Identificatie(str(own), "e-depot")


def _format_of(seen: Identification) -> Begrip:
    if not seen.puid:
        return begrip_pronom("UNKNOWN", "Onbekend formaat")
    version = f" {seen.version}" if seen.version else ""
    return begrip_pronom(seen.puid, f"{seen.format_name}{version}")


def _with_ours(given: tuple[Checksum, ...], ours: Checksum) -> tuple[Checksum, ...]:
    known = any(
        algorithm_named(each.checksumAlgoritme.begripLabel) is Algorithm.SHA256
        and each.checksumWaarde.strip().lower() == ours.checksumWaarde
        for each in given
    )
    return given if known else (*given, ours)


def _representations(sip: Sip, files: Iterator[Bestand]) -> dict[int, list[Verwijzing]]:
    found: dict[int, list[Verwijzing]] = defaultdict(list)
    for each, bestand in zip(sip.files, files, strict=True):
        found[each.record].append(reference_to(bestand))
    return found


def _children(sip: Sip) -> dict[int, list[Verwijzing]]:
    found: dict[int, list[Verwijzing]] = defaultdict(list)
    for each in sip.objects:
        if each.parent is not None:
            found[each.parent].append(reference_to(each.metadata))
    return found


def _describe_object(
    sip: Sip, position: int, files: list[Verwijzing], children: list[Verwijzing]
) -> Informatieobject:
    each = sip.objects[position]
    given = each.metadata
    parents = () if each.parent is None else (reference_to(sip.objects[each.parent].metadata),)
    return replace(
        given,
        isOnderdeelVan=_joined(given.isOnderdeelVan, parents),
        bevatOnderdeel=_joined(given.bevatOnderdeel, children),
        heeftRepresentatie=_joined(given.heeftRepresentatie, files),
    )


def _joined(given: tuple[Verwijzing, ...], found: Sequence[Verwijzing]) -> tuple[Verwijzing, ...]:
    known = {each.verwijzingIdentificatie for each in given}
    return (*given, *(each for each in found if each.verwijzingIdentificatie not in known))
