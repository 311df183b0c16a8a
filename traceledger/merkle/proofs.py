"""Inclusion and consistency proofs (RFC 9162 sections 2.1.3 and 2.1.4), built from tiles.

A proof is a tuple of hashes, lowest first. Checking needs no tree, only sizes, roots and the proof.
Each proof has exactly one valid length, which is checked before anything is hashed, as is the
length of every hash: a hash of another length would let bytes shift between adjacent hashes.
"""

from __future__ import annotations

from collections.abc import Sequence

from traceledger.errors import UsageError, VerificationError
from traceledger.merkle.hashing import HASH_SIZE, node_hash
from traceledger.merkle.nodes import StoredTree
from traceledger.merkle.tiles import TileReader
from traceledger.merkle.tree import MAX_TREE_SIZE

__all__ = [
    "check_consistency",
    "check_inclusion",
    "prove_consistency",
    "prove_inclusion",
    "root_from_inclusion",
]


def prove_inclusion(index: int, size: int, reader: TileReader) -> tuple[bytes, ...]:
    """Proves that leaf `index` is in the tree of that size, inverse of `check_inclusion`.

    Raises UsageError `merkle.range` unless 0 <= index < size.
    """
    if not 0 <= index < size <= MAX_TREE_SIZE:
        raise UsageError("merkle.range", f"a tree of size {size} has no leaf {index}")
    return _path(0, index, StoredTree(size, reader))


def check_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Checks that the leaf hash is at `index` in the tree of that size and root.

    Raises VerificationError `merkle.proof`.
    """
    _check_hashes((root,))
    if root_from_inclusion(index, size, leaf, proof) != root:
        raise VerificationError(
            "merkle.proof", f"the proof of leaf {index} does not lead to the root of size {size}"
        )


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Computes the only root under which the inclusion proof verifies (RFC 9162 section 2.1.3.2).

    Raises VerificationError `merkle.proof` for an index, length or hash that no proof can have.
    """
    if not 0 <= index < size <= MAX_TREE_SIZE:
        raise VerificationError("merkle.proof", f"a tree of size {size} has no leaf {index}")
    inner, border = _lengths(index, size)
    _check_proof(proof, inner + border)
    _check_hashes((leaf,))
    return _climb(leaf, index, proof, inner)


def prove_consistency(old: int, new: int, reader: TileReader) -> tuple[bytes, ...]:
    """Proves that the tree of size `old` is a prefix of that of size `new`.

    Inverse of `check_consistency`. Raises UsageError `merkle.range` unless 1 <= old <= new.
    """
    if not 1 <= old <= new <= MAX_TREE_SIZE:
        raise UsageError("merkle.range", f"no consistency proof leads from size {old} to {new}")
    if old == new:
        return ()
    tree = StoredTree(new, reader)
    height, index = _last_peak(old)
    # If the old tree is one perfect subtree, the verifier knows its root; the proof omits it.
    start = (tree.node(height, index),) if index else ()
    return start + _path(height, index, tree)


def check_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Checks that the tree of size `old` is a prefix of that of size `new` (RFC 9162 2.1.4.2).

    Raises VerificationError `merkle.proof`, also for old = 0, which proves nothing.
    """
    if not 1 <= old <= new <= MAX_TREE_SIZE:
        raise VerificationError(
            "merkle.proof", f"no consistency proof leads from size {old} to {new}"
        )
    _check_hashes((old_root, new_root))
    if old == new:
        _check_proof(proof, 0)
        if old_root != new_root:
            raise VerificationError("merkle.proof", f"two roots are given for size {old}")
        return
    height, index = _last_peak(old)
    inner, border = _lengths(old - 1, new)
    inner -= height
    explicit = 1 if index else 0
    _check_proof(proof, explicit + inner + border)
    start, path = (proof[0], proof[1:]) if explicit else (old_root, proof)
    # The old tree has only the siblings on the left.
    lefts = [path[i] for i in range(inner) if index >> i & 1]
    if _climb_right([*lefts, *path[inner:]], start) != old_root:
        raise VerificationError(
            "merkle.proof", f"the proof does not lead to the root of size {old}"
        )
    if _climb(start, index, path, inner) != new_root:
        raise VerificationError(
            "merkle.proof", f"the proof does not lead from size {old} to the root of size {new}"
        )


def _path(height: int, index: int, tree: StoredTree) -> tuple[bytes, ...]:
    """Collects the siblings on the path from a node to the root, lowest first."""
    siblings = []
    last = (tree.size - 1) >> height
    while last:
        # A rightmost node without a sibling is promoted unchanged.
        if index & 1 or index < last:
            siblings.append(tree.node(height, index ^ 1))
        height, index, last = height + 1, index >> 1, last >> 1
    return tuple(siblings)


def _lengths(index: int, size: int) -> tuple[int, int]:
    """Counts a leaf's siblings below and along the tree's right border.

    Below the height where the leaf's path meets the path of the last leaf there is a sibling at
    every height; above it the path runs along the border and has left siblings only.
    """
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _last_peak(size: int) -> tuple[int, int]:
    """Finds height and index of the last and smallest perfect subtree of a tree."""
    height = (size & -size).bit_length() - 1
    return height, (size >> height) - 1


def _climb(node: bytes, index: int, path: Sequence[bytes], inner: int) -> bytes:
    for height, sibling in enumerate(path[:inner]):
        left = index >> height & 1
        node = node_hash(sibling, node) if left else node_hash(node, sibling)
    return _climb_right(path[inner:], node)


def _climb_right(lefts: Sequence[bytes], node: bytes) -> bytes:
    for left in lefts:
        node = node_hash(left, node)
    return node


def _check_proof(proof: Sequence[bytes], length: int) -> None:
    if len(proof) != length:
        raise VerificationError(
            "merkle.proof", f"the proof has {len(proof)} hashes, {length} are needed"
        )
    _check_hashes(proof)


def _check_hashes(hashes: Sequence[bytes]) -> None:
    for value in hashes:
        if len(value) != HASH_SIZE:
            raise VerificationError("merkle.proof", f"a hash has {len(value)} bytes, not 32")
