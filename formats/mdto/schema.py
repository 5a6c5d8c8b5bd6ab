"""The MDTO 1.0.1 schema as a table: which elements, in which order, how often, of which type.

Source: MDTO-XML 1.0.1 (Nationaal Archief, 9 January 2023).
"""

from lxml import etree

from formats.datatypes import (
    ANY_URI,
    DATE,
    DATE_TIME,
    DURATION,
    G_YEAR,
    G_YEAR_MONTH,
    INTEGER,
    LANGUAGE,
    STRING,
    union_of,
)
from formats.findings import Finding
from formats.schema import UNBOUNDED, Element, Schema, SchemaFault, choice, sequence, validate

NAMESPACE = "https://www.nationaalarchief.nl/mdto"
SCHEMA_LOCATION = f"{NAMESPACE} {NAMESPACE}/MDTO-XML1.0.1.xsd"

YEAR_MONTH_OR_DAY = union_of("jaar, maand of dag", G_YEAR, G_YEAR_MONTH, DATE)
YEAR_TO_INSTANT = union_of("jaar, maand, dag of tijdstip", G_YEAR, G_YEAR_MONTH, DATE, DATE_TIME)

IDENTIFICATIE = sequence(
    Element("identificatieKenmerk", STRING),
    Element("identificatieBron", STRING),
    name="identificatieGegevens",
)
VERWIJZING = sequence(
    Element("verwijzingNaam", STRING),
    Element("verwijzingIdentificatie", IDENTIFICATIE, 0),
    name="verwijzingGegevens",
)
BEGRIP = sequence(
    Element("begripLabel", STRING),
    Element("begripCode", STRING, 0),
    Element("begripBegrippenlijst", VERWIJZING),
    name="begripGegevens",
)
TERMIJN = sequence(
    Element("termijnTriggerStartLooptijd", BEGRIP, 0),
    Element("termijnStartdatumLooptijd", DATE, 0),
    Element("termijnLooptijd", DURATION, 0),
    Element("termijnEinddatum", YEAR_MONTH_OR_DAY, 0),
    name="termijnGegevens",
)
RAADPLEEGLOCATIE = sequence(
    Element("raadpleeglocatieFysiek", VERWIJZING, 0, UNBOUNDED),
    Element("raadpleeglocatieOnline", ANY_URI, 0, UNBOUNDED),
    name="raadpleeglocatieGegevens",
)
DEKKING_IN_TIJD = sequence(
    Element("dekkingInTijdType", BEGRIP),
    Element("dekkingInTijdBegindatum", YEAR_MONTH_OR_DAY),
    Element("dekkingInTijdEinddatum", YEAR_MONTH_OR_DAY, 0),
    name="dekkingInTijdGegevens",
)
EVENT = sequence(
    Element("eventType", BEGRIP),
    Element("eventTijd", YEAR_TO_INSTANT, 0),
    Element("eventVerantwoordelijkeActor", VERWIJZING, 0),
    Element("eventResultaat", STRING, 0),
    name="eventGegevens",
)
GERELATEERD = sequence(
    Element("gerelateerdInformatieobjectVerwijzing", VERWIJZING),
    Element("gerelateerdInformatieobjectTypeRelatie", BEGRIP),
    name="gerelateerdInformatieobjectGegevens",
)
BETROKKENE = sequence(
    Element("betrokkeneTypeRelatie", BEGRIP),
    Element("betrokkeneActor", VERWIJZING),
    name="betrokkeneGegevens",
)
BEPERKING_GEBRUIK = sequence(
    Element("beperkingGebruikType", BEGRIP),
    Element("beperkingGebruikNadereBeschrijving", STRING, 0),
    Element("beperkingGebruikDocumentatie", VERWIJZING, 0, UNBOUNDED),
    Element("beperkingGebruikTermijn", TERMIJN, 0),
    name="beperkingGebruikGegevens",
)
CHECKSUM = sequence(
    Element("checksumAlgoritme", BEGRIP),
    Element("checksumWaarde", STRING),
    Element("checksumDatum", DATE_TIME),
    name="checksumGegevens",
)
_OBJECT = (
    Element("identificatie", IDENTIFICATIE, 1, UNBOUNDED),
    Element("naam", STRING),
)
OBJECT = sequence(*_OBJECT, name="objectType")
INFORMATIEOBJECT = sequence(
    *_OBJECT,
    Element("aggregatieniveau", BEGRIP, 0),
    Element("classificatie", BEGRIP, 0, UNBOUNDED),
    Element("trefwoord", STRING, 0, UNBOUNDED),
    Element("omschrijving", STRING, 0, UNBOUNDED),
    Element("raadpleeglocatie", RAADPLEEGLOCATIE, 0, UNBOUNDED),
    Element("dekkingInTijd", DEKKING_IN_TIJD, 0, UNBOUNDED),
    Element("dekkingInRuimte", VERWIJZING, 0, UNBOUNDED),
    Element("taal", LANGUAGE, 0, UNBOUNDED),
    Element("event", EVENT, 0, UNBOUNDED),
    Element("waardering", BEGRIP),
    Element("bewaartermijn", TERMIJN, 0),
    Element("informatiecategorie", BEGRIP, 0),
    Element("isOnderdeelVan", VERWIJZING, 0, UNBOUNDED),
    Element("bevatOnderdeel", VERWIJZING, 0, UNBOUNDED),
    Element("heeftRepresentatie", VERWIJZING, 0, UNBOUNDED),
    Element("aanvullendeMetagegevens", VERWIJZING, 0, UNBOUNDED),
    Element("gerelateerdInformatieobject", GERELATEERD, 0, UNBOUNDED),
    Element("archiefvormer", VERWIJZING, 1, UNBOUNDED),
    Element("betrokkene", BETROKKENE, 0, UNBOUNDED),
    Element("activiteit", VERWIJZING, 0),
    Element("beperkingGebruik", BEPERKING_GEBRUIK, 1, UNBOUNDED),
    name="informatieobjectType",
    base=OBJECT,
)
BESTAND = sequence(
    *_OBJECT,
    Element("omvang", INTEGER),
    Element("bestandsformaat", BEGRIP),
    Element("checksum", CHECKSUM, 1, UNBOUNDED),
    Element("URLBestand", ANY_URI, 0),
    Element("isRepresentatieVan", VERWIJZING),
    name="bestandType",
    base=OBJECT,
)
ROOT = choice(
    Element("informatieobject", INFORMATIEOBJECT),
    Element("bestand", BESTAND),
    name="mdtoType",
)

MDTO = Schema(
    namespace=NAMESPACE,
    root=Element("MDTO", ROOT),
    codes={
        SchemaFault.ROOT: "F500",
        SchemaFault.UNKNOWN: "F501",
        SchemaFault.MISSING: "F502",
        SchemaFault.TOO_MANY: "F503",
        SchemaFault.ORDER: "F504",
        SchemaFault.VALUE: "F505",
        SchemaFault.TEXT: "F506",
        SchemaFault.CHILD: "F507",
        SchemaFault.ATTRIBUTE: "F508",
        SchemaFault.XSI: "F509",
        SchemaFault.MORE: "F510",
    },
    named=(
        *(ROOT, OBJECT, INFORMATIEOBJECT, BESTAND, IDENTIFICATIE, VERWIJZING, BEGRIP, TERMIJN),
        *(RAADPLEEGLOCATIE, DEKKING_IN_TIJD, EVENT, GERELATEERD, BETROKKENE),
        *(BEPERKING_GEBRUIK, CHECKSUM),
    ),
)


def schema_findings(root: etree._Element, where: str) -> list[Finding]:
    """What the MDTO 1.0.1 schema alone has against a document; empty means: valid."""
    return validate(root, MDTO, where)
