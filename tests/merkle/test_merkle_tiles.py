import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceledger.errors import MalformedError, UsageError
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.tiles import (
    ENTRIES,
    Tile,
    bundles_of,
    completed_tiles,
    fold_hashes,
    format_tile_path,
    parse_tile_path,
    tile_width,
    tiles_of,
)
from traceledger.merkle.tree import root_of

PATHS = [
    (Tile(0, 0, 256), "tile/0/000"),
    (Tile(0, 999, 256), "tile/0/999"),
    (Tile(0, 1000, 256), "tile/0/x001/000"),
    (Tile(0, 1234067, 256), "tile/0/x001/x234/067"),
    (Tile(0, 273, 112), "tile/0/273.p/112"),
    (Tile(1, 0, 1), "tile/1/000.p/1"),
    (Tile(ENTRIES, 0, 3), "tile/entries/000.p/3"),
    (Tile(ENTRIES, 1234067, 256), "tile/entries/x001/x234/067"),
    (Tile(0, 2**55 - 1, 255), "tile/0/x036/x028/x797/x018/x963/967.p/255"),
]


@pytest.mark.parametrize(("tile", "path"), PATHS)
def test_paths_round_trip(tile: Tile, path: str) -> None:
    assert format_tile_path(tile) == path
    assert parse_tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/0/000/",
        "tile/00/000",
        "tile/01/000",
        "tile/-1/000",
        "tile/64/000",
        "tile/8/000",
        "tile/data/000",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/1000",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/x001/x000",
        "tile/0/X001/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/1000",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/1/",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/0/../000",
        "tile/0/%30%30%30",
        "tile/0/" + "x999/" * 7 + "999",
        "tile/0/x036/x028/x797/x018/x963/968",
        "tile/7/128",
    ],
)
def test_refuses_every_other_form_of_path(path: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_tile_path(path)
    assert caught.value.code == "merkle.tile"


@given(st.text(max_size=40) | st.from_regex(r"tile/[0-9ex]{1,3}/[x0-9/]{1,20}(\.p/[0-9]{1,3})?"))
def test_a_path_is_refused_or_round_trips(path: str) -> None:
    try:
        tile = parse_tile_path(path)
    except MalformedError:
        return
    assert format_tile_path(tile) == path


@pytest.mark.parametrize(
    "tile", [Tile(-2, 0, 1), Tile(0, -1, 1), Tile(0, 0, 0), Tile(0, 0, 257), Tile(64, 0, 1)]
)
def test_refuses_to_format_a_tile_that_no_tree_has(tile: Tile) -> None:
    with pytest.raises(UsageError) as caught:
        format_tile_path(tile)
    assert caught.value.code == "merkle.range"


def test_tiles_of_the_sizes_in_the_specification() -> None:
    assert list(tiles_of(0)) == []
    assert list(tiles_of(256)) == [Tile(0, 0, 256), Tile(1, 0, 1)]
    tiles = list(tiles_of(70_000))
    assert tiles[:273] == [Tile(0, n, 256) for n in range(273)]
    assert tiles[273:] == [Tile(0, 273, 112), Tile(1, 0, 256), Tile(1, 1, 17), Tile(2, 0, 1)]


def test_bundles_correspond_to_the_tiles_of_level_0() -> None:
    assert list(bundles_of(0)) == []
    assert list(bundles_of(513)) == [
        Tile(ENTRIES, 0, 256),
        Tile(ENTRIES, 1, 256),
        Tile(ENTRIES, 2, 1),
    ]


@given(st.integers(0, 200_000))
def test_the_width_of_each_tile_follows_from_the_size(size: int) -> None:
    for tile in tiles_of(size):
        assert tile_width(tile.level, tile.index, size) == tile.width
    full, partial = divmod(size, 256)
    assert tile_width(ENTRIES, full, size) == partial
    assert tile_width(0, full + 1, size) == 0


@given(st.integers(0, 150_000), st.integers(0, 150_000))
def test_completed_tiles_are_exactly_those_that_became_full(old: int, growth: int) -> None:
    new = old + growth
    before = {tile for tile in tiles_of(old) if tile.width == 256}
    after = [tile for tile in tiles_of(new) if tile.width == 256]
    assert list(completed_tiles(old, new)) == [tile for tile in after if tile not in before]


def test_folding_a_full_tile_gives_the_root_over_it() -> None:
    leaves = [leaf_hash(str(i).encode()) for i in range(256)]
    assert fold_hashes(b"".join(leaves)) == root_of(leaves)
    assert fold_hashes(leaves[0]) == leaves[0]
