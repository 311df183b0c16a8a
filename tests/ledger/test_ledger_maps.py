from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.bench import Bench, clock, import_drafts
from tests.world import ORIGIN
from traceledger.errors import NotFoundError
from traceledger.formats.passport import parse_passport
from traceledger.formats.seal import parse_seal
from traceledger.ledger.reading.passports import build_passport
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.ledger.reading.sealed_map import EMPTY_MAP, SealedMap
from traceledger.ledger.reading.sealed_maps import SealedMaps
from traceledger.merkle.headmap import find_path, map_key, map_leaf, map_root
from traceledger.storage.sqlite import SqliteStore, copy_database
from traceledger.storage.store import Latest
from traceledger.views.history import PUBLIC
from traceledger.views.rows import Entry

ITEMS = st.dictionaries(st.integers(0, 3_000).map("lot/{}".format), st.integers(0, 9), max_size=400)


def latest(content: dict[str, int]) -> list[Latest]:
    return [
        Latest(item, seq, f"{item}{seq}".encode().ljust(32), seq) for item, seq in content.items()
    ]


def check_map(made: SealedMap, content: dict[str, int]) -> None:
    """Compares a map with the plain definition over its content."""
    keys = {map_key(event.item): event for event in latest(content)}
    leaves = [(key, map_leaf(key, keys[key].seq, keys[key].head)) for key in sorted(keys)]
    assert (made.items, made.root) == (len(content), map_root(leaves))
    for item in [*list(content)[:20], "lot/unknown"]:
        assert made.find_path(item) == find_path(leaves, map_key(item))
        assert made.find_event(map_key(item)) == content.get(item)


@given(st.lists(ITEMS, max_size=5))
def test_updates_do_not_change_earlier_maps(batches: list[dict[str, int]]) -> None:
    content: dict[str, int] = {}
    maps = [(EMPTY_MAP, content)]
    for batch in batches:
        content = content | batch
        maps.append((maps[-1][0].updated(latest(batch)), content))
    for made, held in maps:
        check_map(made, held)
        assert SealedMap.of(latest(held)).root == made.root


def test_a_small_map_takes_more_items_at_once_than_its_buckets_hold() -> None:
    # Put into few buckets one by one, the items would take half a minute.
    content = {f"lot/{number}": 0 for number in range(20_000)}
    small = SealedMap.of(latest({"lot/7": 3, "lot/new": 0}))
    grown = small.updated(latest(content))
    assert grown.items == 20_001
    assert grown.root == SealedMap.of(latest({"lot/new": 0, **content})).root


def test_maps_of_two_checkpoints_share_unchanged_branches() -> None:
    before = SealedMap.of(latest({f"lot/{number}": 0 for number in range(20_000)}))
    after = before.updated(latest({"lot/7": 1, "lot/new": 0}))
    pairs = list(zip(before._branches, after._branches, strict=True))
    assert sum(branch is not other for branch, other in pairs) == 2
    assert len(pairs) > 50


class CountingStore(SqliteStore):
    """A store that counts the reads of building a map."""

    entries, latest = 0, 0

    def read_entries(self, start: int, stop: int) -> Iterator[Entry]:
        self.entries += stop - start
        return super().read_entries(start, stop)

    def read_latest(self, size: int) -> Iterator[Latest]:
        self.latest += 1
        return super().read_latest(size)


@pytest.fixture
def replica(bench: Bench) -> Iterator[CountingStore]:
    """The store as another process opens it."""
    store = CountingStore(bench.path, write=False)
    yield store
    store.close()


def test_a_reader_in_another_process_updates_its_map_incrementally(
    bench: Bench, replica: CountingStore
) -> None:
    bench.ledger.append(bench.sign(import_drafts(200)))
    bench.ledger.publish()
    reader = LedgerReader(replica, ORIGIN, clock=clock)
    assert reader.snapshot().heads.items == bench.ledger.snapshot().heads.items
    assert (replica.latest, replica.entries) == (1, 0)
    for number in range(5):
        bench.ledger.append(bench.sign(import_drafts(3, first=1000 + 3 * number)))
        bench.ledger.publish()
        snapshot = reader.snapshot()
        assert snapshot.size == bench.store.size()
        assert snapshot.heads.root == parse_seal(snapshot.seal).map_root
    assert replica.latest == 1
    assert replica.entries < 5 * 5


def test_the_map_of_a_frequently_requested_checkpoint_stays_cached(
    bench: Bench, replica: CountingStore
) -> None:
    bench.ledger.append(bench.sign(import_drafts(50)))
    bench.ledger.publish()
    reader = LedgerReader(replica, ORIGIN, clock=clock)
    final = reader.snapshot()
    for number in range(10):
        bench.ledger.append(bench.sign(import_drafts(1, first=1000 + number)))
        bench.ledger.publish()
        assert reader.snapshot().size > final.size
        assert reader.snapshot(final.size).heads is final.heads
    assert replica.latest == 1
    assert len(reader.maps._kept) < 10


def test_the_writer_and_readers_of_a_process_share_each_map(
    bench: Bench, replica: CountingStore
) -> None:
    bench.ledger.publish()
    reader = LedgerReader(replica, ORIGIN, clock=clock, maps=bench.ledger.maps)
    bench.ledger.append(bench.sign(import_drafts(20)))
    bench.ledger.publish()
    assert reader.snapshot().heads is bench.ledger.snapshot().heads
    assert replica.latest == replica.entries == 0


def test_a_map_requested_by_many_threads_is_built_once(
    bench: Bench, replica: CountingStore
) -> None:
    bench.ledger.append(bench.sign(import_drafts(200)))
    bench.ledger.publish()
    reader = LedgerReader(replica, ORIGIN, clock=clock)
    found: list[SealedMap] = []
    threads = [
        threading.Thread(target=lambda: found.append(reader.snapshot().heads)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({id(sealed) for sealed in found}) == 1
    assert replica.latest == 1


def test_a_replica_that_lags_behind_proves_as_of_its_newest_checkpoint(
    bench: Bench, tmp_path: Path
) -> None:
    core = bench.world.core()
    bench.feed()
    published = bench.ledger.publish()
    behind = tmp_path / "behind.db"
    copy_database(bench.path, behind)
    bench.ledger.append(bench.sign(import_drafts(3)))
    bench.ledger.publish()
    store = SqliteStore(behind, write=False)
    reader = LedgerReader(store, ORIGIN, clock=clock, maps=bench.ledger.maps)
    assert parse_passport(build_passport(reader, core, PUBLIC)).checkpoint == published
    with pytest.raises(NotFoundError):
        reader.snapshot(bench.store.size())
    reader.close()


def test_a_map_matches_its_seal_whatever_was_built_before(bench: Bench) -> None:
    sizes = []
    for number in range(7):
        bench.ledger.append(bench.sign(import_drafts(5, first=5 * number)))
        bench.ledger.publish()
        sizes.append(bench.store.size())
    maps = SealedMaps()
    for size in (sizes[3], sizes[6], sizes[0], sizes[5], sizes[1], sizes[4], sizes[2]):
        (body,) = bench.store.read_bodies(size - 1, size)
        assert maps.at(size, bench.store).root == parse_seal(body).map_root
