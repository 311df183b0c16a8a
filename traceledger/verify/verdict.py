"""The outcome of a verification: the verified history, its cosigners and what remains open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from traceledger.events.token import Event

__all__ = [
    "Cosigner",
    "FormerLife",
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
    """A hold in force: its chain and event, and the role that may release it."""

    chain: str
    event: str
    authority: str


class Recall(NamedTuple):
    """A recall in force, as corrected: the action required, and whom to contact."""

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


class FormerLife(NamedTuple):
    """A life in another ledger that an `import` names, and what its passport showed.

    `result` is that of verifying the passport, or `missing` if it or a trust file for it is not at
    hand. `codes` and `as_of` are those of the passport.
    """

    chain: str
    event: str
    origin: str
    item: str
    result: Literal["verified", "incomplete", "missing"]
    codes: tuple[str, ...] = ()
    as_of: int | None = None


class Party(NamedTuple):
    """A party, with the name under which the ledger's root key admitted it.

    `profile` holds the fields of its latest `profile` event, and is empty without one.
    """

    party: str
    name: str
    profile: Mapping[str, Any]


class VerifiedEvent(NamedTuple):
    """An event whose place, signer and signature were checked, with its disclosed fields.

    `values` are the disclosed restricted fields. The names of the others are in `erased` if an
    `erase` event names them, otherwise in `withheld`.
    """

    event: Event
    values: Mapping[str, Any]
    withheld: tuple[str, ...]
    erased: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Thing:
    """An item after all its events: its state in the life cycle and its overlays.

    `overlays` may contain `hold_customs`, `hold_quality`, `recalled` and `disputed`, in this order.
    """

    item: str
    life: str
    overlays: tuple[str, ...]
    events: tuple[VerifiedEvent, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a verification that found nothing false.

    It is `verified`, or `incomplete` with the reasons in `codes`. `as_of` is in seconds since 1970,
    None when too few witnesses cosigned. `things` begins with the requested item; its parts follow.
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
    former: tuple[FormerLife, ...] = ()
