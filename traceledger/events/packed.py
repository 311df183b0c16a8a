"""Events as they travel between processes: everything the rules read, without the token.

A worker checks form and signature once; whoever folds its events need not parse them again.
"""

from __future__ import annotations

from typing import Any, Union

import msgspec

from traceledger.events.token import PAYLOAD_KINDS, Event, UnknownPayload

__all__ = ["pack_event", "unpack_event"]

_encode = msgspec.msgpack.Encoder().encode
_known: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(
    Union[tuple(PAYLOAD_KINDS)]  # noqa: UP007 - made from a table
)
_unknown = msgspec.msgpack.Decoder(UnknownPayload)


def pack_event(event: Event) -> tuple[bytes, str, str, bytes]:
    """Packs an event; inverse of `unpack_event`, but for token and signature."""
    return event.leaf, event.kid, event.algorithm, _encode(event.payload)


def unpack_event(packed: tuple[bytes, str, str, bytes], event_id: str, *, known: bool) -> Event:
    """Unpacks an event whose form was checked; token and signature are empty."""
    leaf, kid, algorithm, payload = packed
    body = _known.decode(payload) if known else _unknown.decode(payload)
    kind = PAYLOAD_KINDS.get(type(body))
    name = kind.name if kind else body.kind
    return Event(b"", leaf, event_id, kid, algorithm, name, kind, body, b"")
