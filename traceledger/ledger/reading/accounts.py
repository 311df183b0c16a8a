"""The accounts of a ledger by reader and scope: kept up to date, computed once, bounded.

A reader of the role customs sees the customs fields of all events, an importer those that
`Reader.may_see` shows it. Both read the whole log, whose public facts they may list.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

from traceledger.audit.scope import Scope
from traceledger.audit.snapshot import Snapshot
from traceledger.errors import NotAllowedError, NotFoundError, UsageError
from traceledger.ledger.reading.live_account import (
    Computed,
    LiveAccount,
    Records,
    compute,
    take_snapshot,
)
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.ledger.reading.recent import Recent
from traceledger.views.history import CUSTOMS, Reader

__all__ = ["ACCOUNT_READERS", "Accounts", "Wanted", "account_reader"]

ACCOUNT_READERS = ("customs", "importer")
"""The roles that read the account."""

_READERS = 8  # readers whose accounts are kept up to date
_STATES = 4  # records as of earlier sizes, for each reader
_COMPUTED = 4  # accounts, for each reader: up to 1.3 kB a core each

Progress = Callable[[int, int], None]


class Wanted(NamedTuple):
    """The scope of an account: a period of published sizes, a book or all, and the time of ages."""

    end: int
    start: int = 1
    book: str = ""
    as_of: int | None = None


def account_reader(reader: Reader) -> Reader:
    """Returns the reader whose account a caller sees; raises NotAllowedError `access.role`.

    All customs keys see the same account.
    """
    if "customs" in reader.roles:
        return CUSTOMS
    if "importer" in reader.roles:
        return Reader(frozenset({"importer"}), reader.party, reader.prefixes)
    raise NotAllowedError(
        "access.role", f"this needs a key with the role {' or '.join(ACCOUNT_READERS)}"
    )


class Accounts:
    """The accounts of a ledger; any number of threads may share it.

    `trusted` are the ids of the `admit` events whose parties attest.
    """

    def __init__(self, ledger: LedgerReader, trusted: tuple[str, ...]) -> None:
        self._ledger = ledger
        self._trusted = trusted
        self._shelves: Recent[Reader, _Shelf] = Recent(_READERS)
        self._lock = threading.Lock()

    def check(self, wanted: Wanted) -> None:
        """Checks that a period begins and ends at published sizes; raises NotFoundError."""
        for size in {wanted.end, wanted.start} - {1}:
            self._ledger.checkpoint(size)
        if wanted.start > wanted.end:
            raise UsageError("account.period", f"from {wanted.start} is after to {wanted.end}")

    def ready(self, reader: Reader, wanted: Wanted) -> Computed | None:
        """Returns an account that was computed and still holds; reads nothing."""
        shelf = self._shelves.get(reader)
        return shelf.computed.get(wanted) if shelf else None

    def open(
        self,
        reader: Reader,
        wanted: Wanted,
        on_progress: Progress = lambda _done, _all: None,
    ) -> Computed:
        """Computes an account; reads only entries that were not read before, where possible.

        `on_progress` receives the number of entries read and of all to read. Raises NotFoundError
        `item.unknown` for a book that the ledger does not have.
        """
        shelf = self._shelf(reader)
        self._state(shelf, wanted.end, on_progress)
        shelf.follow(self._ledger.published_size, on_progress)
        found = shelf.computed.get(wanted)
        if found is not None:
            return found
        state = self._state(shelf, wanted.end, on_progress)
        opening = None
        if wanted.start > 1:
            opening = self._snapshot(shelf, wanted.start, on_progress)
        scope = Scope(wanted.start, wanted.end, wanted.book, wanted.as_of)
        computed = compute(state, scope, opening)
        if wanted.book and not computed.described["books"]:
            raise NotFoundError("item.unknown", f"this ledger has no {wanted.book} up to that size")
        shelf.computed.put(wanted, computed)
        return computed

    def before(self, reader: Reader, computed: Computed, start: int) -> Computed | None:
        """Returns the account as of the size at which a period begins; None for 1."""
        if start <= 1:
            return None
        shelf = self._shelf(reader)
        state = self._state(shelf, start, lambda _done, _all: None)
        scope = computed.account.scope
        return compute(state, Scope(1, start, scope.book, scope.as_of))

    def _shelf(self, reader: Reader) -> _Shelf:
        with self._lock:
            found = self._shelves.get(reader)
            if found is None:
                found = _Shelf(LiveAccount(self._ledger, reader, self._trusted))
                self._shelves.put(reader, found)
            return found

    def _state(self, shelf: _Shelf, size: int, on_progress: Progress) -> Records:
        """Returns the records as of a size: kept ones, the newest, or read for this."""
        found = shelf.states.get(size)
        if found is None and shelf.live.size <= size:
            shelf.follow(size, on_progress)
            found = shelf.live.freeze(size)
        if found is None:
            kept = [records for records in shelf.states.values() if records.size <= size]
            past = shelf.live.past(max(kept, key=_size_of, default=None))
            past.follow(size, lambda done: on_progress(done, size))
            found = past.freeze(size)
        if found is None:
            raise AssertionError("records were not read up to the size that was asked for")
        shelf.states.put(size, found)
        return found

    def _snapshot(self, shelf: _Shelf, size: int, on_progress: Progress) -> Snapshot:
        found = shelf.snapshots.get(size)
        if found is None:
            found = take_snapshot(self._state(shelf, size, on_progress))
            shelf.snapshots.put(size, found)
        return found


def _size_of(records: Records) -> int:
    return records.size


class _Shelf:
    """What is kept for one reader."""

    def __init__(self, live: LiveAccount) -> None:
        self.live = live
        self.states: Recent[int, Records] = Recent(_STATES)
        self.snapshots: Recent[int, Snapshot] = Recent(2 * _STATES)
        self.computed: Recent[Wanted, Computed] = Recent(_COMPUTED)

    def follow(self, size: int, on_progress: Progress = lambda _done, _all: None) -> None:
        """Reads new entries; what an erased field may have entered is dropped."""
        passes = self.live.passes
        self.live.follow(size, lambda done: on_progress(done, size))
        if self.live.passes != passes:
            for kept in (self.states, self.snapshots, self.computed):
                kept.clear()
