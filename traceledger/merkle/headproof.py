"""Proofs that an event is its item's latest, or that an item is absent, under a map root."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from traceledger.errors import UsageError, VerificationError
from traceledger.merkle.hashing import HASH_SIZE
from traceledger.merkle.headmap import (
    EMPTY,
    MAX_SEQ,
    MapLeaf,
    find_path,
    key_bit,
    map_key,
    map_leaf,
    map_node,
)

__all__ = [
    "MAX_PATH",
    "AbsenceProof",
    "MapEntry",
    "check_absence",
    "check_head",
    "prove_absence",
    "prove_head",
]

MAX_PATH = 256


class MapEntry(NamedTuple):
    """What a leaf of the map commits to: an item's key, and the seq and id of its latest event."""

    key: bytes
    seq: int
    head: bytes


class AbsenceProof(NamedTuple):
    """Siblings from the root's child down, and the key of the other item at their end, if any.

    The checker also needs that item's seq and head.
    """

    siblings: tuple[bytes, ...]
    other: bytes | None


def prove_head(leaves: Sequence[MapLeaf], item: str) -> tuple[bytes, ...]:
    """Proves an item's latest event: siblings from the root's child down, at most 256.

    Leaves in ascending order of key. Raises UsageError `map.item` for an item that is not in the
    map. Inverse of `check_head`.
    """
    key = map_key(item)
    siblings, leaf = find_path(leaves, key)
    if leaf is None or leaf[0] != key:
        raise UsageError("map.item", f"{item} is not in the map")
    return siblings


def prove_absence(leaves: Sequence[MapLeaf], item: str) -> AbsenceProof:
    """Proves that an item is not in the map, inverse of `check_absence`.

    Leaves in ascending order of key. Raises UsageError `map.item` for an item that is in the map.
    """
    key = map_key(item)
    siblings, leaf = find_path(leaves, key)
    if leaf is None:
        return AbsenceProof(siblings, None)
    if leaf[0] == key:
        raise UsageError("map.item", f"{item} is in the map")
    return AbsenceProof(siblings, leaf[0])


def check_head(root: bytes, item: str, seq: int, head: bytes, siblings: Sequence[bytes]) -> None:
    """Checks that event `seq` with the id `head` (32 bytes) is the item's latest.

    Raises VerificationError `map.proof`.
    """
    key = map_key(item)
    if _fold(key, _leaf(MapEntry(key, seq, head)), siblings) != root:
        raise VerificationError(
            "map.proof", f"the proof does not show that event {seq} is the latest of {item}"
        )


def check_absence(
    root: bytes, item: str, other: MapEntry | None, siblings: Sequence[bytes]
) -> None:
    """Checks that the item is not in the map: its path ends in EMPTY, or in another item's leaf.

    Raises VerificationError `map.proof`.
    """
    key = map_key(item)
    end = EMPTY
    if other is not None:
        end = _leaf(other)
        shared = range(min(len(siblings), MAX_PATH))
        if other.key == key or any(key_bit(other.key, i) != key_bit(key, i) for i in shared):
            raise VerificationError("map.proof", f"the other item is not on the path of {item}")
    if _fold(key, end, siblings) != root:
        raise VerificationError("map.proof", f"the proof does not show that {item} is absent")


def _leaf(entry: MapEntry) -> bytes:
    if len(entry.key) != HASH_SIZE or len(entry.head) != HASH_SIZE:
        raise VerificationError("map.proof", "a key and a head have 32 bytes")
    if not 0 <= entry.seq <= MAX_SEQ:
        raise VerificationError("map.proof", f"{entry.seq} is not a seq")
    return map_leaf(*entry)


def _fold(key: bytes, end: bytes, siblings: Sequence[bytes]) -> bytes:
    if len(siblings) > MAX_PATH:
        raise VerificationError(
            "map.proof", f"the proof has {len(siblings)} hashes, {MAX_PATH} are allowed"
        )
    node = end
    for depth in reversed(range(len(siblings))):
        sibling = siblings[depth]
        if len(sibling) != HASH_SIZE:
            raise VerificationError("map.proof", f"a hash has {len(sibling)} bytes, not 32")
        node = map_node(sibling, node) if key_bit(key, depth) else map_node(node, sibling)
    return node
