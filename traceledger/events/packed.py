"""Events as exchanged between processes: everything the rules read, without the token.

A worker checks form and signature once; the process that folds its events need not parse them
again. It reads the claims that every event has, and the fields of a kind only where a rule or a
computation asks for them.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import force_setattr

from traceledger.events.catalogue import CATALOGUE
from traceledger.events.fast_read import QUICK_KINDS
from traceledger.events.payload import UnknownPayload
from traceledger.events.relaxed import loosen_claims
from traceledger.events.token import Event, Fields

__all__ = ["PackedEvent", "UnpackedEvent", "pack_event", "unpack_event"]


class PackedEvent(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An event without its token; `known` is whether this version knows its kind."""

    leaf: bytes
    id: str
    kid: str
    algorithm: str
    known: bool
    claims: bytes


class UnpackedEvent(Event, frozen=True, gc=False):
    """An event whose form was checked elsewhere; its signature is empty.

    The `data` of its payload are JSON, which `data` decodes when it is read first.
    """

    decoded: Any = msgspec.UNSET

    @property
    def data(self) -> Any:
        """The fields in the token, of a type without most of the text patterns."""
        if self.decoded is msgspec.UNSET:
            read = _data_readers[self.kind_name] if self.kind else _read_fields
            force_setattr(self, "decoded", read(self.payload.data))
        return self.decoded

    def fields(self) -> dict[str, Any]:
        """Returns the fields in the token as plain JSON values, with the digests as `_sd`."""
        return _read_fields(self.payload.data)

    def read(self, reader: msgspec.json.Decoder[Fields]) -> Fields:
        """Returns those fields in the token that the type of a reader has, as plain JSON values."""
        return reader.decode(self.payload.data)


def pack_event(event: Event) -> PackedEvent:
    """Packs an event; inverse of `unpack_event`, except for token and signature."""
    known = event.kind is not None
    return PackedEvent(event.leaf, event.id, event.kid, event.algorithm, known, event.claims)


def unpack_event(packed: PackedEvent, token: bytes = b"") -> UnpackedEvent:
    """Unpacks an event whose form was checked; the signature is empty."""
    body = _read_claims(packed.claims)
    kind = CATALOGUE[body.kind] if packed.known else None
    leaf, name, kid, algorithm = packed.leaf, packed.id, packed.kid, packed.algorithm
    return UnpackedEvent(
        token, leaf, name, kid, algorithm, body.kind, kind, body, packed.claims, b""
    )


_read_fields = msgspec.json.Decoder(dict[str, Any]).decode
_read_claims = msgspec.json.Decoder(loosen_claims(UnknownPayload)).decode
_data_readers = {
    kind.name: msgspec.json.Decoder(field.type).decode
    for payload, kind in QUICK_KINDS.items()
    for field in msgspec.structs.fields(payload)
    if field.name == "data"
}
