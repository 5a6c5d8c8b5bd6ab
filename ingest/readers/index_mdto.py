"""What an index says of a dossier and its documents, as MDTO with full values at every level."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from formats.findings import Finding, finding
from formats.mdto.lists import (
    OVERIG,
    TWO_LETTER_LANGUAGES,
    Waardering,
    begrip_aggregatieniveau,
    begrip_beperking,
    begrip_event,
    begrip_waardering,
    geen_beperking,
)
from formats.mdto.model import (
    Begrip,
    BeperkingGebruik,
    DekkingInTijd,
    Event,
    Identificatie,
    Informatieobject,
    Termijn,
    Verwijzing,
)
from formats.periods import NotAPeriod, add, read_duration, read_partial_date
from ingest.agreement import Agreement
from ingest.mapping import Item, MappingProfile
from ingest.readers.cells import read_date, read_term, read_valuation

OPEN_WORDS = frozenset(("openbaar", "geen beperking", "volledig openbaar", "ja, openbaar"))
UNKNOWN_RESTRICTION = "Nader te bepalen"
FULL_DATE_LENGTH = 10

Place = Callable[[Item], str]
"""Where the value of an item stands, in the sender's words."""


@dataclass(frozen=True, slots=True)
class Reader:
    """The values of one dossier or document, read one by one, with a finding where one fails."""

    values: Mapping[Item, str]
    place: Place
    profile: MappingProfile
    agreement: Agreement
    findings: list[Finding]

    def text(self, item: Item) -> str:
        """What stands there; "" for nothing."""
        return self.values.get(item, "")

    def needed(self, item: Item) -> str:
        """What stands there. A finding when the profile maps it and nothing stands there."""
        text = self.text(item)
        if not text and item in self.profile.columns:
            self._wrong("I247", item, self.profile.columns[item])
        return text

    def date(self, item: Item) -> str | None:
        """A date as ISO 8601 has it."""
        text = self.text(item)
        if not text:
            return None
        found = read_date(text, self.profile.dates)
        if found is None:
            self._wrong("I248", item, ", ".join(each.value for each in self.profile.dates))
        return found

    def term(self, item: Item) -> str | None:
        """A term as an ISO 8601 duration."""
        text = self.text(item)
        if not text:
            return None
        found = read_term(text)
        if found is None:
            self._wrong("I258", item, "P5Y, 5 jaar, 6 maanden, 6 weken, 30 dagen")
        return found

    def valuation(self) -> Waardering:
        """B, V or N; N where nothing is said or understood, as that never destroys."""
        text = self.needed(Item.VALUATION)
        found = read_valuation(text) if text else Waardering.NADER_TE_BEPALEN
        if found is None:
            self._wrong("I257", Item.VALUATION, "B, V, N")
        return found or Waardering.NADER_TE_BEPALEN

    def _wrong(self, code: str, item: Item, expected: str) -> None:
        self.findings.append(
            finding(code, self.place(item), self.text(item)[:150] or "-", expected)
        )


def source_of(profile: MappingProfile, agreement: Agreement) -> str:
    """The system that the identifiers come from (identificatieBron)."""
    return profile.source or agreement.source


def dossier_metadata(read: Reader, where: str) -> Informatieobject:
    """The dossier as an informatieobject."""
    identifier = read.text(Item.DOSSIER_ID)
    valuation = read.valuation()
    opened, closed = read.date(Item.OPENED), read.date(Item.CLOSED)
    return Informatieobject(
        identificatie=(Identificatie(identifier, source_of(read.profile, read.agreement)),),
        naam=read.needed(Item.DOSSIER_TITLE) or identifier,
        aggregatieniveau=begrip_aggregatieniveau("Dossier"),
        classificatie=tuple(_classifications(read)),
        trefwoord=tuple(_keywords(read)),
        omschrijving=_one(read.text(Item.DESCRIPTION)),
        dekkingInTijd=tuple(_coverage(read, opened, closed)),
        dekkingInRuimte=tuple(Verwijzing(each) for each in _one(read.text(Item.LOCATION))),
        taal=_one(_language(read.text(Item.LANGUAGE))),
        event=tuple(_events(read, opened, closed)),
        waardering=begrip_waardering(valuation.value),
        bewaartermijn=_term(read, valuation, closed),
        informatiecategorie=_category(read),
        archiefvormer=_creators(read, where),
        beperkingGebruik=(_restriction(read.text(Item.OPENNESS)),),
    )


def record_metadata(
    read: Reader, dossier: Informatieobject, identifier: str, title: str
) -> Informatieobject:
    """A document of the dossier as an archiefstuk; what the index says of the dossier holds."""
    made = read.date(Item.DOCUMENT_DATE)
    kind = read.text(Item.DOCUMENT_TYPE)
    source = dossier.identificatie[0].identificatieBron
    return replace(
        dossier,
        identificatie=(Identificatie(identifier, source),),
        naam=title,
        aggregatieniveau=begrip_aggregatieniveau("Archiefstuk"),
        classificatie=tuple(
            Begrip(each, Verwijzing(read.profile.document_type_list)) for each in _one(kind)
        ),
        trefwoord=(),
        omschrijving=(),
        dekkingInTijd=(),
        dekkingInRuimte=(),
        event=(Event(begrip_event("Creatie"), made),) if made else (),
        isOnderdeelVan=(Verwijzing(dossier.naam, dossier.identificatie[0]),),
    )


def _one(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _own_list(read: Reader) -> Verwijzing:
    name = read.profile.id or source_of(read.profile, read.agreement)
    return Verwijzing(f"Mappingprofiel {name}")


def _classifications(read: Reader) -> Iterator[Begrip]:
    for each in _one(read.text(Item.CASE_TYPE)):
        yield Begrip(each, Verwijzing(read.profile.case_type_list))
    if not read.text(Item.CATEGORY):
        for each in _one(read.text(Item.RESULT)):
            yield Begrip(each, _own_list(read))


def _keywords(read: Reader) -> Iterator[str]:
    for each in read.text(Item.KEYWORDS).split(read.profile.keyword_separator):
        if each.strip():
            yield each.strip()


def _coverage(read: Reader, opened: str | None, closed: str | None) -> Iterator[DekkingInTijd]:
    if opened:
        later = closed if closed and closed >= opened else None
        yield DekkingInTijd(Begrip("Looptijd", _own_list(read)), opened, later)
    if opened and closed and closed < opened:
        read.findings.append(finding("I259", read.place(Item.CLOSED), closed, opened))


def _events(read: Reader, opened: str | None, closed: str | None) -> Iterator[Event]:
    if opened:
        yield Event(begrip_event("Creatie"), opened)
    if closed:
        yield Event(Begrip(read.profile.term_trigger, _own_list(read)), closed)


def _term(read: Reader, valuation: Waardering, closed: str | None) -> Termijn | None:
    """The term of what is kept for a time; its end is reckoned from start and duration."""
    duration, end = read.term(Item.RETENTION_TERM), read.date(Item.RETENTION_END)
    if valuation is not Waardering.TIJDELIJK or not (duration or end):
        return None
    start = closed if closed and len(closed) == FULL_DATE_LENGTH else None
    return Termijn(
        termijnTriggerStartLooptijd=Begrip(read.profile.term_trigger, _own_list(read)),
        termijnStartdatumLooptijd=start,
        termijnLooptijd=duration,
        termijnEinddatum=end or (_end(start, duration) if start and duration else None),
    )


def _end(start: str, duration: str) -> str | None:
    try:
        return str(add(read_partial_date(start), read_duration(duration)))
    except NotAPeriod:
        return None


def _category(read: Reader) -> Begrip | None:
    code = read.text(Item.CATEGORY)
    if not code:
        return None
    year = read.agreement.selection_list
    name = f"Selectielijst gemeenten en intergemeentelijke organen {year}"
    return Begrip(read.text(Item.RESULT) or code, Verwijzing(name), code)


def _creators(read: Reader, where: str) -> tuple[Verwijzing, ...]:
    name, known = read.text(Item.ARCHIEFVORMER), read.agreement.archiefvormer
    if known is not None and name in ("", known.verwijzingNaam):
        return (known,)
    if not name:
        read.findings.append(finding("I221", where))
        return ()
    return (Verwijzing(name),)


def _restriction(text: str) -> BeperkingGebruik:
    if text.casefold() in OPEN_WORDS:
        return geen_beperking()
    if not text or text.casefold() == UNKNOWN_RESTRICTION.casefold():
        return BeperkingGebruik(begrip_beperking(UNKNOWN_RESTRICTION))
    return BeperkingGebruik(begrip_beperking(OVERIG), text)


def _language(text: str) -> str:
    plain = text.strip().lower()
    return TWO_LETTER_LANGUAGES.get(plain, {"nederlands": "nl", "fries": "fy"}.get(plain, plain))
