"""The map of latest heads in a scratch file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from traceledger.merkle.headmap import MapLeaf, map_key, map_leaf
from traceledger.merkle.headtree import choose_bits
from traceledger.merkle.pagedtree import PagedHeadTree
from traceledger.verify.scratch.errors import damaged

__all__ = ["StoredMap"]


class StoredMap:
    """The map of latest heads, with leaves and nodes in the scratch file; implements `HeadMap`.

    `count` returns the number of items that have a state. `bits` and `root` are those of the stored
    map; a new map has 0 bits.
    """

    def __init__(
        self, connection: sqlite3.Connection, count: Callable[[], int], bits: int, root: bytes
    ) -> None:
        self._connection = connection
        self._count = count
        self._opened = root
        self._pending: dict[bytes, bytes] = {}
        self._tree = self._open(bits) if bits else self._build()

    @property
    def bits(self) -> int:
        """The bucket bits of the stored map."""
        return self._tree.bits

    def __len__(self) -> int:
        return self._count()

    def put(self, item: str, seq: int, head: bytes) -> None:
        """Sets an item's latest position and event id."""
        key = map_key(item)
        self._pending[key] = map_leaf(key, seq, head)

    def root(self) -> bytes:
        """Returns the map root over all items."""
        if self._pending:
            self._connection.executemany(
                "INSERT OR REPLACE INTO map VALUES (?, ?)", sorted(self._pending.items())
            )
            buckets = {self._tree.bucket_of(key) for key in self._pending}
            self._pending = {}
            if choose_bits(self._count()) > self._tree.bits:
                self._tree = self._build()
            else:
                self._tree.update(buckets)
        return self._tree.root

    def flush(self) -> None:
        """Writes the changed nodes; leaves are written whenever the root is computed."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO node VALUES (?, ?)", self._tree.changed_pages()
        )

    def check(self) -> None:
        """Rebuilds the map from its leaves and compares root and nodes with the stored ones.

        Raises UsageError `archive.scratch`.
        """
        tree = self._open(self._tree.bits)
        tree.load(self._connection.execute("SELECT key, leaf FROM map ORDER BY key"))
        pages = self._connection.execute("SELECT page, data FROM node")
        if tree.root != self._opened or any(tree.format_page(page) != data for page, data in pages):
            raise damaged()

    def _build(self) -> PagedHeadTree:
        # Two extra bits, so that a growing map is rebuilt only when it is four times as large.
        self._connection.execute("DELETE FROM node")
        tree = self._open(max(choose_bits(4 * self._count()), 1))
        tree.load(self._connection.execute("SELECT key, leaf FROM map ORDER BY key"))
        return tree

    def _open(self, bits: int) -> PagedHeadTree:
        return PagedHeadTree(bits, self._read_bucket, self._read_page)

    def _read_page(self, page: int) -> bytes | None:
        row = self._connection.execute("SELECT data FROM node WHERE page = ?", (page,)).fetchone()
        return None if row is None else row[0]

    def _read_bucket(self, bucket: int) -> Sequence[MapLeaf]:
        return self._connection.execute(
            "SELECT key, leaf FROM map WHERE key BETWEEN ? AND ? ORDER BY key",
            self._tree.bucket_bounds(bucket),
        ).fetchall()
