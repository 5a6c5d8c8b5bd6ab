"""TMLO 1.1 (ToPX 2.3) as frozen values; element names as the standard spells them.

Each class is one content model of ToPX; its fields stand in the order of the schema, so writing
and reading walk the fields. Dates are kept as the text that was delivered. The optional
attributes lokaal, type and bronElement are not kept: they say where a value came from, and the
delivered document itself stays in the package.

Source: Toepassingsprofiel Metadatering Lokale Overheden 1.1; ToPX 2.3_2.
"""

from dataclasses import dataclass

NAMESPACE = "http://www.nationaalarchief.nl/ToPX/v2.3"

GEEN_GEBRUIKSRECHTEN = "Geen gebruiksrechten"
OPENBAAR = "Openbaar"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatumOfJaar:
    """One end of a period: exactly one of a year, a day or an instant."""

    jaar: str | None = None
    datum: str | None = None
    datumEnTijd: str | None = None

    @property
    def text(self) -> str:
        """The year, day or instant as it was delivered."""
        return self.jaar or self.datum or self.datumEnTijd or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Periode:
    """A period; either end may be open or unknown."""

    begin: DatumOfJaar | None = None
    eind: DatumOfJaar | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatumOfPeriode:
    """datumOfPeriode: exactly one of a day, a year, an instant or a period."""

    datum: str | None = None
    jaar: str | None = None
    datumEnTijd: str | None = None
    periode: Periode | None = None

    @property
    def begin(self) -> DatumOfJaar | None:
        """The moment itself, or the beginning of the period."""
        return self.periode.begin if self.periode is not None else self._moment

    @property
    def eind(self) -> DatumOfJaar | None:
        """The moment itself, or the end of the period."""
        return self.periode.eind if self.periode is not None else self._moment

    @property
    def _moment(self) -> DatumOfJaar:
        return DatumOfJaar(jaar=self.jaar, datum=self.datum, datumEnTijd=self.datumEnTijd)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classificatie:
    """5 classificatie: a code, what it means, and the scheme it comes from."""

    code: str
    omschrijving: str
    bron: str
    datumOfPeriode: DatumOfPeriode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dekking:
    """9 dekking: the time and the places that the content is about."""

    inTijd: Periode | None = None
    geografischGebied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternIdentificatiekenmerk:
    """10 externIdentificatiekenmerk: the number that another system gave."""

    kenmerkSysteem: str | None = None
    nummerBinnenSysteem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventGeschiedenis:
    """12 eventGeschiedenis: what happened, when, and who was responsible."""

    datumOfPeriode: DatumOfPeriode
    type: str
    beschrijving: str | None = None
    verantwoordelijkeFunctionaris: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPlan:
    """13 eventPlan: what has to happen, when, and on what ground."""

    datumOfPeriode: DatumOfPeriode
    type: str
    beschrijving: str | None = None
    aanleiding: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relatie:
    """15 relatie: the identifier of another thing, and what it is to this one."""

    relatieID: str
    typeRelatie: str
    datumOfPeriode: DatumOfPeriode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """15C.1 actor: a person or organisation that made or handled it."""

    identificatiekenmerk: str
    aggregatieniveau: str | None = None
    geautoriseerdeNaam: str
    plaats: tuple[str, ...] = ()
    jurisdictie: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activiteit:
    """15C.2 activiteit: the task or process in which it was made."""

    identificatiekenmerk: str | None = None
    aggregatieniveau: str | None = None
    naam: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """15C context: who made it, and in which activity."""

    actor: tuple[Actor, ...] = ()
    activiteit: tuple[Activiteit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gebruiksrechten:
    """16 gebruiksrechten: conditions on use other than reading."""

    omschrijvingVoorwaarden: str = GEEN_GEBRUIKSRECHTEN
    datumOfPeriode: DatumOfPeriode


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertrouwelijkheid:
    """17 vertrouwelijkheid: one of five levels, and when it holds."""

    classificatieNiveau: str
    datumOfPeriode: DatumOfPeriode


@dataclass(frozen=True, slots=True, kw_only=True)
class Openbaarheid:
    """18 openbaarheid: the restrictions on reading, and when they hold."""

    omschrijvingBeperkingen: tuple[str, ...] = (OPENBAAR,)
    datumOfPeriode: DatumOfPeriode


@dataclass(frozen=True, slots=True, kw_only=True)
class Vorm:
    """19 vorm: the genre, how it appears, and how it is built."""

    redactieGenre: str
    verschijningsvorm: tuple[str, ...] = ()
    structuur: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bestandsnaam:
    """21.2 bestandsnaam: a name and an extension."""

    naam: str
    extensie: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Creatieapplicatie:
    """21.6 creatieapplicatie: the software that made the file."""

    naam: str | None = None
    versie: str | None = None
    datumAanmaak: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FysiekeIntegriteit:
    """21.7 fysiekeIntegriteit: a digest and when it was made."""

    algoritme: str
    waarde: str
    datumEnTijd: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Formaat:
    """21 formaat: the physical file. `omvang` is in bytes."""

    identificatiekenmerk: str
    bestandsnaam: Bestandsnaam
    type: str | None = None
    omvang: int | None = None
    bestandsformaat: str | None = None
    creatieapplicatie: Creatieapplicatie | None = None
    fysiekeIntegriteit: FysiekeIntegriteit | None = None
    datumAanmaak: str | None = None
    eventPlan: tuple[EventPlan, ...] = ()
    relatie: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GeneriekeMetadata:
    """22 generiekeMetadata: elements of any other standard, each as the XML text of one element.

    The text declares every namespace that it uses, so that it means the same wherever it stands.
    """

    elementen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregatie:
    """An archive, series, dossier or record. 2 is never inherited and never changes."""

    identificatiekenmerk: str
    aggregatieniveau: str
    naam: tuple[str, ...]
    classificatie: tuple[Classificatie, ...] = ()
    omschrijving: tuple[str, ...] = ()
    plaats: str | None = None
    dekking: tuple[Dekking, ...] = ()
    externIdentificatiekenmerk: tuple[ExternIdentificatiekenmerk, ...] = ()
    taal: tuple[str, ...] = ()
    eventGeschiedenis: tuple[EventGeschiedenis, ...] = ()
    eventPlan: tuple[EventPlan, ...] = ()
    relatie: tuple[Relatie, ...] = ()
    context: Context | None = None
    gebruiksrechten: tuple[Gebruiksrechten, ...] = ()
    vertrouwelijkheid: tuple[Vertrouwelijkheid, ...] = ()
    openbaarheid: tuple[Openbaarheid, ...] = ()
    vorm: Vorm | None = None
    integriteit: str | None = None
    generiekeMetadata: tuple[GeneriekeMetadata, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bestand:
    """A file: as an aggregation, with its form and its formats."""

    identificatiekenmerk: str
    aggregatieniveau: str = "Bestand"
    naam: tuple[str, ...]
    classificatie: tuple[Classificatie, ...] = ()
    omschrijving: tuple[str, ...] = ()
    plaats: str | None = None
    dekking: tuple[Dekking, ...] = ()
    externIdentificatiekenmerk: tuple[ExternIdentificatiekenmerk, ...] = ()
    taal: tuple[str, ...] = ()
    eventGeschiedenis: tuple[EventGeschiedenis, ...] = ()
    eventPlan: tuple[EventPlan, ...] = ()
    relatie: tuple[Relatie, ...] = ()
    context: Context | None = None
    gebruiksrechten: tuple[Gebruiksrechten, ...] = ()
    vertrouwelijkheid: tuple[Vertrouwelijkheid, ...] = ()
    openbaarheid: tuple[Openbaarheid, ...] = ()
    vorm: Vorm
    integriteit: str | None = None
    formaat: tuple[Formaat, ...]
    generiekeMetadata: tuple[GeneriekeMetadata, ...] = ()
