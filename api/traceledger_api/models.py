"""The shapes of requests and answers, for the OpenAPI description."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Appended",
    "Checkpoints",
    "Event",
    "Events",
    "Head",
    "Heads",
    "History",
    "Item",
    "Items",
    "Key",
    "LineageGraph",
    "LogPlace",
    "Parties",
    "Proof",
    "ScanCount",
    "WantedHeads",
]

_ITEM = "8004/9521234C000001"
_UNIT = "01/09521234543213/21/7KQ2X4PM9ATRWC"
_EVENT = "0Nc2CrefWKseHj_mStd-LqC8B-NrX0btIiPt2SmN-ek"


class LogPlace(BaseModel):
    """Where an event stands."""

    index: int = Field(description="leaf index in the log", examples=[4711])
    event: str = Field(description="event id", examples=[_EVENT])
    item: str = Field(examples=[_ITEM])
    seq: int = Field(description="position in the item's chain, from 0")


class Appended(BaseModel):
    """The ledger's answer to a request."""

    receipt: str = Field(description="signed note: the log's promise; check it")
    events: list[LogPlace]
    checkpoint: str | None = Field(None, description="with wait=sealed: the covering checkpoint")
    proofs: list[str] | None = Field(None, description="with wait=sealed: a .tlog-proof an event")


class Head(BaseModel):
    """What a signer must know of an item."""

    seq: int
    event: str
    first: str
    state: str


class Heads(BaseModel):
    """Heads by item; null for an item without an event."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Head | None] = Field(init=False)


class WantedHeads(BaseModel):
    """Which items."""

    model_config = ConfigDict(extra="forbid")
    items: list[str] = Field(min_length=1, max_length=1000, examples=[[_ITEM]])


class Event(BaseModel):
    """An event as the caller may see it."""

    index: int
    event: str
    item: str
    seq: int
    kind: str
    occurred: str
    site: str
    party: str
    kid: str
    signed: int
    refs: list[dict[str, str]]
    data: dict[str, Any]
    withheld: list[str]
    wire: str = Field(description="the signed token with the disclosures shown")


class Events(BaseModel):
    """A page of events."""

    events: list[Event]
    next: int | None = Field(description="`after` of the next page; null at the end")


class Item(BaseModel):
    """An item as it stands."""

    item: str = Field(examples=[_UNIT])
    chain: str
    state: str
    part_no: str
    declaration: str
    seq: int
    event: str
    index: int
    first: str | None = None
    rules: dict[str, Any] | None = None
    holds: list[dict[str, str]] | None = None
    recalls: list[dict[str, Any]] | None = None
    next: list[str] | None = Field(None, description="kinds of event that may follow")


class Items(BaseModel):
    """A page of items."""

    items: list[Item]
    next: str | None = Field(description="`after` of the next page; null at the end")


class History(BaseModel):
    """All events of an item, in order."""

    item: str
    events: list[Event]


class LineageGraph(BaseModel):
    """What an item came from and went into."""

    item: str
    nodes: list[dict[str, str]]
    edges: list[dict[str, str]]


class Proof(BaseModel):
    """That an event is an item's latest, or that the item is unknown, as of a checkpoint."""

    item: str
    known: bool
    checkpoint: str
    seal: dict[str, Any]
    map_proof: list[str]
    seq: int | None = None
    event: str | None = None
    proof: str | None = Field(None, description="a .tlog-proof of the latest event")
    other: dict[str, Any] | None = Field(
        None, description="the leaf where an absent item's path ends"
    )


class Key(BaseModel):
    """What a signer must know of its own key."""

    kid: str
    issuer: str = Field(description="`iss` of its events")
    authority: str = Field(description="`auth` of its events")


class ScanCount(BaseModel):
    """How often a unit's code was opened."""

    count: int
    first: str | None
    warnings: list[str]


class Checkpoints(BaseModel):
    """A page of published checkpoints."""

    checkpoints: list[dict[str, Any]]
    next: int | None


class Parties(BaseModel):
    """The parties of the ledger."""

    parties: list[dict[str, Any]]
    next: str | None
