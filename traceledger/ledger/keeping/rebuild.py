"""Rebuilding the rows of all items from the log alone, and comparing them with the stored rows.

A ledger may have more items than fit in memory, so states, map and rows are in temporary files. In
memory are the nodes of the map, for at most a million buckets, and what changed since a seal.
"""

from __future__ import annotations

import functools
import heapq
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import groupby, islice
from operator import itemgetter
from typing import NamedTuple

from traceledger.errors import StorageError, TraceledgerError, VerificationError
from traceledger.events.token import Event, parse_token
from traceledger.formats.seal import is_seal
from traceledger.ledger.keeping.row_file import RowFile
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.rules.state import format_state
from traceledger.verify.log import LogReplay
from traceledger.verify.scratch.scratch import Scratch
from traceledger.verify.scratch.states import StoredReplay
from traceledger.views.projection import project
from traceledger.views.rows import HeadRow

__all__ = ["MOST_NAMED", "Rebuilding", "Rebuilt", "rebuild", "rebuild_stored", "rebuilding"]

MOST_NAMED = 1_000
"""The largest number of differing items that are named."""

_READS = 4  # of rows that differ, while others write: each takes milliseconds
_CHUNK = 500  # items whose rows are read at once
_KEPT = 10_000  # entries after which what the replay knows goes to its file

Progress = Callable[[int], None]


class Rebuilt(NamedTuple):
    """The numbers of entries, of rebuilt rows, and of items whose stored rows differ.

    `named` are the first of these items, ascending, at most `MOST_NAMED`.
    """

    entries: int
    items: int
    differing: int
    named: tuple[str, ...]


def rebuild(ledger: LedgerReader, progress: Progress = lambda _done: None) -> Rebuilt:
    """Replays the whole log with all signatures and rules, and compares rows; writes nothing.

    `progress` receives the number of replayed entries. Raises VerificationError when the log itself
    is invalid, including `log.illegal`, and StorageError `store.write` when a temporary file fails.
    """
    with rebuilding(ledger, progress) as replayed:
        return replayed.compare()


def rebuild_stored(ledger: Ledger, progress: Progress = lambda _done: None) -> Rebuilt:
    """Does the same as `rebuild`, and replaces the stored rows if some of them differ."""
    with rebuilding(ledger, progress) as replayed:
        found = replayed.compare()
        if found.differing:
            ledger.writer.replace_heads(replayed.rows_at)
        return found._replace(entries=replayed.size, items=replayed.items)


@contextmanager
def rebuilding(
    ledger: LedgerReader, progress: Progress = lambda _done: None
) -> Iterator[Rebuilding]:
    """Begins a replay in temporary files, which are deleted at the end.

    Raises StorageError `store.write` when one of them fails.
    """
    try:
        with ExitStack() as files:
            scratch = files.enter_context(closing(Scratch(None)))
            yield Rebuilding(
                ledger, scratch, lambda: files.enter_context(closing(RowFile())), progress
            )
    except (sqlite3.Error, TraceledgerError) as error:
        if isinstance(error, TraceledgerError) and error.code != "archive.scratch":
            raise
        raise StorageError("store.write", f"a temporary file of the replay: {error}") from error


class Rebuilding:
    """A replay of a log that may grow meanwhile, with the row of each item."""

    def __init__(
        self,
        ledger: LedgerReader,
        scratch: Scratch,
        new_file: Callable[[], RowFile],
        progress: Progress,
    ) -> None:
        self._ledger = ledger
        self._scratch = scratch
        self._world = StoredReplay(ledger.origin, scratch.states, scratch.seals)
        self._replay = LogReplay(self._world, scratch.map)
        self._new_file = new_file
        self._rows = new_file()
        self._progress = progress

    @property
    def size(self) -> int:
        """The number of replayed entries."""
        return self._replay.size

    @property
    def items(self) -> int:
        """The number of items that have a row."""
        return len(self._rows)

    def rows(self) -> Iterator[HeadRow]:
        """Yields the rows as of `size`, ascending by item."""
        return (self._with_state(row) for _, row in self._rows if row)

    def rows_at(self, size: int) -> Iterator[HeadRow]:
        """Continues the replay to that size and yields the rows as of it."""
        if size < self.size:
            raise StorageError("store.replaced", f"of {self.size} entries, {size} are left")
        self._continue(size)
        return self.rows()

    def compare(self) -> Rebuilt:
        """Replays the log and finds the items whose stored rows differ, or are misfiled.

        A row that differs because an event was appended meanwhile is read again, later than the
        size to which the replay continues.
        """
        self._continue(self._ledger.size)
        differing = self._unequal(_pairs(self.rows(), self._ledger.read_all_heads()))
        for _ in range(_READS):
            size = self._ledger.size
            if size == self.size or not len(differing):
                break
            stored = self._read_again(differing)
            self._continue(size)
            differing = self._unequal((item, self._row(item), row) for item, row in stored)
        for item in self._ledger.misfiled_items():
            differing.put(item, None)
        named = tuple(item for item, _ in islice(differing, MOST_NAMED))
        return Rebuilt(self.size, self.items, len(differing), named)

    def _unequal(self, pairs: Iterable[tuple[str, HeadRow | None, HeadRow | None]]) -> RowFile:
        """Returns the items whose rebuilt row is not the stored one."""
        unequal = self._new_file()
        for item, rebuilt, stored in pairs:
            if rebuilt != stored:
                unequal.put(item, None)
        return unequal

    def _read_again(self, differing: RowFile) -> RowFile:
        """Reads the stored rows of these items."""
        found, items = self._new_file(), (item for item, _ in differing)
        while chunk := list(islice(items, _CHUNK)):
            rows = self._ledger.read_heads(chunk)
            for item in chunk:
                found.put(item, rows.get(item))
        return found

    def _row(self, item: str) -> HeadRow | None:
        row = self._rows.find(item)
        return self._with_state(row) if row else None

    def _with_state(self, row: HeadRow) -> HeadRow:
        # An admission also changes the ledger's own state; the last state of each chain counts.
        return row._replace(state=format_state(self._world.states[row.item]))

    def _continue(self, size: int) -> None:
        start = self.size
        for index, body in enumerate(self._ledger.read_bodies(start, size), start):
            self._replay.take(body)
            for illegal in self._world.illegal:
                where = f"entry {illegal.index}"
                raise VerificationError("log.illegal", str(illegal.error), where=where)
            if not is_seal(body):
                self._project(index, parse_token(body))
            if self.size % _KEPT == 0:
                self._scratch.keep(b"")
            self._progress(self.size)

    def _project(self, index: int, event: Event) -> None:
        """Renews the row of the event's item, without the state, which the replay has."""
        item = event.payload.sub
        earlier = functools.partial(_read_earlier, self._ledger, event)
        state, before = self._world.states[item], self._rows.find(item)
        row = project(item, state, before, [(index, event)], earlier)
        self._rows.put(item, row._replace(state=b""))


def _pairs(
    rebuilt: Iterable[HeadRow], stored: Iterable[HeadRow]
) -> Iterator[tuple[str, HeadRow | None, HeadRow | None]]:
    """Pairs rows that ascend by item; where damage broke that order, a row has no partner."""
    merged = heapq.merge(
        ((row.item, 0, row) for row in rebuilt),
        ((row.item, 1, row) for row in stored),
        key=itemgetter(0),
    )
    for item, rows in groupby(merged, key=itemgetter(0)):
        pair = {side: row for _, side, row in rows}
        yield item, pair.get(0), pair.get(1)


def _read_earlier(ledger: LedgerReader, event: Event) -> Iterator[Event]:
    """The events before this one in its chain."""
    for entry in ledger.read_chain(event.payload.sub, event.payload.seq - 1):
        yield parse_token(entry.body)
