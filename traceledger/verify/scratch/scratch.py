"""The scratch file: the data of a replay between entries, in a file instead of memory.

A ledger may have more items than fit in memory, and a replay may stop and resume, so states, the
map of latest heads, leaf hashes and published sizes are in one SQLite file. The owner stores its
own progress in the same transaction, so the file is always consistent.

Opening reads only how much is stored, not the data. Rows of states have checksums, which are
compared when a row is read; `check` reads everything, so that damage to the file is detected before
the log is accused.
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
from traceledger.verify.scratch.seals import StoredSeals
from traceledger.verify.scratch.states import StoredStates

__all__ = ["Scratch"]

_APPLICATION = 0x544C5331  # "TLS1", which identifies a scratch file
_VERSION = 3

# In exclusive mode SQLite needs no shared memory for its write-ahead log.
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
    "CREATE TABLE seal (size INTEGER PRIMARY KEY)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)


class _Mark(msgspec.Struct, frozen=True, array_like=True):
    """How much the file contains, and the progress of its owner."""

    items: int = 0
    traces: tuple[Trace, ...] = ()
    bits: int = 0
    map_root: bytes = EMPTY
    frontier: bytes = Frontier().to_bytes()
    seals: bytes = b""
    progress: bytes | None = None


class Scratch:
    """A scratch file: one connection and one transaction at a time, which `keep` commits.

    `progress` is the argument of the last `keep`, None for a new file.
    """

    def __init__(self, path: Path | None) -> None:
        """Opens or creates the file; without a path, it is temporary and deleted on closing.

        Raises UsageError `archive.scratch` for a file that is damaged, in use or of another kind.
        """
        self.kept = path is not None
        try:
            # SQLite opens a private file for the empty name and deletes it on closing.
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
        """Reads all stored data; raises UsageError `archive.scratch` when it is damaged.

        Requires that nothing was changed since the file was opened.
        """
        try:
            if self._connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise damaged()
            self.states.check()
            self.map.check()
            self.leaves.check()
            self.seals.check()
        except sqlite3.Error as error:
            raise _unusable(error) from error

    def keep(self, progress: bytes) -> None:
        """Writes everything durably, with the progress of the owner."""
        self.states.flush()
        self.map.flush()
        self.leaves.flush()
        self.seals.flush()
        mark = _Mark(
            items=len(self.states),
            traces=tuple(self.states.traces),
            bits=self.map.bits,
            map_root=self.map.root(),
            frontier=self.leaves.frontier.to_bytes(),
            seals=self.seals.digest,
            progress=progress,
        )
        data = msgspec.msgpack.encode(mark)
        self._connection.execute(
            "INSERT OR REPLACE INTO mark VALUES (0, ?)", (checksum(data) + data,)
        )
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN IMMEDIATE")

    def close(self) -> None:
        """Closes the file and rolls back what was not kept."""
        self._connection.close()

    @staticmethod
    @contextmanager
    def failing() -> Iterator[None]:
        """Converts errors of SQLite raised inside into StorageError `archive.scratch`."""
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
            raise UsageError("archive.scratch", "the file is not a scratch file")
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
        self.seals = StoredSeals(self._connection, mark.seals)

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
