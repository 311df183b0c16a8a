"""Proof files of single events (C2SP tlog-proof), as final as a trust file allows."""

from __future__ import annotations

from traceledger.errors import NotFoundError
from traceledger.formats.proof import LogProof, format_proof
from traceledger.formats.trust import TrustFile
from traceledger.ledger.reading.finality import find_final, keep_named
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.merkle.proofs import prove_inclusion

__all__ = ["find_leaf", "prove_event"]

_CHUNK = 65_536  # leaves read at once, 2 MiB
_HASH = 32


def find_leaf(ledger: LedgerReader, leaf: bytes) -> int:
    """Finds the log index of a leaf hash of 32 bytes; raises NotFoundError `event.unknown`."""
    size = ledger.size
    for start in range(0, size, _CHUNK):
        leaves = ledger.read_leaves(start, min(start + _CHUNK, size))
        at = leaves.find(leaf)
        while at >= 0 and at % _HASH:
            at = leaves.find(leaf, at + 1)
        if at >= 0:
            return start + at // _HASH
    raise NotFoundError("event.unknown", "this ledger has no event with this id")


def prove_event(ledger: LedgerReader, index: int, *, trust: TrustFile | None = None) -> bytes:
    """Proves that the log contains the entry at an index, as of the newest checkpoint.

    With a `trust` file, it is as of the newest checkpoint that is final under it, if that covers
    the entry; the checkpoint then keeps only the signature lines that the file names. Raises
    NotFoundError `event.unknown`, or `ledger.unpublished` if no checkpoint covers the entry yet.
    """
    if index >= ledger.size:
        raise NotFoundError("event.unknown", f"this ledger has no entry {index}")
    final = None if trust is None else find_final(ledger, trust, index)
    size = final or ledger.published_size
    if index >= size:
        raise NotFoundError("ledger.unpublished", f"no checkpoint covers entry {index} yet")
    note = ledger.checkpoint(size)
    if trust is not None:
        note = keep_named(note, trust.policy)
    return format_proof(LogProof(index, prove_inclusion(index, size, ledger), note))
