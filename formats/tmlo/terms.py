"""The words by which a TMLO value is recognised in MDTO, and the other way round.

MDTO asks with every term (begrip) the list that it comes from. A term that came from TMLO names
its TMLO element as the list, so that it finds its place again on the way back.
"""

from collections.abc import Mapping
from enum import StrEnum

from formats.mdto.model import Begrip, Verwijzing

NAAR_BOVEN = "Is onderdeel van"
NAAR_BENEDEN = "Bevat onderdeel"
REPRESENTATIE = "Heeft representatie"
AANVULLEND = "Aanvullende metagegevens"
BETROKKENE = "Betrokkene: "
REPRESENTEERT = "Is representatie van"
ONBEKEND = "Onbekend"

# What systems write for the hierarchical relations, in lower case and without spaces at the ends.
UPWARD = frozenset(
    {
        NAAR_BOVEN.lower(),
        "onderdeel van",
        "is deel van",
        "deel van",
        "maakt deel uit van",
        "maakt onderdeel uit van",
        "behoort tot",
        "hiërarchisch",
        "hierarchisch",
        "ispartof",
        "is part of",
    }
)
DOWNWARD = frozenset(
    {NAAR_BENEDEN.lower(), "bevat", "heeft onderdeel", "heeft deel", "haspart", "has part"}
)

# MDTO has other words for two levels; Zaak is in use beside MDTO's own list.
MDTO_LEVELS: Mapping[str, str] = {
    "Archief": "Archief",
    "Serie": "Serie",
    "Dossier": "Dossier",
    "Record": "Archiefstuk",
}
TOPX_LEVELS: Mapping[str, str] = {
    "archief": "Archief",
    "serie": "Serie",
    "dossier": "Dossier",
    "zaak": "Dossier",
    "archiefstuk": "Record",
    "record": "Record",
}


class TmloLijst(StrEnum):
    """The TMLO elements whose values stand in MDTO as terms; the value is the list's name."""

    DEKKING = "TMLO 9.1 dekking in tijd"
    EVENT = "TMLO 12.2 eventGeschiedenis"
    AANLEIDING = "TMLO 13.4 aanleiding"
    RELATIE = "TMLO 15.2 typeRelatie"
    GEBRUIKSRECHTEN = "TMLO 16 gebruiksrechten"
    VERTROUWELIJKHEID = "TMLO 17 vertrouwelijkheid"
    OPENBAARHEID = "TMLO 18 openbaarheid"
    REDACTIEGENRE = "TMLO 19.1 redactieGenre"
    VERSCHIJNINGSVORM = "TMLO 19.2 verschijningsvorm"
    STRUCTUUR = "TMLO 19.3 structuur"
    INTEGRITEIT = "TMLO 20 integriteit"
    BESTANDSFORMAAT = "TMLO 21.5 bestandsformaat"
    ALGORITME = "TMLO 21.7 fysiekeIntegriteit"
    TREFWOORD = "MDTO trefwoord"


def tmlo_begrip(lijst: TmloLijst, label: str, code: str | None = None) -> Begrip:
    """A TMLO value as an MDTO term."""
    return Begrip(label, Verwijzing(lijst.value), code)


def is_from(begrip: Begrip, lijst: TmloLijst) -> bool:
    """Whether the term came from that TMLO element."""
    return begrip.begripBegrippenlijst.verwijzingNaam == lijst.value
