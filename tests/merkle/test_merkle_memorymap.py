"""The map in memory must have the root that everyone else computes, however it grew."""

from __future__ import annotations

import random

from traceledger.merkle.headmap import EMPTY, map_key, map_leaf, map_root
from traceledger.merkle.memorymap import MemoryMap


def test_map_has_the_root_of_a_rebuild_at_every_step_of_its_growth() -> None:
    heads, chance, leaves = MemoryMap(), random.Random(1), dict[bytes, bytes]()
    assert heads.root() == EMPTY
    for step in range(40):
        # New items, changed items and, sometimes, none; the map is rebuilt several times.
        for _ in range(chance.choice([0, 1, 7, 60])):
            item, seq, head = f"item {chance.randrange(900)}", step, chance.randbytes(32)
            heads.put(item, seq, head)
            leaves[map_key(item)] = map_leaf(map_key(item), seq, head)
        assert len(heads) == len(leaves)
        assert heads.root() == map_root(sorted(leaves.items()))


def test_an_empty_map_takes_many_items_at_once() -> None:
    # Put into few buckets one by one, the items would take half a minute.
    at_once, in_turn = MemoryMap(), MemoryMap()
    for number in range(20_000):
        at_once.put(f"item {number}", number, bytes(32))
        in_turn.put(f"item {number}", number, bytes(32))
        if not number % 500:
            in_turn.root()
    assert len(at_once) == 20_000
    assert at_once.root() == in_turn.root()
