"""The answers of the service, defined once: the server formats them, the client parses them.

The OpenAPI description is generated from these classes. Unknown members are ignored, so that a
newer server may send more. Lineage and heads are in `lineage` and `rows`.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

__all__ = [
    "Appended",
    "Checkpoint",
    "Checkpoints",
    "Event",
    "Events",
    "History",
    "Hold",
    "Item",
    "ItemRow",
    "Items",
    "Key",
    "Link",
    "LogPlace",
    "LoginLink",
    "MapLeaf",
    "MarkedPart",
    "Parties",
    "Party",
    "PartyKey",
    "Proof",
    "ScanCount",
    "SealProof",
    "WantedHeads",
]

_ITEM = "8004/9521234C000001"
_EVENT = "0Nc2CrefWKseHj_mStd-LqC8B-NrX0btIiPt2SmN-ek"

_ItemId = Annotated[str, Meta(examples=[_ITEM])]
_EventId = Annotated[str, Meta(examples=[_EVENT])]


class LogPlace(Struct, frozen=True, kw_only=True):
    """The place of an event in the log and in its chain."""

    index: Annotated[int, Meta(description="leaf index in the log", examples=[4711])]
    event: _EventId
    item: _ItemId
    seq: Annotated[int, Meta(description="position in the item's chain, from 0")]


class Notice(Struct, frozen=True, kw_only=True):
    """A value that the rules allow, but that an audit would report."""

    code: Annotated[str, Meta(description="its meaning: `traceledger explain CODE`")]
    message: str
    item: _ItemId


class LoginLink(Struct, frozen=True, kw_only=True):
    """A link that signs a browser in, once."""

    link: Annotated[str, Meta(description="opens a form that signs in")]
    seconds: Annotated[int, Meta(description="how long the link works", examples=[300])]


class Appended(Struct, frozen=True, kw_only=True):
    """The ledger's answer to a request."""

    receipt: Annotated[
        str, Meta(description="signed note, the log's promise to include the events")
    ]
    events: list[LogPlace]
    checkpoint: (
        Annotated[str, Meta(description="with wait=sealed: the covering checkpoint")] | UnsetType
    ) = UNSET
    proofs: (
        Annotated[list[str], Meta(description="with wait=sealed: a .tlog-proof per event")]
        | UnsetType
    ) = UNSET
    warnings: (
        Annotated[list[Notice], Meta(description="what an audit would report")] | UnsetType
    ) = UNSET


class WantedHeads(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The items whose heads are requested."""

    items: Annotated[list[str], Meta(min_length=1, max_length=1000, examples=[[_ITEM]])]


class Link(Struct, frozen=True, kw_only=True, rename={"as_": "as"}):
    """A link of an event to another item; `event` is empty if the link names no event."""

    as_: str
    item: _ItemId
    event: str


class Event(Struct, frozen=True, kw_only=True):
    """An event as the caller may see it."""

    index: int
    event: _EventId
    item: _ItemId
    seq: int
    kind: str
    occurred: str
    site: str
    party: str
    kid: str
    signed: Annotated[int, Meta(description="seconds since 1970")]
    refs: list[Link]
    data: Annotated[dict[str, Any], Meta(description="the fields that the caller may see")]
    withheld: Annotated[
        list[str], Meta(description="names of the fields that the caller may not see")
    ]
    wire: Annotated[str, Meta(description="the signed token with the visible disclosures")]


class Events(Struct, frozen=True, kw_only=True):
    """A page of events."""

    events: list[Event]
    next: Annotated[int | None, Meta(description="`after` of the next page; null at the end")]


class History(Struct, frozen=True, kw_only=True):
    """All events of an item, in order."""

    item: _ItemId
    events: list[Event]


class MarkedPart(Struct, frozen=True, kw_only=True):
    """A part inside an item, at any depth, that is on hold or recalled."""

    item: _ItemId
    state: str
    overlays: Annotated[
        list[str], Meta(description="marks in force", examples=[["hold_quality", "recalled"]])
    ]


class ItemRow(Struct, frozen=True, kw_only=True):
    """An item in a list."""

    item: _ItemId
    chain: Annotated[str, Meta(description="type of its chain", examples=["core"])]
    state: Annotated[str, Meta(description="state of its life cycle", examples=["ACCEPTED"])]
    part_no: str
    declaration: Annotated[str, Meta(description="the first declaration line that it is linked to")]
    seq: int
    event: Annotated[str, Meta(description="its latest event", examples=[_EVENT])]
    index: Annotated[int, Meta(description="leaf index of its latest event")]
    overlays: Annotated[
        list[str],
        Meta(
            description="marks in force on it (hold_customs, hold_quality, recalled) and on parts"
            " inside it (part_held, part_recalled)"
        ),
    ] = []


class Hold(Struct, frozen=True, kw_only=True):
    """A hold in force."""

    event: _EventId
    authority: Annotated[str, Meta(description="the role that may release it")]


class Item(ItemRow, frozen=True, kw_only=True):
    """An item with its current state."""

    first: Annotated[str, Meta(description="its first event", examples=[_EVENT])]
    rules: Annotated[dict[str, Any], Meta(description="the state that the rules keep of it")]
    holds: list[Hold] | UnsetType = UNSET
    recalls: (
        Annotated[
            list[dict[str, Any]],
            Meta(description="recalls in force: event, party and public fields"),
        ]
        | UnsetType
    ) = UNSET
    marked_parts: (
        Annotated[
            list[MarkedPart], Meta(description="parts inside it that are on hold or recalled")
        ]
        | UnsetType
    ) = UNSET
    next: Annotated[list[str], Meta(description="kinds of event that may follow")] | UnsetType = (
        UNSET
    )


class Items(Struct, frozen=True, kw_only=True):
    """A page of items."""

    items: list[ItemRow]
    next: Annotated[str | None, Meta(description="`after` of the next page; null at the end")]


class SealProof(Struct, frozen=True, kw_only=True):
    """The seal of a checkpoint and its inclusion proof, hashes in base64."""

    text: str
    proof: list[str]


class MapLeaf(Struct, frozen=True, kw_only=True):
    """A leaf of the map of latest heads, hashes in base64."""

    key: str
    seq: int
    head: str


class Proof(Struct, frozen=True, kw_only=True):
    """Proof that an event is an item's latest, or that the item is unknown, as of a checkpoint."""

    item: _ItemId
    known: bool
    checkpoint: str
    seal: SealProof
    map_proof: list[str]
    seq: int | UnsetType = UNSET
    event: _EventId | UnsetType = UNSET
    proof: Annotated[str, Meta(description="a .tlog-proof of the latest event")] | UnsetType = UNSET
    other: (
        Annotated[MapLeaf, Meta(description="the leaf where an absent item's path ends")]
        | UnsetType
    ) = UNSET


class Key(Struct, frozen=True, kw_only=True):
    """The identity of a key, for its signer."""

    kid: str
    issuer: Annotated[str, Meta(description="`iss` of its events")]
    authority: Annotated[str, Meta(description="`auth` of its events")]


class ScanCount(Struct, frozen=True, kw_only=True):
    """The number of times that a unit's code was opened."""

    count: int
    first: Annotated[str | None, Meta(description="time of the first scan, ISO 8601")]
    warnings: list[str]


class Checkpoint(Struct, frozen=True, kw_only=True):
    """A published checkpoint."""

    size: int
    note: str


class Checkpoints(Struct, frozen=True, kw_only=True):
    """A page of published checkpoints."""

    checkpoints: list[Checkpoint]
    next: Annotated[int | None, Meta(description="`after` of the next page; null at the end")]


class PartyKey(Struct, frozen=True, kw_only=True):
    """A station key of a party."""

    kid: str
    roles: list[str]
    state: str


class Party(Struct, frozen=True, kw_only=True):
    """A party of the ledger; `dismissed` is empty while it is admitted."""

    party: str
    name: str
    roles: list[str]
    prefixes: list[str]
    admitted: Annotated[str, Meta(description="the event that admitted it")]
    dismissed: Annotated[str, Meta(description="the event that dismissed it, or empty")]
    keys: list[PartyKey]


class Parties(Struct, frozen=True, kw_only=True):
    """The parties of the ledger."""

    parties: list[Party]
    next: Annotated[str | None, Meta(description="`after` of the next page; null at the end")]
