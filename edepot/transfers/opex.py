"""A dossier as OPEX (Open Preservation Exchange), for an archive that works with Preservica.

An aggregation is a folder with `<folder>/<folder>.opex`, a record is a PAX folder
(`<record>.pax/Representation_Preservation/…`) with `<record>.pax.opex` beside it, a file that
stands with the dossier itself has `<file>.opex` beside it. The MDTO goes in as it is, as
DescriptiveMetadata. Source: OPEX 1.2, Transfer (Manifest, Fixities), Properties.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from lxml import etree

from edepot.transfers.names import Names
from edepot.transfers.pieces import Handing, Piece, described, file_described, provenance
from edepot.transfers.source import Source, SourceFile
from formats.mdto.model import Bestand, Informatieobject
from formats.mdto.write import mdto_xml
from formats.xmldoc import parse_xml
from retention.transfer_nouns import FileKind

NAMESPACE = "http://www.openpreservationexchange.org/opex/v1.2"
SUFFIX, PAX = ".opex", ".pax"
PRESERVATION = "Representation_Preservation"
SHA256 = "SHA-256"
OPEN, CLOSED = "open", "closed"
CONTENT, METADATA = "content", "metadata"


@dataclass(frozen=True, slots=True)
class Fixity:
    """A digest of a file; `path` within a PAX folder, "" for the file itself."""

    sha256: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class OpexDocument:
    """What one .opex file says."""

    source_id: str
    title: str
    description: str = ""
    security: str = ""
    identifiers: Sequence[tuple[str, str]] = ()
    files: Sequence[tuple[str, str]] = ()
    """Of a folder: names of the files in it, each with content or metadata."""
    folders: Sequence[str] = ()
    fixities: Sequence[Fixity] = ()
    described: Sequence[bytes] = ()
    is_folder: bool = False


@dataclass(slots=True)
class _Folder:
    """A folder that is being laid out: its names, and what stands in it."""

    path: str
    names: Names = field(default_factory=Names)
    files: list[tuple[str, str]] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)


def opex_pieces(source: Source, handing: Handing, top: str) -> Iterator[Piece]:
    """Everything of a dossier whose folder is called `top`; the .opex of a folder comes last."""
    owned: dict[int, list[SourceFile]] = {}
    for file in source.files:
        owned.setdefault(file.owner, []).append(file)
    parents = {each.parent for each in source.objects}
    folders: dict[int, _Folder] = {}
    for number, each in enumerate(source.objects):
        if each.parent is None:
            folders[number] = _Folder("")
            continue
        wished = each.item.identificatie[0].identificatieKenmerk
        above = folders[each.parent]
        if number in owned and number not in parents:
            yield from _pax(source, handing, number, owned.pop(number), above)
        else:
            name = above.names.folder(wished)
            above.folders.append(name)
            folders[number] = _Folder(f"{above.path}{name}/")
    for made in provenance(source, handing):
        name = folders[0].names.file(f"{top}{made.suffix}")
        yield Piece(name, FileKind.RECORD, made.member, made.content)
        yield _beside(folders[0], name, made.metadata, described(source, handing, 0))
    for number, files in owned.items():
        for file in files:
            folder = folders[number]
            name = folder.names.file(file.path.rsplit("/", 1)[-1])
            yield Piece(f"{folder.path}{name}", FileKind.RECORD, file.path)
            owner = described(source, handing, number)
            yield _beside(folder, name, file.metadata, owner)
    for number, folder in folders.items():
        name = folder.path.rstrip("/").rsplit("/", 1)[-1] or top
        yield _of_folder(source, handing, number, folder, name)


def container_opex(transfer: str, title: str, folders: Sequence[str]) -> bytes:
    """The .opex of the folder with all dossiers."""
    said = OpexDocument(transfer, title, folders=folders, is_folder=True)
    return opex_xml(said)


def opex_xml(said: OpexDocument) -> bytes:
    """An .opex document: the same value gives the same bytes."""
    root = etree.Element(_tag("OPEXMetadata"), nsmap={"opex": NAMESPACE})
    transfer = _add(root, "Transfer")
    _add(transfer, "SourceID", said.source_id)
    if said.is_folder:
        _add_manifest(transfer, said)
    if said.fixities:
        fixities = _add(transfer, "Fixities")
        for each in said.fixities:
            named = {"path": each.path} if each.path else {}
            etree.SubElement(
                fixities, _tag("Fixity"), {**named, "type": SHA256, "value": each.sha256}
            )
    properties = _add(root, "Properties")
    _add(properties, "Title", said.title)
    for name, text in (("Description", said.description), ("SecurityDescriptor", said.security)):
        if text:
            _add(properties, name, text)
    if said.identifiers:
        identifiers = _add(properties, "Identifiers")
        for kind, value in said.identifiers:
            _add(identifiers, "Identifier", value).set("type", kind)
    if said.described:
        held = _add(root, "DescriptiveMetadata")
        for document in said.described:
            held.append(parse_xml(document))
    etree.indent(root)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return content + b"\n"


def _add_manifest(transfer: etree._Element, said: OpexDocument) -> None:
    manifest = _add(transfer, "Manifest")
    if said.files:
        files = _add(manifest, "Files")
        for name, kind in said.files:
            _add(files, "File", name).set("type", kind)
    if said.folders:
        folders = _add(manifest, "Folders")
        for each in said.folders:
            _add(folders, "Folder", each)


def _pax(
    source: Source, handing: Handing, number: int, files: Sequence[SourceFile], above: _Folder
) -> Iterator[Piece]:
    """A record: its files in one representation, and the .opex beside the folder."""
    item = described(source, handing, number)
    name = above.names.folder(item.identificatie[0].identificatieKenmerk) + PAX
    above.folders.append(name)
    above.files.append((name + SUFFIX, METADATA))
    names, contents, fixities, documents = Names(), Names(), [], [mdto_xml(item)]
    for file in files:
        own = names.file(file.path.rsplit("/", 1)[-1])
        # A folder is one content object: brief.docx and brief.pdf are two.
        path = f"{PRESERVATION}/{contents.folder(own.rsplit('.', 1)[0])}/{own}"
        yield Piece(f"{above.path}{name}/{path}", FileKind.RECORD, file.path)
        fixities.append(Fixity(source.digests[file.path], path))
        documents.append(mdto_xml(file_described(file.metadata, own)))
    said = _of_object(item, documents)
    content = opex_xml(replace(said, fixities=fixities))
    yield Piece(f"{above.path}{name}{SUFFIX}", FileKind.METADATA, content=content)


def _beside(folder: _Folder, name: str, metadata: Bestand, owner: Informatieobject) -> Piece:
    """The .opex of a file that stands in a folder: as open as the object that it belongs to."""
    given = file_described(metadata, name)
    ours = [each for each in given.checksum if each.checksumAlgoritme.begripLabel == SHA256]
    folder.files += [(name, CONTENT), (name + SUFFIX, METADATA)]
    said = OpexDocument(
        given.identificatie[0].identificatieKenmerk,
        name,
        security=_security(owner),
        identifiers=_identifiers(given),
        fixities=[Fixity(ours[-1].checksumWaarde.lower())],
        described=[mdto_xml(given)],
    )
    return Piece(f"{folder.path}{name}{SUFFIX}", FileKind.METADATA, content=opex_xml(said))


def _of_folder(source: Source, handing: Handing, number: int, folder: _Folder, name: str) -> Piece:
    item = described(source, handing, number)
    said = replace(
        _of_object(item, [mdto_xml(item)]),
        files=sorted(folder.files),
        folders=sorted(folder.folders),
        is_folder=True,
    )
    own = folder.names.file(name + SUFFIX)
    return Piece(f"{folder.path}{own}", FileKind.METADATA, content=opex_xml(said))


def _of_object(item: Informatieobject, documents: Sequence[bytes]) -> OpexDocument:
    return OpexDocument(
        item.identificatie[0].identificatieKenmerk,
        item.naam,
        description=" ".join(item.omschrijving),
        security=_security(item),
        identifiers=_identifiers(item),
        described=documents,
    )


def _security(item: Informatieobject) -> str:
    """Closed where openness is restricted: what the archive's own label is called, it decides."""
    restricted = any(each.beperkingGebruikTermijn is not None for each in item.beperkingGebruik)
    return CLOSED if restricted else OPEN


def _identifiers(item: Informatieobject | Bestand) -> list[tuple[str, str]]:
    return [(each.identificatieBron, each.identificatieKenmerk) for each in item.identificatie]


def _add(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    element = etree.SubElement(parent, _tag(name))
    if text:
        element.text = text
    return element


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
