"""The map of latest heads, kept up to date a batch of items at a time.

The key space is divided into 2^bits buckets by the first bits of the key. A callback reads the
contents of a bucket, in practice with a range query; the nodes above the buckets are in memory
(`traceledger.merkle.nodeheap`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from traceledger.errors import StorageError, UsageError
from traceledger.merkle.hashing import HASH_SIZE
from traceledger.merkle.headmap import MapLeaf, MapPath, find_path, map_root
from traceledger.merkle.nodeheap import NodeHeap

__all__ = ["MAX_BITS", "HeadTree", "choose_bits"]

MAX_BITS = 20


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
        self._nodes = NodeHeap(bits)

    @property
    def root(self) -> bytes:
        """The map root as of the last `load` or `update`, 32 bytes."""
        return self._nodes.root

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
        self._nodes = NodeHeap(self.bits)
        nodes = NodeHeap(self.bits)
        nodes.fill(self._roots(leaves))
        self._nodes = nodes

    def update(self, buckets: Iterable[int]) -> None:
        """Rereads these buckets after items were added or changed and recomputes all nodes above.

        If reading fails, the tree is unchanged. After a transaction was rolled back, the same call
        restores the tree.
        """
        roots = []
        for bucket in sorted(set(buckets)):
            if not 0 <= bucket < 1 << self.bits:
                raise UsageError("map.bits", f"there is no bucket {bucket} of {1 << self.bits}")
            held = self._read_bucket(bucket)
            roots.append((bucket, map_root(held, self.bits), len(held)))
        self._nodes.put(roots)

    def find_path(self, key: bytes) -> MapPath:
        """Finds the path to a key: the siblings, and the leaf at its end, if any.

        Raises StorageError `map.stale` if the bucket no longer matches the root.
        """
        siblings, bucket = self._nodes.descend(key)
        if bucket is None:
            return MapPath(tuple(siblings), None)
        held = self._read_bucket(bucket)
        if map_root(held, self.bits) != self._nodes.hash_of(bucket):
            raise StorageError("map.stale", f"bucket {bucket} does not match the map root")
        inside = find_path(held, key, self.bits)
        return MapPath((*siblings, *inside.siblings), inside.leaf)

    def _roots(self, leaves: Iterable[MapLeaf]) -> Iterator[tuple[int, bytes, int]]:
        """Yields each bucket that has leaves: its number, its root and how many they are."""
        before = -1
        for bucket, group in groupby(leaves, key=lambda leaf: self.bucket_of(leaf[0])):
            if bucket < before:
                raise UsageError("map.order", f"bucket {bucket} follows bucket {before}")
            before = bucket
            held = list(group)
            yield bucket, map_root(held, self.bits), len(held)


def choose_bits(items: int) -> int:
    """Chooses 0 to 20 bucket bits for a map of that many items: about four items per bucket."""
    return min(max(items.bit_length() - 2, 0), MAX_BITS)
