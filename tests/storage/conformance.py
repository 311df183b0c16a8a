"""The conformance suite that every implementation of a store must pass.

A test module subclasses `StoreSuite` and provides two fixtures: `store`, a new, empty store open
for writing, and `reopen`, which closes the store and opens it again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import pytest

from traceledger.errors import ConflictError, NotAllowedError, StorageError
from traceledger.merkle.edge import read_edge
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.nodes import read_frontier
from traceledger.merkle.tiles import fold_hashes, tiles_of
from traceledger.merkle.tree import Frontier, root_of
from traceledger.storage.store import Batch, CheckpointRow, CosignatureRow, Latest, Store
from traceledger.views.rows import Entry, HeadRow, Search

__all__ = ["StoreSuite", "batch_of", "contents", "entry", "head", "replace_heads"]

# Pairs that some engine's collation or pattern treats as equal.
LOOK_ALIKES = [
    ("lot/A", "lot/a"),
    ("lot/Ä", "lot/ä"),
    ("lot/\u00e9", "lot/e\u0301"),
    ("lot/stra\u00dfe", "lot/strasse"),
    ("lot/\uff21", "lot/A\u200b"),
    ("lot/\u0131", "lot/i"),
    ("lot/x_z", "lot/xyz"),
    ("lot/x%z", "lot/x__z"),
    ("lot/x*", "lot/x?"),
    ("lot/[x]", "lot/x"),
    ("lot/\\x", "lot/\\\\x"),
    ("lot/b", "lot/b "),
    ("lot/\U0001f527", "lot/\uffff"),
]


def entry(index: int, item: str = "", seq: int = -1, disclosures: bytes = b"") -> Entry:
    """Creates an entry; its position is its index unless given."""
    body = b"entry %d" % index
    place = index if seq < 0 else seq
    return Entry(index, leaf_hash(body), item, place, "clean", body, disclosures)


def head(item: str, seq: int = 0, **fields: Any) -> HeadRow:
    plain = HeadRow(item, seq, bytes(32), seq, "core", "DECLARED", "", "", b"state")
    return plain._replace(**fields)


def batch_of(store: Store, entries: Sequence[Entry], **more: Any) -> Batch:
    """Creates the batch that a ledger would write: the entries and the tiles that they complete."""
    size = store.size()
    before, leaves = read_frontier(size, store), [added.leaf for added in entries]
    _, tiles = read_edge(size, store).extended(leaves)
    return Batch(before, before.extended(leaves), entries, tiles, **more)


def replace_heads(store: Store, rows: Iterable[HeadRow]) -> None:
    """Replaces the rows of all items with those of the present log."""
    store.replace_heads(rows, read_frontier(store.size(), store))


def contents(store: Store) -> dict[str, Any]:
    """Returns everything in a store."""
    checkpoints = list(store.read_checkpoints())
    return {
        "entries": list(store.read_entries(0, store.size() + 1)),
        "heads": list(store.read_all_heads()),
        "latest": sorted(store.read_latest(store.size())),
        "checkpoints": checkpoints,
        "cosignatures": [store.read_cosignatures(row.size) for row in checkpoints],
        "tiles": [
            store.read_tile(tile.level, tile.index, tile.width) for tile in tiles_of(store.size())
        ],
    }


def full_batch(store: Store) -> Batch:
    """Creates a batch that writes to every table and completes a tile."""
    size = store.size()
    entries = [entry(size + i, disclosures=b"d~" if i % 2 else b"") for i in range(257)]
    return batch_of(
        store,
        entries,
        heads=[head("a", size), head("b", size)],
        checkpoint=CheckpointRow(size + 257, bytes(32), ""),
    )


class StoreSuite:
    def test_a_new_store_is_empty(self, store: Store) -> None:
        assert store.size() == 0
        assert store.count_items() == 0
        assert store.newest_checkpoint() is None
        assert store.signed_size() == 0
        assert store.read_checkpoint(1) is None
        assert store.read_chain("a") == []
        assert store.find_place("a", 0) is None
        assert list(store.read_latest(5)) == []
        assert store.search(Search()) == []
        assert store.read_heads(["a"]) == {}
        assert store.check() == []

    def test_a_batch_is_complete_after_reopening(
        self, store: Store, reopen: Callable[[], Store]
    ) -> None:
        batch = full_batch(store)
        store.append(batch)
        before = contents(store)
        assert before["entries"] == batch.entries
        assert before["heads"] == batch.heads
        assert before["checkpoints"] == [batch.checkpoint]
        assert contents(reopen()) == before

    @pytest.mark.parametrize("position", [0, 100, 256])
    def test_an_entry_at_a_taken_place_rolls_back_its_batch(
        self, store: Store, position: int
    ) -> None:
        store.append(batch_of(store, [entry(0, "a", 0)]))
        before = contents(store)
        batch = full_batch(store)
        entries = list(batch.entries)
        entries[position] = entries[position]._replace(item="a", seq=0)
        with pytest.raises(StorageError) as caught:
            store.append(batch._replace(entries=entries))
        assert caught.value.code == "store.write"
        assert contents(store) == before
        store.append(batch)
        assert store.size() == 258

    def test_consecutive_batches_are_one_write(
        self, store: Store, reopen: Callable[[], Store]
    ) -> None:
        first = full_batch(store)._replace(checkpoint=None)
        entries = [entry(257, "a", 257), entry(258, "b", 258)]
        leaves = [added.leaf for added in entries]
        heads = [head("b", 258), head("c", 0)]
        second = Batch(first.after, first.after.extended(leaves), entries, heads=heads)
        seen = []

        def take(other: Executor) -> Iterator[Batch]:
            yield first
            seen.append(other.submit(contents, store).result())
            yield second
            seen.append(other.submit(contents, store).result())

        before = contents(store)
        with ThreadPoolExecutor(1) as other:
            store.append_all(take(other))
        assert seen == [before, before]
        after = contents(store)
        assert after["entries"] == [*first.entries, *second.entries]
        assert [(row.item, row.seq) for row in after["heads"]] == [("a", 0), ("b", 258), ("c", 0)]
        assert contents(reopen()) == after

    def test_an_error_between_batches_leaves_nothing(self, store: Store) -> None:
        def take() -> Iterator[Batch]:
            yield full_batch(store)
            raise NotAllowedError("life.transition", "a later event of the request is refused")

        before = contents(store)
        with pytest.raises(NotAllowedError):
            store.append_all(take())
        assert contents(store) == before
        store.append_all(iter(()))
        assert contents(store) == before
        store.append(full_batch(store))
        assert store.size() == 257

    @pytest.mark.parametrize("given", [0, 256, 258])
    def test_a_batch_for_another_size_is_refused(self, store: Store, given: int) -> None:
        store.append(full_batch(store))
        before = contents(store)
        with pytest.raises(ConflictError) as caught:
            store.append(full_batch(store)._replace(before=Frontier(given)))
        assert caught.value.code == "store.size"
        assert contents(store) == before

    @pytest.mark.parametrize("index", [0, 256, 258, 2**40])
    def test_indexes_have_no_gaps_or_duplicates(self, store: Store, index: int) -> None:
        store.append(full_batch(store))
        before = contents(store)
        with pytest.raises(StorageError):
            store.append(batch_of(store, [entry(index)]))
        assert contents(store) == before

    def test_tiles_of_every_size_match_the_leaves(self, store: Store) -> None:
        last = 1100
        leaves = [entry(i).leaf for i in range(last)]
        sizes = random.Random(1)
        start = 0
        while start < last:
            stop = min(start + sizes.randrange(1, 300), last)
            store.append(batch_of(store, [entry(i) for i in range(start, stop)]))
            self._check_tiles(store, leaves[:stop], stop)
            start = stop
        for size in range(1, last + 1):
            self._check_tiles(store, leaves, size)

    def _check_tiles(self, store: Store, leaves: Sequence[bytes], size: int) -> None:
        rows = [leaves[:size]]
        while len(rows[-1]) >= 256:
            row = rows[-1]
            whole = range(0, len(row) - 255, 256)
            rows.append([fold_hashes(b"".join(row[i : i + 256])) for i in whole])
        *full, last = [tile for tile in tiles_of(size) if tile.level == 0]
        above = [tile for tile in tiles_of(size) if tile.level > 0]
        for tile in [*full[-1:], last, *above]:
            first = tile.index * 256
            expected = b"".join(rows[tile.level][first : first + tile.width])
            assert store.read_tile(tile.level, tile.index, tile.width) == expected

    def test_leaves_and_bodies_come_in_order(self, store: Store) -> None:
        store.append(full_batch(store))
        bodies = [b"entry %d" % index for index in range(257)]
        assert list(store.read_bodies(0, 257)) == bodies
        assert list(store.read_bodies(3, 5)) == bodies[3:5]
        assert list(store.read_bodies(5, 3)) == []
        ((leaves, contents),) = store.read_contents(3, 5)
        assert (leaves, contents) == (store.read_leaves(3, 5), bodies[3:5])
        assert list(store.read_contents(5, 3)) == []
        assert store.read_leaves(250, 300) == b"".join(map(leaf_hash, bodies[250:]))
        assert [found.leaf_index for found in store.read_entries(255, 300)] == [255, 256]

    def test_a_chain_is_read_in_order_and_up_to_a_position(self, store: Store) -> None:
        entries = [entry(0, "a", 0), entry(1, "b", 0), entry(2, "a", 1), entry(3, "a", 2, b"d~")]
        store.append(batch_of(store, entries))
        assert store.read_chain("a") == [entries[0], entries[2], entries[3]]
        assert store.read_chain("a", 1) == [entries[0], entries[2]]
        assert store.read_chain("A") == []
        assert store.find_place("a", 2) == entries[3]
        assert store.find_place("a", 3) is None

    def test_heads_are_replaced_by_later_batches(self, store: Store) -> None:
        store.append(batch_of(store, [entry(0)], heads=[head("a"), head("b")]))
        store.append(batch_of(store, [entry(1)], heads=[head("a", 7)]))
        assert store.read_heads(["b", "a", "b", "c"]) == {"a": head("a", 7), "b": head("b")}
        replace_heads(store, [head("c", 2)])
        assert list(store.read_all_heads()) == [head("c", 2)]
        replace_heads(store, [])
        assert list(store.read_all_heads()) == []

    def test_rows_of_another_log_replace_none(self, store: Store) -> None:
        """Rows that were rebuilt before others wrote would undo what these wrote."""
        store.append(batch_of(store, [entry(0)], heads=[head("a")]))
        end = read_frontier(1, store)
        store.append(batch_of(store, [entry(1)], heads=[head("a", 7), head("b")]))
        with pytest.raises(ConflictError) as caught:
            store.replace_heads([head("a")], end)
        assert caught.value.code == "store.size"
        assert list(store.read_all_heads()) == [head("a", 7), head("b")]

    def test_many_heads_are_read_at_once(self, store: Store) -> None:
        rows = [head(f"item {number:05}", number) for number in range(2_345)]
        store.append(batch_of(store, [entry(0)], heads=rows))
        assert store.read_heads(row.item for row in rows) == {row.item: row for row in rows}

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            (Search(), ["10%", "a_b", "axb", "z"]),
            (Search(id_part="a"), ["a_b", "axb"]),
            (Search(id_part="a_b"), ["a_b"]),
            (Search(id_part="%"), ["10%"]),
            (Search(id_part="/"), []),
            (Search(chain="unit"), ["z"]),
            (Search(life="PACKED", chain="unit"), ["z"]),
            (Search(life="PACKED", chain="core"), []),
            (Search(part_no="P-1"), ["axb", "z"]),
            (Search(declaration="decl/1"), ["a_b", "z"]),
            (Search(declaration="decl/2"), ["z"]),
            (Search(declaration="decl/1", after="a_b"), ["z"]),
            (Search(declaration="decl/1", life="PACKED", part_no="P-1"), ["z"]),
            (Search(declaration="decl/1", id_part="_", limit=1), ["a_b"]),
            (Search(declaration="decl/"), []),
            (Search(after="a_b"), ["axb", "z"]),
            (Search(limit=2), ["10%", "a_b"]),
            (Search(after="a_b", limit=1), ["axb"]),
        ],
    )
    def test_search(self, store: Store, wanted: Search, found: list[str]) -> None:
        rows = [
            head("z", chain="unit", life="PACKED", part_no="P-1", declaration="decl/2 decl/1"),
            head("axb", part_no="P-1"),
            head("a_b", declaration="decl/1"),
            head("10%"),
        ]
        store.append(batch_of(store, [entry(0)], heads=rows))
        assert [row.item for row in store.search(wanted)] == found

    def test_item_is_found_by_each_declaration_line_that_it_has_now(self, store: Store) -> None:
        """An item that a search misses is not recalled."""

        def found(line: str) -> list[str]:
            items = [row.item for row in store.search(Search(declaration=line))]
            assert store.count_declared(line) == len(items)
            assert not list(store.misfiled_items())
            return items

        store.append(batch_of(store, [entry(0)], heads=[head("a", declaration="decl/1")]))
        both = head("a", 1, declaration="decl/1 decl/2")
        store.append(batch_of(store, [entry(1)], heads=[both, head("b", declaration="decl/2")]))
        assert (found("decl/1"), found("decl/2")) == (["a"], ["a", "b"])
        store.append(batch_of(store, [entry(2)], heads=[head("a", 2, declaration="decl/2")]))
        assert (found("decl/1"), found("decl/2")) == ([], ["a", "b"])
        store.append(batch_of(store, [entry(3)], heads=[head("a", 3)]))
        assert found("decl/2") == ["b"]
        replace_heads(store, [head("c", declaration="decl/2 decl/3")])
        assert (found("decl/2"), found("decl/3")) == (["c"], ["c"])

    @pytest.mark.parametrize("look_alike", LOOK_ALIKES)
    def test_similar_ids_are_distinguished(self, store: Store, look_alike: tuple[str, str]) -> None:
        items = sorted(look_alike, key=str.encode)
        entries = [entry(number, item, 0) for number, item in enumerate(items)]
        rows = [head(added.item, head=added.leaf, latest=added.leaf_index) for added in entries]
        store.append(batch_of(store, entries, heads=rows))
        assert store.count_items() == 2
        for added, row in zip(entries, rows, strict=True):
            assert store.read_heads([added.item]) == {added.item: row}
            assert store.read_chain(added.item) == [added]
            assert store.find_place(added.item, 0) == added
            assert store.find_event(added.item, added.leaf) == added
            assert store.find_event(added.item, bytes(32)) is None
            with_it = [row for row in rows if added.item.encode() in row.item.encode()]
            assert store.search(Search(id_part=added.item)) == with_it

    def test_ids_are_in_the_order_of_their_bytes(
        self, store: Store, reopen: Callable[[], Store]
    ) -> None:
        items = sorted({item for pair in LOOK_ALIKES for item in pair}, key=str.encode)
        store.append(batch_of(store, [entry(0)], heads=[head(item) for item in reversed(items)]))
        store = reopen()
        assert [row.item for row in store.read_all_heads()] == items
        assert [row.item for row in store.search(Search())] == items
        for number, item in enumerate(items, 1):
            found = store.search(Search(after=item))
            assert [row.item for row in found] == items[number:]

    @pytest.mark.parametrize("part", ["A", "a", "Ä", "ä", "ss", "ß", "_", "%", "*", "?", "[", "\\"])
    def test_search_finds_exactly_the_ids_with_these_bytes(self, store: Store, part: str) -> None:
        items = sorted({item for pair in LOOK_ALIKES for item in pair}, key=str.encode)
        store.append(batch_of(store, [entry(0)], heads=map(head, items)))
        found = [row.item for row in store.search(Search(id_part=part))]
        assert found == [item for item in items if part.encode() in item.encode()]

    def test_pages_of_a_search_contain_every_item_once(self, store: Store) -> None:
        rows = [head(f"item {number:03}") for number in range(25)]
        store.append(batch_of(store, [entry(0)], heads=rows))
        seen: list[HeadRow] = []
        while page := store.search(Search(after=seen[-1].item if seen else "", limit=7)):
            seen += page
        assert seen == rows

    def test_latest_events_below_a_size_ignore_later_events(self, store: Store) -> None:
        def log(index: int, item: str, seq: int) -> Latest:
            added = entry(index, item, seq)
            row = head(item, seq, head=added.leaf, latest=index)
            store.append(batch_of(store, [added], heads=[row]))
            return Latest(item, seq, added.leaf, index)

        a0, b0, a1, seal, a2 = (
            log(index, item, seq)
            for index, (item, seq) in enumerate([("a", 0), ("b", 0), ("a", 1), ("", 3), ("a", 2)])
        )
        replace_heads(store, (row for row in store.read_all_heads() if row.item))
        assert seal.leaf_index == 3
        for size, latest in enumerate([[], [a0], [a0, b0], [a1, b0], [a1, b0], [a2, b0]]):
            assert sorted(store.read_latest(size)) == latest
        assert store.count_items() == 2

    def test_an_unknown_tree_head_is_not_signed(self, store: Store) -> None:
        with pytest.raises(StorageError):
            store.sign_checkpoint(7, "note")

    def test_a_checkpoint_is_signed_once(self, store: Store, reopen: Callable[[], Store]) -> None:
        store.append(full_batch(store))
        chosen = CheckpointRow(257, bytes(32), "")
        assert store.newest_checkpoint() == chosen
        assert store.signed_size() == 0
        store.sign_checkpoint(257, "note")
        signed = chosen._replace(note="note")
        assert store.read_checkpoint(257) == signed
        store.sign_checkpoint(257, "note")  # another process signed the same
        with pytest.raises(StorageError):
            store.sign_checkpoint(257, "another")
        assert store.read_checkpoint(257) == signed
        store.append(full_batch(store))
        store = reopen()
        assert store.signed_size() == 257
        assert store.newest_checkpoint() == CheckpointRow(514, bytes(32), "")
        assert next(iter(store.read_checkpoints())) == signed

    def test_one_size_has_one_tree_head(self, store: Store) -> None:
        store.append(full_batch(store))
        other = CheckpointRow(257, b"r" * 32, "")
        with pytest.raises(StorageError):
            store.append(batch_of(store, [entry(257)], checkpoint=other))
        assert store.size() == 257

    def test_only_the_newest_cosignature_of_each_witness_is_read(
        self, store: Store, reopen: Callable[[], Store]
    ) -> None:
        store.append(full_batch(store))
        rows = [
            CosignatureRow(257, "w2", 5, "line 5"),
            CosignatureRow(257, "w1", 9, "line 9"),
            CosignatureRow(257, "w1", 9, "another line of that second"),
            CosignatureRow(257, "w1", 7, "line 7"),
        ]
        store.add_cosignatures(rows)
        store.add_cosignatures(rows)  # known lines are ignored
        assert reopen().read_cosignatures(257) == [rows[1], rows[0]]

    def test_sizes_of_signed_and_cosigned_checkpoints_have_an_upper_bound(
        self, store: Store
    ) -> None:
        for size in (257, 514, 771):
            store.append(full_batch(store))
            store.sign_checkpoint(size, "note")
            store.add_cosignatures([CosignatureRow(size, name, 1, "line") for name in ("w", "v")])
        for find in (store.signed_sizes, store.cosigned_sizes):
            assert find(2) == [771, 514]
            assert find(2, 770) == [514, 257]
            assert find(2, 257) == [257]
            assert find(2, 256) == []

    def test_a_cosignature_requires_a_checkpoint(self, store: Store) -> None:
        with pytest.raises(StorageError):
            store.add_cosignatures([CosignatureRow(3, "w", 1, "line")])

    def test_a_stored_tree_has_the_root_of_its_leaves(self, store: Store) -> None:
        store.append(full_batch(store))
        leaves = store.read_leaves(0, 257)
        hashes = [leaves[i : i + 32] for i in range(0, len(leaves), 32)]
        assert root_of(hashes) == root_of(leaf_hash(body) for body in store.read_bodies(0, 257))
