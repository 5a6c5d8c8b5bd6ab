"""A part that speaks MDTO or ToPX, linked: the tree of its objects and where every file belongs."""

from collections.abc import Sequence
from dataclasses import dataclass

from formats.mdto import model as mdto
from formats.tmlo import model as tmlo
from ingest.agreement import Agreement
from ingest.readers import mdto as mdto_reader
from ingest.readers import topx as topx_reader
from ingest.readers.filing import Filing, file_everything
from ingest.readers.found import Found
from ingest.readers.languages import Spoken, describes_file, names_of, subjects_of
from ingest.readers.lost import LostFolders, below, find_lost
from ingest.readers.names import folder_of
from ingest.readers.nodes import FileNode, ObjectNode
from ingest.readers.sidecars import Language, Sidecar
from ingest.readers.sips import Linked, make_sips
from ingest.readers.tree import Tree, build_tree
from ingest.sip import Shape, Sip


@dataclass(frozen=True, slots=True)
class Nodes:
    """The sidecars of a part as nodes."""

    objects: tuple[ObjectNode, ...]
    files: tuple[FileNode, ...]


@dataclass(frozen=True, slots=True)
class SpokenRead:
    """What a part gave: its dossiers, those lost, and how many objects and files it describes."""

    sips: tuple[Sip, ...]
    lost: LostFolders
    objects: int
    described_files: int


def read_spoken(spoken: Spoken, agreement: Agreement, found: Found) -> SpokenRead:
    """The dossiers of a part, and where dossiers were lost because their sidecar is unreadable."""
    nodes = _nodes(spoken.sidecars)
    tree = build_tree(nodes.objects, agreement.top_parents, spoken.language is Language.TOPX)
    filing = file_everything(spoken.files, _taken(spoken), nodes.files, tree)
    names = names_of(spoken.files) if spoken.broken else frozenset()
    broken_files = [each for each in spoken.broken if describes_file(each, names)]
    broken_objects = [each for each in spoken.broken if each not in broken_files]
    lost = find_lost(tree, broken_objects)
    linked = _linked(spoken, agreement, tree, filing, broken_files, lost, found)
    _tell(spoken, linked, filing, found)
    sips = make_sips(linked, found)
    described = len(nodes.files) + len(broken_files)
    return SpokenRead(sips, lost, len(nodes.objects) + len(broken_objects), described)


def _nodes(sidecars: Sequence[Sidecar]) -> Nodes:
    objects: list[ObjectNode] = []
    files: list[FileNode] = []
    for each in sidecars:
        if isinstance(each.value, mdto.Informatieobject):
            objects.append(mdto_reader.object_node(each.placed, each.value))
        elif isinstance(each.value, mdto.Bestand):
            files.append(mdto_reader.file_node(each.placed, each.value))
        elif isinstance(each.value, tmlo.Aggregatie):
            objects.append(topx_reader.object_node(each.placed, each.value))
        elif isinstance(each.value, tmlo.Bestand):
            files.append(topx_reader.file_node(each.placed, each.value))
    return Nodes(tuple(objects), tuple(files))


def _taken(spoken: Spoken) -> frozenset[str]:
    read = (each.placed.at for each in (*spoken.sidecars, *spoken.broken))
    return frozenset((*read, *(each.at for each in spoken.beside)))


def _linked(  # noqa: PLR0913, PLR0917 - everything that is known of a part comes together here
    spoken: Spoken,
    agreement: Agreement,
    tree: Tree,
    filing: Filing,
    broken_files: Sequence[Sidecar],
    lost: LostFolders,
    found: Found,
) -> Linked:
    if spoken.language is Language.TOPX:
        metadata, describe, findings = topx_reader.describe(tree, agreement)
        shape = Shape.TOPX_SIDECARS
    else:
        metadata, describe, findings = mdto_reader.describe(tree)
        shape = Shape.MDTO_SIDECARS
    excused = frozenset(subject for each in broken_files for subject in subjects_of(each))
    linked = Linked(
        shape=shape,
        root=spoken.root,
        tree=tree,
        metadata=metadata,
        filed=filing.files,
        describe_file=describe,
        lost=lost,
        excused=excused,
        tags=spoken.tags,
        beside=spoken.beside,
    )
    for position, each in findings:
        found.add(each, linked.key(tree.dossier[position], tree.nodes[position].folder))
    return linked


def _tell(spoken: Spoken, linked: Linked, filing: Filing, found: Found) -> None:
    """Everything that reading and linking found, each with its dossier."""
    tree = linked.tree
    places = {node.where: position for position, node in enumerate(tree.nodes)}
    for each in spoken.sidecars:
        position = places.get(each.placed.file.path)
        near = tree.nearest(folder_of(each.placed.at)) if position is None else position
        home = tree.dossier[near] if near is not None else None
        for one in each.findings:
            found.add(one, linked.key(home, folder_of(each.placed.at)))
    for each in spoken.broken:
        _tell_broken(each, linked, found)
    for position, one in tree.findings:
        found.add(one, linked.key(tree.dossier[position], tree.nodes[position].folder))
    for folder, home, one in filing.findings:
        found.add(one, linked.key(home, folder))


def _tell_broken(each: Sidecar, linked: Linked, found: Found) -> None:
    """A broken sidecar refuses its dossier, or every dossier below what it should describe."""
    tree, folder, where = linked.tree, folder_of(each.placed.at), each.placed.file.path
    key = linked.lost.homes.get(where)
    if key is None:
        near = tree.nearest(folder)
        key = linked.key(tree.dossier[near] if near is not None else None, folder)
    for one in each.findings:
        found.add(one, key)
    if linked.lost.keys.get(folder) == where:
        for dossier in below(tree, folder):
            for one in each.findings:
                found.add(one, tree.nodes[dossier].where)
