"""Merkle trees against the standard's own definition, written down a second time."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# Inputs and roots of the test vectors that accompany Certificate Transparency (RFC 6962).
VECTORS = [
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
]
LEAVES = [leaf_hash(number.to_bytes(2, "big")) for number in range(70)]


def root_by_definition(contents: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not contents:
        return hashlib.sha256(b"").digest()
    if len(contents) == 1:
        return hashlib.sha256(b"\x00" + contents[0]).digest()
    k = 1
    while k * 2 < len(contents):
        k *= 2
    left, right = root_by_definition(contents[:k]), root_by_definition(contents[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def test_the_roots_are_those_of_the_vectors() -> None:
    leaves: list[bytes] = []

    for content, root in VECTORS:
        leaves.append(leaf_hash(bytes.fromhex(content)))
        assert root_of(leaves).hex() == root


@given(st.lists(st.binary(max_size=8), max_size=40))
def test_a_growing_tree_has_the_root_of_the_definition(contents: list[bytes]) -> None:
    assert root_of([leaf_hash(each) for each in contents]) == root_by_definition(contents)
    assert root_of([]) == EMPTY_ROOT


@given(st.data())
def test_a_proof_of_inclusion_proves_this_leaf_and_no_other(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(LEAVES)))
    index, other = (data.draw(st.integers(0, size - 1)) for _ in range(2))
    leaves, root = LEAVES[:size], root_of(LEAVES[:size])

    proof = inclusion_proof(leaves, index)

    assert verify_inclusion(leaves[index], index, size, proof, root)
    assert verify_inclusion(leaves[other], index, size, proof, root) == (index == other)
    assert verify_inclusion(leaves[index], other, size, proof, root) == (index == other)
    assert not verify_inclusion(leaves[index], index, size, [*proof, root], root)
    assert not verify_inclusion(leaves[index], index, size, proof, leaf_hash(b"?"))


@given(st.data())
def test_a_proof_of_consistency_proves_a_prefix_and_nothing_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(LEAVES)))
    earlier = data.draw(st.integers(1, size))
    root, before = root_of(LEAVES[:size]), root_of(LEAVES[:earlier])

    proof = consistency_proof(LEAVES[:size], earlier)

    assert verify_consistency(earlier, size, before, root, proof)
    assert not verify_consistency(earlier, size, leaf_hash(b"?"), root, proof)
    assert not verify_consistency(earlier, size, before, leaf_hash(b"?"), proof)
    if proof:
        position = data.draw(st.integers(0, len(proof) - 1))
        proof[position] = leaf_hash(b"?")
        assert not verify_consistency(earlier, size, before, root, proof)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_place_outside_the_tree_proves_nothing(index: int, size: int) -> None:
    assert not verify_inclusion(LEAVES[0], index, size, [], LEAVES[0])
