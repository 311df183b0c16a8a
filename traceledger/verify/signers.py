"""The signer of each event and its authority at that moment.

Implements checks 8 and 9 of docs/spec/passport.md. A passport has no log index for most events and
needs none: if the authority of a key never changed, its final state applied at all times. If it did
change, `order` proves the positions of the change and of all events that the key signed
(docs/adr/0002-passport-order.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from traceledger.errors import VerificationError
from traceledger.events.keys import Jwk, PublicKey, load_jwk
from traceledger.events.token import Event
from traceledger.formats.checkpoint import Checkpoint
from traceledger.formats.passport import OrderEntry
from traceledger.identifiers.items import AUTHORITY, item_of_key, parse_item
from traceledger.merkle.proofs import check_inclusion
from traceledger.rules.authority import Authority, check_authority, find_key
from traceledger.rules.effective import public_fields
from traceledger.rules.fold import fold
from traceledger.rules.replay import Replay
from traceledger.rules.state import KeyState, LedgerState, PartyState, State
from traceledger.verify.chains import Shown, ShownChain, goods_of, standing_before
from traceledger.verify.completeness import find_bases, later_changes, needed_order
from traceledger.verify.refusal import refusing
from traceledger.verify.unjudged import Unjudged
from traceledger.verify.verdict import Mention, Party

__all__ = ["Signer", "Signers", "check_order", "check_signatures", "check_signers"]


class Signer(NamedTuple):
    """The key that an event names, with its authority at that moment.

    `authority` is None for events of the ledger, parties and keys, and where this version cannot
    judge it; `admit` is the `admit` event of the party in effect at that moment.
    """

    jwk: Jwk | None
    authority: Authority | None
    admit: str


class Signers(NamedTuple):
    """The signer of each event by event id, the parties, and the disputed events."""

    by_event: Mapping[str, Signer]
    parties: tuple[Party, ...]
    disputed: tuple[Mention, ...]


def check_order(
    shown: Shown, entries: Sequence[OrderEntry], checkpoint: Checkpoint
) -> Mapping[str, int]:
    """Checks that exactly the required positions are proven; returns them by event id.

    Raises RefusedError `passport.order` or `merkle.proof`.
    """
    needed = needed_order({item: chain.events for item, chain in shown.items()})
    given = {entry.event: entry for entry in entries}
    with refusing():
        if len(given) != len(entries) or given.keys() - needed:
            raise VerificationError("passport.order", "a position is given that is not required")
    indices: dict[str, int] = {}
    for chain in shown.values():
        last = -1
        for event in chain.events:
            if event.id not in needed:
                continue
            with refusing(chain.item, event.id):
                entry = given.get(event.id)
                if entry is None or entry.index <= last:
                    fault = "is not proven" if entry is None else "precedes an earlier event's"
                    raise VerificationError("passport.order", f"the event's position {fault}")
                check_inclusion(
                    entry.index, checkpoint.size, event.leaf, entry.proof, checkpoint.root
                )
                indices[event.id] = last = entry.index
    return indices


def check_signers(shown: Shown, indices: Mapping[str, int], doubts: Unjudged) -> Signers:
    """Checks the authority by which each event was signed, the ledger's own chains first.

    Raises RefusedError `key.*`, and for the chains of the ledger, parties and keys also `life.*`
    and `ref.*`.
    """
    roster = _Roster(shown, indices)
    by_event = {}
    for chain in _in_order(shown):
        for seq, event in enumerate(chain.events):
            with refusing(chain.item, event.id):
                by_event[event.id] = roster.judge(chain, seq, event, doubts)
    disputed = tuple(
        Mention(chain.item, event.id, event.kind_name)
        for chain in goods_of(shown)
        for event in chain.events
        if 0 <= roster.disputed_since(event) <= indices.get(event.id, -1)
    )
    return Signers(by_event, roster.parties(), disputed)


def check_signatures(shown: Shown, signers: Signers) -> None:
    """Checks the signature of every event; raises RefusedError `signature.false`."""
    keys: dict[Jwk, PublicKey] = {}
    for chain in shown.values():
        for event in chain.events:
            jwk = signers.by_event[event.id].jwk
            if jwk is None:
                continue
            with refusing(chain.item, event.id):
                key = keys[jwk] = keys.get(jwk) or load_jwk(jwk)
                if key.kid != event.kid or event.algorithm not in key.algorithms:
                    raise VerificationError(
                        "signature.false",
                        f"{event.algorithm} by {event.kid} given, the key is {key.kid}"
                        f" for {' or '.join(key.algorithms)}",
                    )
                key.verify(event.signed, event.signature)


class _Roster:
    """The states of ledger, parties and keys after each of their events."""

    def __init__(self, shown: Shown, indices: Mapping[str, int]) -> None:
        self._chains = {item: chain.events for item, chain in shown.items()}
        self._indices = indices
        self._states: dict[str, list[State | None]] = {}
        # A key is granted only once; across the chains shown, this is checked in judging order.
        self._granted: tuple[str, ...] = ()

    def judge(self, chain: ShownChain, seq: int, event: Event, doubts: Unjudged) -> Signer:
        rights = ("ledger", event.payload.iss, item_of_key(event.kid))
        states = {item: self._at(item, event) for item in rights if item != chain.item}
        states[chain.item] = self._own(chain, seq)
        world = self._world(event, states)
        authority = None
        changes: dict[str, State] = {}
        if event.kind is not None:
            with doubts.tolerating(event, *rights):
                if chain.is_goods:
                    authority = check_authority(world, event, event.kind)
                else:
                    changes = fold(world, event)
        if not chain.is_goods:
            self._remember(chain.item, changes)
        jwk = find_key(world, event)
        if jwk is None and not doubts.covers(*rights):
            raise VerificationError("key.unknown", f"key {event.kid} was never granted")
        party = world.state(event.payload.iss)
        admit = party.authority if isinstance(party, PartyState) else ""
        return Signer(jwk, authority, admit)

    def parties(self) -> tuple[Party, ...]:
        last = ((item, states[-1]) for item, states in self._states.items())
        return tuple(
            Party(item, state.name, self._profile(item))
            for item, state in last
            if isinstance(state, PartyState)
        )

    def _profile(self, party: str) -> Mapping[str, Any]:
        profiles = [event for event in self._chains[party] if event.kind_name == "profile"]
        return public_fields(profiles[-1]) if profiles else {}

    def disputed_since(self, event: Event) -> int:
        states = self._states.get(item_of_key(event.kid)) or [None]
        return states[-1].compromised_since if isinstance(states[-1], KeyState) else -1

    def _at(self, item: str, event: Event) -> State | None:
        """Returns the state of a chain at the moment of an event that depends on its authority."""
        states = self._states.get(item, [])
        for basis in find_bases(event, self._chains):
            if basis.chain == item:
                for change in later_changes(basis, self._chains):
                    if self._indices[change.id] > self._indices[event.id]:
                        return _last(states[: change.payload.seq])
        return _last(states)

    def _own(self, chain: ShownChain, seq: int) -> State | None:
        """Returns the state of the event's own chain before the event."""
        if chain.is_goods:
            return standing_before(chain, seq)
        return _last(self._states.get(chain.item, []))

    def _world(self, event: Event, states: Mapping[str, State | None]) -> Replay:
        known = {item: state for item, state in states.items() if state is not None}
        ledger = known.get("ledger")
        if isinstance(ledger, LedgerState):
            known["ledger"] = replace(ledger, granted=self._granted)
        return Replay(event.payload.aud, known)

    def _remember(self, item: str, changes: Mapping[str, State]) -> None:
        """Records the state after an event, which is the previous state if it did not change."""
        states = self._states.setdefault(item, [])
        states.append(changes.get(item, _last(states)))
        ledger = changes.get("ledger")
        if isinstance(ledger, LedgerState):
            self._granted = ledger.granted


def _last(states: Sequence[State | None]) -> State | None:
    return states[-1] if states else None


def _in_order(shown: Shown) -> Iterator[ShownChain]:
    """Yields chains that grant authority before those that use it: ledger, parties, keys, goods."""
    for form in AUTHORITY:
        yield from (chain for item, chain in shown.items() if parse_item(item).form == form)
    yield from goods_of(shown)
