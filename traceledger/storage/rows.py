"""Rows as they come back from SQLite, which checks types when it writes, but not when it reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from traceledger.errors import StorageError

__all__ = ["BYTES", "CHECKPOINT", "COSIGNATURE", "ENTRY", "HEAD", "MAP", "join", "typed", "wrong_types"]

# The types of the columns of each table, in their order.
BYTES = (bytes,)
ENTRY = (int, bytes, str, int, str, bytes, bytes)
HEAD = (str, int, bytes, int, str, str, str, str, bytes)
MAP = (bytes, bytes, str, int, bytes)
CHECKPOINT = (int, bytes, str)
COSIGNATURE = (int, str, int, str)


def typed(row: Sequence[Any], types: tuple[type, ...]) -> Sequence[Any]:
    """A row whose values have these types; raises StorageError `ledger.damaged` for others."""
    if tuple(map(type, row)) != types:
        raise wrong_types()
    return row


def join(rows: Sequence[Sequence[Any]]) -> bytes:
    """The bytes in rows of one column, one after the other; raises as `typed`."""
    return b"".join([typed(row, BYTES)[0] for row in rows])


def wrong_types() -> StorageError:
    """The error for a row of a damaged database."""
    return StorageError("ledger.damaged", "a row in the database holds values of other types")
