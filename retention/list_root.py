"""The root of a list: what is signed, computed anew from the rows as they stand.

RFC 6962 over the SHA-256 of each snapshot, in order of position. An item that left keeps its leaf:
what was signed stays what it was, and what is done may be less, never more. A row whose columns
say something else than its snapshot has a leaf of its own, so that the root differs.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from retention.guard_nouns import Inclusion
from retention.tables import ITEMS
from storage.merkle import Tree, WholeTree, leaf_hash, verify_inclusion

OFF = -1
"""The position of an item that left before the current revision: it has no leaf."""

AT_ONCE = 5000
_WANTED = (
    ITEMS.c.dossier,
    ITEMS.c.position,
    ITEMS.c.computation,
    ITEMS.c.snapshot,
    ITEMS.c.snapshot_sha256,
)


@dataclass(frozen=True, slots=True)
class ListTree:
    """The whole tree of a list, for many proofs; `root` in hex."""

    root: str
    tree: WholeTree
    places: dict[str, int]

    def prove(self, dossier: str) -> Inclusion | None:
        """The proof of a dossier; None when it has no leaf."""
        index = self.places.get(dossier)
        if index is None:
            return None
        path = tuple(each.hex() for each in self.tree.inclusion_proof(index))
        return Inclusion(index, self.tree.size, path)


def sha256_of(snapshot: str) -> str:
    """What binds a snapshot: the hex SHA-256 of its bytes."""
    return hashlib.sha256(snapshot.encode("utf-8")).hexdigest()


def leaf_of(snapshot: str) -> bytes:
    """The leaf of a snapshot."""
    return leaf_hash(bytes.fromhex(sha256_of(snapshot)))


def compute_root(connection: Connection, list_id: str) -> str:
    """The root over the rows of a list, in hex."""
    tree = Tree()
    for row in _rows(connection, list_id):
        tree.append(_leaf(row))
    return tree.root().hex()


def read_tree(connection: Connection, list_id: str) -> ListTree:
    """The tree over the rows of a list: 64 bytes for each leaf."""
    places: dict[str, int] = {}

    def leaves() -> Iterator[bytes]:
        for number, row in enumerate(_rows(connection, list_id)):
            places[row.dossier] = number
            yield _leaf(row)

    tree = WholeTree(leaves())
    return ListTree(tree.root().hex(), tree, places)


def stands_under(snapshot: str, inclusion: Inclusion, root: str) -> bool:
    """Whether a snapshot is a leaf under a root."""
    path = [bytes.fromhex(each) for each in inclusion.path]
    return verify_inclusion(
        leaf_of(snapshot), inclusion.index, inclusion.size, path, bytes.fromhex(root)
    )


def says_the_same(dossier: str, computation: int, snapshot: str, sha256: str) -> bool:
    """Whether the columns of a row are those of its snapshot."""
    try:
        said = json.loads(snapshot)
        same = said["dossier"] == dossier and said["computation"] == computation
    except (ValueError, KeyError, TypeError):
        return False
    return bool(same) and sha256 == sha256_of(snapshot)


def _leaf(row: Any) -> bytes:
    if says_the_same(row.dossier, row.computation, row.snapshot, row.snapshot_sha256):
        return leaf_of(row.snapshot)
    edited = f"{row.dossier}\n{row.computation}\n{row.snapshot_sha256}\n{row.snapshot}"
    return leaf_hash(edited.encode("utf-8"))


def _rows(connection: Connection, list_id: str) -> Iterator[Any]:
    """The rows that have a leaf, in the order of their leaves."""
    after, dossier = OFF, ""
    while True:
        further = (ITEMS.c.position > after) | (
            (ITEMS.c.position == after) & (ITEMS.c.dossier > dossier)
        )
        wanted = (
            select(*_WANTED)
            .where(ITEMS.c.list == list_id, ITEMS.c.position > OFF, further)
            .order_by(ITEMS.c.position, ITEMS.c.dossier)
            .limit(AT_ONCE)
        )
        part = connection.execute(wanted).all()
        yield from part
        if len(part) < AT_ONCE:
            return
        after, dossier = part[-1].position, part[-1].dossier
