"""What was written before an event: all that appending reads of a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from traceledger.storage.store import Batch
from traceledger.views.ledger import Lookups
from traceledger.views.rows import Entry, HeadRow

__all__ = ["GroupLookups"]


class GroupLookups:
    """The past as it will be once the batches added here are written."""

    def __init__(self, past: Lookups) -> None:
        self._past = past
        self._heads: dict[str, HeadRow] = {}
        self._known: set[str] = set()
        self._chains: dict[str, list[Entry]] = {}
        self._erased: dict[int, bytes] = {}

    def add(self, batch: Batch) -> None:
        """Puts a batch on top, as if it were written."""
        self._heads.update((row.item, row) for row in batch.heads)
        for entry in batch.entries:
            self._chains.setdefault(entry.item, []).append(entry)
        self._erased.update(batch.erased)

    def prefetch(self, items: Iterable[str]) -> None:
        """Reads what is known of these items now, in few queries."""
        wanted = [item for item in items if item not in self._known]
        self._known.update(wanted)
        for item, row in self._past.read_heads(wanted).items():
            self._heads.setdefault(item, row)

    def read_heads(self, items: Iterable[str]) -> Mapping[str, HeadRow]:
        """Reads what will be known of these items."""
        wanted = list(items)
        self.prefetch(wanted)
        return {item: self._heads[item] for item in wanted if item in self._heads}

    def read_chain(self, item: str, last: int | None = None) -> list[Entry]:
        """Reads the events of one item, written or coming."""
        chain = [*self._past.read_chain(item, last), *self._chains.get(item, ())]
        return [self._left(entry) for entry in chain if last is None or entry.seq <= last]

    def find_place(self, item: str, seq: int) -> Entry | None:
        """Finds the event at a position of a chain, written or coming."""
        coming = self._chains.get(item)
        if coming and seq >= coming[0].seq:
            place = seq - coming[0].seq  # a chain has no gaps
            return self._left(coming[place]) if place < len(coming) else None
        found = self._past.find_place(item, seq)
        return None if found is None else self._left(found)

    def _left(self, entry: Entry) -> Entry:
        left = self._erased.get(entry.leaf_index)
        return entry if left is None else entry._replace(disclosures=left)
