"""Events as exchanged between processes: everything the rules read, without the token.

A worker checks form and signature once; the process that folds its events need not parse them
again. They are unpacked into types without most of the text patterns, which dominate the cost of
parsing.
"""

from __future__ import annotations

from typing import Any

import msgspec

from traceledger.events.fast_read import QUICK_KINDS
from traceledger.events.payload import UnknownPayload, any_of
from traceledger.events.token import Event

__all__ = ["PackedEvent", "pack_event", "unpack_event"]


class PackedEvent(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An event without its token; `known` is whether this version knows its kind."""

    leaf: bytes
    id: str
    kid: str
    algorithm: str
    known: bool
    payload: bytes


def pack_event(event: Event) -> PackedEvent:
    """Packs an event; inverse of `unpack_event`, except for token and signature."""
    known = event.kind is not None
    return PackedEvent(
        event.leaf, event.id, event.kid, event.algorithm, known, _encode(event.payload)
    )


def unpack_event(packed: PackedEvent, token: bytes = b"") -> Event:
    """Unpacks an event whose form was checked; the signature is empty."""
    body = _known.decode(packed.payload) if packed.known else _unknown.decode(packed.payload)
    kind = QUICK_KINDS.get(type(body))
    name = kind.name if kind else body.kind
    return Event(token, packed.leaf, packed.id, packed.kid, packed.algorithm, name, kind, body, b"")


_encode = msgspec.msgpack.Encoder().encode
_known: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(any_of(QUICK_KINDS))
_unknown = msgspec.msgpack.Decoder(UnknownPayload)
