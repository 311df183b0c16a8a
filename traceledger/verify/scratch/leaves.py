"""The leaf hashes of a log in a scratch file, and the frontier of its tree."""

from __future__ import annotations

import sqlite3

from traceledger.merkle.hashing import HASH_SIZE
from traceledger.merkle.tiles import TILE_WIDTH
from traceledger.merkle.tree import Frontier
from traceledger.verify.scratch.errors import damaged

__all__ = ["StoredLeaves"]


class StoredLeaves:
    """Leaf hashes of 32 bytes in rows of 256; `frontier` is that of the stored leaves."""

    def __init__(self, connection: sqlite3.Connection, frontier: Frontier) -> None:
        self._connection = connection
        self._frontier = frontier
        self._pending: list[bytes] = []
        number, width = divmod(frontier.size, TILE_WIDTH)
        self._row = bytearray(self._read(number) if width else b"")

    def __len__(self) -> int:
        return self._frontier.size + len(self._pending)

    @property
    def frontier(self) -> Frontier:
        """The frontier of the tree over all leaves."""
        if self._pending:
            self._frontier = self._frontier.extended(self._pending)
            self._pending.clear()
        return self._frontier

    def append(self, leaf: bytes) -> None:
        """Adds the next leaf."""
        self._pending.append(leaf)
        self._row += leaf
        if len(self._row) == TILE_WIDTH * HASH_SIZE:
            self._write(len(self) // TILE_WIDTH - 1)
            self._row.clear()

    def find(self, index: int) -> bytes | None:
        """Finds the leaf at an index; None if the log is shorter."""
        if index >= len(self):
            return None
        number, place = divmod(index, TILE_WIDTH)
        row = self._row if number == len(self) // TILE_WIDTH else self._read(number)
        return bytes(row[place * HASH_SIZE : (place + 1) * HASH_SIZE])

    def flush(self) -> None:
        """Writes the partial row."""
        if self._row:
            self._write(len(self) // TILE_WIDTH)

    def check(self) -> None:
        """Recomputes the frontier from the stored leaves; raises UsageError `archive.scratch`."""
        frontier = Frontier()
        rows = self._connection.execute("SELECT number, hashes FROM leaf ORDER BY number")
        for expected, (number, hashes) in enumerate(rows):
            if number != expected or len(hashes) % HASH_SIZE:
                raise damaged()
            frontier = frontier.extended(
                hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)
            )
        if frontier != self._frontier:
            raise damaged()

    def _read(self, number: int) -> bytes:
        row = self._connection.execute(
            "SELECT hashes FROM leaf WHERE number = ?", (number,)
        ).fetchone()
        return b"" if row is None else row[0]

    def _write(self, number: int) -> None:
        self._connection.execute("INSERT OR REPLACE INTO leaf VALUES (?, ?)", (number, self._row))
