"""Proofs about one item as of the newest checkpoint."""

from __future__ import annotations

from msgspec.structs import replace

from traceledger.errors import StorageError
from traceledger.events.encoding import encode_base64url
from traceledger.formats.encoding import encode_base64
from traceledger.formats.proof import LogProof, format_proof
from traceledger.ledger.reading.snapshot import Snapshot
from traceledger.merkle.headmap import map_leaf
from traceledger.views.answers import MapLeaf, Proof, SealProof

__all__ = ["prove_standing"]


def prove_standing(snapshot: Snapshot, item: str) -> Proof:
    """Proves which event is an item's latest, or that the item is unknown.

    The seal is the last leaf of the checkpoint; the map proof leads from the item to the map root
    in the seal. For an unknown item the path ends in an empty subtree, or in the leaf of `other`.
    """
    note, heads = snapshot.note, snapshot.heads
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
