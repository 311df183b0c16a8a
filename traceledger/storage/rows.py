"""Rows as they come back from SQLite, which checks types when it writes, but not when it reads.

Each function raises StorageError `ledger.damaged` for values of other types than its table has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from traceledger.errors import StorageError
from traceledger.storage.store import CheckpointRow, CosignatureRow, Entry, HeadRow, MapRow

__all__ = [
    "as_bytes",
    "as_checkpoint",
    "as_cosignature",
    "as_entry",
    "as_head",
    "as_map_row",
    "join_bytes",
    "wrong_types",
]

_BYTES = (bytes,)
_ENTRY = (int, bytes, str, int, str, bytes, bytes)
_HEAD = (str, int, bytes, int, str, str, str, str, bytes)
_MAP = (bytes, bytes, str, int, bytes)
_CHECKPOINT = (int, bytes, str)
_COSIGNATURE = (int, str, int, str)

Row = Sequence[Any]


def as_bytes(row: Row) -> bytes:
    """The only column of a row."""
    value: bytes = _typed(row, _BYTES)[0]
    return value


def join_bytes(rows: Sequence[Row]) -> bytes:
    """The only column of several rows, one after the other."""
    return b"".join([as_bytes(row) for row in rows])


def as_entry(row: Row) -> Entry:
    """An entry with its disclosures."""
    return Entry._make(_typed(row, _ENTRY))


def as_head(row: Row) -> HeadRow:
    """What is known of an item."""
    return HeadRow._make(_typed(row, _HEAD))


def as_map_row(row: Row) -> MapRow:
    """A leaf of the map."""
    return MapRow._make(_typed(row, _MAP))


def as_checkpoint(row: Row) -> CheckpointRow:
    """A tree head."""
    return CheckpointRow._make(_typed(row, _CHECKPOINT))


def as_cosignature(row: Row) -> CosignatureRow:
    """A witness's line."""
    return CosignatureRow._make(_typed(row, _COSIGNATURE))


def wrong_types() -> StorageError:
    """The error for a row of a damaged database."""
    return StorageError("ledger.damaged", "a row in the database holds values of other types")


def _typed(row: Row, types: tuple[type, ...]) -> Row:
    if tuple(map(type, row)) != types:
        raise wrong_types()
    return row
