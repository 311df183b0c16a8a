"""Checkpoints as published: with the log's signature and the newest line of each witness."""

from __future__ import annotations

from traceledger.errors import NotFoundError
from traceledger.storage.store import CheckpointRow, StoreReader

__all__ = ["cosigned_note", "find_signed"]


def find_signed(store: StoreReader, size: int | None = None) -> CheckpointRow:
    """Finds the signed checkpoint of that size, or the newest for None.

    Raises NotFoundError `ledger.unpublished`.
    """
    row = store.read_checkpoint(store.signed_size() if size is None else size)
    if row is None or not row.note:
        place = "yet" if size is None else f"at size {size}"
        raise NotFoundError("ledger.unpublished", f"no checkpoint has been published {place}")
    return row


def cosigned_note(store: StoreReader, row: CheckpointRow) -> bytes:
    """Returns the note of a signed checkpoint with the newest line of each of its witnesses."""
    lines = (cosignature.line for cosignature in store.read_cosignatures(row.size))
    return row.note.encode() + "".join(f"{line}\n" for line in lines).encode()
