"""Seals: the last leaf of each published checkpoint, which shows that nothing was omitted.

::

    traceledger/seal/v1
    4711
    ab9El6dpj8XjDvfgeH+84fb0Vxf8RduH2vrMypRbbOs=
    803
    4650

These are the seal's own leaf index, the map root over all events before it, the number of items in
the map, and the leaf index of the previous seal, or `-`. An event begins with `eyJ`, so no leaf is
both.
"""

from __future__ import annotations

from dataclasses import dataclass

from traceledger.errors import MalformedError
from traceledger.formats.encoding import decode_hash, encode_base64, parse_decimal, split_lines

__all__ = ["Seal", "format_seal", "is_seal", "parse_seal"]

_CODE = "seal.form"
_FIRST_LINE = b"traceledger/seal/v1"
_MAX_TEXT = 256


@dataclass(frozen=True, slots=True)
class Seal:
    """Leaf index, map root of 32 bytes, number of items, index of the previous seal, if any."""

    index: int
    map_root: bytes
    items: int
    previous: int | None


def is_seal(entry: bytes) -> bool:
    """Reports whether a log entry claims to be a seal; only `parse_seal` validates it."""
    return entry.startswith(_FIRST_LINE + b"\n")


def format_seal(seal: Seal) -> bytes:
    """Formats a seal's text, which is the log entry, inverse of `parse_seal`.

    Raises MalformedError `seal.form` for values that no seal can have.
    """
    previous = b"-" if seal.previous is None else b"%d" % seal.previous
    root = encode_base64(seal.map_root)
    text = b"%s\n%d\n%s\n%d\n%s\n" % (_FIRST_LINE, seal.index, root, seal.items, previous)
    parse_seal(text)
    return text


def parse_seal(entry: bytes) -> Seal:
    """Parses a seal's text; raises MalformedError `seal.form`.

    Leaf 0 is an event, so a seal has an index of 1 or more and at least one item; it has at most as
    many items as leaves before it, and the previous seal precedes it.
    """
    lines = split_lines(entry, _CODE, limit=_MAX_TEXT)
    if len(lines) != 5 or lines[0] != _FIRST_LINE:
        raise MalformedError(_CODE, f"a seal has 5 lines, the first {_FIRST_LINE.decode()}")
    index = parse_decimal(lines[1], _CODE, where="line 2")
    map_root = decode_hash(lines[2], _CODE, where="line 3")
    items = parse_decimal(lines[3], _CODE, where="line 4")
    previous = None if lines[4] == b"-" else parse_decimal(lines[4], _CODE, where="line 5")
    if not 1 <= items <= index:
        raise MalformedError(_CODE, f"a seal at index {index} cannot cover {items} items")
    # Leaf 0 is an event, so the previous seal has index 1 or more.
    if previous is not None and not 1 <= previous < index:
        raise MalformedError(_CODE, f"seal {previous} cannot precede seal {index}")
    return Seal(index, map_root, items, previous)
