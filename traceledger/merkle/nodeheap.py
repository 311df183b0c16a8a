"""The hashes above a row of 2^bits ranges of the map of latest heads, numbered as in a heap.

Node 1 is the root, 2n and 2n + 1 are the children of n, 2^bits + r is range r. So the two children
that a node hashes are 64 neighbouring bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from traceledger.merkle.hashing import HASH_SIZE
from traceledger.merkle.headmap import key_bit

__all__ = ["NodeHeap"]

_MANY = 2
_CHILDREN = 2 * HASH_SIZE  # the hashes of both children of a node, which are neighbours


class NodeHeap:
    """The nodes above 2^bits ranges; a new one is above empty ranges. Nothing here is locked."""

    __slots__ = ("bits", "counts", "first", "hashes")

    def __init__(
        self, bits: int, hashes: bytearray | None = None, counts: bytearray | None = None
    ) -> None:
        self.bits = bits
        self.first = 1 << bits
        # For each node its hash and how many items are below it: 0, 1, or 2 for many.
        self.hashes = hashes or bytearray(2 * HASH_SIZE * self.first)
        self.counts = counts or bytearray(2 * self.first)

    def copy(self) -> NodeHeap:
        """Copies the nodes; what is put into the copy leaves this one as it is."""
        return NodeHeap(self.bits, self.hashes[:], self.counts[:])

    @property
    def root(self) -> bytes:
        """The hash over all ranges, 32 bytes."""
        return self._hash(1)

    @property
    def count(self) -> int:
        """The number of items below the root: 0, 1, or 2 for many."""
        return self.counts[1]

    def hash_of(self, number: int) -> bytes:
        """The hash of a range, 32 bytes."""
        return self._hash(self.first + number)

    def fill(self, ranges: Iterable[tuple[int, bytes, int]]) -> None:
        """Sets ranges of a new heap, as `put` does, and computes every node in one pass.

        The ranges are not kept in memory, of which they would take more than the nodes.
        """
        for number, value, count in ranges:
            self._set(self.first + number, value, count)
        self.join(range(self.first - 1, 0, -1))

    def put(self, ranges: Sequence[tuple[int, bytes, int]]) -> None:
        """Sets ranges, each by number, hash and number of items, and renews all nodes above.

        They are in ascending order of number. Each renews the nodes up to that which the next one
        renews too: so a node is hashed once, after both of its children.
        """
        hashes, counts = memoryview(self.hashes), self.counts
        last = len(ranges) - 1
        for place, (number, value, count) in enumerate(ranges):
            node = self.first + number
            at = HASH_SIZE * node
            hashes[at : at + HASH_SIZE] = value
            counts[node] = min(count, _MANY)
            levels = self.bits
            if place != last:
                levels = (number ^ ranges[place + 1][0]).bit_length() - 1
            while levels and counts[node] + counts[node ^ 1] < _MANY:
                node >>= 1
                levels -= 1
                self.join((node,))
            # From here on, there are many items below each node.
            for _ in range(levels):
                node >>= 1
                at = HASH_SIZE * node
                children = hashes[2 * at : 2 * at + _CHILDREN]
                hashes[at : at + HASH_SIZE] = sha256(b"\x03" + children).digest()
                counts[node] = _MANY

    def join(self, nodes: Iterable[int]) -> None:
        """Recomputes nodes from their children, in one loop because a seal changes thousands.

        A node comes after those of its descendants that are recomputed too.
        """
        hashes, counts = self.hashes, self.counts
        for node in nodes:
            at = HASH_SIZE * node
            children = hashes[2 * at : 2 * at + _CHILDREN]
            left, right = counts[2 * node], counts[2 * node + 1]
            if left + right >= _MANY:
                hashes[at : at + HASH_SIZE] = sha256(b"\x03" + children).digest()
                counts[node] = _MANY
            else:
                # A single leaf is promoted; the hash of an empty range is EMPTY on either side.
                hashes[at : at + HASH_SIZE] = (
                    children[HASH_SIZE:] if right else children[:HASH_SIZE]
                )
                counts[node] = left + right

    def descend(self, key: bytes, depth: int = 0) -> tuple[list[bytes], int | None]:
        """Walks towards a key from the root, which stands at `depth` of the whole map.

        Returns the siblings on the way and the number of the range that the way goes on in: that of
        the key, or that of the only item that is left; None where nothing is left.
        """
        node = 1
        siblings: list[bytes] = []
        while node < self.first and self.counts[node] == _MANY:
            node = 2 * node + key_bit(key, depth + len(siblings))
            siblings.append(self._hash(node ^ 1))
        if not self.counts[node]:
            return siblings, None
        # A single leaf may have been promoted from any range below.
        while node < self.first:
            node = 2 * node + self.counts[2 * node + 1]
        return siblings, node - self.first

    def _set(self, node: int, value: bytes, count: int) -> None:
        self.hashes[HASH_SIZE * node : HASH_SIZE * (node + 1)] = value
        self.counts[node] = min(count, _MANY)

    def _hash(self, node: int) -> bytes:
        return bytes(self.hashes[HASH_SIZE * node : HASH_SIZE * (node + 1)])
