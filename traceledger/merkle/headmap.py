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
    "join_leaves",
    "key_bit",
    "map_key",
    "map_leaf",
    "map_node",
    "map_root",
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
    return join_leaves(_with_numbers(leaves), 0, len(leaves), _KEY_BITS - depth)


def find_path(leaves: Sequence[MapLeaf], key: bytes, depth: int = 0) -> MapPath:
    """Finds the path to a key from the root over these leaves, or from the subtree at `depth`.

    Leaves as in `map_root`. Raises UsageError `map.order`.
    """
    _check_order(leaves, depth)
    numbered = _with_numbers(leaves)
    low, high, height = 0, len(leaves), _KEY_BITS - depth
    siblings = []
    while high - low > 1:
        height -= 1
        middle = _middle(numbered, low, high, height)
        if key_bit(key, _KEY_BITS - 1 - height):
            siblings.append(join_leaves(numbered, low, middle, height))
            low = middle
        else:
            siblings.append(join_leaves(numbered, middle, high, height))
            high = middle
    return MapPath(tuple(siblings), leaves[low] if low < high else None)


def join_leaves(leaves: Sequence[tuple[int, bytes]], low: int, high: int, height: int) -> bytes:
    """Computes the root over the leaves from `low` to `high`, exclusive.

    Each is a leaf hash with its key as a number. Numbers are strictly ascending and differ only in
    the last `height` bits; those in the first bits of the keys will do.
    """
    if high - low <= 1:
        return leaves[low][1] if high - low else EMPTY
    first, left = leaves[low]
    last, right = leaves[high - 1]
    fork = (first ^ last).bit_length()  # the height of the node below which the keys part
    if high - low > 2:
        middle = _middle(leaves, low, high, fork - 1)
        left = join_leaves(leaves, low, middle, fork - 1)
        right = join_leaves(leaves, middle, high, fork - 1)
    node = sha256(b"\x03" + left + right).digest()
    # Between the fork and the requested height, all items lie on one side of every node.
    for below in range(fork, height):
        if first >> below & 1:
            node = sha256(b"\x03" + EMPTY + node).digest()
        else:
            node = sha256(b"\x03" + node + EMPTY).digest()
    return node


def _with_numbers(leaves: Sequence[MapLeaf]) -> list[tuple[int, bytes]]:
    """Reads the keys as integers, which compare and split faster than bytes."""
    return [(int.from_bytes(key), leaf) for key, leaf in leaves]


def _middle(leaves: Sequence[tuple[int, bytes]], low: int, high: int, height: int) -> int:
    """Finds where the keys begin whose bit before the last `height` bits is set.

    All keys share the bits before it.
    """
    return bisect_left(leaves, ((leaves[low][0] >> height | 1) << height, b""), low, high)


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
