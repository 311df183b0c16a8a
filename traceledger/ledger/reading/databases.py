"""Exporting a ledger with its account as a database, for queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.ledger.reading.account_entries import as_replayed
from traceledger.ledger.reading.accounts import Accounts, Wanted
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
    accounts = Accounts(ledger, customs)
    computed = accounts.open(reader, Wanted(size))

    def entries() -> Iterator[ReplayedEntry]:
        for entry in ledger.read_entries(0, size):
            yield as_replayed(entry, reader)
            on_progress(entry.leaf_index + 1)

    account = computed.account
    starts = {account.start_of(book) for book in account.books}
    before = {
        start: found.account
        for start in sorted(starts)
        if (found := accounts.before(reader, computed, start)) is not None
    }
    write_database(
        path,
        Contents(ledger.origin, account, computed.described, computed.findings, entries(), before),
    )
    return size
