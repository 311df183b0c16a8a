"""A bucket of bytes must hash to what the plain definition gives for its leaves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from traceledger.merkle.buckets import hash_bucket, put_record, read_leaves
from traceledger.merkle.headmap import map_root

DEPTH = 12
# Keys of one bucket: random ones, and ones that differ only after 64 bits, which an attacker finds.
ALIKE = st.tuples(st.integers(0, 2), st.integers(0, 3)).map(
    lambda key: bytes([0, key[0]]) + bytes(29) + bytes([key[1]])
)
KEYS = st.binary(min_size=30, max_size=30).map(lambda rest: bytes(2) + rest) | ALIKE


@given(st.lists(st.tuples(KEYS, st.binary(min_size=32, max_size=32)), min_size=1, max_size=12))
def test_a_bucket_has_the_root_of_its_leaves_whatever_its_keys_share(
    written: list[tuple[bytes, bytes]],
) -> None:
    for payload in (b"", b"position"):
        bucket, leaves = b"", dict[bytes, bytes]()
        for key, leaf in written:
            bucket = put_record(bucket, key + leaf + payload)
            leaves[key] = leaf
            size = 64 + len(payload)
            held = sorted(leaves.items())
            assert read_leaves(bucket, size) == held
            assert hash_bucket(bucket, DEPTH, size) == (map_root(held, DEPTH), len(held))
