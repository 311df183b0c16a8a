"""The protocol of a ledger for planners and commands, shared by local folders and servers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from traceledger.rules.state import State
from traceledger.views.answers import Item, ItemRow
from traceledger.views.appended import Appended, Logged
from traceledger.views.rows import Entry, Head, HeadRow, Search

__all__ = ["LedgerView", "Lookups", "OpenLedger"]


class Lookups(Protocol):
    """Look-ups by item, for planners and the checks of new events."""

    def read_heads(self, items: Iterable[str]) -> Mapping[str, HeadRow]:
        """Reads the rows of these items; unknown items are omitted."""

    def read_chain(self, item: str, last: int | None = None) -> list[Entry]:
        """Reads the events of an item in order, up to position `last` if given."""

    def find_place(self, item: str, seq: int) -> Entry | None:
        """Finds the event at a position of a chain."""


class LedgerView(Lookups, Protocol):
    """A ledger for reading (`traceledger.ledger.reading.reader` documents the methods)."""

    @property
    def origin(self) -> str:
        """The name of the log."""

    @property
    def clock(self) -> Callable[[], float]:
        """Seconds since 1970."""

    @property
    def size(self) -> int:
        """The number of entries in the log."""

    @property
    def founding(self) -> str:
        """The id of the `found` event."""

    def state(self, item: str) -> State | None:
        """Returns the current state of an item, None for an unknown item."""

    def heads(self, items: Iterable[str]) -> Mapping[str, Head]:
        """Returns first and latest events of items for signers; unknown items are omitted."""

    def chain(self, item: str) -> list[Entry]:
        """Returns all events of an item in order."""

    def search(self, wanted: Search) -> list[HeadRow]:
        """Finds items in ascending order of id."""

    def count_declared(self, line: str) -> int:
        """Returns the number of items that are linked to a declaration line."""

    def describe(self, item: str) -> Item:
        """Describes an item's current status; raises NotFoundError `item.unknown`."""

    def find_items(self, wanted: Search) -> list[ItemRow]:
        """Finds items as `search` does and describes them for a list."""

    def checkpoint(self) -> bytes:
        """Returns the newest signed checkpoint."""


class OpenLedger(LedgerView, Protocol):
    """An open ledger for commands, which read it and check or append requests of events."""

    def check(self, wires: Sequence[bytes]) -> tuple[Logged, ...]:
        """Checks a request and returns the places that its events would have; writes nothing."""

    def append(self, wires: Sequence[bytes]) -> Appended:
        """Appends a request of events in wire form, all or nothing, durably."""

    def close(self) -> None:
        """Releases all resources."""
