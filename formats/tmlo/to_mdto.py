"""From TMLO to MDTO: an aggregation becomes an informatieobject, a file a bestand.

Give it levels after expand_inheritance: MDTO's exchange knows no inheritance. The mapping is that
of the Nationaal Archief, except where it would lose what MDTO can hold or break MDTO's rules:

- 5.2 omschrijving becomes the label of the term, which MDTO demands and the table leaves out;
- a classification whose scheme is a selectielijst becomes the informatiecategorie;
- 10.2 is the kenmerk and 10.1 the bron: the table has them the other way round;
- 12.3 beschrijving becomes the eventResultaat; 20 integriteit an event of its own;
- waardering has no source: Vernietigen is V, Overbrengen is B, both or none is N;
- 19 vorm becomes terms whose list names the TMLO element, so that they find their way back;
- no empty text is ever written: what is blank is left out, or named unknown where MDTO demands it.

Source: MDTO-TMLO-TMR, mapping TMLO to MDTO (Nationaal Archief); MDTO Metagegevensschema 1.0.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from formats.digest import Algorithm, Sums, algorithm_named
from formats.findings import Finding, finding
from formats.mdto.lists import (
    EVENT_TYPEN,
    Waardering,
    begrip_aggregatieniveau,
    begrip_beperking,
    begrip_checksum,
    begrip_event,
    begrip_pronom,
    begrip_waardering,
)
from formats.mdto.model import (
    Begrip,
    BeperkingGebruik,
    Checksum,
    DekkingInTijd,
    Event,
    Identificatie,
    Informatieobject,
    Raadpleeglocatie,
    Termijn,
    Verwijzing,
)
from formats.mdto.model import Bestand as MdtoBestand
from formats.periods import read_partial_date
from formats.tmlo.dates import mdto_date, mdto_day, mdto_time
from formats.tmlo.lists import OVERBRENGEN, VERNIETIGEN, mdto_taal
from formats.tmlo.model import (
    Aggregatie,
    Bestand,
    Classificatie,
    EventPlan,
    ExternIdentificatiekenmerk,
    Formaat,
    Periode,
    Vorm,
)
from formats.tmlo.relations import relations_to_mdto
from formats.tmlo.restrictions import restrictions_to_mdto
from formats.tmlo.terms import (
    MDTO_LEVELS,
    ONBEKEND,
    TmloLijst,
    tmlo_begrip,
)
from formats.tmlo.texts import filled, named

SELECTIELIJST = "selectielijst"

_PUID = re.compile(r"(?:x-)?fmt/[0-9]+")
_WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/=&?-]*)?")


@dataclass(frozen=True, slots=True)
class Measured:
    """What we computed of a file ourselves; `at` is an xsd:dateTime."""

    sums: Sums
    at: str


def to_mdto(aggregatie: Aggregatie, archiefvormer: Verwijzing, bron: str) -> Informatieobject:
    """The informatieobject that an aggregation describes.

    `archiefvormer` stands in where TMLO names no actor; `bron` is the system within which the
    TMLO identifiers are unique.
    """
    relations = relations_to_mdto(aggregatie, bron)
    category, classification = _classified(aggregatie)
    return Informatieobject(
        identificatie=(
            Identificatie(named(aggregatie.identificatiekenmerk), bron),
            *map(_extern, aggregatie.externIdentificatiekenmerk),
        ),
        naam=named(next(filled(aggregatie.naam), "")),
        aggregatieniveau=begrip_aggregatieniveau(MDTO_LEVELS[aggregatie.aggregatieniveau]),
        classificatie=classification,
        trefwoord=tuple(_keywords(aggregatie)),
        omschrijving=tuple(_descriptions(aggregatie)),
        raadpleeglocatie=_raadpleeglocatie(aggregatie.plaats),
        dekkingInTijd=tuple(_dekking_in_tijd(aggregatie)),
        dekkingInRuimte=tuple(
            Verwijzing(gebied)
            for each in aggregatie.dekking
            for gebied in filled(each.geografischGebied)
        ),
        taal=tuple(dict.fromkeys(mdto_taal(each) for each in filled(aggregatie.taal))),
        event=tuple(_events(aggregatie)),
        waardering=begrip_waardering(_waardering(aggregatie.eventPlan)),
        bewaartermijn=_bewaartermijn(aggregatie.eventPlan),
        informatiecategorie=category,
        isOnderdeelVan=relations.upward,
        bevatOnderdeel=relations.downward,
        heeftRepresentatie=relations.representations,
        aanvullendeMetagegevens=relations.additional,
        gerelateerdInformatieobject=relations.others,
        archiefvormer=tuple(_archiefvormers(aggregatie, bron)) or (archiefvormer,),
        betrokkene=relations.involved,
        activiteit=_activiteit(aggregatie, bron),
        beperkingGebruik=tuple(restrictions_to_mdto(aggregatie)) or (_to_be_determined(),),
    )


def file_to_mdto(
    bestand: Bestand,
    record: Verwijzing,
    bron: str,
    *,
    formaat: Formaat | None = None,
    measured: Measured | None = None,
) -> MdtoBestand:
    """The bestand that a TMLO file describes: by its first formaat, or by the one given.

    `record` is what it represents. What was measured stands in for a size and a digest that the
    sender did not give; without it the size is then 0 and there is no digest, and whoever writes
    the bestand has to complete it.
    """
    form = formaat or bestand.formaat[0]
    checksum = _checksum(form)
    if checksum is None and measured is not None:
        term = begrip_checksum(Algorithm.SHA256)
        checksum = Checksum(term, measured.sums.sha256, measured.at)
    size = measured.sums.size_bytes if measured is not None else 0
    return MdtoBestand(
        identificatie=(
            Identificatie(named(bestand.identificatiekenmerk), bron),
            *map(_extern, bestand.externIdentificatiekenmerk),
        ),
        naam=file_name(form),
        omvang=size if form.omvang is None else form.omvang,
        bestandsformaat=_bestandsformaat(form),
        checksum=(checksum,) if checksum is not None else (),
        URLBestand=bestand.plaats if _WEB_ADDRESS.fullmatch(bestand.plaats or "") else None,
        isRepresentatieVan=record,
    )


def file_name(formaat: Formaat) -> str:
    """The name of the file with its extension, once."""
    name = formaat.bestandsnaam.naam.strip()
    extension = (formaat.bestandsnaam.extensie or "").strip().lstrip(".")
    if extension and not name.lower().endswith(f".{extension.lower()}"):
        name = f"{name}.{extension}"
    return named(name)


def lost_in_mdto(value: Aggregatie | Bestand, where: str) -> list[Finding]:
    """The elements in use that have no place in MDTO, in one finding; empty when there are none.

    Source: MDTO-TMLO-TMR, mapping TMLO to MDTO: the conversion loses data, so keep the original.
    """
    lost = tuple(dict.fromkeys(_lost(value)))
    return [finding("F632", where, ", ".join(lost))] if lost else []


def _lost(value: Aggregatie | Bestand) -> Iterator[str]:
    if any(each.datumOfPeriode for each in value.classificatie):
        yield "5.4 classificatie/datumOfPeriode"
    if any(each.type not in (VERNIETIGEN, OVERBRENGEN) for each in value.eventPlan):
        yield "13 eventPlan"
    if any(each.datumOfPeriode for each in value.relatie):
        yield "15.3 relatie/datumOfPeriode"
    if value.context is not None:
        if any(a.aggregatieniveau or a.plaats or a.jurisdictie for a in value.context.actor):
            yield "15C.1 actor/aggregatieniveau, plaats, jurisdictie"
        if len(value.context.activiteit) > 1:
            yield "15C.2 activiteit"
    if value.generiekeMetadata:
        yield "22 generiekeMetadata"
    for each in value.formaat if isinstance(value, Bestand) else ():
        if each.creatieapplicatie or each.datumAanmaak or each.eventPlan or each.relatie:
            yield "21.6, 21.8, 21.9, 21.10 formaat"


def _extern(each: ExternIdentificatiekenmerk) -> Identificatie:
    return Identificatie(named(each.nummerBinnenSysteem), named(each.kenmerkSysteem))


def _is_keyword(each: Classificatie) -> bool:
    return each.bron == TmloLijst.TREFWOORD


def _keywords(aggregatie: Aggregatie) -> Iterator[str]:
    return filled(each.omschrijving for each in aggregatie.classificatie if _is_keyword(each))


def _classified(aggregatie: Aggregatie) -> tuple[Begrip | None, tuple[Begrip, ...]]:
    """The category of the selectielijst, and all other classifications."""
    category: Begrip | None = None
    others: list[Begrip] = []
    for each in aggregatie.classificatie:
        if _is_keyword(each):
            continue
        term = Begrip(named(each.omschrijving), Verwijzing(named(each.bron)), named(each.code))
        if category is None and SELECTIELIJST in each.bron.casefold().replace(" ", ""):
            category = term
        else:
            others.append(term)
    return category, (*others, *_vorm(aggregatie.vorm))


def _vorm(vorm: Vorm | None) -> Iterator[Begrip]:
    if vorm is None:
        return
    for lijst, texts in (
        (TmloLijst.REDACTIEGENRE, (vorm.redactieGenre,)),
        (TmloLijst.VERSCHIJNINGSVORM, vorm.verschijningsvorm),
        (TmloLijst.STRUCTUUR, (vorm.structuur,)),
    ):
        for text in filled(texts):
            yield tmlo_begrip(lijst, text)


def _descriptions(aggregatie: Aggregatie) -> Iterator[str]:
    """The descriptions, the names after the first, and times of which only the end is known."""
    yield from filled(aggregatie.omschrijving)
    yield from list(filled(aggregatie.naam))[1:]
    for each in aggregatie.dekking:
        if each.inTijd is not None and each.inTijd.begin is None:
            eind = mdto_date(each.inTijd.eind)
            if eind is not None:
                yield f"Dekking in tijd: tot en met {eind}"


def _raadpleeglocatie(plaats: str | None) -> tuple[Raadpleeglocatie, ...]:
    if plaats is None or not plaats.strip():
        return ()
    if _WEB_ADDRESS.fullmatch(plaats.strip()):
        return (Raadpleeglocatie(raadpleeglocatieOnline=(plaats.strip(),)),)
    return (Raadpleeglocatie(raadpleeglocatieFysiek=(Verwijzing(plaats),)),)


def _dekking_in_tijd(aggregatie: Aggregatie) -> Iterator[DekkingInTijd]:
    """MDTO demands a kind, which TMLO does not have: 9.1 is about the content."""
    for each in aggregatie.dekking:
        period = each.inTijd or Periode()
        begin = mdto_date(period.begin)
        if begin is not None:
            kind = tmlo_begrip(TmloLijst.DEKKING, "Dekking van de inhoud")
            yield DekkingInTijd(kind, begin, mdto_date(period.eind))


def _events(aggregatie: Aggregatie) -> Iterator[Event]:
    for each in aggregatie.eventGeschiedenis:
        kind = named(each.type)
        known = kind in EVENT_TYPEN.labels
        yield Event(
            eventType=begrip_event(kind) if known else tmlo_begrip(TmloLijst.EVENT, kind),
            eventTijd=mdto_time(each.datumOfPeriode),
            eventVerantwoordelijkeActor=Verwijzing(named(each.verantwoordelijkeFunctionaris)),
            eventResultaat=next(filled((each.beschrijving,)), None),
        )
    for text in filled((aggregatie.integriteit,)):
        yield Event(tmlo_begrip(TmloLijst.INTEGRITEIT, "Integriteit"), eventResultaat=text)


def _waardering(plans: Iterable[EventPlan]) -> Waardering:
    """V or B when only that is planned; when both or neither are, it is yet to be determined."""
    destined = {each.type for each in plans} & {VERNIETIGEN, OVERBRENGEN}
    if destined == {VERNIETIGEN}:
        return Waardering.TIJDELIJK
    return Waardering.BLIJVEND if destined == {OVERBRENGEN} else Waardering.NADER_TE_BEPALEN


def _bewaartermijn(plans: tuple[EventPlan, ...]) -> Termijn | None:
    """The term until destruction; of several the one that ends last."""
    if _waardering(plans) is not Waardering.TIJDELIJK:
        return None
    terms = [term for each in plans if each.type == VERNIETIGEN and (term := _term(each))]
    return max(terms, key=_end_of, default=None)


def _end_of(term: Termijn) -> int:
    return read_partial_date(term.termijnEinddatum or "").end


def _term(plan: EventPlan) -> Termijn | None:
    """None when there is no date: then nothing says when it may be destroyed."""
    when = plan.datumOfPeriode
    begin, end = mdto_day(when.begin), mdto_date(when.eind) or mdto_date(when.begin)
    if end is None:
        return None
    reason = next(filled((plan.aanleiding,)), None)
    return Termijn(
        tmlo_begrip(TmloLijst.AANLEIDING, reason) if reason else None,
        begin if when.periode is not None and when.eind is not None else None,
        None,
        end,
    )


def _archiefvormers(aggregatie: Aggregatie, bron: str) -> Iterator[Verwijzing]:
    for each in aggregatie.context.actor if aggregatie.context else ():
        yield Verwijzing(
            named(each.geautoriseerdeNaam),
            Identificatie(named(each.identificatiekenmerk), bron),
        )


def _activiteit(aggregatie: Aggregatie, bron: str) -> Verwijzing | None:
    for each in aggregatie.context.activiteit if aggregatie.context else ():
        own = next(filled((each.identificatiekenmerk,)), None)
        return Verwijzing(named(each.naam), Identificatie(own, bron) if own else None)
    return None


def _to_be_determined() -> BeperkingGebruik:
    return BeperkingGebruik(begrip_beperking("Nader te bepalen"))


def _bestandsformaat(formaat: Formaat) -> Begrip:
    """The format as a PRONOM term where it is a PUID, else as the sender named it."""
    given = next(filled((formaat.bestandsformaat,)), ONBEKEND).strip()
    name = next(filled((formaat.type,)), given).strip()
    if _PUID.fullmatch(given):
        return begrip_pronom(given, name)
    return tmlo_begrip(TmloLijst.BESTANDSFORMAAT, given)


def _checksum(formaat: Formaat) -> Checksum | None:
    given = formaat.fysiekeIntegriteit
    if given is None:
        return None
    algorithm = algorithm_named(given.algoritme)
    term = (
        begrip_checksum(algorithm)
        if algorithm is not None
        else tmlo_begrip(TmloLijst.ALGORITME, named(given.algoritme))
    )
    return Checksum(term, named(given.waarde), given.datumEnTijd)
