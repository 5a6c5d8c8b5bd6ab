"""The code lists of MDTO as facts, and makers of the terms that stand in them.

Source: MDTO Metagegevensschema 1.0, begrippenlijsten.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from formats.digest import Algorithm
from formats.mdto.model import Begrip, BeperkingGebruik, Verwijzing


class Waardering(StrEnum):
    """The three appraisals of MDTO's only closed list, by their code."""

    BLIJVEND = "B"
    TIJDELIJK = "V"
    NADER_TE_BEPALEN = "N"


@dataclass(frozen=True, slots=True)
class Begrippenlijst:
    """One of MDTO's lists: its name as documents write it, and its labels."""

    naam: str
    labels: tuple[str, ...]


ARCHIEFSTUK = "Archiefstuk"
AGGREGATIENIVEAUS = Begrippenlijst(
    "Begrippenlijst Aggregatieniveaus MDTO", ("Archief", "Serie", "Dossier", ARCHIEFSTUK)
)
WAARDERING_LABELS: Mapping[Waardering, str] = {
    Waardering.BLIJVEND: "Blijvend te bewaren",
    Waardering.TIJDELIJK: "Tijdelijk te bewaren",
    Waardering.NADER_TE_BEPALEN: "Nader te bepalen",
}
WAARDERINGEN = Begrippenlijst("Begrippenlijst Waarderingen MDTO", tuple(WAARDERING_LABELS.values()))
EVENT_TYPEN = Begrippenlijst(
    "Begrippenlijst EventTypeLijst MDTO",
    (
        *("Creatie", "Ontvangst", "Verzending", "Opname", "Digitalisering", "Vervanging"),
        *("Bevriezing", "Conversie", "Export", "Import", "Kopie", "Migratie", "Vernietigen"),
        *("Overbrenging", "Uitplaatsing", "Wijziging", "Publicatie", "Accordering"),
        "Validatie Handtekening",
    ),
)
RELATIETYPEN_BETROKKENE = Begrippenlijst(
    "Begrippenlijst Relatietypen (betrokkene) MDTO",
    ("Belanghebbende", "Indiener", "Rechthebbende"),
)
RELATIETYPEN_INFORMATIEOBJECT = Begrippenlijst(
    "Begrippenlijst Relatietypen (informatieobject) MDTO",
    (
        *("Heeft Versie", "Wordt aangehaald door", "Is vervangen door", "Is vereist door"),
        *("Is een versie van", "Refereert aan", "Vervangt", "Heeft nodig"),
    ),
)
GEEN_BEPERKING = "Geen beperking"
OVERIG = "Overig"
BEPERKING_GEBRUIK_TYPEN = Begrippenlijst(
    "Begrippenlijst BeperkingGebruikTypeLijst MDTO",
    (GEEN_BEPERKING, "Nader te bepalen", OVERIG),
)
CHECKSUM_ALGORITMEN = Begrippenlijst(
    "Begrippenlijst ChecksumAlgoritme MDTO", ("SHA-224", "SHA-256", "SHA-384", "SHA-512")
)
PRONOM = "PRONOM-register"

# ISO 639-2 codes that exports write, and the code of RFC 3066 that MDTO asks for.
TWO_LETTER_LANGUAGES: Mapping[str, str] = {
    "dut": "nl",
    "nld": "nl",
    "fry": "fy",
    "eng": "en",
    "fre": "fr",
    "fra": "fr",
    "ger": "de",
    "deu": "de",
    "spa": "es",
    "ita": "it",
    "por": "pt",
    "pol": "pl",
    "tur": "tr",
    "ara": "ar",
    "dan": "da",
    "swe": "sv",
    "nor": "no",
    "fin": "fi",
    "gre": "el",
    "ell": "el",
    "lat": "la",
    "afr": "af",
    "rus": "ru",
    "ukr": "uk",
    "chi": "zh",
    "zho": "zh",
    "jpn": "ja",
    "rum": "ro",
    "ron": "ro",
    "hun": "hu",
    "cze": "cs",
    "ces": "cs",
    "slo": "sk",
    "slk": "sk",
    "bul": "bg",
    "hrv": "hr",
    "srp": "sr",
    "per": "fa",
    "fas": "fa",
    "som": "so",
    "tir": "ti",
    "pap": "pap",
}


def begrip_aggregatieniveau(label: str) -> Begrip:
    """The term of an aggregation level: Archief, Serie, Dossier or Archiefstuk."""
    return _begrip(AGGREGATIENIVEAUS, label)


def begrip_waardering(code: str) -> Begrip:
    """The term of an appraisal (waardering) by its code: B, V or N.

    Raises: ValueError when the code is another.
    """
    known = Waardering(code)
    return _begrip(WAARDERINGEN, WAARDERING_LABELS[known], known.value)


def begrip_event(label: str) -> Begrip:
    """The term of a kind of event, such as Opname."""
    return _begrip(EVENT_TYPEN, label)


def begrip_relatie(label: str) -> Begrip:
    """The term of a relation between objects, such as Refereert aan."""
    return _begrip(RELATIETYPEN_INFORMATIEOBJECT, label)


def begrip_betrokkene(label: str) -> Begrip:
    """The term of the part that an actor played, such as Belanghebbende."""
    return _begrip(RELATIETYPEN_BETROKKENE, label)


def begrip_beperking(label: str) -> Begrip:
    """The term of a restriction on use from MDTO's own list."""
    return _begrip(BEPERKING_GEBRUIK_TYPEN, label)


def begrip_checksum(algorithm: Algorithm) -> Begrip:
    """The term of a digest algorithm, as MDTO spells it: SHA-256; also of those beyond its list."""
    name = algorithm.value.upper()
    spelled = name.replace("SHA", "SHA-") if algorithm is not Algorithm.SHA1 else "SHA-1"
    return _begrip(CHECKSUM_ALGORITMEN, spelled)


def begrip_pronom(puid: str, name: str) -> Begrip:
    """The term of a file format in PRONOM: the PUID as code, the format's name as label."""
    return Begrip(name, Verwijzing(PRONOM), puid)


def geen_beperking() -> BeperkingGebruik:
    """That there is no restriction on use."""
    return BeperkingGebruik(begrip_beperking(GEEN_BEPERKING))


def waardering_of(begrip: Begrip) -> Waardering | None:
    """The appraisal that a term says, by its code or else by its label.

    None when it says none of the three, or when code and label contradict each other.
    """
    by_code = _WAARDERING_OF_CODE.get((begrip.begripCode or "").strip())
    by_label = _WAARDERING_OF_LABEL.get(plain(begrip.begripLabel))
    if begrip.begripCode is None:
        return by_label or _WAARDERING_OF_CODE.get(begrip.begripLabel.strip())
    return None if by_label not in (None, by_code) else by_code


def waardering_of_label(label: str) -> Waardering | None:
    """The appraisal that a label names; None when it is another text."""
    return _WAARDERING_OF_LABEL.get(plain(label))


def claims_mdto(lijst: Verwijzing) -> bool:
    """Whether a begrippenlijst says that it is MDTO's own."""
    return "mdto" in lijst.verwijzingNaam.casefold()


def plain(label: str) -> str:
    """A label without differences of capitals and white space."""
    return " ".join(label.casefold().split())


_WAARDERING_OF_CODE = {each.value: each for each in Waardering}
_WAARDERING_OF_LABEL = {plain(label): code for code, label in WAARDERING_LABELS.items()}


def _begrip(lijst: Begrippenlijst, label: str, code: str | None = None) -> Begrip:
    return Begrip(label, Verwijzing(lijst.naam), code)
