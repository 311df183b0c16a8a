"""The published sizes of a log in a scratch file."""

from __future__ import annotations

import hashlib
import sqlite3

from traceledger.verify.scratch.errors import damaged

__all__ = ["StoredSeals"]


class StoredSeals:
    """The sizes that seals ended, ascending; `digest` chains all of them, so damage is detected."""

    def __init__(self, connection: sqlite3.Connection, digest: bytes = b"") -> None:
        self._connection = connection
        self._pending: list[int] = []
        self.digest = digest

    def add(self, size: int) -> None:
        """Adds the next size."""
        self._pending.append(size)
        self.digest = _chain(self.digest, size)

    def find(self, size: int) -> bool:
        """Reports whether a seal ended the log at this size."""
        query = "SELECT 1 FROM seal WHERE size = ?"
        return size in self._pending or self._connection.execute(query, (size,)).fetchone() == (1,)

    def flush(self) -> None:
        """Writes the new sizes."""
        rows = [(size,) for size in self._pending]
        self._connection.executemany("INSERT INTO seal VALUES (?)", rows)
        self._pending.clear()

    def check(self) -> None:
        """Recomputes the digest of the stored sizes; raises UsageError `archive.scratch`."""
        digest = b""
        for (size,) in self._connection.execute("SELECT size FROM seal ORDER BY size"):
            digest = _chain(digest, size)
        if digest != self.digest:
            raise damaged()


def _chain(digest: bytes, size: int) -> bytes:
    return hashlib.sha256(digest + size.to_bytes(8)).digest()
