"""Merkle trees over a growing list: roots, and proofs of inclusion and of consistency.

Source: RFC 6962, 2.1 (SHA-256).
"""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows leaf by leaf and remembers only the roots of its whole subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        bits = self.size
        while bits & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            bits >>= 1
        self._peaks.append(leaf)
        self.size += 1

    def root_with(self, leaf: bytes) -> bytes:
        """The root that there would be with one leaf more."""
        longer = Tree()
        longer.size, longer._peaks = self.size, list(self._peaks)
        longer.append(leaf)
        return longer.root()

    def root(self) -> bytes:
        """The root of all leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root


class WholeTree:
    """A tree of which every node is kept, 64 bytes for each leaf: for many proofs of one list."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        level = bytearray()
        for leaf in leaves:
            level += leaf
        self._levels = [level]
        while len(level) > 32:
            level = _level_above(level)
            self._levels.append(level)

    @property
    def size(self) -> int:
        """How many leaves."""
        return len(self._levels[0]) // 32

    def root(self) -> bytes:
        """The root of all leaves."""
        return bytes(self._levels[-1]) or EMPTY_ROOT

    def inclusion_proof(self, index: int) -> list[bytes]:
        """The hashes that lead from one leaf to the root. Source: RFC 6962, 2.1.1."""
        assert 0 <= index < self.size, "the leaf is one of the list"
        steps = []
        for level in self._levels:
            beside = index ^ 1
            steps.append(bytes(level[beside * 32 : beside * 32 + 32]))
            index >>= 1
        return [each for each in steps if each]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root of a list of leaf hashes."""
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from one leaf to the root of the list. Source: RFC 6962, 2.1.1."""
    assert 0 <= index < len(leaves), "the leaf is one of the list"
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return [*inclusion_proof(left, index), root_of(right)]
    return [*inclusion_proof(right, index - split), root_of(left)]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether the proof leads from this leaf to this root. Source: RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(step, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """The hashes that prove the first `earlier` leaves unchanged. Source: RFC 6962, 2.1.2."""
    assert 0 < earlier <= len(leaves), "an earlier size of this list"
    return _subproof(leaves, earlier, whole=True)


def verify_consistency(
    earlier: int, size: int, earlier_root: bytes, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof leads from the earlier root to the later one. Source: RFC 9162, 2.1.4.2."""
    if earlier == size:
        return not proof and earlier_root == root
    if not 0 < earlier < size or not proof:
        return False
    steps = list(proof)
    if earlier & (earlier - 1) == 0:
        steps.insert(0, earlier_root)
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == earlier_root and new == root


def _subproof(leaves: Sequence[bytes], earlier: int, *, whole: bool) -> list[bytes]:
    if earlier == len(leaves):
        return [] if whole else [root_of(leaves)]
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if earlier <= split:
        return [*_subproof(left, earlier, whole=whole), root_of(right)]
    return [*_subproof(right, earlier - split, whole=False), root_of(left)]


def _level_above(level: bytearray) -> bytearray:
    """The nodes over the nodes of a level; one that has no neighbour goes up as it is."""
    above = bytearray()
    paired = len(level) - len(level) % 64
    for at in range(0, paired, 64):
        above += node_hash(bytes(level[at : at + 32]), bytes(level[at + 32 : at + 64]))
    above += level[paired:]
    return above


def _split(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1
