"""What the rules remember of each chain: its place in the log's history and its standing.

States are immutable; the fold returns new ones. They are small, because an auditor keeps one for
each item of a ledger, and as they have no cycles the garbage collector need not look at them.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import msgspec

from traceledger.errors import StorageError
from traceledger.events.keys import Jwk
from traceledger.events.roles import Role

__all__ = [
    "Before",
    "Goods",
    "HoldMark",
    "KeyState",
    "LedgerState",
    "PartyState",
    "Pending",
    "PolicyState",
    "RecallMark",
    "State",
    "Trace",
    "World",
    "format_state",
    "parse_state",
]


class Chain(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """What every chain has: the ids of its first and latest event and the latest's position."""

    first: str
    seq: int
    head: str


class HoldMark(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A hold that is on: its event and the role that may release it."""

    event: str
    authority: str


class RecallMark(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A recall that is on: its event, whose it is, and whether the unit was reworked since."""

    event: str
    party: str
    reworked: bool


class Pending(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An event that takes effect when it is confirmed: its id, its kind, the state it leads to."""

    event: str
    kind: str
    to: str


class Before(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a chain's latest event changed, so that `void` can take it back."""

    life: str
    holds: tuple[HoldMark, ...] = ()
    recalls: tuple[RecallMark, ...] = ()
    testers: tuple[str, ...] = ()
    pending: Pending | None = None


class Goods(Chain, frozen=True, omit_defaults=True, kw_only=True, tag="goods"):
    """A core, component, unit, lot, declaration line or account book.

    `testers` are the kids that tested a unit, `parts` the inputs of a unit or the outputs of what
    was taken apart, `unit` what a part went into, `successor` the core that a unit came back as.
    `before` is what `void` returns to, `by_customs` and `cited` say of the latest event that
    customs signed it and that another chain names it. `depth` counts parts of parts.
    """

    chain: str
    party: str
    life: str
    holds: tuple[HoldMark, ...] = ()
    recalls: tuple[RecallMark, ...] = ()
    testers: tuple[str, ...] = ()
    pending: Pending | None = None
    before: Before | None = None
    by_customs: bool = False
    cited: bool = False
    parts: tuple[str, ...] = ()
    unit: str = ""
    successor: str = ""
    lot_class: str = ""
    depth: int = 0


class LedgerState(Chain, frozen=True, omit_defaults=True, kw_only=True, tag="ledger"):
    """The ledger itself: its origin, its root key and the keys granted to roots and admins."""

    origin: str
    root: Jwk
    root_kid: str
    authority: str
    rules: int
    granted: tuple[str, ...]


class PolicyState(Chain, frozen=True, omit_defaults=True, kw_only=True, tag="policy"):
    """The values of the ledger's policy that the rules read."""

    zone_country: str = ""


class PartyState(Chain, frozen=True, omit_defaults=True, kw_only=True, tag="party"):
    """A party: what it is admitted for, by which `admit`, and its admin key."""

    authority: str
    ended: str = ""
    name: str
    roles: tuple[Role, ...]
    prefixes: tuple[str, ...]
    admin: Jwk
    admin_kid: str


class KeyState(Chain, frozen=True, omit_defaults=True, kw_only=True, tag="key"):
    """A station key: whose it is, what it may do, and whether it was ended."""

    party: str
    roles: tuple[Role, ...]
    jwk: Jwk
    ended: str = ""
    compromised_since: int = -1


State = Goods | LedgerState | PolicyState | PartyState | KeyState


class Trace(NamedTuple):
    """What later events may need to know of an earlier one: its kind and its signer's party."""

    kind: str
    issuer: str


class World(Protocol):
    """Everything that the rules may look at, as it was just before the event."""

    def state(self, item: str) -> State | None:
        """The state of a chain, or None when it has no event yet."""

    def trace(self, item: str, event: str) -> Trace | None:
        """What an earlier event of a chain was, by its id."""


_VERSION = b"\x01"  # of the encoding: one higher with every change of the fields above
_decoder: msgspec.msgpack.Decoder[State] = msgspec.msgpack.Decoder(State)
_encode = msgspec.msgpack.Encoder().encode


def format_state(state: State) -> bytes:
    """Encodes a state for storage, after the version of the encoding; inverse of `parse_state`."""
    return _VERSION + _encode(state)


def parse_state(data: bytes) -> State:
    """Decodes a state that `format_state` wrote; raises StorageError `state.damaged`."""
    if not data.startswith(_VERSION):
        version = data[:1].hex() or "none"
        raise StorageError(
            "state.damaged",
            f"a stored state has version {version}, this program reads {_VERSION.hex()}",
        )
    try:
        return _decoder.decode(data[1:])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StorageError("state.damaged", f"a stored state cannot be read: {error}") from error
