"""Reading a ledger from its store or a replica."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from traceledger.errors import NotFoundError
from traceledger.events.encoding import encode_base64url
from traceledger.formats.note import NoteVerifier
from traceledger.ledger.reading.checkpoints import cosigned_note, find_signed
from traceledger.ledger.reading.log_end import check_newest
from traceledger.ledger.reading.sealed_maps import SealedMaps
from traceledger.ledger.reading.snapshot import Snapshot
from traceledger.rules.state import LedgerState, State, parse_state
from traceledger.storage.store import MAX_SIZE, CheckpointRow, StoreReader
from traceledger.views.answers import Item, ItemRow
from traceledger.views.items import describe_item, describe_rows, find_row
from traceledger.views.rows import Entry, Head, HeadRow, Search

__all__ = ["LedgerReader"]


class LedgerReader:
    """Reads a ledger; safe for use in several threads.

    It never waits for a lock that publishing holds. `clock` returns seconds since 1970. Readers and
    the writer of a process share `maps`, so that each map of latest heads is in memory once.
    """

    def __init__(
        self,
        store: StoreReader,
        origin: str,
        *,
        clock: Callable[[], float],
        maps: SealedMaps | None = None,
        key: NoteVerifier | None = None,
    ) -> None:
        """Opens the log and compares its tree with the newest tree head; `key` is the log's own.

        Raises StorageError `ledger.damaged` when the two differ.
        """
        self.origin = origin
        self.clock = clock
        self.maps = maps or SealedMaps()
        self._store = store
        check_newest(store, origin, key)

    @property
    def size(self) -> int:
        """The number of entries in the log, including seals."""
        return self._store.size()

    @property
    def published_size(self) -> int:
        """The size of the newest signed checkpoint, 0 for none."""
        return self._store.signed_size()

    @property
    def founding(self) -> str:
        """The id of the `found` event; raises NotFoundError `ledger.empty`."""
        state = self.state("ledger")
        if not isinstance(state, LedgerState):
            raise NotFoundError("ledger.empty", "this ledger has not been founded yet")
        return state.first

    def state(self, item: str) -> State | None:
        """Returns the current state of an item, None for an unknown item."""
        row = self._store.read_heads((item,)).get(item)
        return parse_state(row.state) if row else None

    def heads(self, items: Iterable[str]) -> Mapping[str, Head]:
        """Returns first and latest events of items for signers; unknown items are omitted."""
        found = {}
        for item, row in self._store.read_heads(items).items():
            state = parse_state(row.state)
            found[item] = Head(state.first, row.seq, encode_base64url(row.head), row.life)
        return found

    def chain(self, item: str) -> list[Entry]:
        """Returns all events of an item in order; raises NotFoundError `item.unknown`."""
        chain = self._store.read_chain(item)
        if not chain:
            raise NotFoundError("item.unknown", f"this ledger has no {item}")
        return chain

    def search(self, wanted: Search) -> list[HeadRow]:
        """Finds items in ascending order of id."""
        return self._store.search(wanted)

    def describe(self, item: str) -> Item:
        """Describes an item's current status; raises NotFoundError `item.unknown`."""
        return describe_item(self, find_row(self, item))

    def find_items(self, wanted: Search) -> list[ItemRow]:
        """Finds items as `search` does and describes them for a list."""
        return describe_rows(self, self.search(wanted))

    def count_items(self) -> int:
        """Returns the number of items that have an event."""
        return self._store.count_items()

    def count_declared(self, line: str) -> int:
        """Returns the number of items that are linked to a declaration line."""
        return self._store.count_declared(line)

    def read_heads(self, items: Iterable[str]) -> Mapping[str, HeadRow]:
        """Reads the rows of these items; unknown items are omitted."""
        return self._store.read_heads(items)

    def read_all_heads(self) -> Iterator[HeadRow]:
        """Reads the rows of all items, ascending by id."""
        return self._store.read_all_heads()

    def misfiled_items(self) -> Iterator[str]:
        """Reads the items that a search by declaration line finds wrongly or not at all."""
        return self._store.misfiled_items()

    def read_chain(self, item: str, last: int | None = None) -> list[Entry]:
        """Reads the events of an item in order, up to position `last` if given."""
        return self._store.read_chain(item, last)

    def find_place(self, item: str, seq: int) -> Entry | None:
        """Finds the event at a position of a chain."""
        return self._store.find_place(item, seq)

    def find_event(self, item: str, leaf: bytes) -> Entry | None:
        """Finds the event of a chain with that leaf hash, 32 bytes."""
        return self._store.find_event(item, leaf)

    def read_entries(self, start: int, stop: int) -> Iterator[Entry]:
        """Reads entries by index, in order."""
        return self._store.read_entries(start, stop)

    def read_bodies(self, start: int, stop: int) -> Iterator[bytes]:
        """Reads only the leaves' bytes, in order."""
        return self._store.read_bodies(start, stop)

    def read_leaves(self, start: int, stop: int) -> bytes:
        """Reads leaf hashes by index, 32 bytes each, in order."""
        return self._store.read_leaves(start, stop)

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Reads a tile's first hashes (`traceledger.merkle.TileReader`)."""
        return self._store.read_tile(level, index, width)

    def checkpoint(self, size: int | None = None) -> bytes:
        """Returns the signed checkpoint of that size, or the newest, with its witnesses' lines.

        Raises NotFoundError `ledger.unpublished`.
        """
        return self.cosigned(find_signed(self._store, size))

    def read_checkpoint(self, size: int) -> CheckpointRow | None:
        """Reads the checkpoint of that size, signed or not."""
        return self._store.read_checkpoint(size)

    def checkpoints(self, after: int = 0) -> Iterator[CheckpointRow]:
        """Returns all signed checkpoints larger than `after`, ascending by size."""
        return (row for row in self._store.read_checkpoints(after) if row.note)

    def newest_checkpoints(
        self, limit: int, *, cosigned: bool = False, most: int = MAX_SIZE
    ) -> Iterator[CheckpointRow]:
        """Returns the newest signed or cosigned checkpoints up to a size, the largest first."""
        find = self._store.cosigned_sizes if cosigned else self._store.signed_sizes
        return (find_signed(self._store, size) for size in find(limit, most))

    def cosigned(self, row: CheckpointRow) -> bytes:
        """Returns the note of a signed checkpoint with the newest line of each of its witnesses."""
        return cosigned_note(self._store, row)

    def snapshot(self, size: int | None = None) -> Snapshot:
        """Returns the log as of the checkpoint of that size, or of the newest.

        Raises NotFoundError `ledger.unpublished`, StorageError `map.stale`.
        """
        row = find_signed(self._store, size)
        heads = self.maps.at(row.size, self._store)
        return Snapshot(row.size, row.root, self.cosigned(row), heads, self._store)

    def close(self) -> None:
        """Closes the store."""
        self._store.close()
