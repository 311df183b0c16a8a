"""Restricted fields: salted digests in the token, disclosures alongside it.

::

    digest     = base64url(SHA-256(disclosure))
    disclosure = base64url(canonical JSON [salt, name, value])     the string of SD-JWT, RFC 9901
    wire       = token "~" disclosure "~" disclosure "~"           by ascending field names

Digests are keyed by field name, so a field cannot have different values for different readers.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from traceledger.errors import MalformedError, VerificationError
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.constraints import refuse_field
from traceledger.events.encoding import (
    decode_base64url,
    encode_base64url,
    format_canonical,
    parse_canonical,
)
from traceledger.events.token import MAX_TOKEN, Event

__all__ = [
    "MAX_WIRE",
    "Disclosure",
    "digest_disclosure",
    "format_wire",
    "make_disclosure",
    "open_disclosures",
    "parse_disclosure",
    "split_wire",
]

MAX_WIRE = 4 * MAX_TOKEN
_SALT_BYTES = 17


class Disclosure(NamedTuple):
    """A restricted field in the clear, and the exact text whose digest is in the token."""

    name: str
    value: Any
    text: bytes


def make_disclosure(name: str, value: Any, randbytes: Callable[[int], bytes]) -> bytes:
    """Formats a disclosure with a fresh salt of 136 bits."""
    salt = encode_base64url(randbytes(_SALT_BYTES))
    return encode_base64url(format_canonical([salt, name, value])).encode()


def digest_disclosure(text: bytes) -> str:
    """Computes the digest in the token: 43 characters of base64url."""
    return encode_base64url(hashlib.sha256(text).digest())


def parse_disclosure(text: bytes) -> Disclosure:
    """Parses a disclosure; raises MalformedError `disclosure.form` or `encoding.*`.

    The value is untyped JSON here; `open_disclosures` checks it against its field.
    """
    name, raw = _split_disclosure(text)
    return Disclosure(name, _parse_value(raw), text)


def split_wire(wire: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """Splits `token~disclosure~...~`; raises MalformedError `wire.form` or `wire.size`."""
    if len(wire) > MAX_WIRE:
        raise MalformedError("wire.size", f"{len(wire)} bytes given, {MAX_WIRE} allowed")
    token, *disclosures = wire.split(b"~")
    if not disclosures or disclosures.pop() != b"":
        raise MalformedError("wire.form", "an event must end with ~")
    return token, tuple(disclosures)


def format_wire(token: bytes, disclosures: Sequence[bytes]) -> bytes:
    """Joins a token and its disclosures; inverse of `split_wire`."""
    return b"~".join((token, *disclosures, b""))


def open_disclosures(
    event: Event, disclosures: Sequence[bytes], *, complete: bool
) -> Mapping[str, Any]:
    """Checks disclosures against the token's digests and returns the values by field name.

    With `complete`, every digest must have its disclosure, as append requires; a reader may have
    fewer.
    Raises VerificationError `disclosure.digest` or `disclosure.missing` and MalformedError
    `disclosure.form`, `disclosure.order` or `event.field`.
    """
    digests = event.digests
    values: dict[str, Any] = {}
    last = ""
    for text in disclosures:
        name, raw = _split_disclosure(text)
        if digests.get(name) != digest_disclosure(text):
            raise VerificationError(
                "disclosure.digest", "the disclosure does not match the signed digest", where=name
            )
        if name <= last:
            raise MalformedError(
                "disclosure.order", f"{name} follows {last}", where=f"event {event.id}"
            )
        values[name] = _open_value(event, name, raw)
        last = name
    if complete and len(values) < len(digests):
        missing = ", ".join(sorted(digests.keys() - values.keys()))
        raise VerificationError("disclosure.missing", f"no disclosure for {missing}")
    return MappingProxyType(values)


# Salt and name need no escapes, so this is their only canonical form; values are parsed apart.
_FORM = re.compile(rb'\["[A-Za-z0-9_-]{22,64}","([a-z_][a-z0-9_]{0,63})",(\S.*)\]', re.DOTALL)
_encode = msgspec.json.Encoder(order="sorted").encode


def _split_disclosure(text: bytes) -> tuple[str, bytes]:
    try:
        data = decode_base64url(text)
    except MalformedError as error:
        raise MalformedError("disclosure.form", error.message) from error
    match = _FORM.fullmatch(data)
    if match is None:
        raise MalformedError(
            "disclosure.form", f"{data[:80]!r} is not [salt, name, value] in canonical form"
        )
    name, value = match.groups()
    return name.decode(), value


def _open_value(event: Event, name: str, raw: bytes) -> Any:
    if event.kind is None or event.kind.types.get(name) is None:
        return _parse_value(raw)
    try:
        value = _decoder(event.kind_name, name).decode(raw)
    except msgspec.ValidationError as error:
        parsed = _parse_value(raw)
        raise refuse_field(event.kind.types[name], parsed, str(error), where=name) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError("encoding.json", f"not JSON: {error}", where=name) from error
    if event.kind.open:
        return _parse_value(raw)
    if _encode(value) != raw:
        raise MalformedError("encoding.canonical", "not in canonical form", where=name)
    return value


def _parse_value(raw: bytes) -> Any:
    """Parses a value of any type; the brackets of its disclosure are the first level."""
    return parse_canonical(raw, limit=MAX_WIRE, depth=2)


@functools.lru_cache(maxsize=1024)
def _decoder(kind_name: str, field: str) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(CATALOGUE[kind_name].types[field])
