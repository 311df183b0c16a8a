"""Buckets of the map of latest heads as bytes, which take less memory than objects.

A bucket is its records one after the other in ascending order of key. A record begins with the key
and the leaf hash of an item; records of one map have one size.
"""

from __future__ import annotations

from functools import cache
from struct import Struct

from traceledger.merkle.hashing import HASH_SIZE
from traceledger.merkle.headmap import MapLeaf, join_leaves, map_root

__all__ = ["find_record", "hash_bucket", "key_prefix", "put_record", "read_leaves", "split_bucket"]

_LEAF = 2 * HASH_SIZE  # where the leaf hash of a record ends
_PREFIX_BITS = 64  # of a key, which nearly always differ and are fast to compute with


def key_prefix(key: bytes, bits: int) -> int:
    """Returns the first bits of a key, at most 32, as a number."""
    return int.from_bytes(key[:4]) >> (32 - bits)


def put_record(bucket: bytes, record: bytes) -> bytes:
    """Returns the bucket with this record, which replaces a record with the same key."""
    size, key = len(record), record[:HASH_SIZE]
    for at in range(0, len(bucket), size):
        found = bucket[at : at + HASH_SIZE]
        if found >= key:
            return bucket[:at] + record + bucket[at + size if found == key else at :]
    return bucket + record


def find_record(bucket: bytes, key: bytes, size: int) -> int:
    """Returns the offset at which the record of that key begins or would begin."""
    for at in range(0, len(bucket), size):
        if bucket[at : at + HASH_SIZE] >= key:
            return at
    return len(bucket)


def split_bucket(bucket: bytes, size: int) -> list[bytes]:
    """Returns the records of a bucket."""
    return [bucket[at : at + size] for at in range(0, len(bucket), size)]


def read_leaves(bucket: bytes, size: int) -> list[MapLeaf]:
    """Returns the keys and leaf hashes in a bucket."""
    return [
        (bucket[at : at + HASH_SIZE], bucket[at + HASH_SIZE : at + _LEAF])
        for at in range(0, len(bucket), size)
    ]


def hash_bucket(bucket: bytes, depth: int, size: int) -> tuple[bytes, int]:
    """Returns the hash of the subtree at that depth, and the number of its items."""
    if len(bucket) == size:
        return bucket[HASH_SIZE:_LEAF], 1
    leaves = list(_layout(size).iter_unpack(bucket))
    count = len(leaves)
    if len(dict(leaves)) == count:
        return join_leaves(leaves, 0, count, _PREFIX_BITS - depth), count
    return map_root(read_leaves(bucket, size), depth), count


@cache
def _layout(size: int) -> Struct:
    """Returns the format of a record as the first bits of its key, as a number, and leaf hash."""
    return Struct(f">Q{HASH_SIZE - _PREFIX_BITS // 8}x{HASH_SIZE}s{size - _LEAF}x")
