"""Appending: the checks of a request of events against the current state, all or nothing.

A token that is already in the log is no error: its index is returned.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
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
from traceledger.storage.store import Batch, join_batches
from traceledger.views.appended import Logged
from traceledger.views.projection import project
from traceledger.views.rows import Entry, HeadRow

__all__ = ["Preparation", "Prepared", "prepare", "prepare_together"]

_MANY = 192  # events whose rows are written together; the more, the less each row costs
_RULES_FIELDS: Mapping[str, str] = MappingProxyType({"found": "rules", "rules": "version"})
"""The field with the version of the rules, by kind."""


class Prepared(NamedTuple):
    """A request that passed every check: the batch to write and the state after it."""

    logged: tuple[Logged, ...]
    batch: Batch
    end: LogEnd
    authority: dict[str, State]


def prepare(
    store: Past,
    end: LogEnd,
    authority: dict[str, State],
    request: Sequence[Received],
    *,
    origin: str,
) -> Prepared:
    """Checks a request of events; raises what `Preparation.batches` raises."""
    preparation = Preparation(store, end, authority, origin=origin)
    batches = list(preparation.batches([request]))
    batch = join_batches(batches) if batches else Batch(end.frontier, end.frontier, ())
    return Prepared(preparation.logged, batch, preparation.end, preparation.authority)


def prepare_together(
    store: Past,
    end: LogEnd,
    authority: dict[str, State],
    requests: Sequence[Sequence[Received]],
    *,
    origin: str,
) -> Prepared:
    """Checks requests in their order; raises the first error, whichever request it is of."""
    preparation = Preparation(store, end, authority, origin=origin)
    batch = preparation.join(requests)
    return Prepared(preparation.logged, batch, preparation.end, preparation.authority)


class Preparation:
    """The checks of one request, of which the last events may still be read during the first."""

    def __init__(
        self,
        store: Past,
        end: LogEnd,
        authority: dict[str, State],
        *,
        origin: str,
    ) -> None:
        self.end = end
        self.heads: dict[str, HeadRow] = {}
        self._store = store
        self._authority = authority
        self._origin = origin
        self._world = StoreWorld(store, authority)
        self._joins = Joins()
        self._shares = ChainShares(store)
        ledger = self._world.state("ledger")
        self._founding = ledger.first if ledger else ""
        self._entries: list[Entry] = []
        self._added: dict[str, list[tuple[int, Event]]] = {}
        self._changed: dict[str, None] = {}
        self._logged: list[Logged] = []
        self._erased: dict[int, bytes] = {}
        self._chains: dict[str, Mapping[bytes, Entry]] = {}

    @property
    def logged(self) -> tuple[Logged, ...]:
        """The places of the events that were checked so far."""
        return tuple(self._logged)

    @property
    def authority(self) -> dict[str, State]:
        """The states of keys, parties, ledger and policy that the request changed."""
        return {item: state for item, state in self._world.changes.items() if is_authority(item)}

    def batches(self, chunks: Iterable[Sequence[Received]]) -> Iterator[Batch]:
        """Yields the rows of the request as consecutive batches, while its events are checked.

        The batches are one transaction: only the end proves that every event passed. The row of
        an item comes again if a later event changes it. There is no batch if the log has all
        events. `end` and `heads` are up to the last batch.

        Raises MalformedError, VerificationError, ConflictError or NotAllowedError, which name the
        event of the request; an error of reading an event comes first.
        """
        reading = iter(chunks)
        for chunk in reading:
            self._world.prefetch(_items_of(chunk))
            if len(self._entries) >= _MANY:
                yield self._take()
            for received in chunk:
                try:
                    self._add(received)
                except TraceledgerError as error:
                    deque(reading, maxlen=0)
                    event = received.event
                    place = f"event {received.number} ({event.kind_name} {event.payload.sub})"
                    raise error.at(place) from error
        self._joins.close()
        if self._entries:
            yield self._take()

    def join(self, requests: Sequence[Sequence[Received]]) -> Batch:
        """Returns the rows of whole requests, each of which must complete its own joins.

        Raises the first error.
        """
        self._world.prefetch(_items_of(chain.from_iterable(requests)))
        for request in requests:
            for received in request:
                self._add(received)
            self._joins.close()
        return self._take()

    def _add(self, received: Received) -> None:
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
        self._changed.update(dict.fromkeys(changes))
        if event.kind_name == "found":
            self._founding = event.id
        index = self.end.size + len(self._entries)
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
        self._added.setdefault(claims.sub, []).append((index, event))
        self._logged.append(Logged(index, event.id, event.leaf, claims.sub, claims.seq))

    def _take(self) -> Batch:
        """Builds the batch of the entries since the last one."""
        changes = self._world.changes
        heads = [self._project(item, changes[item]) for item in self._changed]
        self.heads.update((row.item, row) for row in heads)
        before, entries = self.end, self._entries
        self.end, tiles = before.extended([entry.leaf for entry in entries])
        self._entries, self._changed = [], {}
        erased = list(self._erased.items())
        return Batch(before.frontier, self.end.frontier, entries, tiles, heads, erased=erased)

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
        item, seq = claims.sub, claims.seq
        added = self._added.get(item)
        place = seq - added[0][1].payload.seq if added else -1  # a chain has no gaps
        if added and place >= 0 and added[place][1].id == event.id:
            return Logged(added[place][0], event.id, event.leaf, item, seq)
        found = self._store.find_place(item, seq)
        if found is None or found.leaf != event.leaf:
            raise ConflictError(
                "chain.taken",
                f"{item} has another event at position {seq};"
                f" its latest event is {before.head} at position {before.seq}",
            )
        return Logged(found.leaf_index, event.id, found.leaf, item, seq)


def _items_of(received: Iterable[Received]) -> dict[str, None]:
    """Returns the items of events and those that they link to, each once."""
    items: dict[str, None] = {}
    for one in received:
        items[one.event.payload.sub] = None
        for ref in one.event.refs:
            items[ref.item] = None
    return items


def _check_rules(event: Event) -> None:
    """Refuses rules for the ledger that this version cannot apply."""
    field = _RULES_FIELDS.get(event.kind_name)
    if field and getattr(event.data, field) > RULES:
        raise NotAllowedError(
            "rules.newer",
            f"{field} {getattr(event.data, field)} given, this version supports up to {RULES}",
        )
