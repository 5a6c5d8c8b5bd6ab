"""The rules of MDTO that its XML schema does not hold.

`check_mdto` also judges the values by the schema's types, so that a value without errors always
gives a valid document. Empty texts, lists, terms, dates, languages, links and checksums follow.

Source: MDTO Metagegevensschema 1.0 (rules and explanations per attribute).
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from formats.datatypes import SimpleType
from formats.digest import algorithm_named
from formats.findings import Finding, Severity, finding
from formats.mdto.lists import (
    AGGREGATIENIVEAUS,
    ARCHIEFSTUK,
    BEPERKING_GEBRUIK_TYPEN,
    EVENT_TYPEN,
    OVERIG,
    RELATIETYPEN_BETROKKENE,
    RELATIETYPEN_INFORMATIEOBJECT,
    TWO_LETTER_LANGUAGES,
    WAARDERING_LABELS,
    Begrippenlijst,
    Waardering,
    claims_mdto,
    plain,
    waardering_of,
    waardering_of_label,
)
from formats.mdto.model import Begrip, Bestand, Checksum, Informatieobject
from formats.mdto.schema import BESTAND, INFORMATIEOBJECT
from formats.mdto.terms import check_coverage, check_term
from formats.mdto.write import ILLEGAL
from formats.schema import SHOWN_CHARACTERS, ComplexType, Element

_SCRIPTED = re.compile(r"\s*(javascript|data|vbscript|file)\s*:", re.IGNORECASE)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_PUID = re.compile(r"(x-)?fmt/[1-9][0-9]*")
_HEX = re.compile(r"[0-9A-Fa-f]+")


def check_mdto(value: Informatieobject | Bestand, where: str) -> list[Finding]:
    """Everything that MDTO has against an object, however it came in: values, lists, terms, dates.

    `where` is the sender's path; findings add the element.
    """
    if isinstance(value, Bestand):
        return [*_check_values(value, BESTAND, where, ""), *_check_bestand(value, where)]
    findings = [*_check_values(value, INFORMATIEOBJECT, where, "")]
    return [*findings, *_check_informatieobject(value, where)]


def _check_values(group: Any, kind: ComplexType, where: str, path: str) -> Iterator[Finding]:
    """Texts that are empty, illegal or of the wrong type, and groups that are missing."""
    for element in kind.elements:
        held = getattr(group, element.name)
        repeated = isinstance(held, tuple)
        if held is None or held == ():
            if element.least:
                yield finding("F502", f"{where}{path}", "", element.name)
            continue
        for number, each in enumerate(held if repeated else (held,), 1):
            place = f"{path}/{element.name}" if path else f", {element.name}"
            place += f"[{number}]" if repeated and len(held) > 1 else ""
            if isinstance(element.type, ComplexType):
                yield from _check_values(each, element.type, where, place)
            else:
                yield from _check_text(str(each), element, element.type, f"{where}{place}")


def _check_text(text: str, element: Element, kind: SimpleType, where: str) -> Iterator[Finding]:
    if not text or text.isspace():
        yield finding("F520", where, text, element.name)
    elif illegal := ILLEGAL.search(text):
        yield finding("F521", where, f"U+{ord(illegal[0]):04X}", element.name)
    elif not kind.allows(text):
        yield finding("F505", where, text[:SHOWN_CHARACTERS], kind.example)


def _check_informatieobject(value: Informatieobject, where: str) -> Iterator[Finding]:
    yield from _check_waardering(value, where)
    if value.bewaartermijn is not None:
        yield from check_term(value.bewaartermijn, f"{where}, bewaartermijn")
    for restriction in value.beperkingGebruik:
        if restriction.beperkingGebruikTermijn is not None:
            place = f"{where}, beperkingGebruikTermijn"
            yield from check_term(restriction.beperkingGebruikTermijn, place)
        is_other = plain(restriction.beperkingGebruikType.begripLabel) == plain(OVERIG)
        if is_other and not (restriction.beperkingGebruikNadereBeschrijving or "").strip():
            place = f"{where}, beperkingGebruik"
            yield finding("F534", place, OVERIG, "beperkingGebruikNadereBeschrijving")
    for coverage in value.dekkingInTijd:
        yield from check_coverage(coverage, f"{where}, dekkingInTijd")
    yield from _check_languages(value, where)
    yield from _check_lists(value, where)
    for location in value.raadpleeglocatie:
        for online in location.raadpleeglocatieOnline:
            yield from _check_url(online, f"{where}, raadpleeglocatieOnline")
    yield from _check_identifications(value, where)


def _check_waardering(value: Informatieobject, where: str) -> Iterator[Finding]:
    term = value.waardering
    place = f"{where}, waardering"
    told = waardering_of(term)
    codes = " | ".join(Waardering)
    by_label = waardering_of_label(term.begripLabel)
    if told is None:
        both = term.begripCode in list(Waardering) and by_label is not None
        found = f"{term.begripCode}, {term.begripLabel}" if both else term.begripCode
        yield finding("F523" if both else "F522", place, found or term.begripLabel, codes)
    elif term.begripCode is None:
        yield finding("F524", f"{place}, begripCode", term.begripLabel, told.value)
    elif by_label is None:
        yield finding("F526", f"{place}, begripLabel", term.begripLabel, WAARDERING_LABELS[told])
    if value.bewaartermijn is not None and told in (
        Waardering.BLIJVEND,
        Waardering.NADER_TE_BEPALEN,
    ):
        yield finding("F525", f"{where}, bewaartermijn", told.value, Waardering.TIJDELIJK.value)
    if told is Waardering.TIJDELIJK and value.bewaartermijn is None:
        severity = Severity.INFO if _is_record(value) else None  # its dossier's term will serve
        yield finding("F527", place, told.value, "bewaartermijn", severity=severity)


def _is_record(value: Informatieobject) -> bool:
    level = value.aggregatieniveau
    return level is not None and plain(level.begripLabel) == plain(ARCHIEFSTUK)


def _check_languages(value: Informatieobject, where: str) -> Iterator[Finding]:
    for language in value.taal:
        first = language.strip().lower().split("-")[0]
        if first in TWO_LETTER_LANGUAGES:
            yield finding("F533", f"{where}, taal", language, TWO_LETTER_LANGUAGES[first])


def _check_lists(value: Informatieobject, where: str) -> Iterator[Finding]:
    """Terms that say they come from MDTO's own open lists, but do not stand there."""
    listed: list[tuple[str, Begrip | None, Begrippenlijst]] = [
        ("aggregatieniveau", value.aggregatieniveau, AGGREGATIENIVEAUS),
        *(("eventType", each.eventType, EVENT_TYPEN) for each in value.event),
        *(
            ("betrokkeneTypeRelatie", each.betrokkeneTypeRelatie, RELATIETYPEN_BETROKKENE)
            for each in value.betrokkene
        ),
        *(
            (
                "gerelateerdInformatieobjectTypeRelatie",
                each.gerelateerdInformatieobjectTypeRelatie,
                RELATIETYPEN_INFORMATIEOBJECT,
            )
            for each in value.gerelateerdInformatieobject
        ),
        *(
            ("beperkingGebruikType", each.beperkingGebruikType, BEPERKING_GEBRUIK_TYPEN)
            for each in value.beperkingGebruik
        ),
    ]
    for element, term, lijst in listed:
        if term is None or not claims_mdto(term.begripBegrippenlijst):
            continue
        if plain(term.begripLabel) not in {plain(label) for label in lijst.labels}:
            place = f"{where}, {element}"
            yield finding("F540", place, term.begripLabel, " | ".join(lijst.labels))


def _check_url(url: str, where: str) -> Iterator[Finding]:
    if _SCRIPTED.match(url):
        yield finding("F546", where, url[:SHOWN_CHARACTERS], "https://")
    elif url and not _URL.fullmatch(url):
        yield finding("F547", where, url[:SHOWN_CHARACTERS], "https://…")


def _check_identifications(value: Informatieobject | Bestand, where: str) -> Iterator[Finding]:
    for identification, count in Counter(value.identificatie).items():
        if count > 1:
            found = f"{identification.identificatieKenmerk} ({identification.identificatieBron})"
            yield finding("F542", f"{where}, identificatie", found, "1")


def _check_bestand(value: Bestand, where: str) -> Iterator[Finding]:
    if value.omvang < 0:
        yield finding("F539", f"{where}, omvang", value.omvang, ">= 0")
    for checksum in value.checksum:
        yield from _check_checksum(checksum, f"{where}, checksum")
    yield from _check_contradicting_checksums(value, f"{where}, checksum")
    term = value.bestandsformaat
    if "pronom" in term.begripBegrippenlijst.verwijzingNaam.casefold():
        code = term.begripCode or ""
        if not _PUID.fullmatch(code):
            yield finding("F541", f"{where}, bestandsformaat", code or "-", "fmt/276")
    if value.URLBestand is not None:
        yield from _check_url(value.URLBestand, f"{where}, URLBestand")
    yield from _check_identifications(value, where)


def _check_checksum(checksum: Checksum, where: str) -> Iterator[Finding]:
    name = checksum.checksumAlgoritme.begripLabel
    algorithm = algorithm_named(name)
    if algorithm is None:
        yield finding("F537", where, name, "SHA-256 | SHA-384 | SHA-512")
        return
    if algorithm.weak:
        yield finding("F536", where, name, "SHA-256")
    value = checksum.checksumWaarde.strip()
    if value and (len(value) != algorithm.hex_length or not _HEX.fullmatch(value)):
        yield finding("F535", where, f"{name}: {value[:SHOWN_CHARACTERS]}", algorithm.hex_length)


def _check_contradicting_checksums(value: Bestand, where: str) -> Iterator[Finding]:
    told: dict[object, str] = {}
    for checksum in value.checksum:
        algorithm = algorithm_named(checksum.checksumAlgoritme.begripLabel)
        digest = checksum.checksumWaarde.strip().lower()
        if algorithm is not None and told.setdefault(algorithm, digest) != digest:
            yield finding("F538", where, checksum.checksumAlgoritme.begripLabel, "1")
