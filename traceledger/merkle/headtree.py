"""The map of latest heads, kept up to date a batch of items at a time.

The key space is divided into 2^bits buckets by the first bits of the key. A callback reads the
contents of a bucket, in practice with a range query; the nodes above the buckets are in memory,
numbered as in a heap: 1 is the root, 2n and 2n + 1 are the children of n, 2^bits + b is bucket b.
So the two children that a node hashes are 64 adjacent bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from itertools import groupby

from traceledger.errors import StorageError, UsageError
from traceledger.merkle.hashing import HASH_SIZE
from traceledger.merkle.headmap import MapLeaf, MapPath, find_path, key_bit, map_root

__all__ = ["MAX_BITS", "HeadTree", "choose_bits"]

MAX_BITS = 20

_MANY = 2


class HeadTree:
    """The map's upper levels; the buckets below are read through `read_bucket`.

    `read_bucket(bucket)` returns the bucket's (key, leaf hash) pairs in ascending order of key, as
    of the last `load` or `update`. A new tree is that of the empty map. Not thread-safe: nothing
    here is locked.
    """

    def __init__(self, bits: int, read_bucket: Callable[[int], Sequence[MapLeaf]]) -> None:
        if not 0 <= bits <= MAX_BITS:
            raise UsageError("map.bits", f"a map has 0 to {MAX_BITS} bucket bits, {bits} given")
        self.bits = bits
        self._read_bucket = read_bucket
        self._first = 1 << bits
        # For each node, its hash and the number of items below it: 0, 1, or 2 for many.
        self._hashes = bytearray(2 * HASH_SIZE * self._first)
        self._items = bytearray(2 * self._first)

    @property
    def root(self) -> bytes:
        """The map root as of the last `load` or `update`, 32 bytes."""
        return self._hash(1)

    def bucket_of(self, key: bytes) -> int:
        """Returns the bucket of a key of 32 bytes: its first bits as a number."""
        return int.from_bytes(key[:4]) >> (32 - self.bits)

    def bucket_bounds(self, bucket: int) -> tuple[bytes, bytes]:
        """Returns the lowest and the highest possible key of the bucket, both inclusive."""
        rest = 8 * HASH_SIZE - self.bits
        low = bucket << rest
        return low.to_bytes(HASH_SIZE), (low + (1 << rest) - 1).to_bytes(HASH_SIZE)

    def load(self, leaves: Iterable[MapLeaf]) -> None:
        """Builds the tree from all (key, leaf hash) pairs in ascending order of key.

        Raises UsageError `map.order`, leaving the tree empty.
        """
        self._hashes = bytearray(len(self._hashes))
        self._items = bytearray(len(self._items))
        roots = []
        before = -1
        for bucket, group in groupby(leaves, key=lambda leaf: self.bucket_of(leaf[0])):
            if bucket < before:
                raise UsageError("map.order", f"bucket {bucket} follows bucket {before}")
            before = bucket
            held = list(group)
            roots.append((bucket, map_root(held, self.bits), len(held)))
        for bucket, root, count in roots:
            self._set(self._first + bucket, root, count)
        self._join(range(self._first - 1, 0, -1))

    def update(self, buckets: Iterable[int]) -> None:
        """Rereads these buckets after items were added or changed and recomputes all nodes above.

        If reading fails, the tree is unchanged. After a transaction was rolled back, the same call
        restores the tree.
        """
        roots = []
        for bucket in sorted(set(buckets)):
            if not 0 <= bucket < self._first:
                raise UsageError("map.bits", f"there is no bucket {bucket} of {self._first}")
            held = self._read_bucket(bucket)
            roots.append((bucket, map_root(held, self.bits), len(held)))
        for bucket, root, count in roots:
            self._set(self._first + bucket, root, count)
        nodes = {(self._first + bucket) >> 1 for bucket, _, _ in roots}
        for _ in range(self.bits):
            self._join(nodes)
            nodes = {node >> 1 for node in nodes}

    def find_path(self, key: bytes) -> MapPath:
        """Finds the path to a key: the siblings, and the leaf at its end, if any.

        Raises StorageError `map.stale` if the bucket no longer matches the root.
        """
        node = 1
        siblings: list[bytes] = []
        while node < self._first and self._items[node] == _MANY:
            node = 2 * node + key_bit(key, len(siblings))
            siblings.append(self._hash(node ^ 1))
        if not self._items[node]:
            return MapPath(tuple(siblings), None)
        # A single leaf may have been promoted from any bucket below.
        while node < self._first:
            node = 2 * node + self._items[2 * node + 1]
        held = self._read_bucket(node - self._first)
        if map_root(held, self.bits) != self._hash(node):
            raise StorageError(
                "map.stale", f"bucket {node - self._first} does not match the map root"
            )
        inside = find_path(held, key, self.bits)
        return MapPath((*siblings, *inside.siblings), inside.leaf)

    def _hash(self, node: int) -> bytes:
        return bytes(self._hashes[HASH_SIZE * node : HASH_SIZE * (node + 1)])

    def _set(self, node: int, value: bytes, items: int) -> None:
        self._hashes[HASH_SIZE * node : HASH_SIZE * (node + 1)] = value
        self._items[node] = min(items, _MANY)

    def _join(self, nodes: Iterable[int]) -> None:
        """Recomputes these nodes from their children in one loop: a seal changes thousands."""
        hashes, items = self._hashes, self._items
        for node in nodes:
            at = HASH_SIZE * node
            children = hashes[2 * at : 2 * at + 2 * HASH_SIZE]
            left, right = items[2 * node], items[2 * node + 1]
            if left + right >= _MANY:
                hashes[at : at + HASH_SIZE] = sha256(b"\x03" + children).digest()
                items[node] = _MANY
            else:
                # A single leaf is promoted; the hash of an empty range is EMPTY on either side.
                hashes[at : at + HASH_SIZE] = (
                    children[HASH_SIZE:] if right else children[:HASH_SIZE]
                )
                items[node] = left + right


def choose_bits(items: int) -> int:
    """Chooses 0 to 20 bucket bits for a map of that many items: about four items per bucket."""
    return min(max(items.bit_length() - 2, 0), MAX_BITS)
