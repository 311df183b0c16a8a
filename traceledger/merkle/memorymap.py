"""The map of latest heads in memory: as replaying witnesses and auditors keep it."""

from __future__ import annotations

from collections.abc import Sequence

from traceledger.merkle.headmap import MapLeaf, map_key, map_leaf
from traceledger.merkle.headtree import HeadTree, choose_bits

__all__ = ["MemoryMap"]


class MemoryMap:
    """A growing map of latest heads; its root is recomputed only on request."""

    def __init__(self) -> None:
        self._leaves: dict[bytes, bytes] = {}
        self._changed: set[bytes] = set()
        self._buckets: dict[int, dict[bytes, bytes]] = {}
        self._tree = HeadTree(0, self._read_bucket)

    def __len__(self) -> int:
        return len(self._leaves)

    def put(self, item: str, seq: int, head: bytes) -> None:
        """Sets an item's latest position and event id (32 bytes)."""
        key = map_key(item)
        self._leaves[key] = map_leaf(key, seq, head)
        self._changed.add(key)

    def root(self) -> bytes:
        """The map root over all items, 32 bytes."""
        if choose_bits(len(self._leaves)) > self._tree.bits:
            # Two bits ahead, so that a growing map is rebuilt only each time it grows fourfold.
            self._tree = HeadTree(choose_bits(4 * len(self._leaves)), self._read_bucket)
            self._buckets = {}
            self._changed = set(self._leaves)
        buckets = set()
        for key in self._changed:
            bucket = self._tree.bucket_of(key)
            self._buckets.setdefault(bucket, {})[key] = self._leaves[key]
            buckets.add(bucket)
        self._tree.update(buckets)
        self._changed = set()
        return self._tree.root

    def _read_bucket(self, bucket: int) -> Sequence[MapLeaf]:
        return sorted(self._buckets.get(bucket, {}).items())
