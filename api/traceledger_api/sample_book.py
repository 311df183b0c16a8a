"""The samples that were drawn in the console: numbered by party, and never removed.

A sample is determined by the account's scope, the filter, its size and the seed, so a row says
everything that is needed to draw it again. It is recorded beside the ledger, not in it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from traceledger.errors import ConflictError, NotFoundError, StorageError
from traceledger.ledger.reading.accounts import Wanted
from traceledger_api.side_database import open_side_database

__all__ = ["MOST", "SHOWN", "Draw", "Sample", "SampleBook"]

MOST = 10_000
"""The samples that a party can record, so that a session cannot fill the disk."""

SHOWN = 100
"""The samples that a page lists, the newest first."""

_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sample (
    party TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, kid TEXT NOT NULL,
    to_size INTEGER NOT NULL, from_size INTEGER NOT NULL, book TEXT NOT NULL, as_of INTEGER,
    account TEXT NOT NULL, fate TEXT NOT NULL, size INTEGER NOT NULL, seed TEXT NOT NULL,
    PRIMARY KEY (party, number)
) STRICT, WITHOUT ROWID;
"""
_ADD = "INSERT INTO sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_LIST = "SELECT * FROM sample WHERE party = ? ORDER BY number DESC LIMIT ?"
_FIND = "SELECT * FROM sample WHERE party = ? AND number = ?"
_COUNT = "SELECT coalesce(max(number), 0) FROM sample WHERE party = ?"


class Draw(NamedTuple):
    """What is drawn: the scope and hash of the account, the fate of its cores, how many, the seed.

    `fate` is empty for all cores. `account` and `seed` are SHA-256 in hex.
    """

    wanted: Wanted
    account: str
    fate: str
    size: int
    seed: str


class Sample(NamedTuple):
    """A recorded sample with its number, when it was drawn (seconds since 1970), and whose key."""

    number: int
    at: int
    kid: str
    draw: Draw


class SampleBook:
    """The samples of all parties, in a separate file; may be used from several threads."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        """Opens or creates the file; raises StorageError `store.write` or `store.version`."""
        self._clock = clock
        self._lock = threading.Lock()
        self._connection = open_side_database(path, _SCHEMA, _VERSION, durable=True)

    def record(self, party: str, kid: str, draw: Draw) -> int:
        """Records a sample and returns its number; raises ConflictError `samples.full`."""
        wanted = draw.wanted
        scope = (wanted.end, wanted.start, wanted.book, wanted.as_of)
        with self._lock:
            number = self._count(party) + 1
            if number > MOST:
                raise ConflictError("samples.full", f"{party} has drawn {MOST:,} samples")
            row = (party, number, int(self._clock()), kid, *scope)
            self._ask(_ADD, (*row, draw.account, draw.fate, draw.size, draw.seed))
            return number

    def newest(self, party: str, limit: int) -> list[Sample]:
        """Returns the latest samples of a party, the newest first."""
        with self._lock:
            return [_sample(row) for row in self._ask(_LIST, (party, limit))]

    def find(self, party: str, number: int) -> Sample:
        """Finds a sample by number; raises NotFoundError `samples.unknown`."""
        with self._lock:
            rows = self._ask(_FIND, (party, number))
        if not rows:
            raise NotFoundError("samples.unknown", f"there is no sample {number}")
        return _sample(rows[0])

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def _count(self, party: str) -> int:
        return int(self._ask(_COUNT, (party,))[0][0])

    def _ask(self, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StorageError("store.write", f"samples cannot be recorded: {error}") from error


def _sample(row: tuple[Any, ...]) -> Sample:
    _, number, at, kid, end, start, book, as_of, *draw = row
    return Sample(number, at, kid, Draw(Wanted(end, start, book, as_of), *draw))
