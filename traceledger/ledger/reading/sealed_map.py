"""The map of latest heads that a seal commits to, as an immutable value in memory.

An item takes 72 bytes: its key, its leaf hash and the log index of its latest event. The key space
is divided into branches, and these into buckets of about four items. An update copies only the
branches that change; the previous map shares the others and remains valid for readers that prove
from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby

from traceledger.merkle.buckets import (
    find_record,
    hash_bucket,
    key_prefix,
    put_record,
    read_leaves,
    split_bucket,
)
from traceledger.merkle.headmap import MapPath, find_path, map_key, map_leaf
from traceledger.merkle.headtree import choose_bits
from traceledger.merkle.nodeheap import NodeHeap
from traceledger.storage.store import Latest

__all__ = ["EMPTY_MAP", "SealedMap"]

_KEY, _LEAF, _SIZE = 32, 64, 72  # where a record's key ends, its leaf hash and its index
_BRANCH_BITS = 4  # a branch has at most 16 buckets
_PART_BITS = 4  # a new map is sorted in 16 parts


_Branch = tuple[bytearray, bytearray, tuple[bytes, ...]]
"""The items whose keys begin with the same bits: hashes and counts of the nodes, and the buckets.

The garbage collector does not track a tuple of these, and a map has thousands.
"""


class SealedMap:
    """A map of latest heads from which proofs are made; any number of threads may share it."""

    __slots__ = ("_bits", "_branches", "_trunk", "items")

    def __init__(self, trunk: NodeHeap, branches: Sequence[_Branch], bits: int, items: int) -> None:
        """Takes parts that no longer change; there are 2 to the power of `bits` buckets."""
        self._trunk = trunk
        self._branches = branches
        self._bits = bits
        self.items = items

    @classmethod
    def of(cls, latest: Iterable[Latest]) -> SealedMap:
        """Builds the map from each item's latest event, in any order."""
        # A list of all records would need more memory than the map, and the process would keep it.
        parts = [bytearray() for _ in range(1 << _PART_BITS)]
        for event in latest:
            record = _record(event)
            parts[key_prefix(record, _PART_BITS)] += record
        items = sum(map(len, parts)) // _SIZE
        return cls._of(_emptied(parts), items)

    @property
    def root(self) -> bytes:
        """The map root, 32 bytes."""
        return self._trunk.root

    def find_path(self, item: str) -> MapPath:
        """Returns the path of an item in the map (`traceledger.merkle.headmap`)."""
        key = map_key(item)
        siblings, number = self._trunk.descend(key)
        if number is None:
            return MapPath(tuple(siblings), None)
        hashes, counts, buckets = self._branches[number]
        nodes = NodeHeap(self._bits - self._trunk.bits, hashes, counts)
        inner, place = nodes.descend(key, self._trunk.bits)
        if place is None:
            return MapPath((*siblings, *inner), None)
        inside = find_path(read_leaves(buckets[place], _SIZE), key, self._bits)
        return MapPath((*siblings, *inner, *inside.siblings), inside.leaf)

    def find_event(self, key: bytes) -> int | None:
        """Returns the log index of the latest event for a map key, None for an unknown item."""
        number, place = divmod(key_prefix(key, self._bits), 1 << self._bits - self._trunk.bits)
        bucket = self._branches[number][2][place]
        at = find_record(bucket, key, _SIZE)
        if bucket[at : at + _KEY] != key:
            return None
        return int.from_bytes(bucket[at + _LEAF : at + _SIZE])

    def updated(self, latest: Iterable[Latest]) -> SealedMap:
        """Returns the map after the latest events of new and changed items; `self` is unchanged."""
        records = sorted(map(_record, latest))
        if len(records) > self.items:  # too many for the buckets
            merged = {record[:_KEY]: record for record in chain(self._records(), records)}
            return self._of([merged[key] for key in sorted(merged)], len(merged))
        above, depth = self._trunk.bits, self._bits
        inner, mask = depth - above, (1 << depth - above) - 1
        groups: dict[int, list[bytes]] = {}
        for record in records:
            groups.setdefault(key_prefix(record, above), []).append(record)
        branches = list(self._branches)
        items, roots = self.items, []
        for number, group in groups.items():
            hashes, counts, before = branches[number]
            nodes, buckets = NodeHeap(inner, hashes[:], counts[:]), list(before)
            changed = {}
            for record in group:
                place = key_prefix(record, depth) & mask
                bucket = buckets[place]
                buckets[place] = changed[place] = put_record(bucket, record)
                items += len(changed[place]) > len(bucket)
            nodes.put([_hashed(place, bucket, depth) for place, bucket in changed.items()])
            branches[number] = nodes.hashes, nodes.counts, tuple(buckets)
            roots.append((number, nodes.root, nodes.count))
        trunk = self._trunk.copy()
        trunk.put(roots)
        after = SealedMap(trunk, branches, depth, items)
        if choose_bits(items) > depth + 1:
            return self._of(after._records(), items)
        return after

    def _records(self) -> Iterator[bytes]:
        """Yields all records in ascending order."""
        for _, _, buckets in self._branches:
            for bucket in buckets:
                yield from split_bucket(bucket, _SIZE)

    @classmethod
    def _of(cls, records: Iterable[bytes], items: int) -> SealedMap:
        """Builds the map from so many records in ascending order."""
        bits = choose_bits(items)
        inner = min(bits, _BRANCH_BITS)
        trunk = NodeHeap(bits - inner)
        bare = NodeHeap(inner)
        empty = bare.hashes, bare.counts, (b"",) * (1 << inner)
        branches: list[_Branch] = [empty] * (1 << trunk.bits)
        roots = []
        for number, of_branch in groupby(records, lambda key: key_prefix(key, trunk.bits)):
            nodes, buckets = NodeHeap(inner), list(empty[2])
            for prefix, of_bucket in groupby(of_branch, lambda key: key_prefix(key, bits)):
                buckets[prefix & (1 << inner) - 1] = b"".join(of_bucket)
            nodes.put([_hashed(place, full, bits) for place, full in enumerate(buckets) if full])
            branches[number] = nodes.hashes, nodes.counts, tuple(buckets)
            roots.append((number, nodes.root, nodes.count))
        trunk.put(roots)
        return cls(trunk, branches, bits, items)


def _emptied(parts: list[bytearray]) -> Iterator[bytes]:
    """Yields the records of all parts in ascending order, and frees each part before the next."""
    parts.reverse()
    while parts:
        yield from sorted(split_bucket(bytes(parts.pop()), _SIZE))


def _record(latest: Latest) -> bytes:
    key = map_key(latest.item)
    return key + map_leaf(key, latest.seq, latest.head) + latest.leaf_index.to_bytes(8)


def _hashed(place: int, bucket: bytes, depth: int) -> tuple[int, bytes, int]:
    """Returns a bucket's place, hash and number of items, for the nodes of its branch."""
    return place, *hash_bucket(bucket, depth, _SIZE)


EMPTY_MAP = SealedMap.of(())
"""The map of a log without an event."""
