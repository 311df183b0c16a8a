"""Checking a request of events without writing it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from traceledger.ledger.reading.log_end import read_log_end
from traceledger.ledger.writing.appending import prepare
from traceledger.ledger.writing.intake import Received
from traceledger.ledger.writing.signature_checks import SignatureChecks
from traceledger.storage.store import StoreReader
from traceledger.views.appended import Logged

__all__ = ["check_events"]


def check_events(
    store: StoreReader,
    wires: Sequence[bytes | Received],
    *,
    origin: str,
    now: float,
    workers: int | None = None,
) -> tuple[Logged, ...]:
    """Runs all checks of appending and returns the places that the events would have.

    Raises the errors of `traceledger.ledger.writing.writer.LedgerWriter.append`.
    """
    with contextlib.closing(SignatureChecks(workers)) as checks:
        end = read_log_end(store, store.size())
        prepared = prepare(store, end, {}, wires, origin=origin, now=now, checks=checks)
        prepared.confirm()
    return prepared.logged
