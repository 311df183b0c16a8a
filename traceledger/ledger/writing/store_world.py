"""The `World` of the store, with the changes of one batch."""

from __future__ import annotations

from collections.abc import Iterable

from traceledger.errors import MalformedError
from traceledger.events.encoding import decode_base64url
from traceledger.events.token import Event, parse_token
from traceledger.identifiers.items import is_authority
from traceledger.ledger.writing.lookups import Past
from traceledger.rules.state import State, Trace, parse_state
from traceledger.views.rows import Entry, HeadRow

__all__ = ["StoreWorld"]


class StoreWorld:
    """The `World` for the fold over one batch.

    `authority` is the owner's cache of the states of keys, parties, ledger and policy; the owner
    adds `changes` to it only after their commit.
    """

    def __init__(self, store: Past, authority: dict[str, State]) -> None:
        self._store = store
        self._authority = authority
        self._rows: dict[str, HeadRow] = {}
        self._known: set[str] = set()
        self._decoded: dict[str, State | None] = {}
        self._events: dict[str, Event] = {}
        self._sought: set[str] = set()
        self.changes: dict[str, State] = {}

    def prefetch(self, items: Iterable[str]) -> None:
        """Reads the rows of these items in few queries."""
        wanted = [item for item in dict.fromkeys(items) if item not in self._known]
        self._rows.update(self._store.read_heads(wanted))
        self._known.update(wanted)  # not if reading failed

    def row(self, item: str) -> HeadRow | None:
        """Returns the item's row before the batch."""
        if item not in self._known:
            self.prefetch((item,))
        return self._rows.get(item)

    def state(self, item: str) -> State | None:
        """Returns the state of a chain, or None when it has no event yet."""
        state = self.changes.get(item) or self._authority.get(item)
        if state is None and item in self._decoded:
            return self._decoded[item]
        if state is None:
            row = self.row(item)
            state = None if row is None else parse_state(row.state)
            if state is not None and is_authority(item):
                self._authority[item] = state
            else:
                self._decoded[item] = state
        return state

    def trace(self, item: str, event: str) -> Trace | None:
        """Returns kind and issuer of an earlier event of a chain by its id."""
        found = self._events.get(event)
        if found is None:
            earlier = (parse_token(entry.body) for entry in self._read_earlier(item, event))
            self._events.update((past.id, past) for past in earlier)
            found = self._events.get(event)
        if found is None or found.payload.sub != item:
            return None
        return Trace(found.kind_name, found.payload.iss)

    def _read_earlier(self, item: str, event: str) -> Iterable[Entry]:
        """Reads an event of a chain, and all of them when a second one is wanted.

        The chains of lots and books have no bound, and a station may write there all day.
        """
        if item in self._sought:
            return self._store.read_chain(item)
        self._sought.add(item)
        try:
            found = self._store.find_event(item, decode_base64url(event.encode()))
        except MalformedError:
            return ()
        return () if found is None else (found,)

    def is_published(self, size: int) -> bool:
        """Reports whether a seal ended the log at this size."""
        return self._store.read_checkpoint(size) is not None

    def apply(self, event: Event, changes: dict[str, State]) -> None:
        """Adds the result of the fold."""
        self.changes.update(changes)
        self._events[event.id] = event
