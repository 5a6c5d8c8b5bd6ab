"""Keeping a declaration for good: its documents go in by the front door, as a dossier with MDTO."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from edepot.declarations.documents import Document
from edepot.depot import Depot, taking_in
from edepot.errors import DeclarationNotKept
from edepot.messages import Words
from formats.digest import Algorithm
from formats.mdto.lists import (
    begrip_aggregatieniveau,
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
    Checksum,
    Event,
    Identificatie,
    Informatieobject,
    Verwijzing,
)
from formats.mdto.write import mdto_xml
from ingest.accept import accept
from ingest.agreement import ScanRule, default_agreement
from ingest.intake import Progress
from ingest.receipt import Outcome
from retention.declaration import Declaration

SOURCE = "e-depot"
PUIDS = {
    ".pdf": ("fmt/480", "Acrobat PDF/A 3a"),
    ".json": ("fmt/817", "JSON Data Interchange Format"),
}


def keep_declaration(
    depot: Depot, declaration: Declaration, documents: Sequence[Document], words: Words
) -> str:
    """Take the documents in as a dossier that is kept for good; the id of its AIP.

    Done again it finds the AIP that is there.

    Raises: DeclarationNotKept with what the ingest said.
    """
    folder = depot.config.staging / f"verklaring-{declaration.id}"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        _write(folder / declaration.id, declaration, documents, words)
        agreement = replace(
            default_agreement(
                declaration.zorgdrager,
                archiefvormer=Verwijzing(declaration.said["zorgdrager"]["name"]),
                supplier=SOURCE,
            ),
            scan=ScanRule.IF_AVAILABLE,
        )
        with taking_in(depot, agreement, _silent) as intake:
            receipt = accept(folder / declaration.id, intake)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if len(receipt.aips) != 1 or receipt.outcome not in {Outcome.ACCEPTED, Outcome.ALREADY_HELD}:
        found = ", ".join(dict.fromkeys(each.code for each in receipt.findings))
        raise DeclarationNotKept(declaration=declaration.id, detail=found or receipt.outcome.value)
    return receipt.aips[0].id


def _silent(_: Progress) -> None:
    """Nobody waits for the progress of a few documents."""


def _write(
    folder: Path, declaration: Declaration, documents: Sequence[Document], words: Words
) -> None:
    folder.mkdir(parents=True)
    name = declaration.id
    (folder / f"{name}.MDTO.xml").write_bytes(mdto_xml(_dossier(declaration, words)))
    for each in documents:
        stem = each.name.rsplit(".", 1)[0]
        place = folder / stem
        place.mkdir()
        (place / each.name).write_bytes(each.content)
        (place / f"{stem}.MDTO.xml").write_bytes(mdto_xml(_record(declaration, each, words)))
        (place / f"{each.name}.bestand.MDTO.xml").write_bytes(
            mdto_xml(_file(declaration, each, words))
        )


def _dossier(declaration: Declaration, words: Words) -> Informatieobject:
    return Informatieobject(
        identificatie=(Identificatie(declaration.id, SOURCE),),
        naam=words("declaration.record.dossier", id=declaration.id),
        waardering=begrip_waardering("B"),
        archiefvormer=(Verwijzing(declaration.said["zorgdrager"]["name"]),),
        beperkingGebruik=(geen_beperking(),),
        aggregatieniveau=begrip_aggregatieniveau("Dossier"),
        taal=("nl",),
        event=(_made(declaration),),
    )


def _record(declaration: Declaration, document: Document, words: Words) -> Informatieobject:
    return Informatieobject(
        identificatie=(Identificatie(_record_id(declaration, document), SOURCE),),
        naam=words(f"declaration.record.{document.title}"),
        waardering=begrip_waardering("B"),
        archiefvormer=(Verwijzing(declaration.said["zorgdrager"]["name"]),),
        beperkingGebruik=(geen_beperking() if document.public else _restricted(),),
        aggregatieniveau=begrip_aggregatieniveau("Archiefstuk"),
        taal=("nl",),
        event=(_made(declaration),),
    )


def _file(declaration: Declaration, document: Document, words: Words) -> Bestand:
    suffix = f".{document.name.rsplit('.', 1)[-1]}"
    return Bestand(
        identificatie=(Identificatie(f"{_record_id(declaration, document)}-bestand", SOURCE),),
        naam=document.name,
        omvang=len(document.content),
        bestandsformaat=begrip_pronom(*PUIDS[suffix]),
        checksum=(
            Checksum(
                begrip_checksum(Algorithm.SHA256),
                hashlib.sha256(document.content).hexdigest(),
                _second(_made_at(declaration)),
            ),
        ),
        isRepresentatieVan=Verwijzing(
            words(f"declaration.record.{document.title}"),
            Identificatie(_record_id(declaration, document), SOURCE),
        ),
    )


def _record_id(declaration: Declaration, document: Document) -> str:
    return f"{declaration.id}-{document.name.rsplit('.', 1)[0]}"


def _made(declaration: Declaration) -> Event:
    creator = Verwijzing(declaration.said["zorgdrager"]["name"])
    return Event(begrip_event("Creatie"), _second(_made_at(declaration)), creator)


def _made_at(declaration: Declaration) -> datetime:
    return datetime.fromisoformat(declaration.signed_at or declaration.made_at)


def _restricted() -> BeperkingGebruik:
    return BeperkingGebruik(
        Begrip(
            "Beperkt openbaar: eerbiediging van de persoonlijke levenssfeer",
            Verwijzing("Begrippenlijst openbaarheid"),
        )
    )


def _second(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()
