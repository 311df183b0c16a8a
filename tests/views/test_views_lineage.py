"""Lineage: complete, in proportion to what its reader sees, and never cut silently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.ledger.bench import Bench, clock
from tests.world import ORIGIN
from traceledger.errors import NotFoundError
from traceledger.ledger.ledger import Ledger
from traceledger.planning.signing import find_identity
from traceledger.storage import queries
from traceledger.storage.rows import Row
from traceledger.storage.sqlite import SqliteStore
from traceledger.views.lineage import read_lineage, read_origins
from traceledger.views.rows import HeadRow, Search


class CountingStore(SqliteStore):
    """A store that counts the entries and rows that a question reads."""

    read = 0

    def fetch(self, query: str, values: Sequence[object] = ()) -> list[Row]:
        rows = super().fetch(query, values)
        if query in {queries.CHAIN, queries.PLACE}:
            self.read += len(rows)
        return rows

    def search(self, wanted: Search) -> list[HeadRow]:
        rows = super().search(wanted)
        self.read += len(rows)
        return rows


@pytest.fixture
def pooled(tmp_path: Path) -> Iterator[tuple[Bench, CountingStore, list[str]]]:
    """A ledger with units whose components come from the same donor."""
    bench = Bench.start(tmp_path)
    world = bench.world
    components = world.take_apart(world.core("DONOR"), 12)
    units = [world.unit("PACKED", (world.core("ACCEPTED"), part)) for part in components]
    bench.feed()
    bench.ledger.close()
    store = CountingStore(bench.path, write=False)
    bench.ledger = Ledger(store, ORIGIN, clock=clock)
    yield bench, store, units
    bench.ledger.close()


def test_origins_read_only_what_the_passport_shows(
    pooled: tuple[Bench, CountingStore, list[str]],
) -> None:
    """A stranger must not make the server walk through all units of a donor."""
    bench, store, units = pooled
    store.read = 0
    found = read_origins(bench.ledger, units[0])
    assert store.read == len(found.nodes) == 4
    assert {node.chain for node in found.nodes} == {"unit", "core", "component"}
    assert {edge.link for edge in found.edges} == {"input", "parent"}
    assert found.rest == ()


def test_lineage_leads_to_all_relatives(pooled: tuple[Bench, CountingStore, list[str]]) -> None:
    bench, _, units = pooled
    found = read_lineage(bench.ledger, units[0])
    assert set(units) <= {node.item for node in found.nodes}
    assert found.rest == ()


@pytest.mark.parametrize("limit", [2, 5, 10, 30])
def test_bounded_lineage_names_where_to_continue(
    pooled: tuple[Bench, CountingStore, list[str]], limit: int
) -> None:
    """Continuing with the named items must lead to the whole graph: nothing is lost silently."""
    bench, _, units = pooled
    whole = read_lineage(bench.ledger, units[0])
    asked: set[str] = set()
    nodes, edges = set(), set()
    waiting = [units[0]]
    while waiting:
        item = waiting.pop()
        if item in asked:
            continue
        asked.add(item)
        found = read_lineage(bench.ledger, item, limit=limit)
        nodes |= set(found.nodes)
        edges |= set(found.edges)
        waiting += found.rest
    assert len(asked) > 1
    assert nodes == set(whole.nodes)
    assert edges == set(whole.edges)
    assert len(read_lineage(bench.ledger, units[0], limit=limit).nodes) < limit + 15


def test_unknown_key_does_not_search_the_parties(
    pooled: tuple[Bench, CountingStore, list[str]],
) -> None:
    bench, store, _ = pooled
    store.read = 0
    with pytest.raises(NotFoundError):
        find_identity(bench.ledger, "A" * 43)
    assert store.read == 0
