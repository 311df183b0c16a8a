"""Comparing everything in the store with the signed bytes."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from itertools import chain, takewhile
from operator import itemgetter

from traceledger.events.disclosure import open_disclosures, split_wire
from traceledger.events.token import Event, parse_token
from traceledger.formats.seal import is_seal, parse_seal
from traceledger.ledger.reading.log_end import LogEnd
from traceledger.merkle.edge import TileEdge, read_edge
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.tiles import TILE_WIDTH
from traceledger.merkle.tree import Frontier
from traceledger.storage.store import StoreReader
from traceledger.views.rows import Entry

__all__ = ["Damage", "check_entries"]

_CHUNK = 10_000  # entries


class Damage(Exception):  # noqa: N818 - a result of a check, not an error of this program
    """Stored data differs from the signed bytes."""


def check_entries(
    store: StoreReader, size: int, progress: Callable[[int], None] = lambda _done: None
) -> None:
    """Compares entries, their columns and disclosures, tiles and roots with each other.

    `progress` receives the number of entries compared. Raises Damage, or MalformedError or
    VerificationError for invalid entries.
    """
    disclosures = _Disclosures()
    log_end = LogEnd(TileEdge(), Frontier())
    for stop, root in _stops(store, size):
        leaves = []
        for index, entry in enumerate(store.read_entries(log_end.size, stop), log_end.size):
            event = _check_entry(entry, index)
            if event is not None:
                disclosures.add(event, entry)
            leaves.append(entry.leaf)
        log_end, tiles = log_end.extended(leaves)
        progress(stop)
        if root not in {None, log_end.frontier.root}:
            raise Damage(f"the tree of size {stop} does not have the signed root")
        for tile, hashes, _ in tiles:
            if store.read_tile(tile.level, tile.index, TILE_WIDTH) != hashes:
                raise Damage(f"tile {tile.level}/{tile.index} does not contain the hashes below it")
    if log_end.size != size or read_edge(size, store) != log_end.edge:
        raise Damage("the open tiles do not contain the hashes below them")
    disclosures.finish(store, size)


def _stops(store: StoreReader, size: int) -> Iterator[tuple[int, bytes | None]]:
    """Yields the sizes at which to compare, ascending, each with a tree head's root, if any."""
    heads = ((row.size, row.root) for row in store.read_checkpoints())
    chunks = ((stop, None) for stop in chain(range(_CHUNK, size, _CHUNK), (size,)))
    sizes = heapq.merge(heads, chunks, key=itemgetter(0))
    return takewhile(lambda stop: stop[0] <= size, sizes)


def _check_entry(entry: Entry, index: int) -> Event | None:
    """Checks an entry's columns against its bytes; returns its event, None for a seal."""
    event = None if is_seal(entry.body) else parse_token(entry.body)
    if event is None:
        expected = ("", parse_seal(entry.body).index, "seal")
    else:
        expected = (event.payload.sub, event.payload.seq, event.kind_name)
    columns = (entry.leaf_index, entry.leaf, entry.item, entry.seq, entry.kind)
    if columns != (index, leaf_hash(entry.body), *expected):
        raise Damage(f"the columns of entry {index} do not match its bytes")
    return event


class _Disclosures:
    """The check of disclosures against their digests: only erased disclosures may be missing."""

    def __init__(self) -> None:
        self._missing: dict[str, set[str]] = {}

    def add(self, event: Event, entry: Entry) -> None:
        """Opens an event's disclosures and records the missing ones."""
        wire = entry.body + b"~" + entry.disclosures
        opened = open_disclosures(event, split_wire(wire)[1], complete=False)
        missing = event.digests.keys() - opened.keys()
        if missing:
            self._missing[event.id] = missing
        self._erase(event)

    def finish(self, store: StoreReader, size: int) -> None:
        """Raises Damage when a disclosure is missing that no event erased.

        `size` is the number of entries added; later ones may have erased some meanwhile.
        """
        if self._missing:
            for body in store.read_bodies(size, store.size()):
                if not is_seal(body):
                    self._erase(parse_token(body))
        for event, names in self._missing.items():
            raise Damage(f"event {event} lacks the disclosures of {', '.join(sorted(names))}")

    def _erase(self, event: Event) -> None:
        if event.kind_name == "erase":
            target = event.refs[0].event or ""
            missing = self._missing.pop(target, set()).difference(event.data.fields)
            if missing:
                self._missing[target] = missing
