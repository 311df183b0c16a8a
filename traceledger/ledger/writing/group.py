"""Group commit: many requests in one transaction, each of them all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from traceledger.errors import TraceledgerError
from traceledger.ledger.reading.log_end import LogEnd
from traceledger.ledger.writing.appending import Prepared, prepare
from traceledger.ledger.writing.intake import Received
from traceledger.ledger.writing.lookups import GroupLookups, Past
from traceledger.rules.state import State
from traceledger.storage.store import Batch, join_batches
from traceledger.views.appended import Logged

__all__ = ["Group"]


class Group:
    """Requests that build on each other; a request that fails has no effect."""

    def __init__(
        self,
        past: Past,
        end: LogEnd,
        authority: dict[str, State],
        *,
        origin: str,
    ) -> None:
        self.end = end
        self.authority = dict(authority)
        self._before = end.frontier
        self._past = GroupLookups(past)
        self._origin = origin
        self._prepared: list[Prepared] = []

    def prefetch(self, requests: Iterable[Sequence[Received]]) -> None:
        """Reads the rows of all items in these requests at once."""
        items: dict[str, None] = {}
        for received in chain.from_iterable(requests):
            items[received.event.payload.sub] = None
            items.update((ref.item, None) for ref in received.event.refs)
        self._past.prefetch(items)

    def add(self, request: Sequence[Received]) -> tuple[Logged, ...] | TraceledgerError:
        """Checks a request after the earlier ones; returns the places of its events or an error."""
        try:
            prepared = prepare(self._past, self.end, self.authority, request, origin=self._origin)
        except TraceledgerError as error:
            return error
        self.end = prepared.end
        self.authority.update(prepared.authority)
        self._past.add(prepared.batch)
        self._prepared.append(prepared)
        return prepared.logged

    @property
    def batch(self) -> Batch:
        """The batch of all requests that passed, without entries if there are none."""
        batches = [prepared.batch for prepared in self._prepared]
        return join_batches(batches) if batches else Batch(self._before, self._before, ())
