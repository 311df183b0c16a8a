"""The map of latest heads in memory: as replaying witnesses and auditors keep it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from traceledger.merkle.buckets import hash_bucket, key_prefix, put_record, split_bucket
from traceledger.merkle.hashing import HASH_SIZE
from traceledger.merkle.headmap import map_key, map_leaf
from traceledger.merkle.headtree import choose_bits
from traceledger.merkle.nodeheap import NodeHeap

__all__ = ["MemoryMap"]

_SIZE = 2 * HASH_SIZE  # of a record: key and leaf hash


class MemoryMap:
    """A growing map of latest heads; its root is recomputed only on request.

    An item takes 64 bytes, its share of a bucket of one to four items, and that of the nodes above.
    """

    def __init__(self) -> None:
        self._items = 0
        self._changed: dict[bytes, bytes] = {}
        self._nodes = NodeHeap(0)
        self._buckets = [b""]

    def __len__(self) -> int:
        self._insert()
        return self._items

    def put(self, item: str, seq: int, head: bytes) -> None:
        """Sets an item's latest position and event id (32 bytes)."""
        key = map_key(item)
        self._changed[key] = map_leaf(key, seq, head)

    def root(self) -> bytes:
        """The map root over all items, 32 bytes."""
        self._insert()
        return self._nodes.root

    def _insert(self) -> None:
        """Puts the changed leaves into their buckets and renews the nodes above."""
        most = self._items + len(self._changed)
        grows = choose_bits(most) > self._nodes.bits
        if grows:
            # Two bits ahead, so that a growing map is rebuilt only each time it grows fourfold.
            self._spread(choose_bits(4 * most))
        bits, buckets = self._nodes.bits, self._buckets
        touched = set()
        for key, leaf in self._changed.items():
            number = key_prefix(key, bits)
            before = buckets[number]
            buckets[number] = after = put_record(before, key + leaf)
            self._items += len(after) > len(before)
            touched.add(number)
        self._changed.clear()
        if grows:
            self._nodes.fill(
                self._hashed(number for number, bucket in enumerate(buckets) if bucket)
            )
        else:
            self._nodes.put(list(self._hashed(sorted(touched))))

    def _spread(self, bits: int) -> None:
        """Moves the leaves to that many more buckets, below nodes that are not hashed yet."""
        records = (record for bucket in self._buckets for record in split_bucket(bucket, _SIZE))
        buckets = [b""] * (1 << bits)
        for number, of_bucket in groupby(records, lambda record: key_prefix(record, bits)):
            buckets[number] = b"".join(of_bucket)
        self._buckets = buckets
        self._nodes = NodeHeap(bits)

    def _hashed(self, numbers: Iterable[int]) -> Iterable[tuple[int, bytes, int]]:
        bits, buckets = self._nodes.bits, self._buckets
        return ((number, *hash_bucket(buckets[number], bits, _SIZE)) for number in numbers)
