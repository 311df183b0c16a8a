from hypothesis import given
from hypothesis import strategies as st

from tests.merkle.tiled_tree import TiledTree
from traceledger.merkle.edge import TileEdge, read_edge
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.nodes import StoredTree, read_frontier
from traceledger.merkle.tiles import completed_tiles, fold_hashes
from traceledger.merkle.tree import Frontier, root_of

LEAVES = [leaf_hash(str(i).encode()) for i in range(70_000)]


@given(st.lists(st.integers(0, 700), max_size=6))
def test_batches_complete_exactly_the_tiles_that_became_full(batches: list[int]) -> None:
    edge = TileEdge()
    for count in batches:
        old = edge.size
        edge, completed = edge.extended(LEAVES[old : old + count])
        assert edge.size == old + count
        assert [done.tile for done in completed] == list(completed_tiles(old, edge.size))
        for done in completed:
            if done.tile.level == 0:
                first = done.tile.index * 256
                assert done.hashes == b"".join(LEAVES[first : first + 256])
            assert done.root == fold_hashes(done.hashes)


def test_a_tree_of_70000_has_every_tile_however_it_grew() -> None:
    tree = TiledTree()
    position = 0
    for count in (1, 255, 256, 1000, 64_000, 24, 4_464):
        tree.append(LEAVES[position : position + count])
        position += count
    assert position == 70_000
    assert sorted(tree.full) == [*((0, n) for n in range(273)), (1, 0)]
    assert [len(level) // 32 for level in tree.edge.levels] == [112, 17, 1]
    assert tree.full[1, 0] == b"".join(tree.roots[0, n] for n in range(256))
    assert StoredTree(70_000, tree).root == root_of(LEAVES)


def test_edge_and_frontier_can_be_read_at_any_size() -> None:
    for size in (0, 1, 2, 255, 256, 257, 511, 512, 3000, 65_536, 65_537):
        tree = TiledTree()
        tree.append(LEAVES[:size])
        assert read_edge(size, tree) == tree.edge
        assert read_frontier(size, tree) == Frontier().extended(LEAVES[:size])


def test_the_worked_tree_of_three_entries_is_one_tile_of_96_bytes() -> None:
    tree = TiledTree()
    tree.append(leaf_hash(entry) for entry in (b"one", b"two", b"three"))
    assert tree.full == {}
    assert tree.read_tile(0, 0, 3) == b"".join(tree.leaves)
    assert len(tree.read_tile(0, 0, 3)) == 96


def test_a_tree_of_size_256_has_no_partial_tile_of_level_0() -> None:
    edge, completed = TileEdge().extended(LEAVES[:256])
    assert edge.levels == (b"", completed[0].root)
