r"""The passport: one item's whole history with its proofs, in one file for a buyer.

::

    {"chains": [{"events": ["<token>~<disclosure>~"], "item": "...", "map_proof": ["<hash>"]}],
     "checkpoint": "<note>", "format": "traceledger/passport/v1",
     "item": "01/09521234543213/21/7KQ2X4PM9ATRWC",
     "order": [{"event": "<event id>", "index": 4711, "proof": ["<hash>"]}],
     "seal": {"proof": ["<hash>"], "text": "traceledger/seal/v1\n..."}}

Canonical JSON without line breaks, hashes in standard base64 (docs/spec/passport.md). Chains have
a fixed order: the item, `ledger`, all others by ascending id. This module checks only the form;
`traceledger.verify` verifies the content.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from traceledger.errors import ConflictError, MalformedError
from traceledger.events.fields import Count, EventId, Struct
from traceledger.formats.document import format_document, parse_document
from traceledger.formats.encoding import decode_hash, encode_base64
from traceledger.identifiers.items import parse_item

__all__ = [
    "MAX_PASSPORT",
    "MEDIA_TYPE",
    "OrderEntry",
    "Passport",
    "PassportChain",
    "format_passport",
    "parse_passport",
]

MAX_PASSPORT = 1 << 20
MEDIA_TYPE = "application/vnd.traceledger.passport+json"

_CODE = "passport.form"
_WITHOUT_PASSPORT = {"party", "key", "ledger", "policy"}


@dataclass(frozen=True, slots=True)
class PassportChain:
    """All events of an item in wire form, and the proof of its latest one in the map of heads."""

    item: str
    events: tuple[bytes, ...]
    map_proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """An event's id, its index in the log, and the inclusion proof."""

    event: str
    index: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Passport:
    """An item's history: the checkpoint's note, its seal, chains, log positions."""

    item: str
    checkpoint: bytes
    seal: bytes
    seal_proof: tuple[bytes, ...]
    chains: tuple[PassportChain, ...]
    order: tuple[OrderEntry, ...]


_Proof = Annotated[tuple[str, ...], Meta(max_length=63)]


class _Seal(Struct, frozen=True, kw_only=True):
    proof: _Proof
    text: str


class _Chain(Struct, frozen=True, kw_only=True):
    events: Annotated[tuple[str, ...], Meta(min_length=1)]
    item: str
    map_proof: Annotated[tuple[str, ...], Meta(max_length=256)]


class _Order(Struct, frozen=True, kw_only=True):
    event: EventId
    index: Count
    proof: _Proof


class _Passport(Struct, frozen=True, kw_only=True):
    chains: Annotated[tuple[_Chain, ...], Meta(min_length=2)]
    checkpoint: str
    format: Literal["traceledger/passport/v1"]
    item: str
    order: tuple[_Order, ...]
    seal: _Seal


_decoder = msgspec.json.Decoder(_Passport)


def format_passport(passport: Passport) -> bytes:
    """Formats a passport, inverse of `parse_passport`.

    Raises MalformedError `passport.form` for values that no passport can have, and ConflictError
    `passport.size` for a passport of more than 1 MiB.
    """
    chains = tuple(
        _Chain(
            events=tuple(wire.decode(errors="replace") for wire in chain.events),
            item=chain.item,
            map_proof=_format_hashes(chain.map_proof),
        )
        for chain in passport.chains
    )
    order = tuple(
        _Order(event=entry.event, index=entry.index, proof=_format_hashes(entry.proof))
        for entry in passport.order
    )
    document = _Passport(
        chains=chains,
        checkpoint=passport.checkpoint.decode(errors="replace"),
        format="traceledger/passport/v1",
        item=passport.item,
        order=order,
        seal=_Seal(
            proof=_format_hashes(passport.seal_proof), text=passport.seal.decode(errors="replace")
        ),
    )
    data = format_document(document)
    if len(data) > MAX_PASSPORT:
        raise ConflictError(
            "passport.size",
            f"{len(data):,} bytes are needed for {passport.item}, {MAX_PASSPORT:,} are allowed",
        )
    if parse_passport(data) != passport:
        raise MalformedError(_CODE, "an event, the checkpoint or the seal is not UTF-8")
    return data


def parse_passport(data: bytes) -> Passport:
    """Parses a passport of at most 1 MiB; events, note and seal are not parsed.

    Raises MalformedError `passport.form`, or the code of an invalid item id.
    """
    document = parse_document(data, _decoder, _CODE, limit=MAX_PASSPORT)
    _check_chains(document)
    indices = [entry.index for entry in document.order]
    if any(later <= earlier for earlier, later in pairwise(indices)):
        raise MalformedError(_CODE, "entries are not in ascending order of index", where="order")
    return Passport(
        item=document.item,
        checkpoint=document.checkpoint.encode(),
        seal=document.seal.text.encode(),
        seal_proof=_parse_hashes(document.seal.proof, "seal"),
        chains=tuple(
            PassportChain(
                chain.item,
                tuple(wire.encode() for wire in chain.events),
                _parse_hashes(chain.map_proof, f"map proof of {chain.item}"),
            )
            for chain in document.chains
        ),
        order=tuple(
            OrderEntry(entry.event, entry.index, _parse_hashes(entry.proof, "order"))
            for entry in document.order
        ),
    )


def _check_chains(document: _Passport) -> None:
    if parse_item(document.item).form in _WITHOUT_PASSPORT:
        raise MalformedError(_CODE, f"{document.item} cannot have a passport")
    items = [chain.item for chain in document.chains]
    for item in items:
        parse_item(item)
    first, second, *others = items
    if (first, second) != (document.item, "ledger"):
        raise MalformedError(
            _CODE, f"the chains begin with {first}, {second}, not {document.item}, ledger"
        )
    if first in others or others != sorted(set(others) - {"ledger"}):
        raise MalformedError(_CODE, "the other chains are not in strictly ascending order of id")


def _format_hashes(hashes: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(encode_base64(value).decode() for value in hashes)


def _parse_hashes(texts: Iterable[str], where: str) -> tuple[bytes, ...]:
    return tuple(decode_hash(text.encode(), _CODE, where=where) for text in texts)
