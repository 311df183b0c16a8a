"""Appending: the checks of a request of events against the current state, all or nothing.

Signatures are checked in parallel with form, rules and the writing of rows; nothing is committed
before every check has passed. A token that is already in the log is no error: its index is
returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from traceledger.errors import (
    ConflictError,
    NotAllowedError,
    TraceledgerError,
    UsageError,
    VerificationError,
)
from traceledger.events.acceptance import check_correction
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.keys import Jwk, PublicKey, load_jwk
from traceledger.events.token import Event, check_signature, parse_token
from traceledger.identifiers.items import is_authority
from traceledger.ledger.reading.log_end import LogEnd
from traceledger.ledger.writing.chain_share import ChainShares
from traceledger.ledger.writing.erasing import plan_erasure
from traceledger.ledger.writing.inner_parts import check_inner_parts
from traceledger.ledger.writing.intake import Received, read_wire
from traceledger.ledger.writing.lookups import Past
from traceledger.ledger.writing.new_parts import check_new_parts
from traceledger.ledger.writing.signature_checks import SignatureChecks
from traceledger.ledger.writing.store_world import StoreWorld
from traceledger.rules.authority import find_key
from traceledger.rules.fold import Joins, fold
from traceledger.rules.lifecycle import RULES
from traceledger.rules.place import check_place
from traceledger.rules.state import Goods, State
from traceledger.storage.store import Batch
from traceledger.views.appended import MAX_EVENTS, Logged
from traceledger.views.projection import project
from traceledger.views.rows import Entry, HeadRow

__all__ = ["Prepared", "prepare"]


class Prepared(NamedTuple):
    """A request that passed the rules: the batch to write and the state after it.

    Signature checks may still be running. `confirm` waits for them and raises VerificationError for
    the first false signature; nothing may be committed before it returns.
    """

    confirm: Callable[[], None]
    logged: tuple[Logged, ...]
    batch: Batch
    end: LogEnd
    authority: dict[str, State]
    heads: tuple[HeadRow, ...]


def prepare(
    store: Past,
    end: LogEnd,
    authority: dict[str, State],
    wires: Sequence[bytes | Received],
    *,
    origin: str,
    now: float,
    checks: SignatureChecks,
) -> Prepared:
    """Checks a request of events, in wire form or already parsed, against the end of the log.

    Raises MalformedError, VerificationError, ConflictError or NotAllowedError, which name the event
    of the request.
    """
    if not 1 <= len(wires) <= MAX_EVENTS:
        raise UsageError("append.count", f"{len(wires)} events given, 1 to {MAX_EVENTS} allowed")
    request = _Request(store, end, authority, origin, checks)
    received = request.receive(wires, now)
    for number, incoming in enumerate(received):
        try:
            request.add(number, incoming)
        except TraceledgerError as error:
            raise _placed(error, incoming.number or number + 1, incoming.event) from error
    return request.finish(received)


class _Request:
    """A request during its checks."""

    def __init__(
        self,
        store: Past,
        end: LogEnd,
        authority: dict[str, State],
        origin: str,
        checks: SignatureChecks,
    ) -> None:
        self._checks = checks
        self._store = store
        self._end = end
        self._authority = authority
        self._origin = origin
        self._world = StoreWorld(store, authority)
        self._joins = Joins()
        self._shares = ChainShares(store)
        self._founding = ""
        self._unchecked: set[int] = set()
        self._entries: list[Entry] = []
        self._places: dict[tuple[str, int], Logged] = {}
        self._added: dict[str, list[tuple[int, Event]]] = {}
        self._keys: dict[Jwk, PublicKey] = {}
        self._logged: list[Logged] = []
        self._erased: dict[int, bytes] = {}
        self._chains: dict[str, Mapping[bytes, Entry]] = {}

    def receive(self, wires: Sequence[bytes | Received], now: float) -> list[Received]:
        """Checks the forms and starts the signature checks for keys that the ledger knows."""
        self._checks.begin(sum(not _is_checked(wire) for wire in wires))
        received: list[Received] = []
        for number, wire in enumerate(wires):
            try:
                incoming = wire if isinstance(wire, Received) else read_wire(wire, now)
            except TraceledgerError as error:
                raise error.at(f"event {number + 1}") from error
            received.append(incoming)
            if incoming.checked:
                continue
            jwk = find_key(self._world, incoming.event)
            if jwk is None:
                self._unchecked.add(number)
            else:
                self._checks.add(number, incoming.event, self._load(jwk))
        events = [incoming.event for incoming in received]
        self._world.prefetch(event.payload.sub for event in events)
        self._world.prefetch(ref.item for event in events for ref in event.refs)
        ledger = self._world.state("ledger")
        self._founding = ledger.first if ledger else ""
        return received

    def add(self, number: int, received: Received) -> None:
        """Folds an event into the world, or finds its place if it is already in the log."""
        event, claims = received.event, received.event.payload
        before = self._world.state(claims.sub)
        if before is not None and claims.seq <= before.seq:
            self._logged.append(self._find_again(event, before))
            self._unchecked.discard(number)
            return
        try:
            check_place(event, before, origin=self._origin, founding=self._founding)
        except VerificationError as error:
            raise ConflictError(error.code, error.message) from error
        if number in self._unchecked:
            # The key was registered earlier in this request, or nowhere.
            jwk = find_key(self._world, event)
            if jwk is not None:
                check_signature(event, self._load(jwk))
        changes = fold(self._world, event)
        _check_rules(event)
        check_inner_parts(self._world, event, self._read_first)
        check_new_parts(self._world, received.values)
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

    def finish(self, received: Sequence[Received]) -> Prepared:
        """Builds the rows of the batch."""
        self._joins.close()
        heads = tuple(self._project(item, state) for item, state in self._world.changes.items())
        end, tiles = self._end.extended([entry.leaf for entry in self._entries])

        def confirm() -> None:
            failure = self._checks.finish()
            if failure is not None:
                event = received[failure.number].event
                raise _placed(failure.error, failure.number + 1, event) from failure.error

        return Prepared(
            confirm=confirm,
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

    def _load(self, jwk: Jwk) -> PublicKey:
        key = self._keys.get(jwk)
        if key is None:
            key = self._keys[jwk] = load_jwk(jwk)
        return key

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


def _is_checked(wire: bytes | Received) -> bool:
    return isinstance(wire, Received) and wire.checked


def _check_rules(event: Event) -> None:
    """Refuses rules for the ledger that this version cannot apply."""
    field = {"found": "rules", "rules": "version"}.get(event.kind_name)
    if field and getattr(event.data, field) > RULES:
        raise NotAllowedError(
            "rules.newer",
            f"{field} {getattr(event.data, field)} given, this version supports up to {RULES}",
        )


def _placed(error: TraceledgerError, number: int, event: Event) -> TraceledgerError:
    return error.at(f"event {number} ({event.kind_name} {event.payload.sub})")
