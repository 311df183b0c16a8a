"""What commands and planners ask of a ledger, wherever it is: a folder here, or a server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from traceledger.ledger.appending import Logged
from traceledger.ledger.ledger import Appended, Head
from traceledger.ledger.past import Past
from traceledger.rules.state import State
from traceledger.storage.store import Entry, HeadRow, Search

__all__ = ["LedgerView"]


class LedgerView(Protocol):
    """A ledger as its users see it (`traceledger.ledger.ledger` says what each method does)."""

    @property
    def origin(self) -> str:
        """The name of the log."""

    @property
    def clock(self) -> Callable[[], float]:
        """Seconds since 1970."""

    @property
    def store(self) -> Past:
        """Look-ups by item."""

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

    def check(self, wires: Sequence[bytes]) -> tuple[Logged, ...]:
        """Says where a request of events would stand; writes nothing."""

    def append(self, wires: Sequence[bytes]) -> Appended:
        """Appends a request of events in wire form, all or nothing, durably."""

    def close(self) -> None:
        """Gives everything back."""
