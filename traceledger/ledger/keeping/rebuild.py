"""Rebuilding the rows of all items from the log alone, and comparing them with the stored rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from traceledger.errors import StorageError, VerificationError
from traceledger.events.token import Event, parse_token
from traceledger.formats.seal import is_seal
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.rules.state import format_state
from traceledger.verify.log import LogReplay
from traceledger.views.projection import project
from traceledger.views.rows import HeadRow

__all__ = ["Rebuilt", "rebuild", "rebuild_stored"]

_READS = 4  # of rows that differ, while others write: each takes milliseconds

Progress = Callable[[int], None]


class Rebuilt(NamedTuple):
    """The number of entries, the rebuilt rows and the items whose stored rows differ."""

    entries: int
    rows: tuple[HeadRow, ...]
    differing: tuple[str, ...]


def rebuild(ledger: LedgerReader, progress: Progress = lambda _done: None) -> Rebuilt:
    """Replays the whole log with all signatures and rules, and compares rows; writes nothing.

    `progress` receives the number of replayed entries. Raises VerificationError when the log itself
    is invalid, including `log.illegal`.
    """
    rebuilding = _Rebuilding(ledger, progress)
    differing = rebuilding.compare()
    return Rebuilt(rebuilding.size, tuple(rebuilding.rows()), differing)


def rebuild_stored(ledger: Ledger, progress: Progress = lambda _done: None) -> Rebuilt:
    """Does the same as `rebuild`, and replaces the stored rows if some of them differ."""
    rebuilding = _Rebuilding(ledger, progress)
    differing = rebuilding.compare()
    if differing:
        ledger.writer.replace_heads(rebuilding.rows_at)
    return Rebuilt(rebuilding.size, tuple(rebuilding.rows()), differing)


class _Rebuilding:
    """A replay of a log that may grow meanwhile, with the row of each item."""

    def __init__(self, ledger: LedgerReader, progress: Progress) -> None:
        self._ledger = ledger
        self._progress = progress
        self._replay = LogReplay.start(ledger.origin)
        self._rows: dict[str, HeadRow] = {}

    @property
    def size(self) -> int:
        """The number of replayed entries."""
        return self._replay.size

    def rows(self) -> Iterator[HeadRow]:
        """Yields the rows as of `size`, ascending by item."""
        return filter(None, map(self._row, sorted(self._rows)))

    def rows_at(self, size: int) -> Iterable[HeadRow]:
        """Continues the replay to that size and returns the rows as of it."""
        if size < self.size:
            raise StorageError("store.replaced", f"of {self.size} entries, {size} are left")
        self._continue(size)
        return self.rows()

    def compare(self) -> tuple[str, ...]:
        """Replays the log and returns the items whose stored rows differ, or are misfiled.

        A row that differs because an event was appended meanwhile is read again, later than the
        size to which the replay continues.
        """
        self._continue(self._ledger.size)
        stored = {row.item: row for row in self._ledger.read_all_heads()}
        differing = self._differing(self._rows.keys() | stored.keys(), stored)
        for _ in range(_READS):
            size = self._ledger.size
            if not differing or size == self.size:
                break
            stored = dict(self._ledger.read_heads(differing))
            self._continue(size)
            differing = self._differing(differing, stored)
        return tuple(sorted({*differing, *self._ledger.misfiled_items()}))

    def _differing(self, items: Iterable[str], stored: Mapping[str, HeadRow]) -> list[str]:
        return [item for item in items if self._row(item) != stored.get(item)]

    def _row(self, item: str) -> HeadRow | None:
        # An admission also changes the ledger's own state; the last state of each chain counts.
        row = self._rows.get(item)
        state = self._replay.world.states.get(item)
        return row._replace(state=format_state(state)) if row and state else None

    def _continue(self, size: int) -> None:
        replay, rows = self._replay, self._rows
        for index, body in enumerate(self._ledger.read_bodies(replay.size, size), replay.size):
            replay.take(body)
            if not is_seal(body):
                event = parse_token(body)
                item = event.payload.sub
                state = replay.world.states[item]
                earlier = functools.partial(_read_earlier, self._ledger, event)
                rows[item] = project(item, state, rows.get(item), [(index, event)], earlier)
            self._progress(index + 1)
        for illegal in replay.world.illegal:
            where = f"entry {illegal.index}"
            raise VerificationError("log.illegal", str(illegal.error), where=where)


def _read_earlier(ledger: LedgerReader, event: Event) -> Iterator[Event]:
    """The events before this one in its chain."""
    for entry in ledger.read_chain(event.payload.sub, event.payload.seq - 1):
        yield parse_token(entry.body)
