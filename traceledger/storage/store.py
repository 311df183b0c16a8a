"""The guarantees that the ledger requires of a store, stated in the docstrings of its methods.

A store keeps bytes and knows no rules. Readers see only complete batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from traceledger.merkle.edge import CompletedTile
from traceledger.merkle.tree import Frontier
from traceledger.views.rows import Entry, HeadRow, Search

__all__ = [
    "MAX_SIZE",
    "Batch",
    "CheckpointRow",
    "CosignatureRow",
    "Latest",
    "ReplicaReads",
    "Store",
    "StoreReader",
    "StoreWriter",
    "join_batches",
]

MAX_SIZE = (1 << 63) - 1
"""The largest size of a log that a store can hold."""


class Latest(NamedTuple):
    """An item's latest event: its position, its id (32 bytes) and its log index."""

    item: str
    seq: int
    head: bytes
    leaf_index: int


class ReplicaReads(NamedTuple):
    """The statements that a replica answered, and those that it did not: behind, or failed."""

    answered: int = 0
    behind: int = 0
    failed: int = 0


class CheckpointRow(NamedTuple):
    """A tree head; `note` is empty until it is signed."""

    size: int
    root: bytes
    note: str


class CosignatureRow(NamedTuple):
    """A witness's signature line on the checkpoint of that size; `time` in seconds since 1970."""

    size: int
    witness: str
    time: int
    line: str


class Batch(NamedTuple):
    """The rows of one transaction, which extends the tree `before` to `after`, all or nothing.

    `erased` contains the remaining disclosures of earlier entries by leaf index.
    """

    before: Frontier
    after: Frontier
    entries: Sequence[Entry]
    tiles: Sequence[CompletedTile] = ()
    heads: Sequence[HeadRow] = ()
    checkpoint: CheckpointRow | None = None
    erased: Sequence[tuple[int, bytes]] = ()

    @property
    def size(self) -> int:
        """The number of entries of the log that the batch extends."""
        return self.before.size


def join_batches(batches: Sequence[Batch]) -> Batch:
    """Joins consecutive batches, at least one, of which only the last may have a checkpoint."""
    if len(batches) == 1:
        return batches[0]
    heads = {row.item: row for batch in batches for row in batch.heads}
    return Batch(
        batches[0].before,
        batches[-1].after,
        [entry for batch in batches for entry in batch.entries],
        [tile for batch in batches for tile in batch.tiles],
        list(heads.values()),
        batches[-1].checkpoint,
        [erasure for batch in batches for erasure in batch.erased],
    )


class StoreReader(Protocol):
    """The reading half of a store or of its replica; safe for use in several threads.

    Ids compare by bytes in look-ups, order and search.
    """

    def size(self) -> int:
        """Returns the number of entries; indexes are dense from 0."""

    def read_entries(self, start: int, stop: int) -> Iterator[Entry]:
        """Reads entries by index, in order."""

    def read_bodies(self, start: int, stop: int) -> Iterator[bytes]:
        """Reads only the leaves' bytes, in order."""

    def read_contents(self, start: int, stop: int) -> Iterator[tuple[bytes, list[bytes]]]:
        """Reads leaf hashes, 32 bytes each, and the leaves' bytes of some entries at a time."""

    def read_leaves(self, start: int, stop: int) -> bytes:
        """Reads leaf hashes, 32 bytes each, in order."""

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Reads a tile's first hashes, also of a partial tile (`traceledger.merkle.TileReader`)."""

    def read_chain(self, item: str, last: int | None = None) -> list[Entry]:
        """Reads the events of an item in order, up to position `last` if given."""

    def find_place(self, item: str, seq: int) -> Entry | None:
        """Finds the event at a position of a chain."""

    def find_event(self, item: str, leaf: bytes) -> Entry | None:
        """Finds the event of a chain with that leaf hash, 32 bytes."""

    def read_heads(self, items: Iterable[str]) -> Mapping[str, HeadRow]:
        """Reads the rows of these items; unknown items are omitted."""

    def search(self, wanted: Search) -> list[HeadRow]:
        """Finds items in ascending order of id, at most `wanted.limit`."""

    def count_items(self) -> int:
        """Returns the number of items that have an event."""

    def count_declared(self, line: str) -> int:
        """Returns the number of items that are linked to a declaration line."""

    def read_latest(self, size: int) -> Iterator[Latest]:
        """Reads every item's latest event below index `size`, in no particular order."""

    def newest_checkpoint(self) -> CheckpointRow | None:
        """Returns the largest checkpoint, signed or not."""

    def signed_size(self) -> int:
        """Returns the size of the largest signed checkpoint, 0 for none."""

    def signed_sizes(self, limit: int, most: int = MAX_SIZE) -> list[int]:
        """Returns the sizes of the newest signed checkpoints up to `most`, the largest first."""

    def read_checkpoint(self, size: int) -> CheckpointRow | None:
        """Reads the checkpoint of that size."""

    def read_checkpoints(self, after: int = 0) -> Iterator[CheckpointRow]:
        """Reads all checkpoints larger than `after`, ascending by size."""

    def read_cosignatures(self, size: int) -> list[CosignatureRow]:
        """Reads the newest signature line of each witness on the checkpoint of that size."""

    def cosigned_sizes(self, limit: int, most: int = MAX_SIZE) -> list[int]:
        """Returns the sizes of the newest cosigned checkpoints up to `most`, the largest first."""

    def read_all_heads(self) -> Iterator[HeadRow]:
        """Reads the rows of all items, ascending by id."""

    def misfiled_items(self) -> Iterator[str]:
        """Reads the items that a search by declaration line finds wrongly or not at all."""

    def check(self) -> list[str]:
        """Runs the store's own check of its files; returns a list of faults."""

    @property
    def replica_reads(self) -> ReplicaReads | None:
        """How often a replica answered since the start, None without a replica."""

    def wal_bytes(self) -> int | None:
        """Returns how much of the write-ahead log is kept, in bytes; None without one.

        Of a file, its size; of a database, what replication slots keep for those that read it. Of a
        replica's store, this is the primary server's. Raises StorageError.
        """

    def check_durability(self) -> None:
        """Raises StorageError `store.unsafe` if a power cut may undo what was acknowledged."""

    def close(self) -> None:
        """Releases all resources."""


class StoreWriter(Protocol):
    """The writing half of a store, in which acknowledged writes survive a crash of the machine.

    Several processes may write to one store: transactions are atomic, and `append` refuses a batch
    for a log that has grown.
    """

    def turn(self) -> AbstractContextManager[None]:
        """Waits until no other process writes, and keeps them waiting up to the first write.

        The thread that has the turn reads everything that others wrote. Raises BusyError
        `store.busy` when another process keeps its turn for too long. A store that has one writer,
        or whose writers find out only when they write, does nothing.
        """

    def barrier(self, end: Frontier | None = None) -> None:
        """Returns once everything that can be read is as durable as an acknowledged write.

        Nothing may be signed before that unless this process has just written it: what another
        process wrote can be read while its own commit still waits for a standby, or in vain. `end`
        is the tree that was read: raises ConflictError `store.size` if the log has another size,
        StorageError `store.replaced` if it is another one, as that of a standby that took over.
        """

    def append(self, batch: Batch) -> None:
        """Writes the complete batch durably, or nothing.

        Raises ConflictError `store.size` when the log does not have `batch.size` entries, and
        StorageError when writing fails; with `store.unconfirmed`, it is unknown whether the batch
        was written. Entries, tiles and checkpoints never change afterwards.
        """

    def append_all(self, batches: Iterable[Batch]) -> None:
        """Writes consecutive batches durably as one, or nothing; does nothing if there are none.

        A batch may be written before the next one is taken. Only the thread that takes them may
        then read its rows, all other readers at the end. Raises what `append` raises, and what
        taking a batch raises.
        """

    def sign_checkpoint(self, size: int, note: str) -> None:
        """Adds the signed note to a checkpoint durably; repeating the same note has no effect.

        Raises StorageError `ledger.damaged` for a checkpoint that is unknown or has another note.
        """

    def add_cosignatures(self, rows: Sequence[CosignatureRow]) -> None:
        """Adds witnesses' signature lines durably; lines that are present are ignored."""

    def replace_heads(self, rows: Iterable[HeadRow], end: Frontier) -> None:
        """Replaces the rows of all items in one transaction, or none of them.

        `rows` are as of the tree `end`. Raises ConflictError `store.size` if the log has another
        size, StorageError `store.replaced` if it is another one.
        """


class Store(StoreReader, StoreWriter, Protocol):
    """A store for reading and writing."""
