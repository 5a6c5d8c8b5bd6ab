"""Dossiers with TMLO metadata: ToPX sidecars (.metadata), with values that lower levels inherit."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date

from edepot.demo.cases import SELECTION_LIST, Case, DossierKind
from edepot.demo.dossiers import Dossier, Files, Piece, destroy_after
from formats.tmlo.model import (
    Activiteit,
    Actor,
    Aggregatie,
    Bestand,
    Bestandsnaam,
    Classificatie,
    Context,
    DatumOfJaar,
    DatumOfPeriode,
    Dekking,
    EventGeschiedenis,
    EventPlan,
    Formaat,
    FysiekeIntegriteit,
    Openbaarheid,
    Periode,
    Relatie,
    Vertrouwelijkheid,
    Vorm,
)
from formats.tmlo.write import topx_xml


@dataclass(frozen=True, slots=True)
class Above:
    """An archive and a series above the dossiers: the names of their folders and their titles."""

    archive: str
    archive_title: str
    series: str
    series_title: str


def topx_files(dossier: Dossier, made_on: date, encoding: str = "utf-8") -> Files:
    """The dossier with a .metadata sidecar in every folder and beside every file.

    Openness, confidentiality, context and classification stand at the dossier alone: the
    records and files inherit them.
    """
    return _files(dossier, _dossier(dossier.case), made_on, encoding)


def topx_below(above: Above, dossiers: list[Dossier], made_on: date) -> Files:
    """An archive with a series with dossiers.

    Openness, confidentiality and who made it stand at the archive alone: all below inherit them.
    """
    first = dossiers[0].case
    files = {
        f"{above.archive}/{above.archive}.metadata": topx_xml(_archive(above, first)),
        f"{above.archive}/{above.series}/{above.series}.metadata": topx_xml(_series(above, first)),
    }
    for dossier in dossiers:
        bare = replace(_dossier(dossier.case), context=None, vertrouwelijkheid=(), openbaarheid=())
        for path, content in _files(dossier, bare, made_on, "utf-8").items():
            files[f"{above.archive}/{above.series}/{path}"] = content
    return files


def topx_id(case: Case, number: str) -> str:
    """An identifier as TMLO asks: country, organisation and number, joined by hyphens."""
    return f"NL-{case.organisation.id}-{number.replace('-', '.')}"


def _archive(above: Above, case: Case) -> Aggregatie:
    return Aggregatie(
        identificatiekenmerk=topx_id(case, above.archive),
        aggregatieniveau="Archief",
        naam=(above.archive_title,),
        taal=("dut",),
        context=_context(case),
        vertrouwelijkheid=(_confidentiality(case),),
        openbaarheid=(_openness(case),),
    )


def _series(above: Above, case: Case) -> Aggregatie:
    return Aggregatie(
        identificatiekenmerk=topx_id(case, above.series),
        aggregatieniveau="Serie",
        naam=(above.series_title,),
    )


def _files(dossier: Dossier, own: Aggregatie, made_on: date, encoding: str) -> Files:
    place = dossier.folder
    files = {f"{place}/{place}.metadata": _encoded(topx_xml(own), encoding)}
    for piece in dossier.pieces:
        folder = f"{place}/{piece.stem}"
        record = _encoded(topx_xml(_record(dossier, piece)), encoding)
        files[f"{folder}/{piece.stem}.metadata"] = record
        files[f"{folder}/{piece.name}"] = piece.content
        described = _encoded(topx_xml(_file(dossier, piece, made_on)), encoding)
        files[f"{folder}/{piece.name}.metadata"] = described
    return files


def _dossier(case: Case) -> Aggregatie:
    return Aggregatie(
        identificatiekenmerk=topx_id(case, case.identifier),
        aggregatieniveau="Dossier",
        naam=(case.title,),
        classificatie=(
            Classificatie(
                code=case.category.number, omschrijving=case.category.name, bron=SELECTION_LIST
            ),
        ),
        omschrijving=(f"Onderwerp: {case.subject}, {case.location}.",),
        dekking=(
            Dekking(
                inTijd=Periode(begin=_end(case.opened_on), eind=_end(case.closed_on)),
                geografischGebied=(case.location,),
            ),
        ),
        taal=("dut",),
        eventGeschiedenis=(
            _event(case, "Aanmaak", case.opened_on),
            _event(case, "Afsluiting", case.closed_on),
        ),
        eventPlan=(_plan(case),),
        context=_context(case),
        vertrouwelijkheid=(_confidentiality(case),),
        openbaarheid=(_openness(case),),
    )


def _record(dossier: Dossier, piece: Piece) -> Aggregatie:
    case = dossier.case
    return Aggregatie(
        identificatiekenmerk=topx_id(case, dossier.record_id(piece)),
        aggregatieniveau="Record",
        naam=(piece.title,),
        relatie=(_part_of(topx_id(case, case.identifier)),),
    )


def _file(dossier: Dossier, piece: Piece, made_on: date) -> Bestand:
    case = dossier.case
    stem, _, extension = piece.name.rpartition(".")
    return Bestand(
        identificatiekenmerk=topx_id(case, dossier.file_id(piece)),
        naam=(piece.name,),
        relatie=(_part_of(topx_id(case, dossier.record_id(piece))),),
        vorm=Vorm(redactieGenre=piece.title),
        formaat=(
            Formaat(
                identificatiekenmerk=topx_id(case, dossier.file_id(piece)),
                bestandsnaam=Bestandsnaam(naam=stem, extensie=extension),
                type="digitaal",
                omvang=len(piece.content),
                bestandsformaat=piece.format.puid,
                fysiekeIntegriteit=FysiekeIntegriteit(
                    algoritme="SHA256",
                    waarde=hashlib.sha256(piece.content).hexdigest(),
                    datumEnTijd=f"{made_on.isoformat()}T09:00:00",
                ),
                datumAanmaak=case.opened_on.isoformat(),
            ),
        ),
    )


def _context(case: Case) -> Context:
    return Context(
        actor=(
            Actor(
                identificatiekenmerk=f"NL-{case.organisation.id}",
                aggregatieniveau="Organisatie",
                geautoriseerdeNaam=case.organisation.name,
                plaats=(case.organisation.town,),
            ),
        ),
        activiteit=(Activiteit(naam=f"Behandelen van een {case.kind.value}"),),
    )


def _plan(case: Case) -> EventPlan:
    if case.category.valuation == "B":
        transfer = date(case.closed_on.year + 20, case.closed_on.month, 1)
        return EventPlan(
            datumOfPeriode=DatumOfPeriode(datum=transfer.isoformat()),
            type="Overbrengen",
            aanleiding=f"{SELECTION_LIST}, {case.category.number}",
        )
    return EventPlan(
        datumOfPeriode=DatumOfPeriode(datum=destroy_after(case).isoformat()),
        type="Vernietigen",
        aanleiding=f"{SELECTION_LIST}, {case.category.number}",
    )


def _confidentiality(case: Case) -> Vertrouwelijkheid:
    return Vertrouwelijkheid(
        classificatieNiveau="Niet vertrouwelijk",
        datumOfPeriode=DatumOfPeriode(datum=case.closed_on.isoformat()),
    )


def _openness(case: Case) -> Openbaarheid:
    named = "Beperkt openbaar" if case.kind is DossierKind.COMPLAINT else "Openbaar"
    return Openbaarheid(
        omschrijvingBeperkingen=(named,),
        datumOfPeriode=DatumOfPeriode(datum=case.closed_on.isoformat()),
    )


def _event(case: Case, kind: str, day: date) -> EventGeschiedenis:
    return EventGeschiedenis(
        datumOfPeriode=DatumOfPeriode(datum=day.isoformat()),
        type=kind,
        verantwoordelijkeFunctionaris=f"Behandelaar {case.handled_by.name}",
    )


def _end(day: date) -> DatumOfJaar:
    return DatumOfJaar(datum=day.isoformat())


def _part_of(parent: str) -> Relatie:
    return Relatie(relatieID=parent, typeRelatie="Hiërarchisch")


def _encoded(document: bytes, encoding: str) -> bytes:
    if encoding == "utf-8":
        return document
    text = document.decode("utf-8").replace('encoding="UTF-8"', f'encoding="{encoding.upper()}"')
    return text.encode(encoding)
