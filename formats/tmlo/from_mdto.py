"""From MDTO to TMLO: an informatieobject becomes an aggregation, a bestand a file.

Every value is valid ToPX 2.3_2 when the MDTO is valid. Beyond the mapping of the Nationaal Archief
read backwards:

- the first identificatie is 2, the others are 10 externIdentificatiekenmerk;
- waardering V becomes eventPlan Vernietigen, B becomes Overbrengen, N none; where no date is known
  the datumOfPeriode that ToPX demands is a period without begin and end;
- trefwoord becomes a classificatie, informatiecategorie too;
- betrokkene becomes a relatie, of a type that begins with "Betrokkene";
- a restriction that did not come from TMLO is sorted by the name of its list and its label; what
  is neither a right of use nor a level of confidentiality is openness, in MDTO's own words. Only
  Geen beperking is called Openbaar: what is yet to be determined is never made public;
- a text longer than ToPX allows is cut, and stands whole among the descriptions.

Source: MDTO-TMLO-TMR, mapping TMLO to MDTO (Nationaal Archief); ToPX 2.3_2.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from formats.digest import Algorithm, algorithm_named
from formats.mdto.lists import Waardering, waardering_of
from formats.mdto.model import (
    Begrip,
    Checksum,
    DekkingInTijd,
    Event,
    Identificatie,
    Informatieobject,
    Termijn,
    Verwijzing,
)
from formats.mdto.model import Bestand as MdtoBestand
from formats.tmlo.dates import UNKNOWN, end_of_term, moment_as_when, topx_moment, topx_when
from formats.tmlo.fitting import Fitting
from formats.tmlo.lists import OVERBRENGEN, VERNIETIGEN, topx_taal
from formats.tmlo.model import (
    Activiteit,
    Actor,
    Aggregatie,
    Bestand,
    Bestandsnaam,
    Classificatie,
    Context,
    DatumOfPeriode,
    Dekking,
    EventGeschiedenis,
    EventPlan,
    ExternIdentificatiekenmerk,
    Formaat,
    FysiekeIntegriteit,
    Gebruiksrechten,
    Openbaarheid,
    Periode,
    Vertrouwelijkheid,
    Vorm,
)
from formats.tmlo.relations import identifier_of, relation, relations_from_mdto
from formats.tmlo.restrictions import restrictions_from_mdto
from formats.tmlo.terms import (
    ONBEKEND,
    REPRESENTEERT,
    TOPX_LEVELS,
    TmloLijst,
    is_from,
)

_SINCE = re.compile(r"(?:(.*); )?vanaf (\S+)", re.DOTALL)
_USE = ("gebruiksrecht", "auteursrecht", "intellectueel", "licentie", "copyright")
_PREFERRED = (Algorithm.SHA256, Algorithm.SHA512, Algorithm.SHA384, Algorithm.SHA224)


def from_mdto(value: Informatieobject) -> Aggregatie:
    """The aggregation that an informatieobject describes."""
    fit = Fitting()
    shared = _shared(value, fit)
    own, *others = value.identificatie
    result = Aggregatie(
        identificatiekenmerk=fit.name(own.identificatieKenmerk),
        aggregatieniveau=_level(value),
        naam=(fit.name(value.naam),),
        classificatie=shared.classificatie,
        plaats=_plaats(value, fit),
        dekking=tuple(_dekking(value, fit)),
        externIdentificatiekenmerk=tuple(_extern(each, fit) for each in others),
        taal=shared.taal,
        eventGeschiedenis=tuple(_events(value, fit)),
        eventPlan=shared.eventPlan,
        relatie=tuple(relations_from_mdto(value, fit)),
        context=shared.context,
        gebruiksrechten=shared.gebruiksrechten,
        vertrouwelijkheid=shared.vertrouwelijkheid,
        openbaarheid=shared.openbaarheid,
        vorm=shared.vorm,
        integriteit=_integriteit(value, fit),
    )
    return replace(result, omschrijving=fit.descriptions(value.omschrijving))


def file_from_mdto(bestand: MdtoBestand, record: Informatieobject | None = None) -> Bestand:
    """The TMLO file of a bestand; `record`, what it represents, gives what TMLO would inherit.

    ToPX holds one digest per file: SHA-256 where there is one, else the strongest.
    """
    fit = Fitting()
    shared = _shared(record, fit) if record is not None else _Shared()
    own, *others = bestand.identificatie
    result = Bestand(
        identificatiekenmerk=fit.name(own.identificatieKenmerk),
        naam=(fit.name(bestand.naam),),
        classificatie=shared.classificatie,
        plaats=fit.text(bestand.URLBestand),
        externIdentificatiekenmerk=tuple(_extern(each, fit) for each in others),
        taal=shared.taal,
        eventPlan=shared.eventPlan,
        relatie=(relation(bestand.isRepresentatieVan, REPRESENTEERT, fit),),
        context=shared.context,
        gebruiksrechten=shared.gebruiksrechten,
        vertrouwelijkheid=shared.vertrouwelijkheid,
        openbaarheid=shared.openbaarheid,
        vorm=shared.vorm or Vorm(redactieGenre=ONBEKEND),
        formaat=(_formaat(bestand, fit),),
    )
    return replace(result, omschrijving=fit.descriptions(()))


@dataclass(frozen=True, slots=True)
class _Shared:
    """What a record and its files have in common."""

    classificatie: tuple[Classificatie, ...] = ()
    taal: tuple[str, ...] = ()
    eventPlan: tuple[EventPlan, ...] = ()
    context: Context | None = None
    gebruiksrechten: tuple[Gebruiksrechten, ...] = ()
    vertrouwelijkheid: tuple[Vertrouwelijkheid, ...] = ()
    openbaarheid: tuple[Openbaarheid, ...] = ()
    vorm: Vorm | None = None


def _shared(value: Informatieobject, fit: Fitting) -> _Shared:
    rights, levels, openness = restrictions_from_mdto(value.beperkingGebruik, fit)
    return _Shared(
        classificatie=tuple(_classificatie(value, fit)),
        taal=tuple(_taal(value.taal, fit)),
        eventPlan=tuple(_event_plan(value, fit)),
        context=_context(value, fit),
        gebruiksrechten=rights,
        vertrouwelijkheid=levels,
        openbaarheid=openness,
        vorm=_vorm(value.classificatie, fit),
    )


def _level(value: Informatieobject) -> str:
    """The level; where MDTO gives none that TMLO knows: with files a record, else a dossier."""
    given = value.aggregatieniveau.begripLabel if value.aggregatieniveau else ""
    fallback = "Record" if value.heeftRepresentatie else "Dossier"
    return TOPX_LEVELS.get(given.strip().lower(), fallback)


def _extern(each: Identificatie, fit: Fitting) -> ExternIdentificatiekenmerk:
    return ExternIdentificatiekenmerk(
        kenmerkSysteem=fit.text(each.identificatieBron),
        nummerBinnenSysteem=fit.required(each.identificatieKenmerk),
    )


_VORM = (TmloLijst.REDACTIEGENRE, TmloLijst.VERSCHIJNINGSVORM, TmloLijst.STRUCTUUR)


def _classificatie(value: Informatieobject, fit: Fitting) -> Iterator[Classificatie]:
    terms = [each for each in value.classificatie if not any(is_from(each, v) for v in _VORM)]
    if value.informatiecategorie is not None:
        terms.append(value.informatiecategorie)
    for term in terms:
        yield Classificatie(
            code=fit.required(term.begripCode or term.begripLabel),
            omschrijving=fit.required(term.begripLabel),
            bron=fit.required(term.begripBegrippenlijst.verwijzingNaam),
        )
    for word in value.trefwoord:
        if word.strip():
            text = fit.required(word)
            yield Classificatie(code=text, omschrijving=text, bron=TmloLijst.TREFWOORD.value)


def _vorm(terms: Iterable[Begrip], fit: Fitting) -> Vorm | None:
    found: dict[TmloLijst, list[str]] = {lijst: [] for lijst in _VORM}
    for term in terms:
        for lijst in _VORM:
            if is_from(term, lijst):
                found[lijst].append(fit.required(term.begripLabel))
    if not any(found.values()):
        return None
    genres, shapes, structures = (found[lijst] for lijst in _VORM)
    for surplus in (*genres[1:], *structures[1:]):
        fit.aside(surplus)
    return Vorm(
        redactieGenre=genres[0] if genres else "",
        verschijningsvorm=tuple(shapes),
        structuur=structures[0] if structures else None,
    )


def _plaats(value: Informatieobject, fit: Fitting) -> str | None:
    places = [
        text
        for each in value.raadpleeglocatie
        for text in (
            *(place.verwijzingNaam for place in each.raadpleeglocatieFysiek),
            *each.raadpleeglocatieOnline,
        )
        if text.strip()
    ]
    for surplus in places[1:]:
        fit.aside(f"Raadpleeglocatie: {surplus}")
    return fit.text(places[0]) if places else None


def _dekking(value: Informatieobject, fit: Fitting) -> Iterator[Dekking]:
    for each in value.dekkingInTijd:
        yield Dekking(inTijd=_in_tijd(each))
    areas = tuple(text for each in value.dekkingInRuimte if (text := fit.text(each.verwijzingNaam)))
    if areas:
        yield Dekking(geografischGebied=areas)


def _in_tijd(each: DekkingInTijd) -> Periode:
    return Periode(
        begin=topx_moment(each.dekkingInTijdBegindatum),
        eind=topx_moment(each.dekkingInTijdEinddatum, last=True),
    )


def _taal(codes: Iterable[str], fit: Fitting) -> Iterator[str]:
    known: dict[str, None] = {}
    for code in codes:
        three = topx_taal(code)
        if three is None:
            fit.aside(f"Taal: {code}")
        else:
            known[three] = None
    return iter(known)


def _events(value: Informatieobject, fit: Fitting) -> Iterator[EventGeschiedenis]:
    for each in _history(value.event):
        actor = each.eventVerantwoordelijkeActor
        yield EventGeschiedenis(
            datumOfPeriode=topx_when(each.eventTijd) if each.eventTijd else UNKNOWN,
            type=fit.required(each.eventType.begripLabel),
            beschrijving=fit.text(each.eventResultaat),
            verantwoordelijkeFunctionaris=fit.required(actor.verwijzingNaam if actor else None),
        )


def _history(events: tuple[Event, ...]) -> Iterator[Event]:
    """All events but the first that holds a statement on integrity."""
    statement = _statement(events)
    return (each for each in events if each is not statement)


def _statement(events: tuple[Event, ...]) -> Event | None:
    found = (each for each in events if is_from(each.eventType, TmloLijst.INTEGRITEIT))
    return next(found, None)


def _integriteit(value: Informatieobject, fit: Fitting) -> str | None:
    statement = _statement(value.event)
    return fit.text(statement.eventResultaat) if statement is not None else None


def _event_plan(value: Informatieobject, fit: Fitting) -> Iterator[EventPlan]:
    match waardering_of(value.waardering):
        case Waardering.TIJDELIJK:
            yield _destruction(value.bewaartermijn or Termijn(), fit)
        case Waardering.BLIJVEND:
            yield EventPlan(datumOfPeriode=UNKNOWN, type=OVERBRENGEN)


def _destruction(term: Termijn, fit: Fitting) -> EventPlan:
    trigger = term.termijnTriggerStartLooptijd
    end = term.termijnEinddatum or end_of_term(term.termijnStartdatumLooptijd, term.termijnLooptijd)
    description = f"Bewaartermijn {term.termijnLooptijd}" if term.termijnLooptijd else None
    return EventPlan(
        datumOfPeriode=_until(term.termijnStartdatumLooptijd, end),
        type=VERNIETIGEN,
        beschrijving=fit.text(description),
        aanleiding=fit.text(trigger.begripLabel if trigger else None),
    )


def _until(start: str | None, end: str | None) -> DatumOfPeriode:
    """The end alone as a moment; with its start as a period; the start alone says no end."""
    last = topx_moment(end, last=True)
    if last is not None and start is None:
        return moment_as_when(last)
    return DatumOfPeriode(periode=Periode(begin=topx_moment(start), eind=last))


def _context(value: Informatieobject, fit: Fitting) -> Context | None:
    actors = tuple(
        Actor(
            identificatiekenmerk=identifier_of(each, fit),
            geautoriseerdeNaam=fit.required(each.verwijzingNaam),
        )
        for each in value.archiefvormer
    )
    activity = () if value.activiteit is None else (_activiteit(value.activiteit, fit),)
    return Context(actor=actors, activiteit=activity) if actors or activity else None


def _activiteit(value: Verwijzing, fit: Fitting) -> Activiteit:
    own = value.verwijzingIdentificatie
    return Activiteit(
        identificatiekenmerk=fit.text(own.identificatieKenmerk if own else None),
        naam=fit.required(value.verwijzingNaam),
    )


def _formaat(bestand: MdtoBestand, fit: Fitting) -> Formaat:
    term = bestand.bestandsformaat
    name, dot, extension = bestand.naam.rpartition(".")
    split = bool(dot and name.strip() and extension.strip() and len(extension) <= 20)
    return Formaat(
        identificatiekenmerk=fit.required(bestand.identificatie[0].identificatieKenmerk),
        bestandsnaam=Bestandsnaam(
            naam=fit.required(name if split else bestand.naam),
            extensie=fit.text(extension) if split else None,
        ),
        type=fit.text(term.begripLabel) if term.begripCode else None,
        omvang=max(bestand.omvang, 0),
        bestandsformaat=fit.text(term.begripCode or term.begripLabel),
        fysiekeIntegriteit=_fysieke_integriteit(bestand.checksum, fit),
    )


def _fysieke_integriteit(
    checksums: tuple[Checksum, ...], fit: Fitting
) -> FysiekeIntegriteit | None:
    if not checksums:
        return None
    chosen = min(checksums, key=_preference)
    label = chosen.checksumAlgoritme.begripLabel
    algorithm = algorithm_named(label)
    return FysiekeIntegriteit(
        algoritme=algorithm.value.upper() if algorithm else fit.required(label),
        waarde=fit.required(chosen.checksumWaarde),
        datumEnTijd=chosen.checksumDatum,
    )


def _preference(checksum: Checksum) -> int:
    algorithm = algorithm_named(checksum.checksumAlgoritme.begripLabel)
    return _PREFERRED.index(algorithm) if algorithm in _PREFERRED else len(_PREFERRED)
