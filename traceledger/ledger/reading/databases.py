"""Exporting a ledger with its account as a database, for queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from traceledger.audit.scope import Scope
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.ledger.reading.account_entries import as_replayed
from traceledger.ledger.reading.live_account import LiveAccount, compute
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.reports.database import Contents, write_database
from traceledger.verify.archive.fold import ReplayedEntry
from traceledger.views.history import Reader

__all__ = ["export_database"]


def export_database(
    ledger: LedgerReader,
    path: Path,
    reader: Reader,
    customs: tuple[str, ...],
    on_progress: Callable[[int], None] = lambda _done: None,
) -> int:
    """Writes a database as of the newest checkpoint, for one reader; returns the log size.

    `customs` are the ids of the `admit` events whose parties attest. Raises ConflictError
    `report.exists`, StorageError `store.write`.
    """
    size = parse_checkpoint(parse_note(ledger.checkpoint()).text).size
    live = LiveAccount(ledger, reader, customs)
    live.follow(size)
    state = live.freeze(size)
    if state is None:
        raise AssertionError("the log was read beyond the checkpoint")
    computed = compute(state, Scope())

    def entries() -> Iterator[ReplayedEntry]:
        for entry in ledger.read_entries(0, size):
            yield as_replayed(entry, reader)
            on_progress(entry.leaf_index + 1)

    account, described = computed.account, computed.described
    write_database(path, Contents(ledger.origin, account, described, computed.findings, entries()))
    return size
