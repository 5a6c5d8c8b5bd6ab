"""Dossiers with MDTO metadata: a sidecar in every folder and beside every file."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from edepot.demo.cases import SELECTION_LIST, Case, DossierKind
from edepot.demo.dossiers import Dossier, Files, Piece, destroy_after, end_of
from edepot.demo.papers import Organisation
from formats.digest import Algorithm
from formats.mdto.lists import (
    begrip_aggregatieniveau,
    begrip_betrokkene,
    begrip_checksum,
    begrip_event,
    begrip_pronom,
    begrip_waardering,
    geen_beperking,
)
from formats.mdto.model import (
    Begrip,
    BeperkingGebruik,
    Bestand,
    Betrokkene,
    Checksum,
    DekkingInTijd,
    Event,
    Identificatie,
    Informatieobject,
    Termijn,
    Verwijzing,
)
from formats.mdto.write import mdto_xml

REGISTER = "TOOI register van gemeenten"
MUNICIPALITY_CODES = {
    "ooststellingwerf": "gm0085",
    "weststellingwerf": "gm0098",
    "opsterland": "gm0086",
}
"""The codes of the three municipalities. Source: CBS, TOOI."""

PRIVACY_TERM = "P75Y"
"""How long personal life is protected. Source: Archiefwet 1995, 15.1.a and practice."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Patterns of sidecar names: that of a folder, and that of a file."""

    folder: str
    file: str


class Spelling(Enum):
    """The ways in which sidecars are named in practice."""

    NORM = Naming("{name}.MDTO.xml", "{name}.bestand.MDTO.xml")
    NORM_SHORT = Naming("{name}.MDTO.xml", "{name}.MDTO.xml")
    PRE_INGEST = Naming("{name}.mdto.xml", "{name}.bestand.mdto.xml")
    STEM = Naming("{name}.mdto.xml", "{stem}.bestand.mdto.xml")

    def of_folder(self, name: str) -> str:
        """The sidecar of a folder called `name`."""
        return self.value.folder.format(name=name)

    def of_file(self, piece: Piece) -> str:
        """The sidecar of a record's file."""
        return self.value.file.format(name=piece.name, stem=piece.stem)


@dataclass(frozen=True, slots=True)
class Series:
    """A series above dossiers: the name of its folder, and its title."""

    folder: str
    title: str


def mdto_files(
    dossier: Dossier,
    made_on: date,
    spelling: Spelling = Spelling.NORM,
    series: Series | None = None,
) -> Files:
    """The dossier's folder: its sidecar, and a folder with a sidecar for each record."""
    place = dossier.folder
    files = {f"{place}/{spelling.of_folder(place)}": mdto_xml(described(dossier, series))}
    for piece in dossier.pieces:
        folder = f"{place}/{piece.stem}"
        record = mdto_xml(described_record(dossier, piece))
        files[f"{folder}/{spelling.of_folder(piece.stem)}"] = record
        files[f"{folder}/{piece.name}"] = piece.content
        sidecar = mdto_xml(described_file(dossier, piece, made_on))
        files[f"{folder}/{spelling.of_file(piece)}"] = sidecar
    return files


def series_files(
    series: Series, dossiers: Sequence[Dossier], made_on: date, spelling: Spelling = Spelling.NORM
) -> Files:
    """The series' folder with its sidecar, and the dossiers in it."""
    sidecar = mdto_xml(described_series(series, dossiers))
    files = {f"{series.folder}/{spelling.of_folder(series.folder)}": sidecar}
    for dossier in dossiers:
        for path, content in mdto_files(dossier, made_on, spelling, series).items():
            files[f"{series.folder}/{path}"] = content
    return files


def described(dossier: Dossier, series: Series | None = None) -> Informatieobject:
    """The MDTO of the dossier itself."""
    case = dossier.case
    parents = (_reference(case, series.title, series.folder),) if series else ()
    return Informatieobject(
        identificatie=(Identificatie(case.identifier, source_of(case)),),
        naam=case.title,
        aggregatieniveau=begrip_aggregatieniveau("Dossier"),
        classificatie=(_term(case.kind.value.capitalize(), "Zaaktypen"),),
        omschrijving=(f"Onderwerp: {case.subject}, {case.location}.",),
        dekkingInTijd=(
            DekkingInTijd(
                _term("Looptijd", "Begrippenlijst dekking in tijd"),
                case.opened_on.isoformat(),
                case.closed_on.isoformat(),
            ),
        ),
        dekkingInRuimte=(Verwijzing(case.location),),
        taal=("nl",),
        event=(_event("Creatie", case.opened_on, case), _event("Bevriezing", case.closed_on, case)),
        waardering=begrip_waardering(case.category.valuation),
        bewaartermijn=_term_of(case),
        informatiecategorie=_category(case),
        isOnderdeelVan=parents,
        bevatOnderdeel=tuple(
            _reference(case, piece.title, dossier.record_id(piece)) for piece in dossier.pieces
        ),
        archiefvormer=(creator(case.organisation),),
        betrokkene=(Betrokkene(begrip_betrokkene("Indiener"), Verwijzing(case.applicant.name)),),
        activiteit=Verwijzing(f"Behandelen van een {case.kind.value}"),
        beperkingGebruik=(_restriction(case),),
    )


def described_record(dossier: Dossier, piece: Piece) -> Informatieobject:
    """The MDTO of one record: every level carries its own full values."""
    case = dossier.case
    return Informatieobject(
        identificatie=(Identificatie(dossier.record_id(piece), source_of(case)),),
        naam=piece.title,
        aggregatieniveau=begrip_aggregatieniveau("Archiefstuk"),
        taal=("nl",),
        event=(_event("Creatie", case.opened_on, case),),
        waardering=begrip_waardering(case.category.valuation),
        bewaartermijn=_term_of(case),
        informatiecategorie=_category(case),
        isOnderdeelVan=(_reference(case, case.title, case.identifier),),
        heeftRepresentatie=(_reference(case, piece.name, dossier.file_id(piece)),),
        archiefvormer=(creator(case.organisation),),
        beperkingGebruik=(_restriction(case),),
    )


def described_file(dossier: Dossier, piece: Piece, made_on: date) -> Bestand:
    """The MDTO of a record's file."""
    case = dossier.case
    return Bestand(
        identificatie=(Identificatie(dossier.file_id(piece), source_of(case)),),
        naam=piece.name,
        omvang=len(piece.content),
        bestandsformaat=begrip_pronom(piece.format.puid, piece.format.name),
        checksum=(
            Checksum(
                begrip_checksum(Algorithm.SHA256),
                hashlib.sha256(piece.content).hexdigest(),
                f"{made_on.isoformat()}T09:00:00",
            ),
        ),
        isRepresentatieVan=_reference(case, piece.title, dossier.record_id(piece)),
    )


def described_series(series: Series, dossiers: Sequence[Dossier]) -> Informatieobject:
    """The MDTO of the series; its term has no start, because that differs per dossier."""
    case = dossiers[0].case
    return Informatieobject(
        identificatie=(Identificatie(series.folder, source_of(case)),),
        naam=series.title,
        aggregatieniveau=begrip_aggregatieniveau("Serie"),
        taal=("nl",),
        waardering=begrip_waardering(case.category.valuation),
        bewaartermijn=Termijn(
            termijnTriggerStartLooptijd=_trigger(case), termijnLooptijd=case.category.term
        )
        if case.category.term
        else None,
        informatiecategorie=_category(case),
        bevatOnderdeel=tuple(
            _reference(each.case, each.case.title, each.case.identifier) for each in dossiers
        ),
        archiefvormer=(creator(case.organisation),),
        beperkingGebruik=(_restriction(case),),
    )


def source_of(case: Case) -> str:
    """The system that gave the identifiers."""
    return f"Zaaksysteem {case.handled_by.name}"


def creator(organisation: Organisation) -> Verwijzing:
    """The archiefvormer."""
    code = MUNICIPALITY_CODES.get(organisation.id)
    return Verwijzing(organisation.name, Identificatie(code, REGISTER) if code else None)


def _reference(case: Case, name: str, identifier: str) -> Verwijzing:
    return Verwijzing(name, Identificatie(identifier, source_of(case)))


def _term(label: str, named_list: str, code: str | None = None) -> Begrip:
    return Begrip(label, Verwijzing(named_list), code)


def _event(kind: str, day: date, case: Case) -> Event:
    return Event(begrip_event(kind), day.isoformat(), Verwijzing(case.handled_by.name))


def _category(case: Case) -> Begrip:
    return _term(case.category.name, SELECTION_LIST, case.category.number)


def _trigger(case: Case) -> Begrip:
    return _term(case.category.trigger, "Begrippenlijst termijntriggers")


def _term_of(case: Case) -> Termijn | None:
    if not case.category.term:
        return None
    return Termijn(
        _trigger(case),
        case.closed_on.isoformat(),
        case.category.term,
        destroy_after(case).isoformat(),
    )


def _restriction(case: Case) -> BeperkingGebruik:
    if case.kind is not DossierKind.COMPLAINT:
        return geen_beperking()
    return BeperkingGebruik(
        _term(
            "Beperkt openbaar: eerbiediging van de persoonlijke levenssfeer",
            "Begrippenlijst openbaarheid",
            "Openbaarheid/AW1995/BeperktOpenbaar-Levenssfeer/1.0",
        ),
        "De klacht bevat persoonsgegevens van een inwoner.",
        beperkingGebruikTermijn=Termijn(
            _trigger(case),
            case.closed_on.isoformat(),
            PRIVACY_TERM,
            end_of(PRIVACY_TERM, case.closed_on).isoformat(),
        ),
    )
