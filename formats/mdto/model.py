"""MDTO 1.0.1 as frozen values; element names as the standard spells them.

Source: MDTO Metagegevensschema 1.0, MDTO-XML 1.0.1. Dates are kept as the text that was
delivered, because the standard allows a year, a month, a day or an instant in one place.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identificatie:
    """identificatieGegevens: a kenmerk that is unique within its bron."""

    identificatieKenmerk: str
    identificatieBron: str


@dataclass(frozen=True, slots=True)
class Verwijzing:
    """verwijzingGegevens: the name of another thing and, if known, its identification."""

    verwijzingNaam: str
    verwijzingIdentificatie: Identificatie | None = None


@dataclass(frozen=True, slots=True)
class Begrip:
    """begripGegevens: a term, its code, and the list that it stands in."""

    begripLabel: str
    begripBegrippenlijst: Verwijzing
    begripCode: str | None = None


@dataclass(frozen=True, slots=True)
class Termijn:
    """termijnGegevens: start (a full date), duration (ISO 8601, no weeks) and end of a term."""

    termijnTriggerStartLooptijd: Begrip | None = None
    termijnStartdatumLooptijd: str | None = None
    termijnLooptijd: str | None = None
    termijnEinddatum: str | None = None


@dataclass(frozen=True, slots=True)
class Raadpleeglocatie:
    """raadpleeglocatieGegevens: where the object can be consulted."""

    raadpleeglocatieFysiek: tuple[Verwijzing, ...] = ()
    raadpleeglocatieOnline: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DekkingInTijd:
    """dekkingInTijdGegevens: the time that the content is about."""

    dekkingInTijdType: Begrip
    dekkingInTijdBegindatum: str
    dekkingInTijdEinddatum: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """eventGegevens: something that happened to the object."""

    eventType: Begrip
    eventTijd: str | None = None
    eventVerantwoordelijkeActor: Verwijzing | None = None
    eventResultaat: str | None = None


@dataclass(frozen=True, slots=True)
class GerelateerdInformatieobject:
    """gerelateerdInformatieobjectGegevens: another object and the kind of relation."""

    gerelateerdInformatieobjectVerwijzing: Verwijzing
    gerelateerdInformatieobjectTypeRelatie: Begrip


@dataclass(frozen=True, slots=True)
class Betrokkene:
    """betrokkeneGegevens: an actor and the part that it played."""

    betrokkeneTypeRelatie: Begrip
    betrokkeneActor: Verwijzing


@dataclass(frozen=True, slots=True)
class BeperkingGebruik:
    """beperkingGebruikGegevens: a restriction on use, or that there is none."""

    beperkingGebruikType: Begrip
    beperkingGebruikNadereBeschrijving: str | None = None
    beperkingGebruikDocumentatie: tuple[Verwijzing, ...] = ()
    beperkingGebruikTermijn: Termijn | None = None


@dataclass(frozen=True, slots=True)
class Checksum:
    """checksumGegevens: algorithm, value and the instant (xsd:dateTime) it was made."""

    checksumAlgoritme: Begrip
    checksumWaarde: str
    checksumDatum: str


@dataclass(frozen=True, slots=True)
class Informatieobject:
    """An aggregation or a record (archiefstuk); what is mandatory comes first."""

    identificatie: tuple[Identificatie, ...]
    naam: str
    waardering: Begrip
    archiefvormer: tuple[Verwijzing, ...]
    beperkingGebruik: tuple[BeperkingGebruik, ...]
    aggregatieniveau: Begrip | None = None
    classificatie: tuple[Begrip, ...] = ()
    trefwoord: tuple[str, ...] = ()
    omschrijving: tuple[str, ...] = ()
    raadpleeglocatie: tuple[Raadpleeglocatie, ...] = ()
    dekkingInTijd: tuple[DekkingInTijd, ...] = ()
    dekkingInRuimte: tuple[Verwijzing, ...] = ()
    taal: tuple[str, ...] = ()
    event: tuple[Event, ...] = ()
    bewaartermijn: Termijn | None = None
    informatiecategorie: Begrip | None = None
    isOnderdeelVan: tuple[Verwijzing, ...] = ()
    bevatOnderdeel: tuple[Verwijzing, ...] = ()
    heeftRepresentatie: tuple[Verwijzing, ...] = ()
    aanvullendeMetagegevens: tuple[Verwijzing, ...] = ()
    gerelateerdInformatieobject: tuple[GerelateerdInformatieobject, ...] = ()
    betrokkene: tuple[Betrokkene, ...] = ()
    activiteit: Verwijzing | None = None


@dataclass(frozen=True, slots=True)
class Bestand:
    """A file: omvang is in bytes."""

    identificatie: tuple[Identificatie, ...]
    naam: str
    omvang: int
    bestandsformaat: Begrip
    checksum: tuple[Checksum, ...]
    isRepresentatieVan: Verwijzing
    URLBestand: str | None = None
