from bisect import bisect_left, bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceledger.errors import StorageError, UsageError
from traceledger.merkle.headmap import EMPTY, MapLeaf, find_path, map_root
from traceledger.merkle.headtree import MAX_BITS, HeadTree, choose_bits

KEYS = st.binary(min_size=32, max_size=32)
# Keys crowded into few buckets, so that leaves are promoted and long shared paths occur.
CROWDED = st.tuples(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]), st.integers(0, 7)).map(
    lambda key: bytes([key[0]]) + bytes(30) + bytes([key[1]])
)
CONTENT = st.dictionaries(KEYS | CROWDED, KEYS, max_size=30)


class World:
    """A sorted table of items and the tree above it, as in a database and a ledger."""

    def __init__(self, bits: int) -> None:
        self.items: dict[bytes, bytes] = {}
        self.tree = HeadTree(bits, self.read_bucket)

    def leaves(self) -> list[MapLeaf]:
        return sorted(self.items.items())

    def read_bucket(self, bucket: int) -> list[MapLeaf]:
        low, high = self.tree.bucket_bounds(bucket)
        leaves = self.leaves()
        keys = [key for key, _ in leaves]
        return leaves[bisect_left(keys, low) : bisect_right(keys, high)]

    def write(self, content: dict[bytes, bytes]) -> None:
        self.items |= content
        self.tree.update(self.tree.bucket_of(key) for key in content)


@given(st.integers(0, 9), st.lists(CONTENT, max_size=4), KEYS | CROWDED)
def test_updates_give_the_root_and_the_paths_of_a_rebuild(
    bits: int, batches: list[dict[bytes, bytes]], unknown: bytes
) -> None:
    world = World(bits)
    assert world.tree.root == EMPTY
    for content in batches:
        world.write(content)
        leaves = world.leaves()
        assert world.tree.root == map_root(leaves)
        for key in (*content, unknown):
            assert world.tree.find_path(key) == find_path(leaves, key)


@given(st.integers(0, 9), CONTENT, CONTENT)
def test_loading_gives_the_root_of_a_rebuild_and_discards_the_old_tree(
    bits: int, before: dict[bytes, bytes], content: dict[bytes, bytes]
) -> None:
    world = World(bits)
    world.write(before)
    world.items = dict(content)
    world.tree.load(iter(world.leaves()))
    assert world.tree.root == map_root(world.leaves())


@given(st.integers(0, 9), CONTENT, CONTENT)
def test_updating_again_after_a_rollback_restores_the_root(
    bits: int, content: dict[bytes, bytes], lost: dict[bytes, bytes]
) -> None:
    world = World(bits)
    world.write(content)
    root, items = world.tree.root, dict(world.items)
    world.write(lost)
    world.items = items
    world.tree.update(world.tree.bucket_of(key) for key in lost)
    assert world.tree.root == root


def test_a_bucket_that_cannot_be_read_leaves_the_tree_unchanged() -> None:
    world = World(4)
    world.write({bytes([n << 4]) + bytes(31): bytes(32) for n in range(16)})
    root = world.tree.root
    world.items = {bytes([n << 4]) + bytes(31): b"\x01" * 32 for n in range(15)}
    world.items[bytes([15 << 4]) + bytes(31)] = b"too short"
    with pytest.raises(UsageError):
        world.tree.update(range(16))
    assert world.tree.root == root


def test_refuses_a_proof_that_runs_ahead_of_the_root() -> None:
    world = World(3)
    world.write({bytes(32): bytes(32)})
    world.items[bytes(32)] = b"\x01" * 32
    with pytest.raises(StorageError) as caught:
        world.tree.find_path(bytes(32))
    assert caught.value.code == "map.stale"


@given(st.integers(0, MAX_BITS), KEYS)
def test_a_key_lies_within_the_bounds_of_its_bucket_only(bits: int, key: bytes) -> None:
    tree = HeadTree(0, lambda _: [])
    tree.bits = bits
    bucket = tree.bucket_of(key)
    low, high = tree.bucket_bounds(bucket)
    assert low <= key <= high
    assert tree.bucket_of(low) == tree.bucket_of(high) == bucket
    if bucket:
        assert tree.bucket_bounds(bucket - 1)[1] < low


@pytest.mark.parametrize("bits", [-1, MAX_BITS + 1])
def test_refuses_bucket_bits_out_of_range(bits: int) -> None:
    with pytest.raises(UsageError) as caught:
        HeadTree(bits, lambda _: [])
    assert caught.value.code == "map.bits"


@pytest.mark.parametrize("bucket", [-1, 16])
def test_refuses_a_bucket_that_does_not_exist(bucket: int) -> None:
    with pytest.raises(UsageError) as caught:
        HeadTree(4, lambda _: []).update([bucket])
    assert caught.value.code == "map.bits"


def test_refuses_to_load_buckets_out_of_order() -> None:
    leaves = [(b"\xff" + bytes(31), bytes(32)), (bytes(32), bytes(32))]
    tree = HeadTree(4, lambda _: [])
    with pytest.raises(UsageError) as caught:
        tree.load(leaves)
    assert caught.value.code == "map.order"
    assert tree.root == EMPTY


def test_refuses_a_bucket_with_keys_of_another() -> None:
    strangers = [(bytes(32), bytes(32)), (b"\xff" * 32, bytes(32))]
    with pytest.raises(UsageError) as caught:
        HeadTree(4, lambda _: strangers).update([0])
    assert caught.value.code == "map.order"


def test_bits_leave_about_four_items_per_bucket() -> None:
    assert [choose_bits(n) for n in (0, 1, 3, 4, 1000, 1_000_000, 10**9)] == [0, 0, 0, 1, 8, 18, 20]
    assert all(choose_bits(n) <= choose_bits(n + 1) for n in range(5000))
