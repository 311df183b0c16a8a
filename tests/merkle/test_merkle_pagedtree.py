"""A map whose nodes are read page by page is the same map as one that is all in memory."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from traceledger.merkle.headmap import MapLeaf, map_key, map_leaf, map_root
from traceledger.merkle.pagedtree import PagedHeadTree


class Store:
    """Leaves and pages as a database would hold them."""

    def __init__(self) -> None:
        self.leaves: dict[bytes, bytes] = {}
        self.pages: dict[int, bytes] = {}
        self.read: list[int] = []

    def open(self, bits: int) -> PagedHeadTree:
        def read_bucket(bucket: int) -> Sequence[MapLeaf]:
            low, high = tree.bucket_bounds(bucket)
            return sorted((k, leaf) for k, leaf in self.leaves.items() if low <= k <= high)

        def read_page(page: int) -> bytes | None:
            self.read.append(page)
            return self.pages.get(page)

        tree = PagedHeadTree(bits, read_bucket, read_page)
        return tree

    def put(self, tree: PagedHeadTree, items: Sequence[str]) -> None:
        keys = [map_key(item) for item in items]
        for key in keys:
            self.leaves[key] = map_leaf(key, len(self.leaves), bytes(32))
        tree.update(map(tree.bucket_of, keys))
        self.pages.update(tree.changed_pages())

    def root(self) -> bytes:
        return map_root(sorted(self.leaves.items()))


@pytest.mark.parametrize("bits", [1, 2, 4, 5, 8, 9])
def test_map_opened_again_and_again_is_the_whole_map(bits: int) -> None:
    store, chance = Store(), random.Random(bits)
    for _ in range(12):
        tree = store.open(bits)
        store.put(tree, [f"item {chance.randrange(90)}" for _ in range(chance.randrange(12))])
        assert tree.root == store.root()
        assert store.open(bits).root == store.root()


def test_map_that_was_loaded_stores_all_of_it() -> None:
    store = Store()
    store.put(store.open(6), [f"item {number}" for number in range(100)])
    pages = dict(store.pages)
    store.pages.clear()
    tree = store.open(6)
    tree.load(sorted(store.leaves.items()))
    store.pages.update(tree.changed_pages())
    assert {page: store.pages[page] for page in pages} == pages
    assert store.open(6).root == store.root()


def test_update_reads_only_the_way_to_the_root() -> None:
    store = Store()
    store.put(store.open(12), [f"item {number}" for number in range(4_000)])
    tree = store.open(12)
    store.read.clear()
    store.put(tree, ["item 7"])
    assert len(store.read) == 2  # of three pages, the one at the top is there already
    assert len(store.pages) > 200
    assert tree.root == store.root()


def test_update_of_nothing_changes_nothing() -> None:
    store = Store()
    store.put(store.open(5), ["one"])
    tree = store.open(5)
    tree.update([])
    assert list(tree.changed_pages()) == []
    assert tree.root == store.root()


def test_pages_are_yielded_once() -> None:
    store = Store()
    tree = store.open(5)
    store.put(tree, ["one", "two"])
    assert list(tree.changed_pages()) == []
