"""Events as they travel between processes: everything the rules read, without the token.

A worker checks form and signature once; whoever folds its events need not parse them again. So they
are unpacked into the same types without the limits and patterns of their fields, which cost more
than all else.
"""

from __future__ import annotations

from types import GenericAlias, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from traceledger.events.token import PAYLOAD_KINDS, Event, Ref, UnknownPayload

__all__ = ["PackedEvent", "pack_event", "unpack_event"]


class PackedEvent(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An event without its token; `known` tells whether this version knows its kind."""

    leaf: bytes
    id: str
    kid: str
    algorithm: str
    known: bool
    payload: bytes


def pack_event(event: Event) -> PackedEvent:
    """Packs an event; inverse of `unpack_event`, but for token and signature."""
    known = event.kind is not None
    return PackedEvent(
        event.leaf, event.id, event.kid, event.algorithm, known, _encode(event.payload)
    )


def unpack_event(packed: PackedEvent) -> Event:
    """Unpacks an event whose form was checked; token and signature are empty."""
    body = _known.decode(packed.payload) if packed.known else _unknown.decode(packed.payload)
    kind = _KINDS.get(type(body))
    name = kind.name if kind else body.kind
    return Event(b"", packed.leaf, packed.id, packed.kid, packed.algorithm, name, kind, body, b"")


def _bare(wanted: Any) -> Any:
    """A type without limits: of the payload, its data and its links; what lies deeper stays."""
    if get_origin(wanted) is Annotated:
        return _bare(get_args(wanted)[0])
    if get_origin(wanted) is tuple:
        parts = (part if part is ... else _bare(part) for part in get_args(wanted))
        return GenericAlias(tuple, tuple(parts))
    if get_origin(wanted) in _UNIONS:
        return Union[tuple(map(_bare, get_args(wanted)))]  # noqa: UP007 - of types in a variable
    return _bare_struct(wanted) if wanted is Ref else wanted


def _bare_struct(wanted: type[msgspec.Struct]) -> Any:
    types = get_type_hints(wanted, include_extras=True)
    fields = []
    for field in msgspec.structs.fields(wanted):
        inner = types[field.name]
        bare = _bare_struct(inner) if field.name == "data" else _bare(inner)
        default = () if field.required else (field.default,)
        fields.append((field.name, bare, *default))
    settings = wanted.__struct_config__
    return msgspec.defstruct(
        wanted.__name__,
        fields,
        rename={field.name: field.encode_name for field in msgspec.structs.fields(wanted)},
        tag_field=settings.tag_field,
        tag=settings.tag,
        kw_only=True,
        frozen=True,
    )


_UNIONS = (Union, UnionType)
_KINDS = {_bare_struct(wanted): kind for wanted, kind in PAYLOAD_KINDS.items()}
_encode = msgspec.msgpack.Encoder().encode
_known: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(
    Union[tuple(_KINDS)]  # noqa: UP007 - made from a table
)
_unknown = msgspec.msgpack.Decoder(UnknownPayload)
