"""Fictional cases: who asked for what, where and when, as a number and a date decide."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from edepot.demo.papers import Organisation, Person


class DossierKind(StrEnum):
    """The kinds of dossier in the demonstration."""

    PERMIT = "omgevingsvergunning"
    SUBSIDY = "subsidie"
    COMPLAINT = "klacht"
    INSPECTION = "milieucontrole"


@dataclass(frozen=True, slots=True)
class Category:
    """A result of the selection list: number, name, valuation (B or V), term and its trigger."""

    number: str
    name: str
    valuation: str
    term: str = ""
    trigger: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One fictional case; `handled_by` differs from `organisation` when the work was outsourced."""

    kind: DossierKind
    number: int
    identifier: str
    title: str
    subject: str
    organisation: Organisation
    handled_by: Organisation
    applicant: Person
    location: str
    opened_on: date
    closed_on: date
    category: Category

    @property
    def decided_on(self) -> date:
        """The day of the decision: two weeks before the case was closed."""
        return self.closed_on - timedelta(days=14)


SELECTION_LIST = "Selectielijst gemeenten en intergemeentelijke organen 2020"
"""The list that the categories come from. Source: Stcrt. 2020, 11143."""

OOSTSTELLINGWERF = Organisation(
    "ooststellingwerf",
    "Gemeente Ooststellingwerf",
    "Raadhuisplein 1",
    "Oosterwolde",
    "ooststellingwerf.example",
    "#1d5b3a",
)
WESTSTELLINGWERF = Organisation(
    "weststellingwerf",
    "Gemeente Weststellingwerf",
    "Stadhuislaan 8",
    "Wolvega",
    "weststellingwerf.example",
    "#8a1f2d",
)
OPSTERLAND = Organisation(
    "opsterland",
    "Gemeente Opsterland",
    "Schoolbrink 2",
    "Beetsterzwaag",
    "opsterland.example",
    "#1b4f8a",
)
NOORDENWIND = Organisation(
    "omgevingsdienst-noordenwind",
    "Omgevingsdienst Noordenwind",
    "Waterpoortsplein 4",
    "Gorredijk",
    "noordenwind.example",
    "#0f6f7c",
)
MUNICIPALITIES = (OOSTSTELLINGWERF, WESTSTELLINGWERF, OPSTERLAND)

CATEGORIES = {
    DossierKind.PERMIT: Category(
        "11.1.6", "Verleend: omgevingsvergunning voor activiteit milieu, bouw of sloop", "B"
    ),
    DossierKind.SUBSIDY: Category(
        "8.1.8", "Verstrekt: subsidie zonder verantwoordingsplicht", "V", "P7Y", "Afgehandeld"
    ),
    DossierKind.COMPLAINT: Category("13.1", "Afgehandeld", "V", "P5Y", "Afgehandeld"),
    DossierKind.INSPECTION: Category(
        "12.1.11",
        "Toezicht uitgevoerd: controle omgevingsvergunning milieu",
        "V",
        "P20Y",
        "Afgehandeld",
    ),
}


def case_of(
    kind: DossierKind, number: int, opened_on: date, organisation: Organisation | None = None
) -> Case:
    """The fictional case with this number: the same arguments give the same case."""
    owner = organisation or MUNICIPALITIES[number % len(MUNICIPALITIES)]
    person = person_of(number)
    subject = _pick(_SUBJECTS[kind], number)
    handled_by = NOORDENWIND if kind is DossierKind.INSPECTION else owner
    place = _pick(_PLACES[owner.id], number)
    location = f"{_pick(_STREETS, number + 3)} {number % 87 + 2} in {place}"
    return Case(
        kind=kind,
        number=number,
        identifier=f"{_PREFIX[kind]}{opened_on.year}-{number:06d}",
        title=f"{_TITLE[kind]}: {subject}, {location}",
        subject=subject,
        organisation=owner,
        handled_by=handled_by,
        applicant=person,
        location=location,
        opened_on=opened_on,
        closed_on=opened_on + timedelta(days=56 + number % 40),
        category=CATEGORIES[kind],
    )


def person_of(number: int) -> Person:
    """A fictional resident."""
    town = _pick(tuple(place for places in _PLACES.values() for place in places), number * 5)
    first, last = _pick(_INITIALS, number), _pick(_NAMES, number * 3)
    street = f"{_pick(_STREETS, number)} {number % 140 + 1}"
    mail = f"{last.split()[-1].lower()}{number % 1000}@post.example"
    return Person(f"{first} {last}", street, f"84{number % 90 + 10} ZZ", town, mail)


def _pick(choices: tuple[str, ...], number: int) -> str:
    return choices[number % len(choices)]


_PREFIX = {
    DossierKind.PERMIT: "OV",
    DossierKind.SUBSIDY: "SUB",
    DossierKind.COMPLAINT: "KL",
    DossierKind.INSPECTION: "MC",
}
_TITLE = {
    DossierKind.PERMIT: "Omgevingsvergunning",
    DossierKind.SUBSIDY: "Subsidie",
    DossierKind.COMPLAINT: "Klacht",
    DossierKind.INSPECTION: "Milieucontrole",
}
_SUBJECTS = {
    DossierKind.PERMIT: (
        "bouwen van een houten schuur",
        "plaatsen van een dakkapel",
        "verbouwen van een boerderij tot twee woningen",
        "slopen van een ligboxenstal",
        "plaatsen van zonnepanelen op een gemeentelijk monument",
        "bouwen van een mestsilo",
        "veranderen van een winkelpui",
    ),
    DossierKind.SUBSIDY: (
        "het zomerconcert van de muziekvereniging",
        "het onderhoud van het dorpshuis",
        "een taalcafé in de bibliotheek",
        "de aanleg van een voedselbos",
        "het jeugdtoernooi van de voetbalclub",
        "de restauratie van de klokkenstoel",
    ),
    DossierKind.COMPLAINT: (
        "de bejegening aan de balie",
        "het uitblijven van antwoord op een brief",
        "het geluid van het evenemententerrein",
        "achterstallig snoeiwerk",
        "een niet geleegde container",
    ),
    DossierKind.INSPECTION: (
        "melkveehouderij met mestvergisting",
        "autodemontagebedrijf",
        "tankstation met lpg",
        "metaalbewerkingsbedrijf",
        "loonbedrijf met opslag van bestrijdingsmiddelen",
    ),
}
_PLACES = {
    "ooststellingwerf": ("Oosterwolde", "Appelscha", "Haulerwijk", "Donkerbroek", "Makkinga"),
    "weststellingwerf": ("Wolvega", "Noordwolde", "Steggerda", "Oldeholtpade", "Munnekeburen"),
    "opsterland": ("Beetsterzwaag", "Gorredijk", "Ureterp", "Bakkeveen", "Tijnje"),
}
_STREETS = (
    "Turfschipperswei",
    "Lindelaan",
    "Oude Compagnonsweg",
    "Weidevogelpad",
    "Klokkenstoelstraat",
    "Heidereed",
    "Smidsdwarsstraat",
    "Boekweitkamp",
)
_INITIALS = ("A.", "B.", "F.", "G.J.", "H.", "I.", "J.W.", "K.", "M.", "S.", "T.", "W.")
_NAMES = (
    "van der Hoogeveld",
    "Rietsema-Proef",
    "Turfmaker",
    "Veenbaas",
    "de Klokkengieter",
    "Sompstra-Voorbeeld",
    "Wetterhaan",
    "Heidestroom",
    "ter Verzinsel",
    "Boskma-Fictie",
    "Lindewater",
)
