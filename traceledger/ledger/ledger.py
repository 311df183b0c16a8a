"""A ledger in this process: its reader and, with the log's own key, its writer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import partial

from traceledger.errors import UsageError
from traceledger.formats.cosignature import CosignatureVerifier
from traceledger.formats.note import NoteSigner
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.ledger.reading.sealed_maps import SealedMaps
from traceledger.ledger.reading.witness_requests import open_answer
from traceledger.ledger.writing.dry_run import check_events
from traceledger.ledger.writing.intake import Received
from traceledger.ledger.writing.intake_workers import IntakeWorkers
from traceledger.ledger.writing.store_world import StoreWorld
from traceledger.ledger.writing.writer import LedgerWriter
from traceledger.rules.authority import find_named_key
from traceledger.storage.store import CosignatureRow, Store
from traceledger.views.appended import Appended, Logged

__all__ = ["Ledger"]


class Ledger(LedgerReader):
    """An `OpenLedger` over a store.

    `signer` is the log's own key; without it the ledger is read-only. The other parameters are
    those of `LedgerReader` and `LedgerWriter`.
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
        """Returns the writer; raises UsageError `ledger.key` without the log's key."""
        if self._writer is None:
            raise UsageError("ledger.key", "the ledger was opened for reading only")
        return self._writer

    def check(self, wires: Sequence[bytes]) -> tuple[Logged, ...]:
        """Runs all checks of `append` and returns the places of the events; writes nothing.

        Requires no key. Raises the same errors as `append`.
        """
        with contextlib.closing(IntakeWorkers(self._workers)) as intake:
            world = StoreWorld(self._store, {})
            chunks = intake.read(wires, self.clock(), partial(find_named_key, world))
            return check_events(self._store, chunks, origin=self.origin)

    def check_received(self, received: Sequence[Received]) -> tuple[Logged, ...]:
        """Runs the checks of `check` on a request that was read before."""
        return check_events(self._store, [received], origin=self.origin)

    def append(self, wires: Sequence[bytes]) -> Appended:
        """Appends a request of events in wire form (`LedgerWriter.append`)."""
        return self.writer.append(wires)

    def publish(self, check: Callable[[], None] = lambda: None) -> bytes:
        """Publishes the unpublished entries (`LedgerWriter.publish`)."""
        return self.writer.publish(check)

    def accept_answer(
        self, answer: bytes, witnesses: Sequence[CosignatureVerifier]
    ) -> list[CosignatureRow]:
        """Checks a witness's answer as `open_answer` does and stores it; requires no key."""
        rows = open_answer(self, answer, witnesses)
        self._writable.add_cosignatures(rows)
        return rows

    def close(self) -> None:
        """Stops the workers and closes the store."""
        if self._writer is not None:
            self._writer.close()
        super().close()
