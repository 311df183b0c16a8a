"""The root of a growing tree, from only the roots of its perfect subtrees.

A tree of size 11 (binary 1011) is a perfect subtree of 8 leaves, one of 2 and one of 1. These
*peaks*, largest first, are all that is needed to append leaves and to compute the root::

    size 11:  [0..8) [8..10) [10..11)      root = node(p0, node(p1, p2))
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from traceledger.errors import MalformedError
from traceledger.merkle.hashing import EMPTY_ROOT, HASH_SIZE, node_hash

__all__ = ["MAX_TREE_SIZE", "Frontier", "root_of"]

MAX_TREE_SIZE = 2**63 - 1

_SIZE_BYTES = 8


@dataclass(frozen=True, slots=True)
class Frontier:
    """The peaks of a tree of `size` leaves, largest subtree first; by default the empty tree."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The tree's root (RFC 6962 section 2.1), 32 bytes."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            root = node_hash(peak, root)
        return root

    def extended(self, leaf_hashes: Iterable[bytes]) -> Frontier:
        """Appends leaf hashes of 32 bytes in order and returns the frontier of the larger tree."""
        size, peaks = self.size, list(self.peaks)
        for leaf in leaf_hashes:
            node, trailing = leaf, size
            # Each trailing 1 bit of the size is a peak as large as the node; the two are merged.
            while trailing & 1:
                node = sha256(b"\x01" + peaks.pop() + node).digest()
                trailing >>= 1
            peaks.append(node)
            size += 1
        return Frontier(size, tuple(peaks))

    def to_bytes(self) -> bytes:
        """Encodes the frontier: the size as 8 bytes, big-endian, then the peaks."""
        return self.size.to_bytes(_SIZE_BYTES) + b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, data: bytes) -> Frontier:
        """Decodes a frontier, inverse of `to_bytes`; raises MalformedError `merkle.tile`."""
        size, rest = int.from_bytes(data[:_SIZE_BYTES]), data[_SIZE_BYTES:]
        fits = len(data) >= _SIZE_BYTES and len(rest) == size.bit_count() * HASH_SIZE
        if size > MAX_TREE_SIZE or not fits:
            raise MalformedError("merkle.tile", f"{len(data)} bytes are not a tree's frontier")
        return cls(size, tuple(rest[i : i + HASH_SIZE] for i in range(0, len(rest), HASH_SIZE)))


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Computes the root over leaf hashes in order (RFC 6962 section 2.1), 32 bytes."""
    return Frontier().extended(leaf_hashes).root
