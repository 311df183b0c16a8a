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
