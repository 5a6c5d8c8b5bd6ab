"""Dossiers whose own sidecar could not be read: they are refused, and nothing of them slips in.

Without this, the records of a dossier with broken metadata would look like dossiers themselves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from formats.findings import Finding
from ingest.readers.found import Found
from ingest.readers.names import folder_of
from ingest.readers.sidecars import Sidecar
from ingest.readers.tree import Tree


@dataclass(frozen=True, slots=True)
class Lost:
    """A dossier that could not be read: its folder, its sidecar, and why."""

    path: str
    source: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class LostFolders:
    """Where dossiers were lost: per folder the path of the broken sidecar, which is its key."""

    keys: dict[str, str]
    homes: dict[str, str]

    def key(self, folder: str) -> str:
        """The key of the lost dossier that a folder lies in; "" for none."""
        while folder not in self.keys:
            if not folder:
                return ""
            folder = folder_of(folder)
        return self.keys[folder]

    def lost(self, found: Found) -> tuple[Lost, ...]:
        """The lost dossiers, with all that was found of them."""
        return tuple(Lost(path, key, found.of(key)) for path, key in self.keys.items())


def find_lost(tree: Tree, broken: Sequence[Sidecar]) -> LostFolders:
    """Where objects of the tree were lost. Objects below that are no dossiers leave the tree.

    A broken sidecar within a dossier belongs to that dossier (`homes`), which it refuses.
    """
    keys: dict[str, str] = {}
    homes: dict[str, str] = {}
    for each in broken:
        folder, where = folder_of(each.placed.at), each.placed.file.path
        near = tree.nearest(folder)
        home = tree.dossier[near] if near is not None else None
        if home is not None:
            homes[where] = tree.nodes[home].where
        else:
            keys.setdefault(folder, where)
            homes[where] = keys[folder]
    _drop_orphans(tree, keys)
    return LostFolders(keys, homes)


def below(tree: Tree, folder: str) -> Iterable[int]:
    """The dossiers that lie in a folder, at any depth."""
    inside = f"{folder}/" if folder else ""
    for each in tree.dossiers():
        other = tree.nodes[each].folder
        if other == folder or other.startswith(inside):
            yield each


def _drop_orphans(tree: Tree, folders: Iterable[str]) -> None:
    orphans = {
        each
        for folder in folders
        for each in below(tree, folder)
        if not tree.nodes[each].is_dossier
    }
    for position, home in enumerate(tree.dossier):
        if home in orphans:
            tree.dossier[position] = None
