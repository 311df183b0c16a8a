"""Reading most payloads without a regular expression for each of their texts.

The types of `traceledger.events.payload` define what a payload may be and report what is wrong. The
conditions here are cheaper and stricter: a payload that meets them certainly matches its type; any
other is left to the type.
"""

from __future__ import annotations

import functools
import string
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, get_args

import msgspec
from msgspec import Meta

from traceledger.events.fields import Code, EventId, Name, Short, Text
from traceledger.events.kind import Kind
from traceledger.events.payload import PAYLOAD_KINDS, Issuer, Origin, Payload, Site, any_of
from traceledger.events.relaxed import loosen_payload

__all__ = ["QUICK_KINDS", "QuickPayload", "read_quickly"]


class QuickPayload(msgspec.Struct, frozen=True, gc=False):
    """A payload that matches the type of its kind and has the digests of its kind."""

    kind: Kind
    body: Payload


def read_quickly(data: bytes) -> QuickPayload | None:
    """Decodes a canonical payload of a known kind; None leaves the decision to the types."""
    if not _is_plain(data):
        return None
    try:
        body: Payload = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    kind = QUICK_KINDS[type(body)]
    digests: dict[str, str] = getattr(body.data, "sd", None) or {}
    matches = (
        not kind.open  # no type bounds their values
        and kind.required_restricted <= digests.keys() <= kind.restricted
        and _are_ids(body, digests)
        and _are_names(body.aud, body.iss, body.site)
        and _encode(body) == data
    )
    return QuickPayload(kind, body) if matches else None


def _is_plain(data: bytes) -> bool:
    """Reports whether no text in the JSON can contain a character that its type forbids.

    Controls below U+0020 need an escape. Allowed are otherwise ASCII and U+4000 to U+9FFF, whose
    UTF-8 begins with e4 to e9 and which no type forbids; a `Code` has single spaces only inside.
    """
    return (
        b"\\" not in data
        and b"\x7f" not in data
        and (data.isascii() or not data.translate(None, _PLAIN_BYTES))
        and (b" " not in data or not _has_loose_space(data))
    )


def _has_loose_space(data: bytes) -> bool:
    return b"  " in data or b'" ' in data or b' "' in data


def _are_ids(body: Payload, digests: Mapping[str, str]) -> bool:
    """Reports whether ids and digests, each of 43 characters, are canonical base64url."""
    ids = [*digests.values()]
    if body.prev:
        ids.append(body.prev)
    if body.auth:
        ids.append(body.auth)
    if body.refs:
        ids += [ref.event for ref in body.refs if ref.event]
    joined = "".join(ids)
    return not joined.encode().translate(None, _ALPHABET) and _LAST.issuperset(joined[42::43])


class _Names(msgspec.Struct):
    aud: Origin
    iss: Issuer
    site: Site | msgspec.UnsetType = msgspec.UNSET


@functools.lru_cache(maxsize=4096)
def _are_names(aud: str, iss: str, site: str | msgspec.UnsetType) -> bool:
    # A log has few parties and sites: the same three texts recur in event after event.
    names = {"aud": aud, "iss": iss} | ({} if site is msgspec.UNSET else {"site": site})
    try:
        msgspec.convert(names, _Names)
    except msgspec.ValidationError:
        return False
    return True


# ASCII, the first bytes e4 to e9, and the bytes that continue a character.
_PLAIN_BYTES = bytes([*range(0x80), *range(0xE4, 0xEA), *range(0x80, 0xC0)])
_ALPHABET = f"{string.ascii_letters}{string.digits}-_".encode()
_LAST = frozenset("AEIMQUYcgkosw048")
# Conditions that the functions above check are omitted here.
_CLAIMS: Mapping[Any, Any] = MappingProxyType(
    {
        EventId: Annotated[str, Meta(min_length=43, max_length=43)],
        **dict.fromkeys((Name, Origin, Issuer, Site), str),
    }
)
_FIELDS: Mapping[Any, Any] = MappingProxyType(
    {
        text: Annotated[str, Meta(min_length=1, max_length=get_args(text)[1].max_length)]
        for text in (Code, Short, Text)
    }
)
QUICK_KINDS = {
    loosen_payload(
        payload, lambda claim: _CLAIMS.get(claim, claim), lambda field: _FIELDS.get(field, field)
    ): kind
    for payload, kind in PAYLOAD_KINDS.items()
}
_decode = msgspec.json.Decoder(any_of(QUICK_KINDS)).decode
_encode = msgspec.json.Encoder(order="sorted").encode
