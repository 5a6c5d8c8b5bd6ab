"""Assembling: a described dossier becomes an AIP, ready to be packed.

The place where MDTO's Dutch becomes the catalogue's English.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from formats.digest import Summer
from formats.mdto.lists import waardering_of
from formats.mdto.model import BeperkingGebruik, Informatieobject
from formats.mdto.write import mdto_xml
from formats.plain import to_plain
from formats.tmlo.from_mdto import file_from_mdto, from_mdto
from formats.tmlo.write import topx_xml
from ingest.content import content_digest, identifier_of
from ingest.describe import Described
from ingest.inspect import Inspected
from ingest.provenance import Passage, provenance_xml
from ingest.sip import Sip
from storage.aip import Aip, Description, Entry, FileRecord


def assemble(aip_id: str, inspected: Inspected, described: Described, passage: Passage) -> Aip:
    """The AIP of one dossier: payload, metadata in MDTO, ToPX and PREMIS, and the sources."""
    sip = inspected.sip
    description = _description(aip_id, inspected, described, passage)
    return Aip(
        description=description,
        payload=[
            Entry(f"data/original/{each.name_in_dossier}", each.file.staged, each.file.sums)
            for each in sip.files
        ],
        tags=_Tags(aip_id, inspected, described, passage, description),
        bag_info=_bag_info(description, passage),
        event_details={
            "delivery": passage.delivery_id,
            "supplier": passage.supplier,
            "agreement": passage.agreement,
            "files": len(sip.files),
            "scanned": description.scanned,
        },
    )


@dataclass(frozen=True, slots=True)
class _Tags:
    """The metadata entries, made when they are iterated: a dossier may hold 100,000 files."""

    aip_id: str
    inspected: Inspected
    described: Described
    passage: Passage
    description: Description

    def __iter__(self) -> Iterator[Entry]:
        yield from _mdto_entries(self.inspected.sip, self.described)
        yield from _topx_entries(self.inspected.sip, self.described)
        premis = provenance_xml(self.aip_id, self.inspected, self.passage)
        yield _written(self.passage.folder, "metadata/premis.xml", premis)
        described = _canonical(self.description)
        yield _written(self.passage.folder, "metadata/edepot/description.json", described)
        for source in self.inspected.sip.sources:
            yield Entry(f"metadata/source/{source.path}", source.staged, source.sums)
        for extract in self.inspected.sip.extracts:
            yield Entry(f"metadata/source/{extract.path}", extract.content)
        for name, content in self.passage.extras:
            yield Entry(f"metadata/source/{name}", content)


def _written(folder: Path, path: str, chunks: Iterable[bytes]) -> Entry:
    """An entry of a document that may be too large to hold: gathered in a file in staging."""
    target = folder / path.replace("/", "-")
    summer = Summer()
    with target.open("wb") as stream:
        for chunk in chunks:
            summer.update(chunk)
            stream.write(chunk)
    return Entry(path, target, summer.sums())


def _mdto_entries(sip: Sip, described: Described) -> Iterator[Entry]:
    for number, item in enumerate(described.objects):
        yield Entry(f"metadata/mdto/{number:06d}.{_level_name(item)}.mdto.xml", mdto_xml(item))
    first = len(described.objects)
    for number, file in enumerate(described.files(), first):
        yield Entry(f"metadata/mdto/{number:06d}.bestand.mdto.xml", mdto_xml(file))
    for number, above in enumerate(sip.context):
        content = mdto_xml(above.metadata)
        name = f"metadata/mdto/context-{number:02d}.{_level_name(above.metadata)}.mdto.xml"
        yield Entry(name, content)


def _topx_entries(sip: Sip, described: Described) -> Iterator[Entry]:
    for number, item in enumerate(described.objects):
        name = f"metadata/tmlo/{number:06d}.{_level_name(item)}.metadata"
        yield Entry(name, topx_xml(from_mdto(item)))
    first = len(described.objects)
    for number, (each, file) in enumerate(zip(sip.files, described.files(), strict=True), first):
        record = described.objects[each.record]
        name = f"metadata/tmlo/{number:06d}.bestand.metadata"
        yield Entry(name, topx_xml(file_from_mdto(file, record)))


def _level_name(item: Informatieobject) -> str:
    level = item.aggregatieniveau.begripLabel if item.aggregatieniveau else "informatieobject"
    plain = "".join(char for char in level.lower() if char.isascii() and char.isalpha())
    return plain or "informatieobject"


def _canonical(description: Description) -> Iterator[bytes]:
    """The description as canonical JSON, file by file."""
    rest = to_plain(replace(description, files=()))
    before = {name: value for name, value in rest.items() if name < "files"}
    after = {name: value for name, value in rest.items() if name > "files"}
    yield _json(before)[:-1] + b',"files":['
    for number, file in enumerate(description.files):
        yield (b"," if number else b"") + _json(to_plain(file))
    yield b"]," + _json(after)[1:]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _description(
    aip_id: str, inspected: Inspected, described: Described, passage: Passage
) -> Description:
    sip = inspected.sip
    dossier = described.objects[0]
    own = identifier_of(sip)
    begin, end = _covered(dossier)
    return Description(
        aip_id=aip_id,
        zorgdrager=passage.zorgdrager,
        version=1,
        identifier=own.identificatieKenmerk,
        identifier_source=own.identificatieBron,
        title=dossier.naam,
        aggregation_level=dossier.aggregatieniveau.begripLabel if dossier.aggregatieniveau else "",
        valuation=_valuation(dossier),
        retention_term=(dossier.bewaartermijn and dossier.bewaartermijn.termijnLooptijd) or "",
        selection_category=_category(dossier),
        created_from=begin,
        created_to=end,
        restriction=", ".join(_restriction(each) for each in dossier.beperkingGebruik),
        supplier=passage.supplier,
        delivery_id=passage.delivery_id,
        content_digest=content_digest(sip),
        scanned=passage.scan.state.value,
        text=_search_text(described),
        files=tuple(_file_records(inspected, described)),
    )


def _valuation(dossier: Informatieobject) -> str:
    known = waardering_of(dossier.waardering)
    return known.value if known else dossier.waardering.begripLabel


def _covered(dossier: Informatieobject) -> tuple[str, str]:
    for each in dossier.dekkingInTijd:
        return each.dekkingInTijdBegindatum, each.dekkingInTijdEinddatum or ""
    return "", ""


def _category(dossier: Informatieobject) -> str:
    category = dossier.informatiecategorie
    return "" if category is None else category.begripCode or category.begripLabel


def _restriction(restriction: BeperkingGebruik) -> str:
    return restriction.beperkingGebruikType.begripLabel


def _search_text(described: Described) -> str:
    words: list[str] = []
    for item in described.objects:
        words.extend((item.naam, *item.omschrijving, *item.trefwoord))
        words.extend(each.identificatieKenmerk for each in item.identificatie)
        words.extend(each.begripLabel for each in item.classificatie)
        words.extend(each.verwijzingNaam for each in (*item.archiefvormer, *item.dekkingInRuimte))
        words.extend(each.betrokkeneActor.verwijzingNaam for each in item.betrokkene)
    return "\n".join(dict.fromkeys(words))


def _file_records(inspected: Inspected, described: Described) -> Iterator[FileRecord]:
    for each, seen, sound, file in zip(
        inspected.sip.files,
        inspected.identifications,
        inspected.examinations,
        described.files(),
        strict=True,
    ):
        record = described.objects[each.record]
        yield FileRecord(
            path=f"data/original/{each.name_in_dossier}",
            name=each.name_in_dossier.rsplit("/", 1)[-1],
            size_bytes=each.file.sums.size_bytes,
            sha256=each.file.sums.sha256,
            puid=seen.puid or "",
            format_name=seen.format_name,
            mime=seen.mime,
            validity=sound.validity.value,
            record_identifier=file.identificatie[0].identificatieKenmerk,
            title=record.naam if each.record else "",
        )


def _bag_info(description: Description, passage: Passage) -> list[tuple[str, str]]:
    return [
        ("Source-Organization", passage.supplier),
        ("External-Identifier", description.identifier),
        ("External-Description", " ".join(description.title.split())),
        ("Internal-Sender-Identifier", description.identifier_source),
        ("Internal-Sender-Description", f"Aanlevering {passage.delivery_id}"),
        ("Bagging-Date", passage.described_at.date().isoformat()),
        ("Bag-Software-Agent", passage.software),
    ]
