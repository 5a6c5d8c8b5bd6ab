"""Which file belongs to which sidecar, and which object it represents."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from formats.findings import Finding, finding
from ingest.readers.names import alike, folder_of, joined, name_of, stem_of
from ingest.readers.nodes import FileNode, Placed, Ref
from ingest.readers.tree import Tree


@dataclass(frozen=True, slots=True)
class Filed:
    """A file with its sidecar (None without one) and the object it represents (None if unknown)."""

    placed: Placed
    node: FileNode | None
    record: int | None


@dataclass(frozen=True, slots=True)
class Filing:
    """All files of a part with where they belong; findings bear their folder and the dossier's
    position, None without one."""

    files: tuple[Filed, ...]
    findings: tuple[tuple[str, int | None, Finding], ...]


def file_everything(
    files: Sequence[Placed], sidecars: frozenset[str], nodes: Sequence[FileNode], tree: Tree
) -> Filing:
    """Link every sidecar to its file and every file to its object.

    `sidecars` are the paths of everything that was read as metadata.
    """
    findings: list[tuple[str, int | None, Finding]] = []
    chosen = _Linking(files, sidecars, nodes, tree, findings).link()
    filed = []
    for each in files:
        node = chosen.get(each.at)
        record, found = _record(each, node, tree)
        filed.append(Filed(each, node, record))
        findings.extend(found)
    return Filing(tuple(filed), tuple(findings))


class _Linking:
    """Files by exact name, by name without regard to case, and by stem."""

    def __init__(
        self,
        files: Sequence[Placed],
        sidecars: frozenset[str],
        nodes: Sequence[FileNode],
        tree: Tree,
        findings: list[tuple[str, int | None, Finding]],
    ) -> None:
        self._nodes = nodes
        self._sidecars = sidecars
        self._tree = tree
        self._findings = findings
        self._exact = {each.at: each for each in files}
        self._loose: dict[tuple[str, str], list[Placed]] = defaultdict(list)
        self._stems: dict[tuple[str, str], list[Placed]] = defaultdict(list)
        self._anywhere: dict[str, list[Placed]] = defaultdict(list)
        wide = any(node.sidecar.moved for node in nodes)
        for each in files:
            folder, name = folder_of(each.at), name_of(each.at)
            self._loose[folder, alike(name)].append(each)
            self._stems[folder, alike(stem_of(name))].append(each)
            if wide:
                self._anywhere[name].append(each)

    def link(self) -> dict[str, FileNode]:
        """Per file's place the sidecar that describes it; exact names first, stems after."""
        chosen: dict[str, FileNode] = {}
        left = []
        for node in self._nodes:
            if not self._take(node, self._by_name(node), chosen):
                left.append(node)
        for node in left:
            free = [each for each in self._by_stem(node) if each.at not in chosen]
            if not self._take(node, free, chosen):
                self._report_missing(node)
        return chosen

    def _take(self, node: FileNode, files: Sequence[Placed], chosen: dict[str, FileNode]) -> bool:
        """Give the node its file. True when that is settled, be it with a finding."""
        if len(files) > 1:
            files = self._likeliest(node, files, chosen)
        if not files:
            return False
        if len(files) > 1:
            found = ", ".join(sorted(name_of(each.at) for each in files))
            self._report(node, finding("I209", node.where, found))
        elif files[0].at in chosen:
            other = chosen[files[0].at]
            self._report(node, finding("I208", files[0].file.path, f"{other.where}, {node.where}"))
        else:
            chosen[files[0].at] = node
        return True

    def _likeliest(
        self, node: FileNode, files: Sequence[Placed], chosen: Mapping[str, FileNode]
    ) -> Sequence[Placed]:
        """Of several files those whose bytes have the digest, then those with the name given.

        Of files that are byte for byte the same, the first that is not taken yet.
        """
        same = [each for each in files if _digests(each) & node.digests]
        if same:
            return [next((each for each in same if each.at not in chosen), same[0])]
        return [each for each in files if name_of(each.at) in node.names] or files

    def _by_name(self, node: FileNode) -> list[Placed]:
        for name in (*node.subjects, *node.names):
            exact = self._exact.get(joined(node.folder, name))
            if exact is not None:
                return [exact]
        for name in (*node.subjects, *node.names):
            loose = self._loose.get((node.folder, alike(name)))
            if loose:
                return loose
        return self._far(node)

    def _far(self, node: FileNode) -> list[Placed]:
        """A sidecar among a bag's tag files may describe a file anywhere in the payload."""
        if not node.sidecar.moved:
            return []
        for name in (*node.names, *node.subjects):
            if self._anywhere.get(name):
                return self._anywhere[name]
        return []

    def _by_stem(self, node: FileNode) -> list[Placed]:
        for name in node.subjects:
            stems = self._stems.get((node.folder, alike(name)))
            if stems:
                return stems
        return []

    def _report_missing(self, node: FileNode) -> None:
        names = [joined(node.folder, name) for name in (*node.subjects, *node.names)]
        described = next((name for name in names if name in self._sidecars), None)
        if described is not None:
            self._report(node, finding("I210", node.where, name_of(described)))
        else:
            expected = (*node.names, *node.subjects)[0]
            self._report(node, finding("I207", node.where, "", expected))

    def _report(self, node: FileNode, found: Finding) -> None:
        self._findings.append((node.folder, _dossier_of(self._tree, node), found))


def _digests(each: Placed) -> set[str]:
    return {each.file.sums.sha256, each.file.sums.sha512}


def _dossier_of(tree: Tree, node: FileNode) -> int | None:
    near = tree.nearest(node.folder)
    if near is not None and tree.dossier[near] is not None:
        return tree.dossier[near]
    meant = tree.find(node.record)
    return tree.dossier[meant[0]] if meant else None


def _record(
    each: Placed, node: FileNode | None, tree: Tree
) -> tuple[int | None, list[tuple[str, int | None, Finding]]]:
    """The object that a file represents, and what disagrees about it."""
    near = tree.nearest(folder_of(each.at))
    home = tree.dossier[near] if near is not None else None
    if node is None or not node.record:
        return near, []
    meant = tree.find(node.record)
    inside = [one for one in meant if tree.dossier[one] == home] if home is not None else meant
    if inside:
        best = near if near in inside else inside[0]
        return best, []
    where, found = node.where, _shown(node.record)
    if meant:
        return near, [(node.folder, home, finding("I217", where, found, _identifier(tree, near)))]
    if any(ref.identifier for ref in node.record):
        return near, [(node.folder, home, finding("I216", where, found, _identifier(tree, near)))]
    return near, []


def _shown(refs: tuple[Ref, ...]) -> str:
    return ", ".join(str(ref) for ref in refs)


def _identifier(tree: Tree, position: int | None) -> str:
    if position is None:
        return ""
    node = tree.nodes[position]
    return node.identifiers[0][0] if node.identifiers else node.name
