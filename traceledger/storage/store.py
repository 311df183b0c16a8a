"""What the ledger asks of a store; each guarantee stands in the docstring of its method.

A store keeps bytes and knows no rules. Readers see only whole batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from traceledger.merkle.edge import CompletedTile
from traceledger.views.rows import Entry, HeadRow, Search

__all__ = [
    "Batch",
    "CheckpointRow",
    "CosignatureRow",
    "Latest",
    "Store",
    "StoreReader",
    "StoreWriter",
]


class Latest(NamedTuple):
    """An item's latest event: its position, its id (32 bytes) and its log index."""

    item: str
    seq: int
    head: bytes
    leaf_index: int


class CheckpointRow(NamedTuple):
    """A tree head that was chosen for signing; `note` is empty until it was signed."""

    size: int
    root: bytes
    note: str


class CosignatureRow(NamedTuple):
    """One witness's signature line on the checkpoint of that size; `time` in seconds since 1970."""

    size: int
    witness: str
    time: int
    line: str


class Batch(NamedTuple):
    """What one transaction writes, all or nothing, onto a log of `size` entries.

    `erased` holds what is left of the disclosures of earlier entries, by leaf index.
    """

    size: int
    entries: Sequence[Entry]
    tiles: Sequence[CompletedTile] = ()
    heads: Sequence[HeadRow] = ()
    checkpoint: CheckpointRow | None = None
    erased: Sequence[tuple[int, bytes]] = ()


class StoreReader(Protocol):
    """What is read of a store or of a replica of it; may be used from several threads.

    Ids compare by bytes, in look-ups, in order and in search.
    """

    def size(self) -> int:
        """The number of entries; indexes are dense from 0."""

    def read_entries(self, start: int, stop: int) -> Iterator[Entry]:
        """Reads entries by index, in order."""

    def read_bodies(self, start: int, stop: int) -> Iterator[bytes]:
        """Reads only the leaves' bytes, in order."""

    def read_leaves(self, start: int, stop: int) -> bytes:
        """Reads leaf hashes, 32 bytes each, in order."""

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Reads a tile's first hashes, also of a partial tile (`traceledger.merkle.TileReader`)."""

    def read_chain(self, item: str, last: int | None = None) -> list[Entry]:
        """Reads the events of one item in order, up to position `last` when given."""

    def find_place(self, item: str, seq: int) -> Entry | None:
        """Finds the event at a position of a chain."""

    def read_heads(self, items: Iterable[str]) -> Mapping[str, HeadRow]:
        """Reads what is known of these items; unknown ones are left out."""

    def search(self, wanted: Search) -> list[HeadRow]:
        """Finds items in ascending order of id, at most `wanted.limit`."""

    def count_items(self) -> int:
        """The number of items that have an event."""

    def read_latest(self, size: int) -> Iterator[Latest]:
        """Reads for every item its latest event below index `size`, in no order."""

    def newest_checkpoint(self) -> CheckpointRow | None:
        """The largest checkpoint, signed or not."""

    def signed_size(self) -> int:
        """The size of the largest signed checkpoint, 0 for none."""

    def signed_sizes(self, limit: int) -> list[int]:
        """The sizes of the newest signed checkpoints, the largest first."""

    def read_checkpoint(self, size: int) -> CheckpointRow | None:
        """The checkpoint of that size."""

    def read_checkpoints(self, after: int = 0) -> Iterator[CheckpointRow]:
        """All checkpoints larger than `after`, ascending by size."""

    def read_cosignatures(self, size: int) -> list[CosignatureRow]:
        """The newest signature line of each witness on the checkpoint of that size."""

    def cosigned_sizes(self, limit: int) -> list[int]:
        """The sizes of the newest checkpoints that have a cosignature, the largest first."""

    def read_all_heads(self) -> Iterator[HeadRow]:
        """Everything that is known of all items, ascending by id."""

    def check(self) -> list[str]:
        """The store's own check of its files; an empty list when nothing is wrong."""

    def close(self) -> None:
        """Gives everything back."""


class StoreWriter(Protocol):
    """What is written to a store; it keeps what it acknowledged, whatever happens to the machine.

    Several processes may write to one store: each transaction is whole, and `append` says who came
    too late.
    """

    def append(self, batch: Batch, *, confirm: Callable[[], None] = lambda: None) -> None:
        """Writes the batch whole and durably, or not at all.

        `confirm` is called when only the commit is missing; if it raises, nothing was written.
        Raises ConflictError `store.size` when the log no longer has `batch.size` entries, and
        StorageError when the disk refuses. Entries, tiles and checkpoints never change again.
        """

    def sign_checkpoint(self, size: int, note: str) -> None:
        """Adds the signed note to a checkpoint, durably; the same note again changes nothing.

        Raises StorageError `ledger.damaged` for a checkpoint that is unknown or has another note.
        """

    def add_cosignatures(self, rows: Sequence[CosignatureRow]) -> None:
        """Keeps witnesses' signature lines, durably; those that it has are passed over."""

    def replace_heads(self, rows: Iterable[HeadRow]) -> None:
        """Replaces everything that is known of all items, in one transaction."""


class Store(StoreReader, StoreWriter, Protocol):
    """A store that is read and written."""
