"""The steps of a write that are the same on every engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from traceledger.errors import StorageError
from traceledger.storage import queries
from traceledger.storage.rows import Row, as_checkpoint

__all__ = ["Run", "add_note"]

Run = Callable[[str, Sequence[object]], Sequence[Row]]
"""Runs a statement of `queries` in a transaction and returns its rows, if it has any."""


def add_note(run: Run, size: int, note: str) -> None:
    """Adds the signed note to a checkpoint; raises StorageError `ledger.damaged`."""
    rows = run(queries.CHECKPOINT, (size,))
    found = as_checkpoint(rows[0]).note if rows else None
    if found not in {"", note}:
        conflict = "no tree head" if found is None else "another signed note"
        raise StorageError("ledger.damaged", f"there is {conflict} of size {size}")
    if not found:
        run(queries.SIGN, (note, size))
