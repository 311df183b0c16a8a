"""Copying a whole log into an empty store of another engine."""

from __future__ import annotations

from traceledger.errors import StorageError
from traceledger.ledger.reading.log_end import LogEnd, read_log_end
from traceledger.merkle.hashing import leaf_hash
from traceledger.storage.store import Batch, Store, StoreReader

__all__ = ["transfer"]

_ENTRIES = 1_000  # in a transaction


def transfer(source: StoreReader, target: Store) -> None:
    """Copies everything in a store into an empty one, some entries at a time.

    Leaf hashes, tiles and the root of each checkpoint are computed again from the entries. Raises
    StorageError `ledger.damaged` if they differ, and what writing raises; the target then contains
    part of the log.
    """
    end = read_log_end(target, 0)
    for row in source.read_checkpoints():
        end = _copy_entries(source, target, end, row.size)
        if end.frontier.root != row.root:
            raise StorageError(
                "ledger.damaged", f"the entries do not hash to checkpoint {row.size}"
            )
        if cosignatures := source.read_cosignatures(row.size):
            target.add_cosignatures(cosignatures)
    end = _copy_entries(source, target, end, source.size())
    target.replace_heads(source.read_all_heads(), end.frontier)


def _copy_entries(source: StoreReader, target: Store, end: LogEnd, size: int) -> LogEnd:
    """Copies entries up to a size, with the checkpoint of that size if there is one."""
    while end.size < size:
        entries = list(source.read_entries(end.size, min(end.size + _ENTRIES, size)))
        if any(leaf_hash(entry.body) != entry.leaf for entry in entries):
            raise StorageError("ledger.damaged", f"an entry from {end.size} on has another hash")
        after, tiles = end.extended([entry.leaf for entry in entries])
        row = source.read_checkpoint(after.size)
        target.append(Batch(end.frontier, after.frontier, entries, tiles, checkpoint=row))
        end = after
    return end
