"""Random walks: valid and invalid events on a few items, sent to the ledger and the world alike."""

from __future__ import annotations

import random
from typing import Any

from tests.ledger.bench import Bench, dump
from traceledger.errors import TraceledgerError

__all__ = ["walk"]

_STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("receive", {"result": "ok"}),
    ("receive", {"result": "short"}),
    *(("inspect", {"grade": grade}) for grade in "ABCRS"),
    ("clean", {}),
    ("diagnose", {}),
    ("repair", {}),
    ("update", {}),
    ("calibrate", {}),
    ("return", {}),
    ("test", {"overall": "pass"}),
    ("test", {"overall": "fail"}),
    ("approve", {"decision": "pass"}),
    ("approve", {"decision": "reject"}),
    ("pack", {}),
    ("export", {}),
    ("hold", {}),
    ("recall", {}),
)
_ACTORS = ("", "", "", "operator", "quality", "approver", "importer", "customs", "plant admin")


def walk(bench: Bench, seed: int, *, steps: int) -> None:
    """Takes random steps; the ledger must refuse with the same code whatever the world refuses."""
    chance = random.Random(seed)
    world = bench.world
    items = [world.core() for _ in range(3)]
    for _ in range(steps):
        item = chance.choice(items)
        match chance.randrange(12):
            case 0:
                items.append(world.core(chance.choice(("DECLARED", "ACCEPTED", "IN_PROCESS"))))
            case 1:
                cores = tuple(world.core("IN_PROCESS") for _ in range(chance.randrange(1, 3)))
                items.append(world.unit(chance.choice(("ASSEMBLED", "APPROVED")), cores))
            case 2:
                _release(bench, item)
            case 3:
                bench.feed()
            case 4:
                bench.feed()
                bench.ledger.publish()
            case 5 if chance.random() < 0.3:
                bench.feed()
                bench.reopen()
            case _:
                kind, data = chance.choice(_STEPS)
                _try(bench, kind, item, data, by=chance.choice(_ACTORS))
    bench.feed()


def _try(bench: Bench, kind: str, item: str, data: dict[str, Any], *, by: str) -> None:
    wire = bench.world.sign(kind, item, data, by=by)
    try:
        bench.world.append(wire)
    except TraceledgerError as refusal:
        bench.feed()
        before = dump(bench.path)
        try:
            bench.ledger.append([wire])
        except TraceledgerError as error:
            assert error.code == refusal.code  # noqa: PT017 - both refusals are needed
        else:
            raise AssertionError(f"the ledger accepted a refused event: {refusal}") from refusal
        assert dump(bench.path) == before


def _release(bench: Bench, item: str) -> None:
    state = bench.world.replay.states[item]
    marks = [*getattr(state, "holds", ()), *getattr(state, "recalls", ())]
    for mark in marks[:1]:
        wire = bench.world.sign("release", item, refs=(("target", item, mark.event),), by="customs")
        try:
            bench.world.append(wire)
        except TraceledgerError:
            return
