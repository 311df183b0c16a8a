"""The look-ups of appending, which see requests of the same transaction as written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from traceledger.storage.store import Batch, CheckpointRow
from traceledger.views.ledger import Lookups
from traceledger.views.rows import Entry, HeadRow

__all__ = ["EarlierLookups", "GroupLookups", "Past"]


class Past(Lookups, Protocol):
    """What the checks of new events read of a log: its items and its checkpoints."""

    def find_event(self, item: str, leaf: bytes) -> Entry | None:
        """Finds the event of a chain with that leaf hash, 32 bytes."""

    def read_checkpoint(self, size: int) -> CheckpointRow | None:
        """Reads the checkpoint of that size."""


class EarlierLookups:
    """Look-ups of a log up to a size, by a thread that is writing what follows.

    The row of an item is that of the size only if it was not written since.
    """

    def __init__(self, past: Past, size: int) -> None:
        self._past = past
        self._size = size

    def read_heads(self, items: Iterable[str]) -> Mapping[str, HeadRow]:
        """Reads the rows of these items."""
        return self._past.read_heads(items)

    def read_chain(self, item: str, last: int | None = None) -> list[Entry]:
        """Reads the events of an item below the size."""
        chain = self._past.read_chain(item, last)
        return [entry for entry in chain if entry.leaf_index < self._size]

    def find_place(self, item: str, seq: int) -> Entry | None:
        """Finds the event at a position of a chain, below the size."""
        found = self._past.find_place(item, seq)
        return None if found is None or found.leaf_index >= self._size else found

    def find_event(self, item: str, leaf: bytes) -> Entry | None:
        """Finds the event of a chain with that leaf hash, below the size."""
        found = self._past.find_event(item, leaf)
        return None if found is None or found.leaf_index >= self._size else found

    def read_checkpoint(self, size: int) -> CheckpointRow | None:
        """Reads the checkpoint of that size; what follows contains no seal."""
        return self._past.read_checkpoint(size)


class GroupLookups:
    """Look-ups as they will be once the batches added here are written."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._heads: dict[str, HeadRow] = {}
        self._known: set[str] = set()
        self._chains: dict[str, list[Entry]] = {}
        self._written: dict[tuple[str, int | None], list[Entry]] = {}
        self._erased: dict[int, bytes] = {}

    def add(self, batch: Batch) -> None:
        """Adds a batch as if it were written."""
        self._heads.update((row.item, row) for row in batch.heads)
        for entry in batch.entries:
            self._chains.setdefault(entry.item, []).append(entry)
        self._erased.update(batch.erased)

    def prefetch(self, items: Iterable[str]) -> None:
        """Reads the rows of these items in few queries."""
        wanted = [item for item in items if item not in self._known]
        for item, row in self._past.read_heads(wanted).items():
            self._heads.setdefault(item, row)
        self._known.update(wanted)  # not if reading failed

    def read_heads(self, items: Iterable[str]) -> Mapping[str, HeadRow]:
        """Reads the rows of these items after the batches."""
        wanted = list(items)
        self.prefetch(wanted)
        return {item: self._heads[item] for item in wanted if item in self._heads}

    def read_chain(self, item: str, last: int | None = None) -> list[Entry]:
        """Reads the events of an item, written or pending."""
        written = self._written.get((item, last))
        if written is None:  # many requests name the same declaration line
            written = self._written[item, last] = self._past.read_chain(item, last)
        chain = [*written, *self._chains.get(item, ())]
        return [self._erase(entry) for entry in chain if last is None or entry.seq <= last]

    def find_place(self, item: str, seq: int) -> Entry | None:
        """Finds the event at a position of a chain, written or pending."""
        pending = self._chains.get(item)
        if pending and seq >= pending[0].seq:
            place = seq - pending[0].seq  # a chain has no gaps
            return self._erase(pending[place]) if place < len(pending) else None
        found = self._past.find_place(item, seq)
        return None if found is None else self._erase(found)

    def find_event(self, item: str, leaf: bytes) -> Entry | None:
        """Finds the event of a chain with that leaf hash, written or pending."""
        pending = reversed(self._chains.get(item, ()))
        found = next((entry for entry in pending if entry.leaf == leaf), None)
        found = found or self._past.find_event(item, leaf)
        return None if found is None else self._erase(found)

    def read_checkpoint(self, size: int) -> CheckpointRow | None:
        """Reads the checkpoint of that size; a group of requests contains no seal."""
        return self._past.read_checkpoint(size)

    def _erase(self, entry: Entry) -> Entry:
        remaining = self._erased.get(entry.leaf_index)
        return entry if remaining is None else entry._replace(disclosures=remaining)
