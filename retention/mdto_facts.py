"""What the register takes from the MDTO of a dossier: facts with the element that they stand in.

Nothing is guessed: a date that may be about the content and not about the case is left out, and
the dossier then waits. What the sender reckoned itself is kept beside our own reckoning.
Source: MDTO Metagegevensschema 1.0; docs/decisions/0016.
"""

import re
from collections.abc import Iterator

from formats.mdto.lists import plain, waardering_of
from formats.mdto.model import Begrip, Event, Informatieobject, Verwijzing
from retention.cases import latest
from retention.fact_kinds import FactKind
from retention.sayings import Saying
from retention.selection_list import number_in, year_in
from retention.sender import UNDECIDED

CLOSING = re.compile(
    r"^(afsluit|afgesloten|afgerond|afrond|afhandel|afgehandeld|sluit|gesloten|be[eë]indig|closed)"
)
"""How the name of an event begins that closes a dossier; MDTO's own list has none."""
RUN = re.compile(r"^(looptijd|dossierperiode|behandel)")
"""How the kind of a coverage begins that is the running time of the case itself."""
CASE_TYPES = re.compile(r"zaaktype")
LEADING_NUMBER = re.compile(r"^[0-9.]+\s*")


def facts_in(item: Informatieobject, dossier: str) -> Iterator[Saying]:
    """The facts that a dossier's MDTO states, about the dossier of this id."""
    yield from _said(dossier, FactKind.START, _started_on(item))
    yield from _said(dossier, FactKind.END, _closed_on(item))
    yield from _said(dossier, FactKind.ZAAKTYPE, _zaaktype(item))
    yield from _said(dossier, FactKind.RESULT, _result(item))
    yield from _category(item, dossier)
    yield from _relations(item, dossier)
    yield from _sender(item, dossier)


_Found = tuple[str, str]
"""A value ("" for none), and the element that it stands in."""


def _said(dossier: str, kind: FactKind, found: _Found) -> Iterator[Saying]:
    value, element = found
    if value:
        yield Saying(kind, value, f"mdto:{element}", dossier)


def _started_on(item: Informatieobject) -> _Found:
    for each in item.dekkingInTijd:
        if _names(each.dekkingInTijdType, RUN):
            return each.dekkingInTijdBegindatum, "dekkingInTijd"
    return "", ""


def _closed_on(item: Informatieobject) -> _Found:
    """The latest closing event; else a term that starts at closing; else the end of the run."""
    closings = [each.eventTijd for each in item.event if _closes(each) and each.eventTijd]
    if closings:
        return latest(closings) or "", "event"
    term = item.bewaartermijn
    cause = term.termijnTriggerStartLooptijd if term else None
    if term and cause and term.termijnStartdatumLooptijd and _names(cause, CLOSING):
        return term.termijnStartdatumLooptijd, "bewaartermijn"
    for each in item.dekkingInTijd:
        if _names(each.dekkingInTijdType, RUN) and each.dekkingInTijdEinddatum:
            return each.dekkingInTijdEinddatum, "dekkingInTijd"
    return "", ""


def _closes(event: Event) -> bool:
    return _names(event.eventType, CLOSING)


def _zaaktype(item: Informatieobject) -> _Found:
    for each in item.classificatie:
        if CASE_TYPES.search(plain(each.begripBegrippenlijst.verwijzingNaam)):
            return each.begripLabel.strip(), "classificatie"
    return "", ""


def _result(item: Informatieobject) -> _Found:
    """The result as the closing event says it, else as the category is called."""
    for each in item.event:
        if _closes(each) and (each.eventResultaat or "").strip():
            return (each.eventResultaat or "").strip(), "event"
    named = item.informatiecategorie
    label = LEADING_NUMBER.sub("", named.begripLabel.strip()) if named else ""
    return label, "informatiecategorie"


def _category(item: Informatieobject, dossier: str) -> Iterator[Saying]:
    """The category; "-" as the list's year where the sender names none."""
    named = item.informatiecategorie
    number = number_in(named) if named else None
    if named is None or number is None:
        return
    year = year_in(named, 0)
    value = {"list_year": str(year) if year else "-", "category": number}
    yield Saying(FactKind.CATEGORY, value, "mdto:informatiecategorie", dossier)


def _relations(item: Informatieobject, dossier: str) -> Iterator[Saying]:
    for each in item.isOnderdeelVan[:1]:
        yield from _said(dossier, FactKind.PARENT, (_identifier(each), "isOnderdeelVan"))
    related = (
        _identifier(each.gerelateerdInformatieobjectVerwijzing)
        for each in item.gerelateerdInformatieobject
    )
    for identifier in dict.fromkeys(related):
        if identifier:
            value = {"identifier": identifier, "end": None}
            yield Saying(FactKind.RELATED, value, "mdto:gerelateerdInformatieobject", dossier)


def _sender(item: Informatieobject, dossier: str) -> Iterator[Saying]:
    """What the sender says of keeping. A start of the term with a named cause other than closing
    is an anchor that the source system asserts; without a cause it is only compared with ours."""
    valuation = waardering_of(item.waardering)
    stated = (valuation.value if valuation else UNDECIDED, "waardering")
    yield from _said(dossier, FactKind.SENDER_VALUATION, stated)
    term = item.bewaartermijn
    if term is None:
        return
    start, cause = term.termijnStartdatumLooptijd or "", term.termijnTriggerStartLooptijd
    if cause is None:
        yield from _said(dossier, FactKind.SENDER_START, (start, "bewaartermijn"))
    elif not _names(cause, CLOSING):
        yield from _said(dossier, FactKind.MANUAL_ANCHOR, (start, "bewaartermijn"))
    yield from _said(dossier, FactKind.SENDER_END, (term.termijnEinddatum or "", "bewaartermijn"))


def _names(term: Begrip, pattern: re.Pattern[str]) -> bool:
    return bool(pattern.match(plain(term.begripLabel)))


def _identifier(reference: Verwijzing) -> str:
    known = reference.verwijzingIdentificatie
    return known.identificatieKenmerk.strip() if known else ""
