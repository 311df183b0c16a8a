"""Appending: the checks of a request of events against the current state, all or nothing.

A token that is already in the log is no error: its index is returned.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from traceledger.errors import (
    ConflictError,
    NotAllowedError,
    TraceledgerError,
    VerificationError,
)
from traceledger.events.acceptance import check_correction
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.keys import load_jwk
from traceledger.events.token import Event, check_signature, parse_token
from traceledger.identifiers.items import is_authority
from traceledger.ledger.reading.log_end import LogEnd
from traceledger.ledger.writing.chain_share import ChainShares
from traceledger.ledger.writing.erasing import plan_erasure
from traceledger.ledger.writing.inner_parts import check_inner_parts
from traceledger.ledger.writing.intake import Received
from traceledger.ledger.writing.lookups import Past
from traceledger.ledger.writing.new_parts import check_new_parts
from traceledger.ledger.writing.store_world import StoreWorld
from traceledger.rules.authority import find_key
from traceledger.rules.fold import Joins, fold
from traceledger.rules.lifecycle import RULES
from traceledger.rules.place import check_place
from traceledger.rules.state import Goods, State
from traceledger.storage.store import Batch
from traceledger.views.appended import Logged
from traceledger.views.projection import project
from traceledger.views.rows import Entry, HeadRow

__all__ = ["Prepared", "prepare"]


class Prepared(NamedTuple):
    """A request that passed every check: the batch to write and the state after it."""

    logged: tuple[Logged, ...]
    batch: Batch
    end: LogEnd
    authority: dict[str, State]
    heads: tuple[HeadRow, ...]


def prepare(
    store: Past,
    end: LogEnd,
    authority: dict[str, State],
    chunks: Iterable[Sequence[Received]],
    *,
    origin: str,
) -> Prepared:
    """Checks a request of events, which may still be read, against the end of the log.

    Raises MalformedError, VerificationError, ConflictError or NotAllowedError, which name the event
    of the request; an error of reading an event comes first.
    """
    request = _Request(store, end, authority, origin)
    reading = iter(chunks)
    for chunk in reading:
        request.prefetch(chunk)
        for received in chunk:
            try:
                request.add(received)
            except TraceledgerError as error:
                deque(reading, maxlen=0)
                event = received.event
                place = f"event {received.number} ({event.kind_name} {event.payload.sub})"
                raise error.at(place) from error
    return request.finish()


class _Request:
    """A request during its checks."""

    def __init__(
        self,
        store: Past,
        end: LogEnd,
        authority: dict[str, State],
        origin: str,
    ) -> None:
        self._store = store
        self._end = end
        self._authority = authority
        self._origin = origin
        self._world = StoreWorld(store, authority)
        self._joins = Joins()
        self._shares = ChainShares(store)
        ledger = self._world.state("ledger")
        self._founding = ledger.first if ledger else ""
        self._entries: list[Entry] = []
        self._places: dict[tuple[str, int], Logged] = {}
        self._added: dict[str, list[tuple[int, Event]]] = {}
        self._logged: list[Logged] = []
        self._erased: dict[int, bytes] = {}
        self._chains: dict[str, Mapping[bytes, Entry]] = {}

    def prefetch(self, received: Sequence[Received]) -> None:
        """Reads the rows of the items of these events in few queries."""
        self._world.prefetch(one.event.payload.sub for one in received)
        self._world.prefetch(ref.item for one in received for ref in one.event.refs)

    def add(self, received: Received) -> None:
        """Folds an event into the world, or finds its place if it is already in the log."""
        event, claims = received.event, received.event.payload
        before = self._world.state(claims.sub)
        if before is not None and claims.seq <= before.seq:
            self._logged.append(self._find_again(event, before))
            return
        try:
            check_place(event, before, origin=self._origin, founding=self._founding)
        except VerificationError as error:
            raise ConflictError(error.code, error.message) from error
        if not received.checked:
            jwk = find_key(self._world, event)
            if jwk is not None:  # otherwise, the rules forbid the event
                check_signature(event, load_jwk(jwk))
        changes = fold(self._world, event)
        _check_rules(event)
        check_inner_parts(self._world, event, self._read_first)
        check_new_parts(self._world, received.lots)
        after = changes.get(claims.sub)
        size = len(event.token) + 1 + len(received.disclosures)
        if isinstance(after, Goods):
            self._shares.add(event, after.chain, size)
        if event.kind_name == "profile":
            self._shares.add(event, "party", size)
        if event.kind_name == "correct":
            self._check_correction(received)
        if event.kind_name == "erase":
            erased = plan_erasure(self._written(claims.sub), event, self._erased)
            self._erased[erased.leaf_index] = erased.disclosures
        self._joins.add(event)
        self._world.apply(event, changes)
        if event.kind_name == "found":
            self._founding = event.id
        index = self._end.size + len(self._entries)
        self._entries.append(
            Entry(
                index,
                event.leaf,
                claims.sub,
                claims.seq,
                event.kind_name,
                event.token,
                received.disclosures,
            )
        )
        logged = Logged(index, event.id, event.leaf, claims.sub, claims.seq)
        self._places[claims.sub, claims.seq] = logged
        self._added.setdefault(claims.sub, []).append((index, event))
        self._logged.append(logged)

    def finish(self) -> Prepared:
        """Builds the rows of the batch."""
        self._joins.close()
        heads = tuple(self._project(item, state) for item, state in self._world.changes.items())
        end, tiles = self._end.extended([entry.leaf for entry in self._entries])

        return Prepared(
            logged=tuple(self._logged),
            batch=Batch(
                self._end.frontier,
                end.frontier,
                self._entries,
                tiles,
                heads,
                erased=list(self._erased.items()),
            ),
            end=end,
            authority={
                item: state for item, state in self._world.changes.items() if is_authority(item)
            },
            heads=heads,
        )

    def _read_first(self, item: str) -> Event | None:
        added = self._added.get(item)
        if added and added[0][1].payload.seq == 0:
            return added[0][1]
        entry = self._store.find_place(item, 0)
        return parse_token(entry.body) if entry else None

    def _project(self, item: str, state: State) -> HeadRow:
        added = self._added.get(item, ())

        def read_chain() -> Iterable[Event]:
            return (parse_token(entry.body) for entry in self._store.read_chain(item))

        return project(item, state, self._world.row(item), added, read_chain)

    def _written(self, item: str) -> Mapping[bytes, Entry]:
        """Returns an item's stored entries by leaf hash; cached for further erasures."""
        if item not in self._chains:
            self._chains[item] = {entry.leaf: entry for entry in self._store.read_chain(item)}
        return self._chains[item]

    def _check_correction(self, received: Received) -> None:
        """Checks the new values, including restricted ones, against the kind that they correct."""
        event = received.event
        target = self._world.trace(event.payload.sub, event.refs[0].event or "")
        kind = CATALOGUE.get(target.kind) if target else None
        if kind is not None:
            check_correction(kind, received.values)

    def _find_again(self, event: Event, before: State) -> Logged:
        claims = event.payload
        found = self._places.get((claims.sub, claims.seq))
        if found is None:
            entry = self._store.find_place(claims.sub, claims.seq)
            if entry is not None:
                found = Logged(entry.leaf_index, event.id, entry.leaf, claims.sub, claims.seq)
        if found is None or found.leaf != event.leaf:
            raise ConflictError(
                "chain.taken",
                f"{claims.sub} has another event at position {claims.seq};"
                f" its latest event is {before.head} at position {before.seq}",
            )
        return found


def _check_rules(event: Event) -> None:
    """Refuses rules for the ledger that this version cannot apply."""
    field = {"found": "rules", "rules": "version"}.get(event.kind_name)
    if field and getattr(event.data, field) > RULES:
        raise NotAllowedError(
            "rules.newer",
            f"{field} {getattr(event.data, field)} given, this version supports up to {RULES}",
        )
