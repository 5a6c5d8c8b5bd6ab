"""The rules of TMLO beyond its schema, one function each."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from formats.digest import Algorithm, algorithm_named
from formats.findings import Finding, finding
from formats.periods import read_partial_date, wholly_before
from formats.tmlo.lists import BESTAND, OPENBAARHEIDSWAARDEN, OVERBRENGEN, VERNIETIGEN
from formats.tmlo.model import Aggregatie, Bestand, Formaat, Periode

Level = Aggregatie | Bestand

# Noord-Hollands Archief: which level may stand directly below which.
LEVELS_BELOW: Mapping[str, tuple[str, ...]] = {
    "Archief": ("Serie", "Dossier"),
    "Serie": ("Serie", "Dossier"),
    "Dossier": ("Dossier", "Record", BESTAND),
    "Record": ("Record", BESTAND),
    BESTAND: (),
}

_IDENTIFIER_FORM = re.compile(r"[A-Z]{2}-[^\s-]+-\S+")
_IDENTIFIER_EXAMPLE = "NL-<organisatie>-<nummer>"
_OPENBAARHEID = re.compile(r"(Openbaar|Niet openbaar|Beperkt openbaar)( [ABC])?")
_ALGORITHMS = (Algorithm.MD5, Algorithm.SHA1, Algorithm.SHA256, Algorithm.SHA512)
_HEX = re.compile("[0-9a-f]+")


def check_tmlo(value: Level, where: str) -> list[Finding]:
    """What is wrong with an aggregation or file that its schema does not see.

    Openness is judged as it stands: give it the level after expand_inheritance.
    """
    return [each for rule in _RULES for each in rule(value, where)]


def check_level(value: Level, parent: Aggregatie, where: str) -> list[Finding]:
    """Whether the level may stand directly below its parent.

    Source: Noord-Hollands Archief, order of levels in ToPX.
    """
    allowed = LEVELS_BELOW.get(parent.aggregatieniveau, ())
    if value.aggregatieniveau in allowed:
        return []
    place = f"{where}, {parent.aggregatieniveau}"
    return [finding("F631", place, value.aggregatieniveau, " | ".join(allowed))]


def _one_name(value: Level, where: str) -> Iterator[Finding]:
    if len(value.naam) > 1:
        yield finding("F620", f"{where}, naam", len(value.naam), 1)


def _one_openness(value: Level, where: str) -> Iterator[Finding]:
    count = len(value.openbaarheid)
    if count != 1:
        yield finding("F621", f"{where}, openbaarheid", count, 1)


def _known_openness(value: Level, where: str) -> Iterator[Finding]:
    """The first description is the value; those after it say why, in free words."""
    for each in value.openbaarheid:
        stated = each.omschrijvingBeperkingen[0]
        if not _OPENBAARHEID.fullmatch(stated.strip()):
            place = f"{where}, openbaarheid/omschrijvingBeperkingen"
            yield finding("F622", place, stated[:80], " | ".join(OPENBAARHEIDSWAARDEN))


def _filled(value: Level, where: str) -> Iterator[Finding]:
    if not value.identificatiekenmerk.strip():
        yield finding("F628", f"{where}, identificatiekenmerk")
    if not any(each.strip() for each in value.naam[:1]):
        yield finding("F628", f"{where}, naam")


def _identifier_form(value: Level, where: str) -> Iterator[Finding]:
    own = value.identificatiekenmerk
    if own.strip() and not _IDENTIFIER_FORM.fullmatch(own):
        yield finding("F627", f"{where}, identificatiekenmerk", own[:80], _IDENTIFIER_EXAMPLE)


def _named_language(value: Level, where: str) -> Iterator[Finding]:
    if "" in value.taal:
        yield finding("F625", f"{where}, taal")


def _known_digest(value: Level, where: str) -> Iterator[Finding]:
    for formaat in _formaten(value):
        given = formaat.fysiekeIntegriteit
        if given is None:
            continue
        algorithm = algorithm_named(given.algoritme)
        if algorithm not in _ALGORITHMS:
            names = " | ".join(each.value.upper() for each in _ALGORITHMS)
            yield finding("F623", f"{where}, algoritme", given.algoritme[:80], names)
        if algorithm is not None:
            digest = given.waarde.strip().lower()
            length = algorithm.hex_length
            if len(digest) != length or not _HEX.fullmatch(digest):
                expected = f"{algorithm.value.upper()}, {length}"
                yield finding("F624", f"{where}, waarde", given.waarde[:130], expected)


def _formaten(value: Level) -> tuple[Formaat, ...]:
    return value.formaat if isinstance(value, Bestand) else ()


def _ordered_periods(value: Level, where: str) -> Iterator[Finding]:
    for path, periode in _periods(value, ""):
        if periode.begin is None or periode.eind is None:
            continue
        begin, eind = periode.begin.text, periode.eind.text
        if wholly_before(read_partial_date(eind), read_partial_date(begin)):
            yield finding("F626", f"{where}, {path}", eind, begin)


def _periods(value: Any, path: str) -> Iterator[tuple[str, Periode]]:
    """Every period within a value, with the path of elements that leads to it."""
    if isinstance(value, Periode):
        yield path, value
    elif isinstance(value, tuple):
        for each in value:
            yield from _periods(each, path)
    elif is_dataclass(value):
        for each in fields(value):
            below = f"{path}/{each.name}" if path else each.name
            yield from _periods(getattr(value, each.name), below)


def _one_destiny(value: Level, where: str) -> Iterator[Finding]:
    planned = {each.type for each in value.eventPlan}
    if {VERNIETIGEN, OVERBRENGEN} <= planned:
        yield finding("F629", f"{where}, eventPlan")


def _dated_destruction(value: Level, where: str) -> Iterator[Finding]:
    for each in value.eventPlan:
        when = each.datumOfPeriode
        if each.type == VERNIETIGEN and when.begin is None and when.eind is None:
            yield finding("F630", f"{where}, eventPlan/datumOfPeriode")


_RULES: tuple[Callable[[Level, str], Iterable[Finding]], ...] = (
    _filled,
    _one_name,
    _identifier_form,
    _one_openness,
    _known_openness,
    _named_language,
    _ordered_periods,
    _one_destiny,
    _dated_destruction,
    _known_digest,
)
