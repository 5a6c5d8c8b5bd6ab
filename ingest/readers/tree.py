"""The tree of a delivery: which object is part of which, and which of them are the dossiers.

Folders say it first, the metadata (isOnderdeelVan) must agree; where objects share one folder,
the metadata decide. Source: MDTO SIP-specificatie, structuur.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from formats.findings import Finding, Severity, finding
from ingest.readers.names import alike, folder_of, name_of
from ingest.readers.nodes import ObjectNode, Ref


@dataclass(slots=True)
class Tree:
    """Objects with their parents; `main` is the object that a folder itself stands for.

    `dossier` gives per object the dossier that it belongs to, None above the dossiers.
    """

    nodes: Sequence[ObjectNode]
    parents: list[int | None]
    main: dict[str, int]
    dossier: list[int | None]
    findings: list[tuple[int, Finding]]
    _names: "Names"
    _nearest: dict[str, int | None] = field(default_factory=dict)

    def nearest(self, folder: str) -> int | None:
        """The object of the folder, or of the nearest folder above that has one."""
        return _nearest(folder, self.main, self._nearest)

    def find(self, refs: Iterable[Ref]) -> list[int]:
        """The objects that the references mean."""
        return [each for ref in refs for each in self._names.find(ref)]

    def ancestors(self, position: int) -> Iterator[int]:
        """The parents of an object, from the nearest up."""
        parent = self.parents[position]
        while parent is not None:
            yield parent
            parent = self.parents[parent]

    def dossiers(self) -> list[int]:
        """The positions of the dossiers."""
        return [each for each, mine in enumerate(self.dossier) if mine == each]

    def members(self) -> dict[int, list[int]]:
        """Per dossier its objects, parents before children."""
        result: dict[int, list[int]] = defaultdict(list)
        for each in self.downward():
            mine = self.dossier[each]
            if mine is not None:
                result[mine].append(each)
        return result

    def downward(self) -> Iterator[int]:
        """All objects, parents before their children."""
        children = children_of(self.parents)
        waiting = list(reversed(children.get(None, [])))
        while waiting:
            each = waiting.pop()
            yield each
            waiting.extend(reversed(children.get(each, [])))


class Names:
    """The objects of a delivery by identifier and by name."""

    def __init__(self, nodes: Sequence[ObjectNode]) -> None:
        self._full: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._plain: dict[str, list[int]] = defaultdict(list)
        self._named: dict[str, list[int]] = defaultdict(list)
        for position, node in enumerate(nodes):
            self._named[node.name].append(position)
            for identifier, source in node.identifiers:
                self._full[identifier, source].append(position)
                self._plain[identifier].append(position)

    def find(self, ref: Ref) -> list[int]:
        """By identifier and source; else by identifier alone; by name when it has no identifier."""
        if not ref.identifier:
            return self._named.get(ref.name, [])
        return self._full.get((ref.identifier, ref.source)) or self._plain.get(ref.identifier, [])


def build_tree(nodes: Sequence[ObjectNode], top_parents: Sequence[str], topx: bool) -> Tree:
    """The tree of these objects, and what disagrees.

    `top_parents` are identifiers above the delivery that exist here; none given, none checked.
    In ToPX (`topx`) hierarchical relations may name children too, and the levels have rules of
    their own (formats.tmlo.rules).
    """
    names = Names(nodes)
    main = _main_objects(nodes)
    tree = Tree(nodes, [None] * len(nodes), main, [None] * len(nodes), [], names)
    for position in range(len(nodes)):
        tree.parents[position] = _parent(tree, position, topx)
    _break_circles(tree)
    if not topx:
        _check_levels(tree)
    _check_tops(tree, top_parents)
    _mark_dossiers(tree)
    return tree


def children_of(parents: Sequence[int | None]) -> dict[int | None, list[int]]:
    """The children of every object; those without a parent under None."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for position, parent in enumerate(parents):
        children[parent].append(position)
    return children


def _main_objects(nodes: Sequence[ObjectNode]) -> dict[str, int]:
    folders: dict[str, list[int]] = defaultdict(list)
    for position, node in enumerate(nodes):
        folders[node.folder].append(position)
    chosen = {folder: _main_of(folder, nodes, here) for folder, here in folders.items()}
    return {folder: each for folder, each in chosen.items() if each is not None}


def _main_of(folder: str, nodes: Sequence[ObjectNode], here: list[int]) -> int | None:
    """The one that the folder stands for: alone, the highest level, or named like the folder."""
    if len(here) == 1:
        return here[0]
    ranks = [nodes[each].rank for each in here]
    known = [rank for rank in ranks if rank is not None]
    if len(known) == len(here) and known.count(min(known)) == 1:
        return here[known.index(min(known))]
    named = [each for each in here if alike(nodes[each].subject) == alike(name_of(folder))]
    return named[0] if len(named) == 1 else None


def _nearest(folder: str, main: dict[str, int], known: dict[str, int | None]) -> int | None:
    walked = []
    while folder not in known:
        walked.append(folder)
        if folder in main:
            known[folder] = main[folder]
        elif not folder:
            known[folder] = None
        else:
            folder = folder_of(folder)
    for each in walked:
        known[each] = known[folder]
    return known[folder]


def _parent(tree: Tree, position: int, topx: bool) -> int | None:
    node = tree.nodes[position]
    own = tree.main.get(node.folder)
    by_folder = own if own is not None and own != position else _above(tree, node.folder)
    named = [each for each in tree.find(node.part_of) if not topx or each != position]
    if by_folder in named or not node.part_of:
        return by_folder
    if by_folder is None and named:
        return named[0]
    if by_folder is None:
        return None
    if own != position:
        near = [each for each in named if each != position and _encloses(tree, each, node.folder)]
        if near:
            return near[0]
    if not (topx and _only_below(tree, node, named)):
        _disagree(tree, position, by_folder)
    return by_folder


def _above(tree: Tree, folder: str) -> int | None:
    return tree.nearest(folder_of(folder)) if folder else None


def _encloses(tree: Tree, position: int, folder: str) -> bool:
    """Whether an object shares the folder, or is what a folder above it stands for."""
    other = tree.nodes[position].folder
    if other == folder:
        return True
    inside = not other or folder.startswith(other + "/")
    return inside and tree.main.get(other) == position


def _only_below(tree: Tree, node: ObjectNode, named: list[int]) -> bool:
    """Whether the relations name only children, or things that are not in the delivery."""
    inside = node.folder + "/"
    return all(tree.nodes[each].folder.startswith(inside) for each in named)


def _disagree(tree: Tree, position: int, by_folder: int) -> None:
    node, parent = tree.nodes[position], tree.nodes[by_folder]
    certain = any(ref.identifier for ref in node.part_of)
    found = ", ".join(str(ref) for ref in node.part_of)
    expected = parent.identifiers[0][0] if parent.identifiers else parent.name
    severity = Severity.ERROR if certain else Severity.WARNING
    tree.findings.append(
        (position, finding("I212", node.where, found, expected, severity=severity))
    )


def _break_circles(tree: Tree) -> None:
    """A circle of parents is told once and opened at its first member."""
    clear: set[int] = set()
    for start in range(len(tree.nodes)):
        seen: dict[int, None] = {}
        each: int | None = start
        while each is not None and each not in clear and each not in seen:
            seen[each] = None
            each = tree.parents[each]
        if each is not None and each in seen:
            tree.parents[each] = None
            node = tree.nodes[each]
            tree.findings.append((each, finding("I213", node.where, _identifier(node))))
        clear.update(seen)


def _check_levels(tree: Tree) -> None:
    for position, parent in enumerate(tree.parents):
        rank = tree.nodes[position].rank
        above = tree.nodes[parent].rank if parent is not None else None
        if rank is not None and above is not None and rank < above:
            node = tree.nodes[position]
            expected = tree.nodes[parent].level if parent is not None else ""
            tree.findings.append((position, finding("I214", node.where, node.level, expected)))


def _check_tops(tree: Tree, top_parents: Sequence[str]) -> None:
    if not top_parents:
        return
    for position, parent in enumerate(tree.parents):
        node = tree.nodes[position]
        if parent is None and not any(ref.identifier in top_parents for ref in node.part_of):
            found = ", ".join(str(ref) for ref in node.part_of)
            expected = ", ".join(top_parents)
            tree.findings.append((position, finding("I215", node.where, found, expected)))


def _mark_dossiers(tree: Tree) -> None:
    """The topmost dossiers or cases; where there is none below, the topmost object."""
    has_dossier = [node.is_dossier for node in tree.nodes]
    order = list(tree.downward())
    for each in reversed(order):
        parent = tree.parents[each]
        if parent is not None and has_dossier[each]:
            has_dossier[parent] = True
    for each in order:
        parent = tree.parents[each]
        above = tree.dossier[parent] if parent is not None else None
        if above is not None:
            tree.dossier[each] = above
        elif tree.nodes[each].is_dossier or not has_dossier[each]:
            tree.dossier[each] = each


def _identifier(node: ObjectNode) -> str:
    return node.identifiers[0][0] if node.identifiers else node.name
