"""A dossier as MDTO SIP: a folder for each aggregation, a sidecar beside each file.

Source: MDTO SIP-specificatie, structure and names of sidecars.
"""

from collections.abc import Iterator

from edepot.transfers.names import Names
from edepot.transfers.pieces import Handing, Piece, described, file_described, provenance
from edepot.transfers.source import Source
from formats.mdto.model import Bestand
from formats.mdto.write import mdto_xml
from retention.transfer_nouns import FileKind

OBJECT, FILE = ".MDTO.xml", ".bestand.MDTO.xml"


def sip_pieces(source: Source, handing: Handing, top: str) -> Iterator[Piece]:
    """Everything of a dossier whose folder is called `top`, an aggregation before what is in it."""
    folders: list[str] = []
    names: list[Names] = []
    for number, each in enumerate(source.objects):
        if each.parent is None:
            folder, name = "", top
        else:
            wished = each.item.identificatie[0].identificatieKenmerk
            name = names[each.parent].folder(wished)
            folder = f"{folders[each.parent]}{name}/"
        folders.append(folder)
        names.append(Names())
        sidecar = names[number].file(f"{name}{OBJECT}")
        item = described(source, handing, number)
        yield Piece(f"{folder}{sidecar}", FileKind.METADATA, content=mdto_xml(item))
    for made in provenance(source, handing):
        name = names[0].file(f"{top}{made.suffix}")
        yield Piece(name, FileKind.RECORD, made.member, made.content)
        yield _sidecar("", name, made.metadata)
    for file in source.files:
        name = names[file.owner].file(file.path.rsplit("/", 1)[-1])
        folder = folders[file.owner]
        yield Piece(f"{folder}{name}", FileKind.RECORD, file.path)
        yield _sidecar(folder, name, file.metadata)


def _sidecar(folder: str, name: str, metadata: Bestand) -> Piece:
    content = mdto_xml(file_described(metadata, name))
    return Piece(f"{folder}{name}{FILE}", FileKind.METADATA, content=content)
