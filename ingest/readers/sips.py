"""From linked sidecars and files to SIPs: one per dossier, with the findings that concern it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from formats.findings import Finding, finding
from formats.mdto.model import Bestand, Informatieobject
from ingest.readers.claims import Claims
from ingest.readers.filing import Filed
from ingest.readers.found import Found
from ingest.readers.lost import LostFolders
from ingest.readers.names import alike, folder_of, is_junk, joined, name_of, stem_of
from ingest.readers.nodes import FileNode, ObjectNode, Placed
from ingest.readers.tree import Tree
from ingest.sip import Shape, Sip, SipFile, SipObject, StagedFile

OWN_PAYLOAD = "original"
Described = tuple[Bestand, Claims]
DescribeFile = Callable[[FileNode, int, str, StagedFile], Described]
"""The MDTO of a file and its claims, from its node, its object's position, its name and bytes."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A part with everything linked. `metadata` is the MDTO of every object of the tree.

    `excused` are (folder, name alike) of files whose own sidecar is broken, which was told;
    `tags` are tag files of the bag, `beside` metadata in another language, both kept as sources.
    """

    shape: Shape
    root: str
    tree: Tree
    metadata: Sequence[Informatieobject]
    filed: Sequence[Filed]
    describe_file: DescribeFile
    lost: LostFolders
    excused: frozenset[tuple[str, str]]
    tags: Sequence[StagedFile] = ()
    beside: Sequence[Placed] = ()

    def key(self, home: int | None, folder: str) -> str:
        """The key of findings: a dossier's sidecar, else that of the lost dossier of the folder."""
        return self.tree.nodes[home].where if home is not None else self.lost.key(folder)


def make_sips(linked: Linked, found: Found) -> tuple[Sip, ...]:
    """The dossiers of a part. Files that belong to none are findings."""
    files: dict[int, list[Filed]] = defaultdict(list)
    for each in linked.filed:
        home = linked.tree.dossier[each.record] if each.record is not None else None
        key = linked.key(home, folder_of(each.placed.at))
        if each.node is None and is_junk(each.placed.at):
            found.add(finding("I204", each.placed.file.path), key)
            continue
        found.entries.extend((key, one) for one in _check_filed(linked, each, home))
        if home is not None:
            files[home].append(each)
    members = linked.tree.members()
    return tuple(
        _make_sip(linked, top, members[top], files.get(top, []), found)
        for top in linked.tree.dossiers()
    )


def path_of(node: ObjectNode, tree: Tree, position: int) -> str:
    """What an object describes: its folder, or in a shared folder its own name in it."""
    if tree.main.get(node.folder) == position:
        return node.folder
    return joined(node.folder, node.subject)


def _check_filed(linked: Linked, each: Filed, home: int | None) -> Iterator[Finding]:
    path, folder = each.placed.file.path, folder_of(each.placed.at)
    if each.node is None and not _excused(linked, each):
        yield finding("I206", path)
    if home is None and not linked.lost.key(folder) and each.node is not None:
        yield finding("I218" if each.record is None else "I219", path)
    if each.placed.file.sums.size_bytes == 0:
        yield finding("I205", path)


def _excused(linked: Linked, each: Filed) -> bool:
    folder, name = folder_of(each.placed.at), name_of(each.placed.at)
    return bool(linked.excused) and any(
        (folder, alike(one)) in linked.excused for one in (name, stem_of(name))
    )


def _make_sip(
    linked: Linked, top: int, members: Sequence[int], filed: Sequence[Filed], found: Found
) -> Sip:
    tree = linked.tree
    places = {position: place for place, position in enumerate(members)}
    key = tree.nodes[top].where
    files = tuple(_files(linked, top, places, filed, found))
    if not files:
        found.add(finding("I220", tree.nodes[top].where), key)
    above = list(reversed(list(tree.ancestors(top))))
    sidecars = [tree.nodes[each].sidecar.file for each in (*above, *members)]
    sidecars += [each.node.sidecar.file for each in filed if each.node is not None]
    sidecars += [each.file for each in linked.beside if _home(tree, each) == top]
    return Sip(
        path=path_of(tree.nodes[top], tree, top),
        shape=linked.shape,
        objects=tuple(_object(linked, each, places) for each in members),
        files=files,
        sources=(*sidecars, *linked.tags),
        context=tuple(_object(linked, each, {}) for each in above),
    )


def _home(tree: Tree, each: Placed) -> int | None:
    near = tree.nearest(folder_of(each.at))
    return tree.dossier[near] if near is not None else None


def _object(linked: Linked, position: int, places: Mapping[int, int]) -> SipObject:
    tree = linked.tree
    parent = tree.parents[position]
    return SipObject(
        path=path_of(tree.nodes[position], tree, position),
        metadata=linked.metadata[position],
        source=tree.nodes[position].where,
        parent=places.get(parent) if parent is not None else None,
    )


def _files(
    linked: Linked, top: int, places: Mapping[int, int], filed: Sequence[Filed], found: Found
) -> Iterator[SipFile]:
    places_at = [each.placed.at for each in filed]
    names = names_below(_base(linked.tree.nodes[top], places_at), places_at)
    for each, name in zip(filed, names, strict=True):
        assert each.record is not None
        file = each.placed.file
        if each.node is None:
            yield SipFile(file, name, places[each.record])
            continue
        metadata, claims = linked.describe_file(each.node, each.record, name, file)
        found.entries.extend((linked.tree.nodes[top].where, one) for one in claims.findings)
        yield SipFile(
            file=file,
            name_in_dossier=name,
            record=places[each.record],
            metadata=metadata,
            claimed_digests=claims.digests,
            claimed_mime=claims.mime,
            claimed_size_bytes=claims.size_bytes,
            source=each.node.where,
        )


def _base(node: ObjectNode, paths: Sequence[str]) -> str:
    """The folder that the names of files are relative to: the dossier's own.

    In a package of our own, given back as a bag, the records stand one folder lower.
    """
    own = joined(node.folder, OWN_PAYLOAD)
    if node.sidecar.moved and all(each.startswith(own + "/") for each in paths):
        return own
    return node.folder


def names_below(folder: str, paths: Sequence[str]) -> list[str]:
    """The paths relative to a folder; whole paths where that would give one name twice."""
    inside = f"{folder}/" if folder else ""
    names = [each.removeprefix(inside) for each in paths]
    twice = {name for name, count in Counter(names).items() if count > 1}
    return [path if name in twice else name for path, name in zip(paths, names, strict=True)]
