"""Group commit: many requests in one transaction, each of them all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from traceledger.errors import StorageError, TraceledgerError
from traceledger.ledger.reading.log_end import LogEnd
from traceledger.ledger.writing.appending import Prepared, prepare, prepare_together
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

    def add(
        self, requests: Sequence[Sequence[Received]]
    ) -> list[tuple[Logged, ...] | TraceledgerError]:
        """Checks requests in their order; returns for each the places of its events or an error.

        Nearly always all pass, and checking them together saves half of what a request costs.
        Raises StorageError if what is written cannot be read: then nothing is known of any request.
        """
        if len(requests) > 1:
            try:
                prepared = prepare_together(
                    self._past, self.end, self.authority, requests, origin=self._origin
                )
            except StorageError:
                raise
            except TraceledgerError:
                pass  # each request is checked alone
            else:
                places = iter(self._keep(prepared))
                return [tuple(islice(places, len(request))) for request in requests]
        return [self._add_alone(request) for request in requests]

    def _add_alone(self, request: Sequence[Received]) -> tuple[Logged, ...] | TraceledgerError:
        try:
            prepared = prepare(self._past, self.end, self.authority, request, origin=self._origin)
        except StorageError:
            raise
        except TraceledgerError as error:
            return error
        return self._keep(prepared)

    def _keep(self, prepared: Prepared) -> tuple[Logged, ...]:
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
