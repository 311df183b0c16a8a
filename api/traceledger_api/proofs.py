"""Proofs about the latest event of an item."""

from __future__ import annotations

from msgspec.structs import replace

from traceledger.errors import StorageError
from traceledger.events.encoding import encode_base64url
from traceledger.formats.encoding import encode_base64
from traceledger.formats.proof import LogProof, format_proof
from traceledger.formats.trust import TrustFile
from traceledger.ledger.reading.finality import find_final, keep_named
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.merkle.headmap import map_leaf
from traceledger.views.answers import MapLeaf, Proof, SealProof

__all__ = ["prove_standing"]


def prove_standing(ledger: LedgerReader, item: str, trust: TrustFile) -> Proof:
    """Proves which event is an item's latest, or that the item is unknown.

    As a passport, it is as of the newest checkpoint that is final under the trust file, unless the
    item has a later event; then as of the newest checkpoint.
    The seal is the last leaf of the checkpoint; the map proof leads from the item to the map root
    in the seal. For an unknown item the path ends in an empty subtree, or in the leaf of `other`.
    """
    row = ledger.read_heads((item,)).get(item)
    snapshot = ledger.snapshot(find_final(ledger, trust, row.latest if row else -1))
    note, heads = keep_named(snapshot.note, trust.policy), snapshot.heads
    path = heads.find_path(item)
    found = Proof(
        item=item,
        known=False,
        checkpoint=note.decode(),
        seal=SealProof(
            text=snapshot.seal.decode(), proof=_texts(snapshot.prove(snapshot.size - 1))
        ),
        map_proof=_texts(path.siblings),
    )
    if path.leaf is None:
        return found
    key = path.leaf[0]
    index = heads.find_event(key)
    if index is None:
        raise AssertionError("a path of the map ends in a leaf that the map does not have")
    entry = snapshot.entry(index)
    if map_leaf(key, entry.seq, entry.leaf) != path.leaf[1]:
        raise StorageError("map.stale", f"entry {index} is not the latest event of its item")
    if entry.item != item:
        other = MapLeaf(key=_text(key), seq=entry.seq, head=_text(entry.leaf))
        return replace(found, other=other)
    proof = LogProof(index, snapshot.prove(index), note)
    return replace(
        found,
        known=True,
        seq=entry.seq,
        event=encode_base64url(entry.leaf),
        proof=format_proof(proof).decode(),
    )


def _text(value: bytes) -> str:
    return encode_base64(value).decode()


def _texts(values: tuple[bytes, ...]) -> list[str]:
    return [_text(value) for value in values]
