"""Entry bundles: up to 256 entries in one file, each preceded by its length (C2SP tlog-tiles).

The bundle of the entries `one` and `two` is ``00036f6e65 000374776f``: two bytes of length,
big-endian, then the entry.
"""

from __future__ import annotations

from collections.abc import Iterable

from traceledger.errors import MalformedError, UsageError

__all__ = ["MAX_ENTRY_SIZE", "format_bundle", "parse_bundle"]

MAX_ENTRY_SIZE = 65_535

_LENGTH_BYTES = 2


def format_bundle(entries: Iterable[bytes]) -> bytes:
    """Encodes entries of at most 65,535 bytes, inverse of `parse_bundle`.

    Raises UsageError `merkle.range` for a longer entry.
    """
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_SIZE:
            raise UsageError("merkle.range", f"an entry has {len(entry)} bytes, 65535 allowed")
        parts += [len(entry).to_bytes(_LENGTH_BYTES), entry]
    return b"".join(parts)


def parse_bundle(data: bytes, width: int) -> tuple[bytes, ...]:
    """Decodes a bundle of exactly `width` entries, inverse of `format_bundle`.

    Raises MalformedError `merkle.tile` for another number of entries or a truncated one.
    """
    entries: list[bytes] = []
    position = 0
    while position < len(data) and len(entries) < width:
        start = position + _LENGTH_BYTES
        position = start + int.from_bytes(data[position:start])
        entries.append(data[start:position])
    if len(entries) != width or position != len(data):
        raise MalformedError(
            "merkle.tile", f"the bundle does not contain exactly {width} complete entries"
        )
    return tuple(entries)
