"""What a batch writes to each table, in the order in which an engine writes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table

from traceledger.storage.store import Batch
from traceledger.storage.tables import CHECKPOINT, DISCLOSURE, ENTRY, HEAD, TILE

__all__ = ["Deposit", "deposits_of"]

Deposit = tuple[Table, Sequence[Sequence[Any]]]


def deposits_of(batch: Batch) -> tuple[Deposit, ...]:
    """Returns the rows that a batch adds; those of `HEAD` replace the row of the same item.

    Rows of neighbouring items are on the same pages, also of indexes, so they come in that order.
    """
    return (
        (ENTRY, [entry[:6] for entry in batch.entries]),
        (DISCLOSURE, [(e.leaf_index, e.disclosures) for e in batch.entries if e.disclosures]),
        (TILE, [(c.tile.level, c.tile.index, c.root, c.hashes) for c in batch.tiles]),
        (HEAD, sorted(batch.heads)),
        (CHECKPOINT, [batch.checkpoint] if batch.checkpoint else []),
    )
