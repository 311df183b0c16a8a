"""Conversion of an engine's rows: SQLite checks types when it writes but not when it reads.

Each function raises StorageError `ledger.damaged` for values whose types differ from the table's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from traceledger.errors import StorageError
from traceledger.storage.store import CheckpointRow, CosignatureRow, Latest
from traceledger.views.rows import Entry, HeadRow

__all__ = [
    "Row",
    "as_bytes",
    "as_checkpoint",
    "as_contents",
    "as_cosignature",
    "as_entry",
    "as_head",
    "as_latest",
    "join_bytes",
]

_ENTRY = (int, bytes, str, int, str, bytes, bytes)
_BARE_ENTRY = (*_ENTRY[:6], type(None))
_HEAD = (str, int, bytes, int, str, str, str, str, bytes)
_LATEST = (str, int, bytes, int)
_CHECKPOINT = (int, bytes, str)
_COSIGNATURE = (int, str, int, str)

Row = Sequence[Any]


def as_bytes(row: Row) -> bytes:
    """Returns the only column of a row."""
    value = row[0]
    if type(value) is not bytes:
        raise _wrong_types()
    return value


def join_bytes(rows: Sequence[Row]) -> bytes:
    """Concatenates the only column of several rows."""
    try:
        return b"".join([value for (value,) in rows])
    except TypeError as error:
        raise _wrong_types() from error


def as_contents(rows: Sequence[Row]) -> tuple[bytes, list[bytes]]:
    """Converts leaf hashes with the leaves' bytes: the hashes concatenated, the bytes as a list."""
    bodies = [body for _, body in rows]
    if not set(map(type, bodies)) <= {bytes}:
        raise _wrong_types()
    return join_bytes([row[:1] for row in rows]), bodies


def as_entry(row: Row) -> Entry:
    """Converts an entry with its disclosures, None for an entry that has none."""
    if row[6] is None:
        return Entry._make((*_typed(row, _BARE_ENTRY)[:6], b""))
    return Entry._make(_typed(row, _ENTRY))


def as_head(row: Row) -> HeadRow:
    """Converts the row of an item."""
    return HeadRow._make(_typed(row, _HEAD))


def as_latest(row: Row) -> Latest:
    """Converts an item's latest event."""
    latest = Latest._make(_typed(row, _LATEST))
    if latest.seq < 0 or latest.leaf_index < 0:
        raise StorageError(
            "ledger.damaged", f"the database has a negative number for {latest.item}"
        )
    return latest


def as_checkpoint(row: Row) -> CheckpointRow:
    """Converts a tree head."""
    return CheckpointRow._make(_typed(row, _CHECKPOINT))


def as_cosignature(row: Row) -> CosignatureRow:
    """Converts a witness's line."""
    return CosignatureRow._make(_typed(row, _COSIGNATURE))


def _typed(row: Row, types: tuple[type, ...]) -> Row:
    if tuple(map(type, row)) != types:
        raise _wrong_types()
    return row


def _wrong_types() -> StorageError:
    return StorageError("ledger.damaged", "a row in the database has values of the wrong type")
