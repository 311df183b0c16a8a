"""The log as of a published checkpoint, from which proofs are made."""

from __future__ import annotations

from dataclasses import dataclass

from traceledger.ledger.reading.sealed_map import SealedMap
from traceledger.merkle.proofs import prove_inclusion
from traceledger.storage.store import StoreReader
from traceledger.views.rows import Entry

__all__ = ["Snapshot"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A checkpoint, the map of latest heads that its seal commits to, and the log below it.

    It does not change when entries are appended or published; any number of threads may share it.
    `note` is the signed checkpoint with its witnesses' lines.
    """

    size: int
    root: bytes
    note: bytes
    heads: SealedMap
    _store: StoreReader

    @property
    def seal(self) -> bytes:
        """The leaf that ends the checkpoint."""
        (body,) = self._store.read_bodies(self.size - 1, self.size)
        return body

    def entry(self, index: int) -> Entry:
        """Reads an entry below the checkpoint's size."""
        (entry,) = self._store.read_entries(index, min(index + 1, self.size))
        return entry

    def prove(self, index: int) -> tuple[bytes, ...]:
        """Proves that the entry at that index is in the log; the seal has index `size - 1`."""
        return prove_inclusion(index, self.size, self._store)
