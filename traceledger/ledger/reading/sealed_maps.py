"""A cache of the maps of recently sealed or requested checkpoints, shared in a process.

No map is stored: it is built from each item's latest event below the seal, as the store has it. A
map built from other events has another root than the seal.
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
    """Caches maps by the size of their checkpoint; any number of threads may share it.

    Maps share unchanged branches. Finding a cached map takes no lock; only one map is built at a
    time.
    """

    def __init__(self) -> None:
        # Single operations on a dictionary are atomic; no invariant spans two of them.
        self._kept: dict[int, SealedMap] = {}
        self._used: dict[int, int] = {}
        self._uses = count()
        self._building = threading.Lock()

    @property
    def has_any(self) -> bool:
        """Reports whether a map is cached, from which that of a later checkpoint soon follows."""
        return bool(self._kept)

    def at(self, size: int, store: StoreReader) -> SealedMap:
        """Returns the map that the seal of the checkpoint of that size commits to.

        It is derived from the nearest earlier cached map; without one, it is built from scratch,
        which takes seconds for a million items. Raises StorageError `map.stale` when the latest
        events in the store do not match the seal.
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
        """Adds the map that the seal of a checkpoint of that size commits to."""
        self._used[size] = next(self._uses)
        self._kept[size] = sealed
        while len(self._kept) > _KEPT:
            oldest = min(list(self._kept), key=lambda kept: self._used.get(kept, 0))
            self._kept.pop(oldest, None)
            self._used.pop(oldest, None)

    def clear(self) -> None:
        """Forgets all maps: the store was replaced, and its seals may be others."""
        self._kept.clear()

    def _build(self, size: int, store: StoreReader) -> SealedMap:
        (body,) = store.read_bodies(size - 1, size)
        seal = parse_seal(body)
        start = max((kept for kept in list(self._kept) if kept < size), default=0)
        before = self._kept.get(start, EMPTY_MAP)
        if size < start + before.items:
            built = before.updated(_read_since(store, start, seal.index))
        else:
            built = SealedMap.of(store.read_latest(seal.index))
        if (built.root, built.items) != (seal.map_root, seal.items):
            raise StorageError(
                "map.stale", f"the latest events in the store do not match seal {seal.index}"
            )
        return built


def _read_since(store: StoreReader, start: int, end: int) -> Iterable[Latest]:
    latest = {
        entry.item: Latest(entry.item, entry.seq, entry.leaf, entry.leaf_index)
        for entry in store.read_entries(start, end)
        if entry.item
    }
    return latest.values()
