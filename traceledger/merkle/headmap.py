r"""The map of latest heads: item id -> (seq, event id of its latest event), under one root.

A binary tree whose path is the key's bits, most significant first. A range with one item is that
item's leaf at any depth, an empty range is EMPTY, so the shape depends only on the keys::

    key    SHA-256("traceledger/map-key/v1\n" || item id)
    leaf   SHA-256(0x02 || key || u64be(seq) || head)
    node   SHA-256(0x03 || left || right)
    EMPTY  32 zero bytes

The tags differ from RFC 6962's 0x00 and 0x01. A leaf hash binds the whole key and the bits of the
key fix the path, so at most one (seq, head) verifies for an item under one root, however the tree
was built.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from traceledger.errors import UsageError
from traceledger.merkle.hashing import HASH_SIZE

__all__ = [
    "EMPTY",
    "MAX_SEQ",
    "MapLeaf",
    "MapPath",
    "find_path",
    "key_bit",
    "map_key",
    "map_leaf",
    "map_node",
    "map_root",
    "subtree_root",
]

EMPTY = bytes(HASH_SIZE)
MAX_SEQ = 2**64 - 1

MapLeaf = tuple[bytes, bytes]
"""An item's key and leaf hash."""

_KEY_BITS = 256


class MapPath(NamedTuple):
    """The path to a key: siblings from the root's child down, and the leaf at its end, if any.

    A leaf with the requested key proves presence; another leaf or none proves absence.
    """

    siblings: tuple[bytes, ...]
    leaf: MapLeaf | None


def map_key(item: str) -> bytes:
    """Computes the key of an item id, 32 bytes."""
    return sha256(b"traceledger/map-key/v1\n" + item.encode()).digest()


def map_leaf(key: bytes, seq: int, head: bytes) -> bytes:
    """Hashes an item's key, the seq of its latest event (0 to 2^64 - 1) and that event's id."""
    return sha256(b"\x02" + key + seq.to_bytes(8) + head).digest()


def map_node(left: bytes, right: bytes) -> bytes:
    """Hashes two children, one with at least two items or both with one."""
    return sha256(b"\x03" + left + right).digest()


def key_bit(key: bytes, depth: int) -> int:
    """Reads the bit of a key that decides at `depth`, most significant first."""
    return key[depth >> 3] >> (~depth & 7) & 1


def map_root(leaves: Sequence[MapLeaf], depth: int = 0) -> bytes:
    """Computes the root over leaves in strictly ascending order of key.

    With `depth`, the root of the subtree there: the keys share their first `depth` bits. Raises
    UsageError `map.order`.
    """
    _check_order(leaves, depth)
    return subtree_root(leaves, depth)


def subtree_root(leaves: Sequence[MapLeaf], depth: int) -> bytes:
    """Computes what `map_root` does over leaves whose order and keys were checked before."""
    if len(leaves) == 1:  # as in most buckets of a map
        return leaves[0][1]
    return _root(_read_keys(leaves), leaves, 0, len(leaves), depth)


def find_path(leaves: Sequence[MapLeaf], key: bytes, depth: int = 0) -> MapPath:
    """Finds the path to a key from the root over these leaves, or from the subtree at `depth`.

    Leaves as in `map_root`. Raises UsageError `map.order`.
    """
    _check_order(leaves, depth)
    keys = _read_keys(leaves)
    low, high = 0, len(leaves)
    siblings = []
    while high - low > 1:
        middle = _split(keys, low, high, depth)
        if key_bit(key, depth):
            siblings.append(_root(keys, leaves, low, middle, depth + 1))
            low = middle
        else:
            siblings.append(_root(keys, leaves, middle, high, depth + 1))
            high = middle
        depth += 1
    return MapPath(tuple(siblings), leaves[low] if low < high else None)


def _read_keys(leaves: Sequence[MapLeaf]) -> list[int]:
    """Reads the keys as integers, which compare and split faster than bytes."""
    return [int.from_bytes(key) for key, _ in leaves]


def _root(keys: Sequence[int], leaves: Sequence[MapLeaf], low: int, high: int, depth: int) -> bytes:
    if high - low <= 1:
        return leaves[low][1] if high - low else EMPTY
    first = keys[low]
    fork = _KEY_BITS - (first ^ keys[high - 1]).bit_length()
    middle = low + 1 if high - low == 2 else _split(keys, low, high, fork)
    left = leaves[low][1] if middle - low == 1 else _root(keys, leaves, low, middle, fork + 1)
    right = leaves[middle][1] if high - middle == 1 else _root(keys, leaves, middle, high, fork + 1)
    node = sha256(b"\x03" + left + right).digest()
    # Between the fork and the requested depth, all items lie on one side of every node.
    for above in range(fork - 1, depth - 1, -1):
        if first >> (_KEY_BITS - 1 - above) & 1:
            node = sha256(b"\x03" + EMPTY + node).digest()
        else:
            node = sha256(b"\x03" + node + EMPTY).digest()
    return node


def _split(keys: Sequence[int], low: int, high: int, depth: int) -> int:
    """Finds where the keys with bit `depth` set begin; all keys share the bits before it."""
    rest = _KEY_BITS - 1 - depth
    return bisect_left(keys, (keys[low] >> rest | 1) << rest, low, high)


def _check_order(leaves: Sequence[MapLeaf], depth: int) -> None:
    before = b""
    for key, leaf in leaves:
        if key <= before or len(key) != HASH_SIZE or len(leaf) != HASH_SIZE:
            raise UsageError("map.order", f"key {key.hex()} follows {before.hex() or 'nothing'}")
        before = key
    if leaves and depth:
        shift = _KEY_BITS - depth
        if int.from_bytes(leaves[0][0]) >> shift != int.from_bytes(before) >> shift:
            raise UsageError("map.order", f"the keys do not share their first {depth} bits")
