"""The state that the rules keep for each chain: its latest event and what that allows.

States are immutable; the fold returns new ones. They are small, because an auditor keeps one for
each item of a ledger, and have no cycles, so the garbage collector does not need to track them.
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
    "Periods",
    "PolicyState",
    "RecallMark",
    "State",
    "Trace",
    "WaitingReport",
    "World",
    "format_state",
    "parse_state",
]


class Chain(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """The common state of all chains: ids of first and latest event, and the latest's position."""

    first: str
    seq: int
    head: str


class HoldMark(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A hold in force: its event and the role that may release it."""

    event: str
    authority: str


class RecallMark(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A recall in force: its event, the party that issued it, and whether rework followed."""

    event: str
    party: str
    reworked: bool


class Pending(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An event that takes effect on confirmation: its id, its kind and the state that follows."""

    event: str
    kind: str
    to: str


class WaitingReport(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A report for write-off that customs have not answered: its event and its `to_size`."""

    event: str
    end: int


class Periods(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The periods that a book reported for write-off.

    `end` is the `to_size` that customs confirmed last, 0 for none. `opened` tells that the book
    starts in the middle, with a stocktake.
    """

    end: int = 0
    opened: bool = False
    waiting: tuple[WaitingReport, ...] = ()

    def find(self, event: str) -> WaitingReport | None:
        """Finds the report that is waiting for an answer, by its event."""
        return next((report for report in self.waiting if report.event == event), None)


_NONE = Periods()


class Before(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The state before a chain's latest event, to which `void` returns."""

    life: str
    holds: tuple[HoldMark, ...] = ()
    recalls: tuple[RecallMark, ...] = ()
    testers: tuple[str, ...] = ()
    pending: Pending | None = None
    periods: Periods = _NONE


class Goods(Chain, frozen=True, omit_defaults=True, kw_only=True, tag="goods"):
    """A core, component, unit, lot, declaration line or account book.

    `testers` are the kids that tested a unit, `parts` the inputs of a unit or the outputs of a
    disassembly, `unit` the unit that a part went into, `lot` the waste lot that it, or what was
    last drawn from it, was put into, `successor` the core as which a unit came back. `before`
    is the state to which `void` returns. `by_customs` and `cited` tell whether customs signed the
    latest event and whether another chain names it. `depth` is the depth of parts within parts,
    `periods` those that a book reported.
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
    lot: str = ""
    successor: str = ""
    lot_class: str = ""
    depth: int = 0
    periods: Periods = _NONE


class LedgerState(Chain, frozen=True, omit_defaults=True, kw_only=True, tag="ledger"):
    """The ledger: its origin, its root key and the kids of all root and admin keys granted."""

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
    """A party: its roles and prefixes, the `admit` event that granted them, and its admin key."""

    authority: str
    ended: str = ""
    name: str
    roles: tuple[Role, ...]
    prefixes: tuple[str, ...]
    admin: Jwk
    admin_kid: str


class KeyState(Chain, frozen=True, omit_defaults=True, kw_only=True, tag="key"):
    """A station key: its party, its roles, and the event that revoked it, if any."""

    party: str
    roles: tuple[Role, ...]
    jwk: Jwk
    ended: str = ""
    compromised_since: int = -1


State = Goods | LedgerState | PolicyState | PartyState | KeyState


class Trace(NamedTuple):
    """The facts about an event that later events depend on: its kind and its signer's party."""

    kind: str
    issuer: str


class World(Protocol):
    """All that the rules may read, as of just before the event."""

    def state(self, item: str) -> State | None:
        """Returns the state of a chain, or None if it has no event yet."""

    def trace(self, item: str, event: str) -> Trace | None:
        """Returns the kind and issuer of an earlier event of a chain, by its id."""

    def is_published(self, size: int) -> bool:
        """Reports whether a seal ended the log at this size."""


_VERSION = b"\x02"  # of the encoding; incremented with every change of the fields above
_decoder: msgspec.msgpack.Decoder[State] = msgspec.msgpack.Decoder(State)
_encode = msgspec.msgpack.Encoder().encode


def format_state(state: State) -> bytes:
    """Encodes a state for storage, prefixed by the encoding's version; inverse of `parse_state`."""
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
