"""Documents: JSON files in the profile of docs/spec/events.md, in canonical form.

A document is decoded into its declared type, encoded again and compared byte for byte, so that no
two readers can disagree about it: duplicate, unknown, null or empty optional members, other number
formats and other spacing are all refused.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from traceledger.codes import CODES
from traceledger.errors import MalformedError
from traceledger.events.encoding import parse_canonical
from traceledger.identifiers.excerpt import printable

__all__ = ["format_document", "parse_document"]

T = TypeVar("T", bound=msgspec.Struct)

_encode = msgspec.json.Encoder(order="sorted").encode


def format_document(document: msgspec.Struct) -> bytes:
    """Encodes a document, inverse of `parse_document`."""
    return _encode(document)


def parse_document(data: bytes, decoder: msgspec.json.Decoder[T], code: str, *, limit: int) -> T:
    """Decodes a document of at most `limit` bytes; raises MalformedError with the given code."""
    if len(data) > limit:
        raise _refusal(code, f"{len(data)} bytes given, {limit} allowed")
    try:
        document = decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refusal(code, str(error)) from error
    if _encode(document) != data:
        raise _refusal(code, "the JSON is valid but not in canonical form")
    if b"\\u0000" in data:
        _check_profile(data, code, limit)
    return document


def _check_profile(data: bytes, code: str, limit: int) -> None:
    """Refuses U+0000 in a text; declared types enforce the rest of the profile."""
    try:
        parse_canonical(data, limit=limit)
    except MalformedError as error:
        raise _refusal(code, error.message) from error


def _refusal(code: str, fault: str) -> MalformedError:
    """States first what the data should have been: the user may have named the wrong file."""
    return MalformedError(code, f"{CODES[code].meaning.removesuffix('.')}: {printable(fault, 200)}")
