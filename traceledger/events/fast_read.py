"""Reading most payloads without a regular expression for each of their texts.

The types of `traceledger.events.payload` decide what a payload may be and say what is wrong with
one. Here are cheaper conditions that together allow less: a payload that meets them fits its type
for certain, one that does not is left to the type.
"""

from __future__ import annotations

import functools
import string
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple, get_args

import msgspec
from msgspec import Meta

from traceledger.events.fields import EventId, Name, Short, Text
from traceledger.events.kind import Kind
from traceledger.events.payload import PAYLOAD_KINDS, Issuer, Origin, Payload, Site, any_of
from traceledger.events.relaxed import loosen_payload

__all__ = ["QUICK_KINDS", "QuickPayload", "read_quickly"]


class QuickPayload(NamedTuple):
    """A payload that fits the type of its kind, and whose digests are those of its kind."""

    kind: Kind
    body: Payload


def read_quickly(data: bytes) -> QuickPayload | None:
    """Decodes a canonical payload of a known kind; None leaves it to the types, good or bad."""
    if not _is_plain(data):
        return None
    try:
        body: Payload = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    kind = QUICK_KINDS[type(body)]
    digests: dict[str, str] = getattr(body.data, "sd", None) or {}
    fits = (
        not kind.open  # no type bounds what those hold
        and kind.required_restricted <= digests.keys() <= kind.restricted
        and _are_ids(body, digests)
        and _are_names(body.aud, body.iss, body.site)
        and _encode(body) == data
    )
    return QuickPayload(kind, body) if fits else None


def _is_plain(data: bytes) -> bool:
    """Tells that no text in the JSON holds a character that `Text` and `Short` forbid.

    Controls below U+0020 need an escape. In UTF-8, U+0080 to U+009F begin with the byte c2, the
    line separators and direction marks with e2, and no other character holds either byte.
    """
    return (
        b"\\" not in data
        and b"\x7f" not in data
        and (data.isascii() or (b"\xc2" not in data and b"\xe2" not in data))
    )


def _are_ids(body: Payload, digests: Mapping[str, str]) -> bool:
    """Tells that the ids in claims and links and the digests, of 43 characters, are base64url."""
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
    # A log has few parties and sites: the same three texts stand in event after event.
    names = {"aud": aud, "iss": iss} | ({} if site is msgspec.UNSET else {"site": site})
    try:
        msgspec.convert(names, _Names)
    except msgspec.ValidationError:
        return False
    return True


_ALPHABET = f"{string.ascii_letters}{string.digits}-_".encode()
_LAST = frozenset("AEIMQUYcgkosw048")
# What is checked above is left out here.
_CLAIMS: Mapping[Any, Any] = MappingProxyType(
    {
        EventId: Annotated[str, Meta(min_length=43, max_length=43)],
        **dict.fromkeys((Name, Origin, Issuer, Site), str),
    }
)
_FIELDS: Mapping[Any, Any] = MappingProxyType(
    {
        wanted: Annotated[str, Meta(min_length=1, max_length=get_args(wanted)[1].max_length)]
        for wanted in (Text, Short)
    }
)
QUICK_KINDS = {
    loosen_payload(
        wanted, lambda claim: _CLAIMS.get(claim, claim), lambda field: _FIELDS.get(field, field)
    ): kind
    for wanted, kind in PAYLOAD_KINDS.items()
}
_decode = msgspec.json.Decoder(any_of(QUICK_KINDS)).decode
_encode = msgspec.json.Encoder(order="sorted").encode
