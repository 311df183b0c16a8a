"""A ledger in this process: its reader, and its writer where the log's own key is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from traceledger.errors import UsageError
from traceledger.formats.cosignature import CosignatureVerifier
from traceledger.formats.note import NoteSigner
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.ledger.reading.sealed_maps import SealedMaps
from traceledger.ledger.reading.witness_requests import open_answer
from traceledger.ledger.writing.dry_run import check_events
from traceledger.ledger.writing.writer import LedgerWriter
from traceledger.storage.store import CosignatureRow, Store
from traceledger.views.appended import Appended, Logged

__all__ = ["Ledger"]


class Ledger(LedgerReader):
    """An `OpenLedger` over a store: read by anybody, written with the log's own key.

    `signer` is the log's own key; without it the ledger can be read but not written. The rest is as
    in `LedgerReader` and `LedgerWriter`.
    """

    def __init__(
        self,
        store: Store,
        origin: str,
        *,
        clock: Callable[[], float],
        signer: NoteSigner | None = None,
        maps: SealedMaps | None = None,
        workers: int | None = None,
    ) -> None:
        """Opens the log; raises StorageError `ledger.damaged`."""
        key = signer.verifier if signer else None
        super().__init__(store, origin, clock=clock, maps=maps, key=key)
        self._writable = store
        self._workers = workers
        self._writer: LedgerWriter | None = None
        if signer is not None:
            self._writer = LedgerWriter(
                store, origin, clock=clock, signer=signer, maps=self.maps, workers=workers
            )

    @property
    def writer(self) -> LedgerWriter:
        """What writes; raises UsageError `ledger.key` without the log's key."""
        if self._writer is None:
            raise UsageError("ledger.key", "the ledger was opened for reading only")
        return self._writer

    def check(self, wires: Sequence[bytes]) -> tuple[Logged, ...]:
        """Says where a request of events would stand, with all checks of `append`; writes nothing.

        Works without the log's key. Raises what `append` raises.
        """
        return check_events(
            self._store, wires, origin=self.origin, now=self.clock(), workers=self._workers
        )

    def append(self, wires: Sequence[bytes]) -> Appended:
        """Appends a request of events in wire form (`LedgerWriter.append`)."""
        return self.writer.append(wires)

    def publish(self) -> bytes:
        """Publishes what is new (`LedgerWriter.publish`)."""
        return self.writer.publish()

    def accept_answer(
        self, answer: bytes, witnesses: Sequence[CosignatureVerifier]
    ) -> list[CosignatureRow]:
        """Checks a witness's answer as `open_answer` does, and keeps it; needs no key."""
        rows = open_answer(self, answer, witnesses)
        self._writable.add_cosignatures(rows)
        return rows

    def close(self) -> None:
        """Ends the workers and closes the store."""
        if self._writer is not None:
            self._writer.close()
        super().close()
