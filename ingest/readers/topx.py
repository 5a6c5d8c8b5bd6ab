"""ToPX sidecars as nodes of the tree, and as MDTO: inherited values expanded, then mapped.

Source: TMLO 1.1 (inheritance); MDTO SIP-specificatie (no inheritance in exchange).
"""

from collections.abc import Iterator
from dataclasses import replace

from formats.findings import Finding, finding
from formats.mdto.model import Bestand, Informatieobject, Verwijzing
from formats.tmlo import model as tmlo
from formats.tmlo.inherit import inherit
from formats.tmlo.rules import check_level, check_tmlo
from formats.tmlo.terms import UPWARD
from formats.tmlo.to_mdto import file_name, file_to_mdto, lost_in_mdto, to_mdto
from ingest.agreement import Agreement
from ingest.readers.claims import Claims, mime_in, read_digests
from ingest.readers.names import alike, folder_of, name_of, stem_of, topx_subject
from ingest.readers.nodes import FileNode, ObjectNode, Placed, Ref
from ingest.readers.sips import Described, DescribeFile
from ingest.readers.tree import Tree
from ingest.sip import StagedFile

UNNAMED = Verwijzing("Onbekend")


def object_node(placed: Placed, value: tmlo.Aggregatie) -> ObjectNode:
    """An aggregation as a node; TMLO gives its identifiers no source."""
    return ObjectNode(
        sidecar=placed,
        folder=folder_of(placed.at),
        subject=_subjects(placed)[0],
        identifiers=((value.identificatiekenmerk, ""),),
        name=value.naam[0] if value.naam else "",
        level=value.aggregatieniveau.strip().lower(),
        part_of=_upward(value.relatie),
        value=value,
    )


def file_node(placed: Placed, value: tmlo.Bestand) -> FileNode:
    """A file as a node; its formats name the file."""
    return FileNode(
        sidecar=placed,
        folder=folder_of(placed.at),
        subjects=_subjects(placed),
        names=tuple(file_name(each) for each in value.formaat),
        record=_upward(value.relatie),
        digests=frozenset(
            each.fysiekeIntegriteit.waarde.lower()
            for each in value.formaat
            if each.fysiekeIntegriteit is not None
        ),
        value=value,
    )


def describe(
    tree: Tree, agreement: Agreement
) -> tuple[list[Informatieobject], DescribeFile, list[tuple[int, Finding]]]:
    """Every object as MDTO with the values that it inherits, and how files are described."""
    expanded = _expand(tree)
    findings: list[tuple[int, Finding]] = []
    told = _LostValues()
    stand_in = agreement.archiefvormer or UNNAMED
    metadata = []
    for position, level in enumerate(expanded):
        where = tree.nodes[position].where
        named = level.context is not None and bool(level.context.actor)
        if not named and agreement.archiefvormer is None:
            findings.append((position, finding("I221", where)))
        findings.extend((position, each) for each in _check(tree, expanded, position))
        findings.extend((position, each) for each in told.new(level, where, tree.dossier[position]))
        metadata.append(to_mdto(level, stand_in, agreement.source))

    def describe_file(node: FileNode, record: int, name: str, file: StagedFile) -> Described:
        described, claims = _describe_file(node, metadata[record], name, file, agreement.source)
        checked = _check_file(node, expanded[record])
        lost = told.new(node.value, node.where, tree.dossier[record])
        return described, replace(claims, findings=(*claims.findings, *checked, *lost))

    return metadata, describe_file, findings


class _LostValues:
    """What MDTO has no place for, told once for each dossier and kind of value."""

    def __init__(self) -> None:
        self._told: set[tuple[int | None, str]] = set()

    def new(self, value: object, where: str, dossier: int | None) -> list[Finding]:
        """What was not told of this dossier yet."""
        assert isinstance(value, (tmlo.Aggregatie, tmlo.Bestand))
        found = lost_in_mdto(value, where)
        new = [each for each in found if (dossier, each.found) not in self._told]
        self._told.update((dossier, each.found) for each in new)
        return new


def _check(tree: Tree, expanded: list[tmlo.Aggregatie], position: int) -> Iterator[Finding]:
    where, level, parent = tree.nodes[position].where, expanded[position], tree.parents[position]
    yield from check_tmlo(level, where)
    if parent is not None:
        yield from check_level(level, expanded[parent], where)


def _expand(tree: Tree) -> list[tmlo.Aggregatie]:
    """The objects of the tree, in their order, each with what it inherits."""
    expanded: dict[int, tmlo.Aggregatie] = {}
    for position in tree.downward():
        value = tree.nodes[position].value
        assert isinstance(value, tmlo.Aggregatie)
        parent = tree.parents[position]
        expanded[position] = inherit(value, expanded[parent]) if parent is not None else value
    return [expanded[position] for position in range(len(tree.nodes))]


def _describe_file(
    node: FileNode, above: Informatieobject, name: str, file: StagedFile, source: str
) -> Described:
    assert isinstance(node.value, tmlo.Bestand)
    form = _form_of(node.value, name)
    record = Verwijzing(above.naam, above.identificatie[0])
    sized = form if form.omvang is not None else replace(form, omvang=file.sums.size_bytes)
    metadata: Bestand = file_to_mdto(node.value, record, source, formaat=sized)
    given = form.fysiekeIntegriteit
    named = [((given.algoritme,), given.waarde)] if given is not None else []
    digests, findings = read_digests(named, node.where)
    mime = mime_in(form.bestandsformaat, form.type)
    return metadata, Claims(digests, mime, form.omvang, findings)


def _check_file(node: FileNode, above: tmlo.Aggregatie) -> Iterator[Finding]:
    assert isinstance(node.value, tmlo.Bestand)
    yield from check_tmlo(inherit(node.value, above), node.where)
    yield from check_level(node.value, above, node.where)


def _form_of(value: tmlo.Bestand, name: str) -> tmlo.Formaat:
    """The formaat that names this file; the first when none does."""
    plain = alike(name_of(name))
    named = (each for each in value.formaat if alike(file_name(each)) == plain)
    return next(named, value.formaat[0])


def _upward(relations: tuple[tmlo.Relatie, ...]) -> tuple[Ref, ...]:
    return tuple(
        Ref(each.relatieID, "", "")
        for each in relations
        if each.typeRelatie.strip().casefold() in UPWARD
    )


def _subjects(placed: Placed) -> tuple[str, ...]:
    name = name_of(placed.at)
    return topx_subject(name) or (stem_of(name),)
