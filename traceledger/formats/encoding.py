"""Base64, decimals, lines and origins, as shared by the text formats of the log.

Each value has one accepted form. The caller passes the code of its own format, which every
MalformedError from here has.
"""

from __future__ import annotations

import binascii
import re

from traceledger.errors import MalformedError

__all__ = [
    "MAX_INTEGER",
    "check_origin",
    "decode_base64",
    "decode_hash",
    "encode_base64",
    "parse_decimal",
    "split_lines",
]

MAX_INTEGER = 2**63 - 1

_DECIMAL = re.compile(rb"0|[1-9][0-9]{0,18}")
# Visible ASCII without "+": beyond ASCII, languages disagree on what is a space.
_ORIGIN = re.compile(r"[!-*,-~]{1,255}")
_RESERVED_ORIGINS = ("traceledger/", "cosignature/")


def encode_base64(data: bytes) -> bytes:
    """Encodes bytes as standard base64 with padding (RFC 4648 section 4)."""
    return binascii.b2a_base64(data, newline=False)


def decode_base64(text: bytes, code: str, *, where: str = "") -> bytes:
    """Decodes standard base64 in canonical form, inverse of `encode_base64`."""
    try:
        data = binascii.a2b_base64(text)
    except binascii.Error:
        data = b""
    if encode_base64(data) != text:
        raise MalformedError(code, f"{text[:48]!r} is not canonical base64", where=where)
    return data


def decode_hash(text: bytes, code: str, *, where: str = "") -> bytes:
    """Decodes the 44 characters of a 32-byte hash in base64."""
    if len(text) != 44 or len(data := decode_base64(text, code, where=where)) != 32:
        raise MalformedError(
            code, f"{text[:48]!r} is not a hash of 32 bytes in base64", where=where
        )
    return data


def parse_decimal(text: bytes, code: str, *, where: str = "") -> int:
    """Parses an integer from 0 to 2^63 - 1: digits only, without leading zeroes."""
    if not _DECIMAL.fullmatch(text) or (value := int(text)) > MAX_INTEGER:
        raise MalformedError(
            code, f"{text[:24]!r} is not a plain number from 0 to {MAX_INTEGER}", where=where
        )
    return value


def split_lines(data: bytes, code: str, *, limit: int) -> list[bytes]:
    """Splits text of at most `limit` bytes, every line of which ends in LF."""
    if len(data) > limit:
        raise MalformedError(code, f"{len(data)} bytes given, {limit} allowed")
    if not data.endswith(b"\n"):
        raise MalformedError(code, "the last line does not end in a newline")
    return data[:-1].split(b"\n")


def check_origin(origin: str, code: str) -> None:
    """Refuses a log's name unless it is 1 to 255 visible ASCII characters without `+`.

    Names that begin with `traceledger/` or `cosignature/` are refused too: they begin
    other texts that the same key could sign.
    """
    if not _ORIGIN.fullmatch(origin) or origin.startswith(_RESERVED_ORIGINS):
        raise MalformedError(code, f"{origin[:64]!r} cannot be the origin of a log")
