"""What planners and commands ask of a ledger, wherever it is: a folder here, or a server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from traceledger.rules.state import State
from traceledger.views.appended import Appended, Logged
from traceledger.views.rows import Entry, Head, HeadRow, Search

__all__ = ["LedgerView", "Lookups", "OpenLedger"]


class Lookups(Protocol):
    """Look-ups by item: what planners and the checks of new events read."""

    def read_heads(self, items: Iterable[str]) -> Mapping[str, HeadRow]:
        """Reads what is known of these items; unknown ones are left out."""

    def read_chain(self, item: str, last: int | None = None) -> list[Entry]:
        """Reads the events of one item in order, up to position `last` when given."""

    def find_place(self, item: str, seq: int) -> Entry | None:
        """Finds the event at a position of a chain."""


class LedgerView(Lookups, Protocol):
    """A ledger as it is read (`traceledger.ledger.reading.reader` says what each method does)."""

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
        """What the rules know of an item now."""

    def heads(self, items: Iterable[str]) -> Mapping[str, Head]:
        """What signers must know of items; unknown items are left out."""

    def chain(self, item: str) -> list[Entry]:
        """All events of an item, in order."""

    def search(self, wanted: Search) -> list[HeadRow]:
        """Finds items in ascending order of id."""

    def checkpoint(self) -> bytes:
        """The newest signed checkpoint."""


class OpenLedger(LedgerView, Protocol):
    """A ledger as commands have it open: they read it, and check or append requests of events."""

    def check(self, wires: Sequence[bytes]) -> tuple[Logged, ...]:
        """Says where a request of events would stand; writes nothing."""

    def append(self, wires: Sequence[bytes]) -> Appended:
        """Appends a request of events in wire form, all or nothing, durably."""

    def close(self) -> None:
        """Gives everything back."""
