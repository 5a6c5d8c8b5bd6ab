"""ToPX as a table: what may stand where, in ToPX 2.3_2 and in the versions before it.

Version 2.3 and 2.3_1 know no longest lengths; 2.3_2 does. Everything else that they accept 2.3_2
accepts too, so TOPX_2_3 (the same table without lengths) stands for both.

Source: ToPX 2.3, 2.3_1 and 2.3_2 (Nationaal Archief).
"""

from formats.datatypes import (
    DATE,
    DATE_TIME,
    G_YEAR,
    NON_NEGATIVE_INTEGER,
    SimpleType,
    restricted_string,
    union_of,
)
from formats.schema import (
    UNBOUNDED,
    ComplexType,
    Element,
    Schema,
    SchemaFault,
    choice,
    sequence,
    skipped,
    value_of,
)
from formats.tmlo.lists import (
    AGGREGATIENIVEAUS,
    BESTAND,
    EVENTPLANTYPEN,
    TALEN,
    VERTROUWELIJKHEIDSNIVEAUS,
)
from formats.tmlo.model import GEEN_GEBRUIKSRECHTEN, NAMESPACE, OPENBAAR

LONGEST_NAME = 255
LONGEST_STRING = 2000

ATTRIBUTES = frozenset({"lokaal", "type", "bronElement"})

_CODES = {
    SchemaFault.ROOT: "F600",
    SchemaFault.UNKNOWN: "F601",
    SchemaFault.MISSING: "F602",
    SchemaFault.TOO_MANY: "F603",
    SchemaFault.ORDER: "F604",
    SchemaFault.VALUE: "F605",
    SchemaFault.TEXT: "F606",
    SchemaFault.CHILD: "F607",
    SchemaFault.ATTRIBUTE: "F608",
    SchemaFault.XSI: "F609",
    SchemaFault.MORE: "F610",
}


def _schema(short: int | None, long: int | None) -> Schema:
    """The table with these longest lengths for names and for other texts; None: no limit."""
    table = _Table(short, long)
    return Schema(NAMESPACE, Element("ToPX", table.topx()), _CODES, table.named)


class _Table:
    """The types of ToPX while a schema is being made of them."""

    def __init__(self, short: int | None, long: int | None) -> None:
        self.named: tuple[ComplexType, ...] = ()
        self._string = self._text("string", restricted_string("tekst", most=long))
        self._required = self._text(
            "nonEmptyStringTypeAttribuut", restricted_string("niet-lege tekst", least=1, most=long)
        )
        self._name = self._text(
            "nonEmptyStringMax255TypeAttribuut",
            restricted_string("niet-lege tekst", least=1, most=short),
            base=self._required,
        )
        self._taal = self._text(
            "taalTypeAttribuut", restricted_string("ISO 639-2/B", values=("", *sorted(TALEN)))
        )
        self._dates()

    def topx(self) -> ComplexType:
        """The root: an aggregation or a file."""
        return self._add(
            choice(
                Element("aggregatie", self._aggregatie()),
                Element("bestand", self._bestand()),
                name="topxType",
                attributes=ATTRIBUTES,
            )
        )

    def _aggregatie(self) -> ComplexType:
        return self._sequence(
            "aggregatieType",
            Element("identificatiekenmerk", self._name),
            Element("aggregatieniveau", _listed("aggregatieniveau", AGGREGATIENIVEAUS)),
            *self._basis(),
            self._vorm(least=0),
            Element("integriteit", self._string, 0),
            Element("generiekeMetadata", self._any(), 0, UNBOUNDED),
        )

    def _bestand(self) -> ComplexType:
        return self._sequence(
            "bestandType",
            Element("identificatiekenmerk", self._name),
            Element("aggregatieniveau", _listed("aggregatieniveau", (BESTAND,))),
            *self._basis(),
            self._vorm(least=1),
            Element("integriteit", self._string, 0),
            Element("formaat", self._formaat(), 1, UNBOUNDED),
            Element("generiekeMetadata", self._any(), 0, UNBOUNDED),
        )

    def _basis(self) -> tuple[Element, ...]:
        """basisEigenschappenGroup: what aggregations and files share."""
        return (
            Element("naam", self._name, 1, UNBOUNDED),
            Element("classificatie", self._classificatie(), 0, UNBOUNDED),
            Element("omschrijving", self._string, 0, UNBOUNDED),
            Element("plaats", self._string, 0),
            Element("dekking", self._dekking(), 0, UNBOUNDED),
            Element("externIdentificatiekenmerk", self._extern(), 0, UNBOUNDED),
            Element("taal", self._taal, 0, UNBOUNDED),
            Element("eventGeschiedenis", self._event_geschiedenis(), 0, UNBOUNDED),
            Element("eventPlan", self._event_plan(), 0, UNBOUNDED),
            Element("relatie", self._relatie(), 0, UNBOUNDED),
            Element("context", self._context(), 0),
            Element("gebruiksrechten", self._gebruiksrechten(), 0, UNBOUNDED),
            Element("vertrouwelijkheid", self._vertrouwelijkheid(), 0, UNBOUNDED),
            Element("openbaarheid", self._openbaarheid(), 0, UNBOUNDED),
        )

    def _dates(self) -> None:
        self._moment = self._choice("datumOfJaarType", _jaar(), _datum(), _datum_en_tijd())
        self._periode = self._sequence(
            "periodeType", Element("begin", self._moment, 0), Element("eind", self._moment, 0)
        )
        self._datum_of_periode = self._choice(
            "datumOfPeriodeType",
            _datum(),
            _jaar(),
            _datum_en_tijd(),
            Element("periode", self._periode),
        )
        self._when = Element("datumOfPeriode", self._datum_of_periode)

    def _classificatie(self) -> ComplexType:
        return self._sequence(
            "classificatieType",
            Element("code", self._required),
            Element("omschrijving", self._required),
            Element("bron", self._required),
            Element("datumOfPeriode", self._datum_of_periode, 0),
        )

    def _dekking(self) -> ComplexType:
        return self._sequence(
            "dekkingType",
            Element("inTijd", self._periode, 0),
            Element("geografischGebied", self._string, 0, UNBOUNDED),
        )

    def _extern(self) -> ComplexType:
        return self._sequence(
            "externIdentificatiekenmerkType",
            Element("kenmerkSysteem", self._string, 0),
            Element("nummerBinnenSysteem", self._required),
        )

    def _event_geschiedenis(self) -> ComplexType:
        return self._sequence(
            "eventGeschiedenisType",
            self._when,
            Element("type", self._required),
            Element("beschrijving", self._string, 0),
            Element("verantwoordelijkeFunctionaris", self._required),
        )

    def _event_plan(self) -> ComplexType:
        return self._plan("eventPlanType", Element("type", _listed("type", EVENTPLANTYPEN)))

    def _plan(self, name: str, kind: Element) -> ComplexType:
        return self._sequence(
            name,
            self._when,
            kind,
            Element("beschrijving", self._string, 0),
            Element("aanleiding", self._string, 0),
        )

    def _relatie(self) -> ComplexType:
        return self._sequence(
            "relatieType",
            Element("relatieID", self._required),
            Element("typeRelatie", self._required),
            Element("datumOfPeriode", self._datum_of_periode, 0),
        )

    def _context(self) -> ComplexType:
        actor = self._sequence(
            "actorType",
            Element("identificatiekenmerk", self._required),
            Element("aggregatieniveau", self._string, 0),
            Element("geautoriseerdeNaam", self._required),
            Element("plaats", self._string, 0, UNBOUNDED),
            Element("jurisdictie", self._string, 0),
        )
        activiteit = self._sequence(
            "activiteitType",
            Element("identificatiekenmerk", self._string, 0),
            Element("aggregatieniveau", self._string, 0),
            Element("naam", self._required),
        )
        return self._sequence(
            "contextType",
            Element("actor", actor, 0, UNBOUNDED),
            Element("activiteit", activiteit, 0, UNBOUNDED),
        )

    def _gebruiksrechten(self) -> ComplexType:
        return self._sequence(
            "gebruiksrechtenType",
            Element("omschrijvingVoorwaarden", self._required, default=GEEN_GEBRUIKSRECHTEN),
            self._when,
        )

    def _vertrouwelijkheid(self) -> ComplexType:
        return self._sequence(
            "vertrouwelijkheidType",
            Element("classificatieNiveau", _listed("niveau", VERTROUWELIJKHEIDSNIVEAUS)),
            self._when,
        )

    def _openbaarheid(self) -> ComplexType:
        return self._sequence(
            "openbaarheidType",
            Element("omschrijvingBeperkingen", self._required, 1, UNBOUNDED, OPENBAAR),
            self._when,
        )

    def _vorm(self, least: int) -> Element:
        kind = self._sequence(
            "vormType",
            Element("redactieGenre", self._string),
            Element("verschijningsvorm", self._string, 0, UNBOUNDED),
            Element("structuur", self._string, 0),
        )
        return Element("vorm", kind, least)

    def _formaat(self) -> ComplexType:
        bestandsnaam = self._sequence(
            "bestandsnaamType",
            Element("naam", self._required),
            Element("extensie", self._string, 0),
        )
        applicatie = self._sequence(
            "creatieApplicatieType",
            Element("naam", self._string, 0),
            Element("versie", self._string, 0),
            _datum_aanmaak(),
        )
        integriteit = self._sequence(
            "fysiekeIntegriteitType",
            Element("algoritme", self._required),
            Element("waarde", self._required),
            _datum_en_tijd(),
        )
        plan = self._plan("formaatEventPlanType", Element("type", self._required))
        return self._sequence(
            "formaatType",
            Element("identificatiekenmerk", self._required),
            Element("bestandsnaam", bestandsnaam),
            Element("type", self._string, 0),
            Element("omvang", _valued(NON_NEGATIVE_INTEGER), 0),
            Element("bestandsformaat", self._string, 0),
            Element("creatieapplicatie", applicatie, 0),
            Element("fysiekeIntegriteit", integriteit, 0),
            _datum_aanmaak(),
            Element("eventPlan", plan, 0, UNBOUNDED),
            Element("relatie", self._string, 0, UNBOUNDED),
        )

    def _any(self) -> ComplexType:
        return self._add(skipped(name="generiekeMetadataType", attributes=ATTRIBUTES))

    def _text(self, name: str, kind: SimpleType, base: ComplexType | None = None) -> ComplexType:
        return self._add(value_of(kind, name=name, attributes=ATTRIBUTES, base=base))

    def _sequence(self, name: str, *elements: Element) -> ComplexType:
        return self._add(sequence(*elements, name=name, attributes=ATTRIBUTES))

    def _choice(self, name: str, *elements: Element) -> ComplexType:
        return self._add(choice(*elements, name=name, attributes=ATTRIBUTES))

    def _add(self, kind: ComplexType) -> ComplexType:
        """The type of that name: what aggregations and files share is one type."""
        for known in self.named:
            if known.name == kind.name:
                return known
        self.named += (kind,)
        return kind


_DATE_TIME_OR_DATE = union_of("dateTimeOrDateType", DATE_TIME, DATE)


def _valued(kind: SimpleType) -> ComplexType:
    return value_of(kind, attributes=ATTRIBUTES)


def _listed(name: str, values: tuple[str, ...]) -> ComplexType:
    return _valued(restricted_string(name, values=values))


def _jaar() -> Element:
    return Element("jaar", _valued(G_YEAR))


def _datum() -> Element:
    return Element("datum", _valued(DATE))


def _datum_en_tijd() -> Element:
    return Element("datumEnTijd", _valued(DATE_TIME))


def _datum_aanmaak() -> Element:
    return Element("datumAanmaak", _valued(_DATE_TIME_OR_DATE), 0)


TOPX_2_3_2 = _schema(LONGEST_NAME, LONGEST_STRING)
TOPX_2_3 = _schema(None, None)
