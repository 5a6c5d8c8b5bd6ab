"""Small deliveries for the tests of reading: written on disk, staged, and read by a real pool."""

from collections.abc import Mapping
from pathlib import Path

from formats.digest import Algorithm, Summer
from formats.mdto.lists import (
    begrip_aggregatieniveau,
    begrip_checksum,
    begrip_pronom,
    begrip_waardering,
    geen_beperking,
)
from formats.mdto.model import (
    Bestand,
    Checksum,
    Identificatie,
    Informatieobject,
    Verwijzing,
)
from formats.mdto.write import mdto_xml
from formats.tmlo import model as tmlo
from formats.tmlo.write import topx_xml
from formats.tools import Pool
from ingest.agreement import Agreement, default_agreement
from ingest.read import Reading, read_delivery
from ingest.sip import StagedFile

MUNICIPALITY = Verwijzing("Gemeente Ooststellingwerf", Identificatie("gm0085", "TOOI"))
AGREEMENT = default_agreement("ooststellingwerf", archiefvormer=MUNICIPALITY, supplier="OWO")
SOURCE = "Zaaksysteem"

Tree = Mapping[str, bytes]


def sums_of(content: bytes):
    """The sums of some bytes."""
    summer = Summer()
    summer.update(content)
    return summer.sums()


def write_tree(folder: Path, tree: Tree) -> Path:
    """The files of a tree below a folder."""
    for path, content in tree.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def staged(folder: Path) -> list[StagedFile]:
    """Everything below a folder, as staging gives it."""
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    return [
        StagedFile(each.relative_to(folder).as_posix(), str(each), sums_of(each.read_bytes()))
        for each in files
    ]


def read_tree(
    folder: Path, tree: Tree, pool: Pool, agreement: Agreement = AGREEMENT, **more
) -> Reading:
    """The reading of a tree that is written below a folder."""
    return read_delivery(staged(write_tree(folder, tree)), agreement, pool, **more)


def codes(reading: Reading) -> list[str]:
    """The codes of all findings, sorted."""
    return sorted({each.code for each in reading.findings})


def ours(reading: Reading) -> list[str]:
    """The codes of the findings of reading itself."""
    return [each for each in codes(reading) if each.startswith(("I2", "I3"))]


def obj(
    identifier: str,
    level: str = "Dossier",
    parent: str = "",
    *,
    name: str = "",
    source: str = SOURCE,
) -> Informatieobject:
    """An informatieobject with all that MDTO demands."""
    return Informatieobject(
        identificatie=(Identificatie(identifier, source),),
        naam=name or f"Object {identifier}",
        aggregatieniveau=begrip_aggregatieniveau(level),
        waardering=begrip_waardering("B"),
        isOnderdeelVan=(
            (Verwijzing(f"Object {parent}", Identificatie(parent, source)),) if parent else ()
        ),
        archiefvormer=(MUNICIPALITY,),
        beperkingGebruik=(geen_beperking(),),
    )


def bestand(name: str, content: bytes, record: str, *, identifier: str = "") -> Bestand:
    """A bestand that is true of these bytes."""
    return Bestand(
        identificatie=(Identificatie(identifier or f"{record}/{name}", SOURCE),),
        naam=name,
        omvang=len(content),
        bestandsformaat=begrip_pronom("x-fmt/111", "Plain Text File"),
        checksum=(
            Checksum(
                begrip_checksum(Algorithm.SHA256),
                sums_of(content).sha256,
                "2026-01-02T03:04:05",
            ),
        ),
        isRepresentatieVan=Verwijzing(f"Object {record}", Identificatie(record, SOURCE)),
    )


def mdto_dossier(
    top: str = "zaak-1", spelling: str = "{file}.bestand.MDTO.xml"
) -> dict[str, bytes]:
    """A dossier with one record of two files, in one spelling of sidecar names."""
    letter, annex = b"Geachte heer,", b"Bijlage"
    return {
        f"{top}/{top}.MDTO.xml": mdto_xml(obj(top)),
        f"{top}/brief/brief.MDTO.xml": mdto_xml(obj(f"{top}-brief", "Archiefstuk", top)),
        f"{top}/brief/brief.txt": letter,
        f"{top}/brief/{spelled(spelling, 'brief.txt')}": mdto_xml(
            bestand("brief.txt", letter, f"{top}-brief")
        ),
        f"{top}/brief/bijlage.txt": annex,
        f"{top}/brief/{spelled(spelling, 'bijlage.txt')}": mdto_xml(
            bestand("bijlage.txt", annex, f"{top}-brief")
        ),
    }


def spelled(spelling: str, name: str) -> str:
    """The name of a sidecar: {file} is the whole name, {stem} that without its extension."""
    return spelling.format(file=name, stem=name.rpartition(".")[0])


def when(day: str) -> tmlo.DatumOfPeriode:
    """A day as ToPX gives it."""
    return tmlo.DatumOfPeriode(datum=day)


def aggregatie(identifier: str, level: str = "Dossier", **more) -> tmlo.Aggregatie:
    """An aggregation with what ToPX demands."""
    return tmlo.Aggregatie(
        identificatiekenmerk=identifier,
        aggregatieniveau=level,
        naam=(f"Object {identifier}",),
        **more,
    )


def openness() -> tuple[tmlo.Openbaarheid, ...]:
    """That it is public."""
    return (tmlo.Openbaarheid(datumOfPeriode=when("2020-01-01")),)


def topx_file(identifier: str, name: str, content: bytes) -> tmlo.Bestand:
    """A ToPX file that is true of these bytes."""
    stem, _, extension = name.rpartition(".")
    return tmlo.Bestand(
        identificatiekenmerk=identifier,
        naam=(name,),
        vorm=tmlo.Vorm(redactieGenre="brief"),
        formaat=(
            tmlo.Formaat(
                identificatiekenmerk=f"{identifier}-f",
                bestandsnaam=tmlo.Bestandsnaam(naam=stem, extensie=extension),
                omvang=len(content),
                bestandsformaat="x-fmt/111",
                fysiekeIntegriteit=tmlo.FysiekeIntegriteit(
                    algoritme="SHA256",
                    waarde=sums_of(content).sha256,
                    datumEnTijd="2026-01-02T03:04:05",
                ),
            ),
        ),
    )


def topx_dossier(top: str = "NL-0085-1") -> dict[str, bytes]:
    """A ToPX dossier: one record with one file; the record inherits its openness."""
    content = b"Geachte heer,"
    return {
        f"{top}/{top}.metadata": topx_xml(aggregatie(top, openbaarheid=openness())),
        f"{top}/{top}-1/{top}-1.metadata": topx_xml(aggregatie(f"{top}-1", "Record")),
        f"{top}/{top}-1/brief.txt": content,
        f"{top}/{top}-1/brief.txt.metadata": topx_xml(
            topx_file(f"{top}-1-1", "brief.txt", content)
        ),
    }


def bag_of(tree: Tree, version: str = "1.0") -> dict[str, bytes]:
    """A bag with this payload."""
    lines = "".join(f"{sums_of(body).sha256}  data/{path}\n" for path, body in sorted(tree.items()))
    return {
        "bagit.txt": f"BagIt-Version: {version}\nTag-File-Character-Encoding: UTF-8\n".encode(),
        "manifest-sha256.txt": lines.encode(),
        **{f"data/{path}": body for path, body in tree.items()},
    }


MAPPING = b"""
id = "proef"
version = "1"
source = "Decos"
[columns]
dossier_id = "Zaaknummer"
dossier_title = "Omschrijving"
opened = "Begin"
closed = "Einde"
valuation = "Waardering"
retention_term = "Termijn"
path = "Bestand"
document_title = "Titel"
"""

HEADER = "Zaaknummer;Omschrijving;Begin;Einde;Waardering;Termijn;Bestand;Titel"


def index_tree(*rows: str, header: str = HEADER, mapping: bytes = MAPPING) -> dict[str, bytes]:
    """A delivery with an index of these rows and one file a.txt."""
    return {
        "index.csv": "\r\n".join((header, *rows, "")).encode(),
        "mapping.toml": mapping,
        "a.txt": b"aaa",
    }
