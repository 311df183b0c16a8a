"""Finding an entry by its event id: a separate file beside the ledger, built from the log.

The store has no such index: random keys would slow down every append. The file lags behind the log;
the newest entries are in memory until there are enough of them that each page of the file receives
several. Without that, every new entry would write a page. The file may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from traceledger.errors import StorageError
from traceledger.events.encoding import decode_base64url
from traceledger.files.durable import make_private
from traceledger.storage.store import StoreReader

__all__ = ["EventIndex"]

_CHUNK = 10_000  # entries read at once
_RECENT = 100_000  # entries from which on those in memory, some megabytes, are written
_VERSION = 1
_TABLE = """(
    prefix INTEGER NOT NULL, leaf_index INTEGER NOT NULL, PRIMARY KEY (prefix, leaf_index)
) STRICT, WITHOUT ROWID;"""
_PRAGMAS = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
ATTACH ':memory:' AS recent;
CREATE TABLE recent.event {_TABLE}
"""
_SCHEMA = f"""
BEGIN;
CREATE TABLE event {_TABLE}
CREATE TABLE indexed (size INTEGER NOT NULL) STRICT;
PRAGMA user_version = {_VERSION};
COMMIT;
"""
_ADD = "INSERT OR IGNORE INTO recent.event VALUES (?, ?)"
_FIND = (
    "SELECT leaf_index FROM main.event WHERE prefix = :prefix"
    " UNION ALL SELECT leaf_index FROM recent.event WHERE prefix = :prefix"
)
_MOVE = (
    "INSERT OR IGNORE INTO main.event SELECT * FROM recent.event ORDER BY prefix, leaf_index",
    "DELETE FROM recent.event",
    "DELETE FROM indexed",
)
_FORGET = "DELETE FROM main.event; DELETE FROM recent.event; DELETE FROM indexed;"


class EventIndex:
    """Leaf indexes by the first eight bytes of leaf hashes; safe for use in several threads."""

    def __init__(self, path: Path, store: StoreReader) -> None:
        """Opens or creates the file; raises StorageError `store.write`.

        A file that is damaged or has another version is rebuilt.
        """
        self._path = path
        self._store = store
        self._lock = threading.Lock()
        try:
            self._connection, self._written = _open(path) or _create(path)
            self._size = self._written
        except (sqlite3.Error, OSError) as error:
            raise StorageError("store.write", f"{path} cannot be used: {error}") from error

    def find(self, event: str) -> int | None:
        """Returns the leaf index of an event id of 43 characters, None if it is not in the log.

        Raises StorageError `store.write` for an unusable file, as `follow` does.
        """
        leaf = decode_base64url(event.encode())
        with self._using():
            self._follow()
            found = self._find(leaf)
        for index in found:
            if self._store.read_leaves(index, index + 1) == leaf:
                return index
        return None

    def follow(self) -> None:
        """Adds the new entries of the log."""
        with self._using():
            self._follow()

    def close(self) -> None:
        """Writes the entries in memory, if it can, and closes the file."""
        with self._lock:
            with contextlib.suppress(sqlite3.Error), self._connection:
                if self._written < self._size:
                    self._connection.execute("BEGIN")
                    self._write(self._size)
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()

    @contextlib.contextmanager
    def _using(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise StorageError(
                    "store.write", f"{self._path} cannot be used: {error}; it is safe to delete"
                ) from error

    def _follow(self) -> None:
        size = self._store.size()
        if size == self._size:
            return
        if not self._is_of_this_log(size):  # the store was replaced
            self._connection.executescript(_FORGET)
            self._size = self._written = 0
        while self._size < size:
            stop = min(self._size + _CHUNK, size)
            leaves = self._store.read_leaves(self._size, stop)
            rows = [
                (_prefix(leaves[at * 32 : at * 32 + 32]), self._size + at)
                for at in range(stop - self._size)
            ]
            with self._connection:  # commits, or rolls back what failed
                self._connection.execute("BEGIN")
                self._connection.executemany(_ADD, rows)
                full = stop - self._written >= _RECENT
                if full:
                    self._write(stop)
            self._size = stop
            if full:
                self._written = stop

    def _write(self, size: int) -> None:
        """Moves the entries in memory to the file, which then covers a log of that size."""
        for statement in _MOVE:
            self._connection.execute(statement)
        self._connection.execute("INSERT INTO indexed VALUES (?)", (size,))

    def _find(self, leaf: bytes) -> list[int]:
        """Finds the entries whose leaf hashes begin as this one does, usually only its own."""
        rows = self._connection.execute(_FIND, {"prefix": _prefix(leaf)})
        return [int(index) for (index,) in rows]

    def _is_of_this_log(self, size: int) -> bool:
        """Reports whether the log of that size has the newest entry of the index."""
        if not self._size:
            return True
        last = self._size - 1
        return size > last and last in self._find(self._store.read_leaves(last, last + 1))


def _open(path: Path) -> tuple[sqlite3.Connection, int] | None:
    """Opens a file and reads the log size that it covers; None for another version."""
    connection = _connect(path)
    with contextlib.suppress(sqlite3.DatabaseError):
        if connection.execute("PRAGMA user_version").fetchone() == (_VERSION,):
            connection.executescript(_PRAGMAS)
            row = connection.execute("SELECT size FROM indexed").fetchone()
            return connection, int(row[0]) if row else 0
    connection.close()
    return None


def _create(path: Path) -> tuple[sqlite3.Connection, int]:
    path.unlink(missing_ok=True)
    connection = _connect(path)
    connection.executescript(_PRAGMAS + _SCHEMA)
    return connection, 0


def _connect(path: Path) -> sqlite3.Connection:
    make_private(path)
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


def _prefix(leaf: bytes) -> int:
    return int.from_bytes(leaf[:8], signed=True)
