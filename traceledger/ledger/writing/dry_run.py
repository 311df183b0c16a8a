"""Checking a request of events without writing it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from traceledger.ledger.reading.log_end import read_log_end
from traceledger.ledger.writing.appending import Preparation
from traceledger.ledger.writing.intake import Received
from traceledger.storage.store import StoreReader
from traceledger.views.appended import Logged

__all__ = ["check_events"]


def check_events(
    store: StoreReader, chunks: Iterable[Sequence[Received]], *, origin: str
) -> tuple[Logged, ...]:
    """Runs all checks of appending and returns the places that the events would have.

    Raises the errors of `traceledger.ledger.writing.writer.LedgerWriter.append`.
    """
    end = read_log_end(store, store.size())
    preparation = Preparation(store, end, {}, origin=origin)
    deque(preparation.batches(chunks), maxlen=0)
    return preparation.logged
