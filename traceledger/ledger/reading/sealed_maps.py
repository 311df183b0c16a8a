"""The maps of the last few checkpoints that were sealed or asked for, shared in one process.

Nothing of a map is stored: it is made from each item's latest event below the seal, which the store
knows, and a map that was made from other events has another root than the seal says.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from itertools import count

from traceledger.errors import StorageError
from traceledger.formats.seal import parse_seal
from traceledger.ledger.reading.sealed_map import EMPTY_MAP, SealedMap
from traceledger.storage.store import Latest, StoreReader

__all__ = ["SealedMaps"]

_KEPT = 4


class SealedMaps:
    """Keeps maps by the size of their checkpoint; any number of threads may share it.

    Maps share what did not change between them. Finding one that is kept takes no lock; only one is
    built at a time.
    """

    def __init__(self) -> None:
        # Single operations on a dictionary are atomic; nothing relies on two.
        self._kept: dict[int, SealedMap] = {}
        self._used: dict[int, int] = {}
        self._uses = count()
        self._building = threading.Lock()

    def at(self, size: int, store: StoreReader) -> SealedMap:
        """The map as the seal that ends the checkpoint of that size commits to it.

        It is made of the nearest earlier map that is kept; without one it is made anew, which takes
        seconds for a million items. Raises StorageError `map.stale` when the latest events that the
        store knows are others.
        """
        if not size:
            return EMPTY_MAP
        found = self._kept.get(size)
        if found is None:
            with self._building:
                found = self._kept.get(size) or self._build(size, store)
                self.keep(size, found)
        self._used[size] = next(self._uses)
        return found

    def keep(self, size: int, sealed: SealedMap) -> None:
        """Takes the map that the seal of a checkpoint of that size commits to."""
        self._used[size] = next(self._uses)
        self._kept[size] = sealed
        while len(self._kept) > _KEPT:
            oldest = min(list(self._kept), key=lambda one: self._used.get(one, 0))
            self._kept.pop(oldest, None)
            self._used.pop(oldest, None)

    def _build(self, size: int, store: StoreReader) -> SealedMap:
        (body,) = store.read_bodies(size - 1, size)
        seal = parse_seal(body)
        start = max((one for one in list(self._kept) if one < size), default=0)
        before = self._kept.get(start, EMPTY_MAP)
        if size < start + before.items:
            made = before.updated(_read_since(store, start, seal.index))
        else:
            made = SealedMap.of(store.read_latest(seal.index))
        if (made.root, made.items) != (seal.map_root, seal.items):
            raise StorageError(
                "map.stale", f"the latest events are not those that seal {seal.index} names"
            )
        return made


def _read_since(store: StoreReader, start: int, end: int) -> Iterable[Latest]:
    latest = {
        entry.item: Latest(entry.item, entry.seq, entry.leaf, entry.leaf_index)
        for entry in store.read_entries(start, end)
        if entry.item
    }
    return latest.values()
