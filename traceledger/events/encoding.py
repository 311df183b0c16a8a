"""Canonical base64url and canonical JSON, the two encodings of everything signed.

Canonical JSON is RFC 8785 within the narrow profile of `docs/spec/events.md`: member names
`[a-z_][a-z0-9_]{0,63}` in ascending order, no floats, no null, integers up to 2^53 - 1, strict
UTF-8, at most eight levels. A reader decodes, re-encodes and compares bytes, so that no two JSON
parsers can disagree about what was signed.
"""

from __future__ import annotations

import binascii
import re
from typing import Any

import msgspec

from traceledger.errors import MalformedError
from traceledger.identifiers.excerpt import quote

__all__ = [
    "MAX_DEPTH",
    "MAX_INTEGER",
    "decode_base64url",
    "encode_base64url",
    "format_canonical",
    "parse_canonical",
]

MAX_DEPTH = 8
MAX_INTEGER = 2**53 - 1

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,63}")
# Characters of standard base64 only, and those that end a JSON string or begin an escape, become
# "!", which no base64 alphabet has.
_TO_STANDARD = bytes.maketrans(b'-_+/="\\', b"+/!!!!!")
# By length modulo 4: the padding, and the last characters that leave no spare bits.
_PADDING = (b'"', b"!", b'=="', b'="')
_LAST = tuple(map(frozenset, (range(256), b"", b"AQgw", b"AEIMQUYcgkosw048")))
# Decodes a JSON string: twice as fast as `binascii` and as strict.
_decode_standard = msgspec.json.Decoder(bytes).decode
_TO_URL = bytes.maketrans(b"+/", b"-_")


def encode_base64url(data: bytes) -> str:
    """Encodes bytes as base64url without padding (RFC 4648 section 5)."""
    return binascii.b2a_base64(data, newline=False).translate(_TO_URL).rstrip(b"=").decode()


def decode_base64url(text: bytes) -> bytes:
    """Decodes canonical base64url; refuses padding, non-zero spare bits and other characters.

    Raises MalformedError `encoding.base64`. Inverse of `encode_base64url`.
    """
    rest = len(text) % 4
    try:
        data = _decode_standard(b'"' + text.translate(_TO_STANDARD) + _PADDING[rest])
    except (msgspec.DecodeError, UnicodeDecodeError):
        data = None
    if data is None or (text and text[-1] not in _LAST[rest]):
        raise MalformedError("encoding.base64", f"{text[:24]!r} is not canonical base64url")
    return data


def format_canonical(value: Any) -> bytes:
    """Encodes a value as canonical JSON; raises MalformedError `encoding.json` outside the profile.

    Inverse of `parse_canonical`.
    """
    _check_profile(value, 1)
    try:
        return msgspec.json.encode(value, order="sorted")
    except UnicodeEncodeError as error:
        raise MalformedError("encoding.json", "a string contains a lone surrogate") from error


def parse_canonical(data: bytes, *, limit: int, depth: int = 1) -> Any:
    """Decodes canonical JSON of at most `limit` bytes into dicts, lists, strings, ints and bools.

    `depth` is the nesting level of the value itself. Raises MalformedError `encoding.size` before
    anything is parsed, `encoding.json` for everything outside the profile, and `encoding.canonical`
    if the bytes are not the canonical encoding.
    """
    if len(data) > limit:
        raise MalformedError("encoding.size", f"{len(data)} bytes given, {limit} allowed")
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError("encoding.json", f"not JSON: {error}") from error
    _check_profile(value, depth)
    if msgspec.json.encode(value, order="sorted") != data:
        raise MalformedError("encoding.canonical", "the JSON is valid but not in canonical form")
    return value


def _check_profile(value: Any, depth: int) -> None:
    kind = type(value)
    if kind is str:
        if "\x00" in value:
            raise MalformedError("encoding.json", "a string contains the character U+0000")
    elif kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise MalformedError("encoding.json", "an integer exceeds 2^53 - 1")
    elif kind is dict or kind is list:
        if depth > MAX_DEPTH:
            raise MalformedError("encoding.json", f"more than {MAX_DEPTH} levels")
        for step, inner in value.items() if kind is dict else enumerate(value):
            if kind is dict:
                _check_name(step)
            try:
                _check_profile(inner, depth + 1)
            except MalformedError as error:
                raise _inside(error, step) from None
    elif kind is not bool:
        raise MalformedError(
            "encoding.json", f"{quote(value)} given; allowed: text, integers, true and false"
        )


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name == "__proto__":
        raise MalformedError(
            "encoding.json",
            f"{quote(name)} is not a member name; allowed: at most 64 of a-z, 0-9 and _, no digit"
            " first",
        )


def _inside(error: MalformedError, step: str | int) -> MalformedError:
    """Returns the error located one level further out: `warranty.months`, `results[0].value`."""
    here = step if isinstance(step, str) else f"[{step}]"
    dot = "." if error.where and not error.where.startswith("[") else ""
    return MalformedError(error.code, error.message, where=f"{here}{dot}{error.where}")
