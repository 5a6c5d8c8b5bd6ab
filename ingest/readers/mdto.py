"""MDTO sidecars as nodes of the tree, and what they claim of their files."""

from collections.abc import Iterable

from formats.findings import Finding
from formats.mdto.model import Begrip, Bestand, Identificatie, Informatieobject, Verwijzing
from ingest.readers.claims import Claims, mime_in, read_digests
from ingest.readers.names import folder_of, mdto_subject, name_of, stem_of
from ingest.readers.nodes import FileNode, ObjectNode, Placed, Ref
from ingest.readers.sips import Described, DescribeFile
from ingest.readers.tree import Tree
from ingest.sip import StagedFile


def object_node(placed: Placed, value: Informatieobject) -> ObjectNode:
    """An informatieobject as a node; its folder is the one that the sidecar stands in."""
    return ObjectNode(
        sidecar=placed,
        folder=folder_of(placed.at),
        subject=_subjects(placed)[0],
        identifiers=identifiers(value.identificatie),
        name=value.naam,
        level=level_of(value.aggregatieniveau),
        part_of=tuple(ref(each) for each in value.isOnderdeelVan),
        value=value,
    )


def file_node(placed: Placed, value: Bestand) -> FileNode:
    """A bestand as a node."""
    return FileNode(
        sidecar=placed,
        folder=folder_of(placed.at),
        subjects=_subjects(placed),
        names=(value.naam,) if value.naam else (),
        record=(ref(value.isRepresentatieVan),),
        digests=frozenset(each.checksumWaarde.lower() for each in value.checksum),
        value=value,
    )


def describe(
    tree: Tree,
) -> tuple[list[Informatieobject], DescribeFile, list[tuple[int, Finding]]]:
    """The metadata of the objects as they were delivered, and how files are described."""
    values = [each.value for each in tree.nodes]
    metadata = [each for each in values if isinstance(each, Informatieobject)]
    assert len(metadata) == len(values)
    return metadata, _describe_file, []


def _describe_file(node: FileNode, record: int, name: str, file: StagedFile) -> Described:
    assert isinstance(node.value, Bestand)
    return node.value, claims_of(node.value, node.where)


def claims_of(value: Bestand, where: str) -> Claims:
    """What the metadata say of the bytes: digests, size, and a MIME type if one stands there."""
    digests, findings = read_digests(
        ((_names(each.checksumAlgoritme), each.checksumWaarde) for each in value.checksum), where
    )
    format_named = value.bestandsformaat
    mime = mime_in(format_named.begripCode, format_named.begripLabel)
    return Claims(digests, mime, value.omvang, findings)


def identifiers(values: Iterable[Identificatie]) -> tuple[tuple[str, str], ...]:
    """Identifications as (kenmerk, bron)."""
    return tuple((each.identificatieKenmerk, each.identificatieBron) for each in values)


def ref(value: Verwijzing) -> Ref:
    """A verwijzing as a reference."""
    known = value.verwijzingIdentificatie
    if known is None:
        return Ref("", "", value.verwijzingNaam)
    return Ref(known.identificatieKenmerk, known.identificatieBron, value.verwijzingNaam)


def level_of(level: Begrip | None) -> str:
    """The aggregation level in lower case; "" when none is given."""
    return level.begripLabel.strip().lower() if level is not None else ""


def _names(algorithm: Begrip) -> tuple[str, ...]:
    return tuple(each for each in (algorithm.begripLabel, algorithm.begripCode) if each)


def _subjects(placed: Placed) -> tuple[str, ...]:
    name = name_of(placed.at)
    return mdto_subject(name) or (stem_of(name),)
