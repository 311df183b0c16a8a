"""The scratch file: what the replay of a log keeps between entries, in one file instead of memory.

A ledger may have more items than memory has room for, and a replay may stop and resume: states, the
map of latest heads and leaf hashes are in one SQLite file. Its owner keeps its own progress in the
same transaction, so the file always is of one moment.

Opening reads none of what is stored, only how much there is. Rows of states carry checksums, which
are compared when a row is read; `check` reads everything, so that a damaged file is found out
before anything else is blamed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from traceledger.errors import StorageError, UsageError
from traceledger.merkle.headmap import EMPTY
from traceledger.merkle.tree import Frontier
from traceledger.rules.state import Trace
from traceledger.verify.scratch.errors import CHECKSUM_SIZE, checksum, damaged, other_version
from traceledger.verify.scratch.heads import StoredMap
from traceledger.verify.scratch.leaves import StoredLeaves
from traceledger.verify.scratch.states import StoredStates

__all__ = ["Scratch"]

_APPLICATION = 0x544C5331  # "TLS1": a scratch file and no other database
_VERSION = 2

# In exclusive mode SQLite needs no memory shared between processes beside its write-ahead log.
_PRAGMAS = (
    "locking_mode = EXCLUSIVE",
    "journal_mode = WAL",
    "synchronous = FULL",
    "cache_size = -8192",
)
_SCHEMA = (
    "CREATE TABLE mark (id INTEGER PRIMARY KEY CHECK (id = 0), data BLOB NOT NULL)",
    "CREATE TABLE state (item TEXT PRIMARY KEY, data BLOB, trail BLOB, sum BLOB) WITHOUT ROWID",
    "CREATE TABLE map (key BLOB PRIMARY KEY, leaf BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE node (page INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    "CREATE TABLE leaf (number INTEGER PRIMARY KEY, hashes BLOB NOT NULL)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)


class _Mark(msgspec.Struct, frozen=True, array_like=True):
    """How much the file holds, and the progress of its owner."""

    items: int = 0
    traces: tuple[Trace, ...] = ()
    bits: int = 0
    map_root: bytes = EMPTY
    frontier: bytes = Frontier().to_bytes()
    progress: bytes | None = None


class Scratch:
    """The scratch file: one connection, one transaction at a time, ended by `keep`.

    `progress` is what the last `keep` was given, None for a new file.
    """

    def __init__(self, path: Path | None) -> None:
        """Opens or creates the file; without a path it is a temporary one, deleted on closing.

        Raises UsageError `archive.scratch` for a file that is damaged, another one, or in use.
        """
        self.kept = path is not None
        try:
            # The empty name is SQLite's for a private file that is deleted when it is closed.
            self._connection = sqlite3.connect(path or "", isolation_level=None, timeout=0)
        except sqlite3.Error as error:
            raise _unusable(error) from error
        try:
            self._open()
        except sqlite3.Error as error:
            self._connection.close()
            raise _unusable(error) from error
        except BaseException:
            self._connection.close()
            raise

    def check(self) -> None:
        """Reads all that is stored; raises UsageError `archive.scratch` when it is damaged.

        For a file of which nothing was changed since it was opened.
        """
        try:
            if self._connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise damaged()
            self.states.check()
            self.map.check()
            self.leaves.check()
        except sqlite3.Error as error:
            raise _unusable(error) from error

    def keep(self, progress: bytes) -> None:
        """Writes everything, with how far its owner came, durably."""
        self.states.flush()
        self.map.flush()
        self.leaves.flush()
        mark = _Mark(
            items=len(self.states),
            traces=tuple(self.states.traces),
            bits=self.map.bits,
            map_root=self.map.root(),
            frontier=self.leaves.frontier.to_bytes(),
            progress=progress,
        )
        data = msgspec.msgpack.encode(mark)
        self._connection.execute(
            "INSERT OR REPLACE INTO mark VALUES (0, ?)", (checksum(data) + data,)
        )
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN IMMEDIATE")

    def close(self) -> None:
        """Closes the file; what was not kept is gone."""
        self._connection.close()

    @staticmethod
    @contextmanager
    def failing() -> Iterator[None]:
        """Turns what SQLite raises inside into StorageError `archive.scratch`."""
        try:
            yield
        except sqlite3.Error as error:
            raise StorageError("archive.scratch", f"the scratch file failed: {error}") from error

    def _open(self) -> None:
        execute = self._connection.execute
        execute("PRAGMA locking_mode = EXCLUSIVE")
        application = execute("PRAGMA application_id").fetchone()[0]
        empty = not execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if application != _APPLICATION and not (empty and application == 0):
            raise UsageError("archive.scratch", "the file is something else, not a scratch file")
        if not empty and execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            raise other_version()
        for pragma in _PRAGMAS:
            execute(f"PRAGMA {pragma}")
        execute("BEGIN IMMEDIATE")
        if empty:
            for statement in _SCHEMA:
                execute(statement)
        mark = self._read_mark()
        self.progress = mark.progress
        self.states = StoredStates(
            self._connection, summed=self.kept, count=mark.items, traces=mark.traces
        )
        self.map = StoredMap(self._connection, self.states.__len__, mark.bits, mark.map_root)
        self.leaves = StoredLeaves(self._connection, Frontier.from_bytes(mark.frontier))

    def _read_mark(self) -> _Mark:
        row = self._connection.execute("SELECT data FROM mark").fetchone()
        if row is None:
            return _Mark()
        check, data = row[0][:CHECKSUM_SIZE], row[0][CHECKSUM_SIZE:]
        if checksum(data) != check:
            raise damaged()
        return msgspec.msgpack.decode(data, type=_Mark)


def _unusable(error: sqlite3.Error) -> UsageError:
    return UsageError("archive.scratch", f"the scratch file cannot be used: {error}")
