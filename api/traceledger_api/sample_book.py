"""The samples that were drawn in the console, with their signed results: none is ever removed.

A sample is determined by the account's scope, the filter, its size and the seed, so a row says
everything that is needed to draw it again. It is recorded beside the ledger, not in it. So are the
statements of results, each as it was signed.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from traceledger.errors import ConflictError, NotFoundError, StorageError
from traceledger.files.side_database import open_side_database
from traceledger.ledger.reading.accounts import Wanted

__all__ = ["MOST", "MOST_RESULTS", "SHOWN", "Draw", "Results", "Sample", "SampleBook"]

MOST = 10_000
"""The samples that a party can record, so that a session cannot fill the disk."""

MOST_RESULTS = 50
"""The signed statements about a sample, of which the newest one counts."""

SHOWN = 100
"""The samples that a page lists, the newest first."""

_VERSION = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sample (
    party TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, kid TEXT NOT NULL,
    to_size INTEGER NOT NULL, from_size INTEGER NOT NULL, book TEXT NOT NULL, as_of INTEGER,
    account TEXT NOT NULL, fate TEXT NOT NULL, size INTEGER NOT NULL, seed TEXT NOT NULL,
    PRIMARY KEY (party, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS results (
    party TEXT NOT NULL, number INTEGER NOT NULL, revision INTEGER NOT NULL, at INTEGER NOT NULL,
    note BLOB NOT NULL,
    PRIMARY KEY (party, number, revision)
) STRICT;
"""
_ADD = "INSERT INTO sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_LIST = "SELECT * FROM sample WHERE party = ? ORDER BY number DESC LIMIT ?"
_FIND = "SELECT * FROM sample WHERE party = ? AND number = ?"
_ADD_RESULTS = "INSERT INTO results VALUES (?, ?, ?, ?, ?)"
_REVISIONS = (
    "SELECT revision, at, note FROM results WHERE party = ? AND number = ? ORDER BY revision DESC"
)
_OF_ACCOUNT = (
    "SELECT results.note FROM sample JOIN results USING (party, number)"
    " WHERE party = ? AND account = ? AND revision ="
    " (SELECT max(revision) FROM results AS other WHERE other.party = results.party"
    " AND other.number = results.number) ORDER BY number DESC"
)
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


class Results(NamedTuple):
    """A signed statement about a sample: its revision, and when it was received."""

    revision: int
    at: int
    note: bytes


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

    def add_results(self, party: str, number: int, revision: int, note: bytes) -> None:
        """Keeps the signed results of a sample; a statement that is kept already changes nothing.

        `revision` is what the statement itself states, so that none can be sent again as a newer
        one. Raises ConflictError `samples.full`, or `samples.revision` if it is not the next one.
        """
        with self._lock:
            kept = self._results(party, number)
            if any(each.note == note for each in kept):
                return
            if revision != len(kept) + 1:
                raise ConflictError(
                    "samples.revision",
                    f"the file is statement {revision} about sample {number}, the next one is"
                    f" {len(kept) + 1}",
                )
            if revision > MOST_RESULTS:
                raise ConflictError(
                    "samples.full", f"sample {number} has {MOST_RESULTS} signed statements"
                )
            self._ask(_ADD_RESULTS, (party, number, revision, int(self._clock()), note))

    def results(self, party: str, number: int) -> list[Results]:
        """Returns the signed statements about a sample, the newest first."""
        with self._lock:
            return self._results(party, number)

    def results_of_account(self, party: str, account: str) -> list[bytes]:
        """Returns the newest statements about the samples of an account, by its SHA-256 in hex."""
        with self._lock:
            return [note for (note,) in self._ask(_OF_ACCOUNT, (party, account))]

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def _results(self, party: str, number: int) -> list[Results]:
        return [Results(*row) for row in self._ask(_REVISIONS, (party, number))]

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
