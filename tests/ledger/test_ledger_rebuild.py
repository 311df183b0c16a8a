"""Rebuilding the rows of items while others write."""

from __future__ import annotations

import contextlib
import gc
import sqlite3
import tracemalloc
from collections.abc import Callable

import pytest

from tests.ledger.bench import Bench, both_engines, import_drafts
from traceledger.errors import ConflictError
from traceledger.ledger.keeping import rebuild as rebuild_module
from traceledger.ledger.keeping.rebuild import rebuild, rebuild_stored
from traceledger.merkle.nodes import read_frontier
from traceledger.rules.state import KeyState
from traceledger.storage import reading
from traceledger.verify.scratch import states


def revoking(bench: Bench, key: str) -> Callable[[int], None]:
    """Returns a progress during which a key is revoked and a part is imported."""
    revoked = bench.world.sign("revoke_key", key, by="plant admin")
    wires = [[revoked], bench.sign(import_drafts(1, first=1))]

    def progress(_done: int) -> None:
        while wires:
            bench.ledger.append(wires.pop())

    return progress


@pytest.fixture
def key(bench: Bench) -> str:
    bench.feed()
    bench.ledger.append(bench.sign(import_drafts(1)))
    return f"key/{bench.world.actors['operator'].signer.key.kid}"


def is_revoked(bench: Bench, key: str) -> bool:
    state = bench.ledger.state(key)
    assert isinstance(state, KeyState)
    return bool(state.ended)


@both_engines
def test_a_ledger_in_use_is_not_reported_as_damaged(bench: Bench, key: str) -> None:
    found = rebuild(bench.ledger, revoking(bench, key))
    assert not found.differing
    assert is_revoked(bench, key)


@both_engines
def test_a_rebuild_does_not_undo_what_is_written_meanwhile(bench: Bench, key: str) -> None:
    """A revoked key must not live again, nor a new part vanish."""
    end = read_frontier(bench.store.size(), bench.store)
    rows = list(bench.store.read_all_heads())
    bench.store.replace_heads([rows[0]._replace(life="EXPORTED"), *rows[1:]], end)
    found = rebuild_stored(bench.ledger, revoking(bench, key))
    assert found.named == (rows[0].item,)
    assert is_revoked(bench, key)
    assert found.entries == bench.store.size() == end.size + 2
    assert not rebuild(bench.ledger).differing
    stale = bench.ledger.size
    bench.ledger.append(bench.sign(import_drafts(1, first=2)))
    with pytest.raises(ConflictError) as caught:
        bench.store.replace_heads(rows, read_frontier(stale, bench.store))
    assert caught.value.code == "store.size"
    assert not rebuild(bench.ledger).differing


def test_items_that_a_search_by_declaration_misses_are_rebuilt(bench: Bench) -> None:
    """One flipped bit in the table of declaration lines hid a core, and no check found it."""
    bench.feed()
    bench.ledger.append(bench.sign(import_drafts(1)))
    with contextlib.closing(sqlite3.connect(bench.path, isolation_level=None)) as database:
        ((item, line),) = database.execute("SELECT item, declaration FROM declared_item").fetchall()
        database.execute("UPDATE declared_item SET declaration = 'decl/X'")
    assert rebuild(bench.ledger).named == (item,)
    assert rebuild_stored(bench.ledger).named == (item,)
    assert not rebuild(bench.ledger).differing
    assert bench.store.count_declared(line) == 1


@both_engines
def test_a_rebuild_holds_no_item_in_memory(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger of millions of items must be rebuilt by a machine that has memory for thousands."""
    count, part = 400, 100
    monkeypatch.setattr(reading, "_RANGE", part)
    monkeypatch.setattr(states, "_CACHED", 10)
    monkeypatch.setattr(rebuild_module, "_KEPT", part)
    bench.feed()
    start = bench.store.size()
    for first in range(0, count, part):
        bench.ledger.append(bench.sign(import_drafts(part, first=first)))
        bench.ledger.publish()
    rows = list(bench.store.read_all_heads())
    stale = [row._replace(life="EXPORTED") for row in rows]
    bench.store.replace_heads(stale, read_frontier(bench.store.size(), bench.store))
    held: list[int] = []

    def measure(done: int) -> None:
        if done % part == 0:
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])

    tracemalloc.start()
    try:
        found = rebuild_stored(bench.ledger, measure)
        after = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert start < part
    assert found.differing == found.items == len(rows)
    assert list(bench.store.read_all_heads()) == rows
    # In bytes: row, state and trail of an item have 1,500; the map has nodes for up to a million.
    assert held[-1] - held[0] < 300 * (count - part), held
    assert after - held[0] < 1_000 * count, (held, after)
