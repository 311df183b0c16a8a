"""Reading a store with the statements of `traceledger.storage.queries`, on any engine."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from traceledger.merkle.tiles import TILE_WIDTH
from traceledger.merkle.tree import MAX_TREE_SIZE
from traceledger.storage import queries
from traceledger.storage.rows import (
    Row,
    as_bytes,
    as_checkpoint,
    as_contents,
    as_cosignature,
    as_entry,
    as_head,
    as_latest,
    join_bytes,
)
from traceledger.storage.store import MAX_SIZE, CheckpointRow, CosignatureRow, Latest, ReplicaReads
from traceledger.views.rows import Entry, HeadRow, Search

__all__ = ["SqlReader"]

_CHUNK = 500  # SQLite takes at most 32,766 parameters in one statement
# Entries or checkpoints that one statement reads. One that lasts while its rows are used keeps the
# engine from reusing what writers free: the write-ahead log of SQLite, old rows of PostgreSQL.
# The rows of so few entries stay in the processor's cache.
_RANGE = 500


class SqlReader(abc.ABC):
    """The part of `StoreReader` that is the same on every engine.

    An engine runs the statements: `fetch` for a few rows, `stream` for any number of rows, which it
    does not hold in memory. Both raise StorageError.
    """

    @abc.abstractmethod
    def fetch(self, query: str, values: Sequence[object] = ()) -> list[Row]:
        """Runs a statement of `queries` and returns its rows."""

    @abc.abstractmethod
    def stream(self, query: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """Runs a statement of `queries` and yields its rows as of the moment of the first."""

    @property
    def replica_reads(self) -> ReplicaReads | None:
        """Returns None: there is no replica."""
        return None

    def size(self) -> int:
        """Returns the number of entries."""
        return self._number(queries.SIZE)

    def read_entries(self, start: int, stop: int) -> Iterator[Entry]:
        """Reads entries by index, in order."""
        return map(as_entry, self._read_range(queries.ENTRIES, start, stop))

    def read_bodies(self, start: int, stop: int) -> Iterator[bytes]:
        """Reads only the leaves' bytes, in order."""
        return map(as_bytes, self._read_range(queries.BODIES, start, stop))

    def read_contents(self, start: int, stop: int) -> Iterator[tuple[bytes, list[bytes]]]:
        """Reads leaf hashes, concatenated, and the leaves' bytes of some entries at a time."""
        return map(as_contents, self._fetch_range(queries.CONTENTS, start, stop))

    def read_leaves(self, start: int, stop: int) -> bytes:
        """Reads leaf hashes, 32 bytes each, in order."""
        return join_bytes(self.fetch(queries.LEAVES, (start, stop)))

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Reads a tile's first hashes; a partial tile is computed from the level below."""
        found = self.fetch(queries.TILE, (level, index))
        if found:
            return join_bytes(found)[: width * 32]
        start = index * TILE_WIDTH
        if level:
            return join_bytes(self.fetch(queries.TILE_ROOTS, (level - 1, start, start + width)))
        return self.read_leaves(start, start + width)

    def read_chain(self, item: str, last: int | None = None) -> list[Entry]:
        """Reads the events of an item in order."""
        most = MAX_TREE_SIZE if last is None else last
        return [as_entry(row) for row in self.fetch(queries.CHAIN, (item, most))]

    def find_place(self, item: str, seq: int) -> Entry | None:
        """Finds the event at a position of a chain."""
        found = self.fetch(queries.PLACE, (item, seq))
        return as_entry(found[0]) if found else None

    def find_event(self, item: str, leaf: bytes) -> Entry | None:
        """Finds the event of a chain with that leaf hash."""
        found = self.fetch(queries.EVENT, (item, leaf))
        return as_entry(found[0]) if found else None

    def read_heads(self, items: Iterable[str]) -> Mapping[str, HeadRow]:
        """Reads the rows of these items; unknown items are omitted."""
        found: dict[str, HeadRow] = {}
        wanted = iter(items)
        while chunk := list(islice(wanted, _CHUNK)):
            query = queries.HEADS.format(marks=",".join("?" * len(chunk)))
            found.update((row[0], as_head(row)) for row in self.fetch(query, chunk))
        return found

    def search(self, wanted: Search) -> list[HeadRow]:
        """Finds items in ascending order of id."""
        return [as_head(row) for row in self.fetch(*queries.make_search(wanted))]

    def count_items(self) -> int:
        """Returns the number of items that have an event."""
        return self._number(queries.ITEM_COUNT)

    def count_declared(self, line: str) -> int:
        """Returns the number of items that are linked to a declaration line."""
        return self._number(queries.DECLARED_COUNT, (line,))

    def read_latest(self, size: int) -> Iterator[Latest]:
        """Reads every item's latest event below index `size`, in no particular order."""
        return map(as_latest, self.stream(queries.LATEST, (size, size, size)))

    def newest_checkpoint(self) -> CheckpointRow | None:
        """Returns the largest checkpoint, signed or not."""
        found = self.fetch(queries.NEWEST_CHECKPOINT)
        return as_checkpoint(found[0]) if found else None

    def signed_size(self) -> int:
        """Returns the size of the largest signed checkpoint, 0 for none."""
        return next(iter(self.signed_sizes(1)), 0)

    def signed_sizes(self, limit: int, most: int = MAX_SIZE) -> list[int]:
        """Returns the sizes of the newest signed checkpoints up to `most`, the largest first."""
        return [size for (size,) in self.fetch(queries.SIGNED_SIZES, (most, limit))]

    def read_checkpoint(self, size: int) -> CheckpointRow | None:
        """Reads the checkpoint of that size."""
        found = self.fetch(queries.CHECKPOINT, (size,))
        return as_checkpoint(found[0]) if found else None

    def read_checkpoints(self, after: int = 0) -> Iterator[CheckpointRow]:
        """Reads all checkpoints larger than `after`, ascending by size."""
        while page := self.fetch(queries.CHECKPOINTS, (after, _RANGE)):
            for row in map(as_checkpoint, page):
                yield row
                after = row.size

    def read_cosignatures(self, size: int) -> list[CosignatureRow]:
        """Reads the newest signature line of each witness on the checkpoint of that size."""
        rows = map(as_cosignature, self.fetch(queries.COSIGNATURES, (size,)))
        return sorted(rows, key=lambda row: row.witness)

    def cosigned_sizes(self, limit: int, most: int = MAX_SIZE) -> list[int]:
        """Returns the sizes of the newest cosigned checkpoints up to `most`, the largest first."""
        found = self.fetch(queries.COSIGNED_SIZES, (most, limit))
        return sorted((size for (size,) in found), reverse=True)

    def read_all_heads(self) -> Iterator[HeadRow]:
        """Reads the rows of all items, ascending by id."""
        return map(as_head, self.stream(queries.ALL_HEADS))

    def misfiled_items(self) -> Iterator[str]:
        """Reads the items that a search by declaration line finds wrongly or not at all."""
        return (str(item) for (item,) in self.stream(queries.MISFILED))

    def _read_range(self, query: str, start: int, stop: int) -> Iterator[Row]:
        """Reads rows by index."""
        return chain.from_iterable(self._fetch_range(query, start, stop))

    def _fetch_range(self, query: str, start: int, stop: int) -> Iterator[list[Row]]:
        """Reads rows by index in statements that end before their rows are used (`_RANGE`)."""
        if stop - start > _RANGE:
            stop = min(stop, self.size())
        for first in range(start, stop, _RANGE):
            yield self.fetch(query, (first, min(first + _RANGE, stop)))

    def _number(self, query: str, values: tuple[str, ...] = ()) -> int:
        ((number,),) = self.fetch(query, values)
        return int(number)
