"""What a verification found: the verified history, what it rests on and what it leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from traceledger.events.token import Event

__all__ = [
    "Cosigner",
    "Hold",
    "Link",
    "Mention",
    "Party",
    "Recall",
    "Thing",
    "Verdict",
    "VerifiedEvent",
]


class Cosigner(NamedTuple):
    """A witness by its name in the policy, and when it cosigned, in seconds since 1970."""

    name: str
    time: int


class Mention(NamedTuple):
    """An event, named by the item of its chain, its id and its kind."""

    chain: str
    event: str
    kind: str


class Hold(NamedTuple):
    """A hold that is on: where, and the role that may release it."""

    chain: str
    event: str
    authority: str


class Recall(NamedTuple):
    """A recall that is on: where, what to do, and whom to ask."""

    chain: str
    event: str
    party: str
    campaign: str
    severity: str
    action: str
    contact: str


class Link(NamedTuple):
    """A link of an event to an item whose chain the passport does not show."""

    chain: str
    event: str
    name: str
    item: str


class Party(NamedTuple):
    """A party that signed, and the name that the ledger's root key admitted it under."""

    party: str
    name: str


class VerifiedEvent(NamedTuple):
    """An event whose place, signer and signature were checked, and what is disclosed of it.

    `values` are restricted fields in clear. The names of those that are not shown are in `erased`
    where an `erase` event names them, else in `withheld`.
    """

    event: Event
    values: Mapping[str, Any]
    withheld: tuple[str, ...]
    erased: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Thing:
    """An item as its events left it: its state in the life cycle, and what lies over that.

    `overlays` are of `hold_customs`, `hold_quality`, `recalled` and `disputed`, in this order.
    """

    item: str
    life: str
    overlays: tuple[str, ...]
    events: tuple[VerifiedEvent, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a verification that found nothing false.

    `verified`, or `incomplete` with the codes that say why. `as_of` is in seconds since 1970, None
    when too few cosigned. `things` begins with the item that was asked for; its parts follow.
    """

    result: Literal["verified", "incomplete"]
    codes: tuple[str, ...]
    item: str
    origin: str
    size: int
    as_of: int | None
    cosigners: tuple[Cosigner, ...]
    things: tuple[Thing, ...]
    parties: tuple[Party, ...]
    holds: tuple[Hold, ...]
    recalls: tuple[Recall, ...]
    disputed: tuple[Mention, ...]
    attested: tuple[Mention, ...]
    asserted: tuple[Mention, ...]
    unchecked: tuple[Mention, ...]
    not_followed: tuple[Link, ...]
