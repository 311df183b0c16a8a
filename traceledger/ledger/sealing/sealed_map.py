"""The map of latest heads as the newest seal commits to it, in memory.

Nothing of it is stored: it is made from each item's latest event below the seal, which the store
knows, and a map that was made from other events has another root than the seal says. An item takes
72 bytes: its key, its leaf hash and the log index of its latest event.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from traceledger.errors import StorageError
from traceledger.formats.seal import Seal, parse_seal
from traceledger.merkle.headmap import EMPTY, MapLeaf, MapPath, map_key, map_leaf
from traceledger.merkle.headtree import HeadTree, choose_bits
from traceledger.storage.store import Latest, Store

__all__ = ["MapKeeper", "SealedMap"]

_KEY, _LEAF, _SIZE = 32, 64, 72  # where a record's key ends, its leaf hash and its index


class SealedMap:
    """A map of latest heads that proofs are made from; one owner at a time."""

    def __init__(self, latest: Iterable[Latest]) -> None:
        """Takes each item's latest event, in any order."""
        self._fill(sorted(map(_record, latest)))

    @property
    def root(self) -> bytes:
        """The map root, 32 bytes."""
        return self._tree.root

    @property
    def items(self) -> int:
        """The number of items."""
        return self._items

    def find_path(self, item: str) -> MapPath:
        """The way to an item in the map (`traceledger.merkle.headmap`)."""
        return self._tree.find_path(map_key(item))

    def find_event(self, key: bytes) -> int | None:
        """The log index of the latest event of the item with that map key, None when unknown."""
        bucket = self._buckets[self._tree.bucket_of(key)]
        at = _place(bucket, key)
        if bucket[at : at + _KEY] != key:
            return None
        return int.from_bytes(bucket[at + _LEAF : at + _SIZE])

    def update(self, latest: Iterable[Latest]) -> None:
        """Takes in the latest events of new and changed items."""
        changed = set()
        for record in map(_record, latest):
            key = record[:_KEY]
            number = self._tree.bucket_of(key)
            bucket = self._buckets[number]
            at = _place(bucket, key)
            is_new = bucket[at : at + _KEY] != key
            rest = bucket[at:] if is_new else bucket[at + _SIZE :]
            self._buckets[number] = bucket[:at] + record + rest
            self._items += is_new
            changed.add(number)
        if choose_bits(self._items) > self._tree.bits + 1:
            self._fill([record for bucket in self._buckets for record in _split(bucket)])
        else:
            self._tree.update(changed)

    def _fill(self, records: Sequence[bytes]) -> None:
        """Makes the map of these records, which are in ascending order."""
        self._items = len(records)
        self._tree = HeadTree(choose_bits(self._items), self._read_bucket)
        self._buckets = [b""] * (1 << self._tree.bits)
        for number, held in groupby(records, self._tree.bucket_of):
            self._buckets[number] = b"".join(held)
        self._tree.update(number for number, bucket in enumerate(self._buckets) if bucket)

    def _read_bucket(self, bucket: int) -> list[MapLeaf]:
        return [(record[:_KEY], record[_KEY:_LEAF]) for record in _split(self._buckets[bucket])]


class MapKeeper:
    """Keeps the map of one checkpoint, and takes it to another; one owner at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._map, self._size = SealedMap(()), 0

    def at(self, size: int) -> SealedMap:
        """The map as the seal that ends the checkpoint of that size commits to it.

        A larger one is made of the one that is kept; a smaller one is made anew, which takes
        seconds for a million items. Raises StorageError `map.stale` when the latest events that the
        store knows are others.
        """
        if size != self._size:
            seal = self._read_seal(size)
            if self._size < size < self._size + self._map.items:
                self._map.update(self._read_since(seal.index))
            else:
                self._map = SealedMap(self._store.read_latest(seal.index))
            if (self._map.root, self._map.items) != (seal.map_root, seal.items):
                self.forget()
                raise StorageError(
                    "map.stale", f"the latest events are not those that seal {seal.index} names"
                )
            self._size = size
        return self._map

    def moved(self, size: int) -> None:
        """Says that the map that is kept was updated to a checkpoint of that size."""
        self._size = size

    def forget(self) -> None:
        """Keeps the empty map."""
        self._map, self._size = SealedMap(()), 0

    def _read_seal(self, size: int) -> Seal:
        if not size:
            return Seal(0, EMPTY, 0, None)
        (body,) = self._store.read_bodies(size - 1, size)
        return parse_seal(body)

    def _read_since(self, end: int) -> Iterable[Latest]:
        latest = {
            entry.item: Latest(entry.item, entry.seq, entry.leaf, entry.leaf_index)
            for entry in self._store.read_entries(self._size, end)
            if entry.item
        }
        return latest.values()


def _record(latest: Latest) -> bytes:
    key = map_key(latest.item)
    return key + map_leaf(key, latest.seq, latest.head) + latest.leaf_index.to_bytes(8)


def _split(bucket: bytes) -> list[bytes]:
    return [bucket[at : at + _SIZE] for at in range(0, len(bucket), _SIZE)]


def _place(bucket: bytes, key: bytes) -> int:
    """Where the record of that key begins, or would begin."""
    for at in range(0, len(bucket), _SIZE):
        if bucket[at : at + _KEY] >= key:
            return at
    return len(bucket)
