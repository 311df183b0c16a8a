"""Rows of items in a temporary file: those of all items may not fit in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import msgspec

from traceledger.views.rows import HeadRow

__all__ = ["RowFile"]

_PRAGMAS = ("journal_mode = OFF", "cache_size = -8192")  # never committed; KiB in memory
_TABLE = "CREATE TABLE row (item TEXT PRIMARY KEY, data BLOB) WITHOUT ROWID"

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(HeadRow | None).decode


class RowFile:
    """Items, each with its row or with None; raises sqlite3.Error when the disk fails."""

    def __init__(self) -> None:
        # SQLite opens a private file for the empty name and deletes it on closing.
        self._connection = sqlite3.connect("", isolation_level=None)
        for pragma in _PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}").close()
        self._connection.execute("BEGIN")
        self._connection.execute(_TABLE)

    def __len__(self) -> int:
        ((count,),) = self._connection.execute("SELECT count(*) FROM row")
        return int(count)

    def __iter__(self) -> Iterator[tuple[str, HeadRow | None]]:
        """Yields all items with their rows, ascending by the bytes of the item's id."""
        rows = self._connection.execute("SELECT item, data FROM row ORDER BY item")
        with closing(rows):
            for item, data in rows:
                yield item, _decode(data)

    def find(self, item: str) -> HeadRow | None:
        """Returns the row of an item."""
        found = self._connection.execute("SELECT data FROM row WHERE item = ?", (item,)).fetchone()
        return _decode(found[0]) if found else None

    def put(self, item: str, row: HeadRow | None) -> None:
        """Adds an item or replaces its row."""
        self._connection.execute("INSERT OR REPLACE INTO row VALUES (?, ?)", (item, _encode(row)))

    def close(self) -> None:
        """Deletes the file."""
        self._connection.close()
