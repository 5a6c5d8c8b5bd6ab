"""Openness in MDTO: what a package's beperkingGebruik says of it, and how a decision is written.

Source: Archiefwet 1995, art. 15, first paragraph; MDTO Metagegevensschema 1.0, beperkingGebruik.
"""

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from formats.errors import FormatsError
from formats.mdto.lists import (
    GEEN_BEPERKING,
    begrip_event,
    begrip_waardering,
    geen_beperking,
    plain,
)
from formats.mdto.model import (
    Begrip,
    BeperkingGebruik,
    Event,
    Informatieobject,
    Termijn,
    Verwijzing,
)
from formats.mdto.read import read_mdto
from formats.periods import add, read_duration, read_partial_date
from retention.transfer_nouns import UNDECIDED, Decision, Ground, Openness
from storage.package_reader import PackageReader

MDTO = "metadata/mdto/"
FILE_LEVEL = ".bestand."
CONTEXT = f"{MDTO}context-"
LIST_NAME = "Openbaarheid Archiefwet 1995"
OPEN_LABEL = "openbaar (Archiefwet 1995)"
NOT_YET = "nader te bepalen"

_TERMS: Mapping[Ground, tuple[str, str | None]] = {
    Ground.PRIVACY: (
        "beperkt openbaar; eerbiediging van de persoonlijke levenssfeer (Archiefwet 1995)",
        "Openbaarheid/AW1995/BeperktOpenbaar-Levenssfeer/1.0",
    ),
    Ground.STATE: (
        "beperkt openbaar; belang van de Staat of zijn bondgenoten (Archiefwet 1995)",
        None,
    ),
    Ground.HARM: (
        "beperkt openbaar; onevenredige bevoordeling of benadeling (Archiefwet 1995)",
        "Openbaarheid/AW1995/BeperktOpenbaar-Benadeling/1.0",
    ),
}
"""The label of each ground, and the code where archives have published one."""

_SAYS: Mapping[Ground, re.Pattern[str]] = {
    Ground.PRIVACY: re.compile(r"levenssfeer|\b15[^0-9]{0,12}1[^0-9a-z]{0,8}(?:onder )?a\b"),
    Ground.STATE: re.compile(
        r"belang van de staat|bondgenoten|\b15[^0-9]{0,12}1[^0-9a-z]{0,8}(?:onder )?b\b"
    ),
    Ground.HARM: re.compile(
        r"onevenredig|benadel|bevoordel|\b15[^0-9]{0,12}1[^0-9a-z]{0,8}(?:onder )?c\b"
    ),
}
_OPEN = re.compile(rf"^({plain(GEEN_BEPERKING)}$|(volledig )?openbaar\b)")


def objects_in(reader: PackageReader) -> Iterator[Informatieobject]:
    """The dossier and its records as the package describes them, the dossier first.

    Raises: StorageError; ValueError when one of them cannot be read.
    """
    for path in sorted(reader.members):
        if not path.startswith(MDTO) or path.startswith(CONTEXT) or FILE_LEVEL in path:
            continue
        found = read_mdto(reader.read(path), path).root
        if not isinstance(found, Informatieobject):
            raise ValueError(path)
        yield found


def openness_of(item: Informatieobject) -> Decision:
    """What the metadata say on openness: undecided where it is not ground and end date, or open."""
    decisions = [each for each in map(_said, item.beperkingGebruik) if each is not None]
    restricted = [each for each in decisions if each.openness is not Openness.OPEN]
    if not restricted:
        return decisions[0] if decisions else replace(UNDECIDED, description=_labels(item))
    if len({(each.ground, each.until) for each in restricted}) > 1:
        return replace(UNDECIDED, description=_labels(item))
    return restricted[0]


def for_transfer(
    item: Informatieobject, decision: Decision, events: tuple[Event, ...] = ()
) -> Informatieobject:
    """The metadata as they are handed over: kept for good, with openness as it was decided.

    What restricts the use for another reason stays as the sender said it.
    """
    others = tuple(each for each in item.beperkingGebruik if _is_other(each))
    return replace(
        item,
        waardering=begrip_waardering("B"),
        bewaartermijn=None,
        beperkingGebruik=(*_written(decision, bool(others)), *others),
        event=(*item.event, *events),
    )


def export_event(at: str, by: str, result: str) -> Event:
    """That the object was written out for a transfer."""
    return Event(begrip_event("Export"), at, Verwijzing(by), result)


def last_day(text: str) -> date | None:
    """The last day of a year, month or day as MDTO writes it; None for none or another text."""
    found = re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2] or 12), found[3]
    try:
        return date(year, month, int(day or calendar.monthrange(year, month)[1]))
    except (ValueError, calendar.IllegalMonthError):
        return None


def _said(restriction: BeperkingGebruik) -> Decision | None:
    """What one restriction says of openness; None when it is about something else, or not yet."""
    kind = restriction.beperkingGebruikType
    label, described = plain(kind.begripLabel), restriction.beperkingGebruikNadereBeschrijving or ""
    if _OPEN.match(label):
        return Decision(Openness.OPEN)
    ground = _ground(f"{label} {plain(kind.begripCode or '')} {plain(described)}")
    if ground is None:
        return None
    until = _until(restriction.beperkingGebruikTermijn)
    openness = Openness.RESTRICTED if until else Openness.UNDECIDED
    return Decision(openness, ground, until, described)


def _ground(text: str) -> Ground | None:
    found = [ground for ground, pattern in _SAYS.items() if pattern.search(text)]
    return found[0] if len(found) == 1 else None


def _until(term: Termijn | None) -> str:
    if term is None:
        return ""
    if term.termijnEinddatum:
        day = last_day(term.termijnEinddatum)
        return day.isoformat() if day else ""
    if not (term.termijnStartdatumLooptijd and term.termijnLooptijd):
        return ""
    try:
        start = read_partial_date(term.termijnStartdatumLooptijd[:10])
        return str(add(start, read_duration(term.termijnLooptijd)))
    except (FormatsError, ValueError):
        return ""


def _is_other(restriction: BeperkingGebruik) -> bool:
    undecided = plain(restriction.beperkingGebruikType.begripLabel) == NOT_YET
    return _said(restriction) is None and not undecided


def _written(decision: Decision, others: bool) -> tuple[BeperkingGebruik, ...]:
    if decision.openness is Openness.OPEN:
        named = BeperkingGebruik(Begrip(OPEN_LABEL, Verwijzing(LIST_NAME)))
        return (named,) if others else (geen_beperking(),)
    assert decision.ground is not None, "what is undecided is not handed over"
    label, code = _TERMS[decision.ground]
    return (
        BeperkingGebruik(
            Begrip(label, Verwijzing(LIST_NAME), code),
            beperkingGebruikNadereBeschrijving=decision.description or None,
            beperkingGebruikTermijn=Termijn(termijnEinddatum=decision.until),
        ),
    )


def _labels(item: Informatieobject) -> str:
    """What the sender says, in the sender's words."""
    labels = (each.beperkingGebruikType.begripLabel for each in item.beperkingGebruik)
    return ", ".join(dict.fromkeys(labels))
