from __future__ import annotations

import random

import pytest

from tests.passports import Log, change_wire, verify
from tests.world import LINE_IN, LINE_OUT, Actor, World, jwk, make_signer
from traceledger.errors import TraceledgerError
from traceledger.rules.replay import Replay
from traceledger.verify import RefusedError

CORES = ("8004/9521234C000001", "8004/9521234C000002")
UNIT = "01/09521234543213/21/RANDOM"
ROLES = {
    "receive": "operator",
    "inspect": "quality",
    "clean": "operator",
    "repair": "operator",
    "test": "quality",
    "approve": "approver",
    "pack": "operator",
    "export": "carrier",
    "hold": "quality",
    "recall": "approver",
    "release": "quality",
    "correct": "operator",
    "confirm": "customs",
    "void": "operator",
    "erase": "importer",
    "divert": "importer",
    "reimport": "importer",
    "warranty_return": "distributor",
    "customs_check": "customs",
    "move": "operator",
}
WORK = {
    CORES[0]: ("receive", "inspect", "clean", "repair", "clean", "hold", "release", "correct"),
    CORES[1]: (
        "receive", "inspect", "clean", "hold", "release", "void", "divert", "confirm", "erase",
        "customs_check",
    ),
    UNIT: (
        "test", "approve", "pack", "export", "repair", "recall", "release", "confirm", "void",
        "divert", "warranty_return", "reimport", "move",
    ),
}  # fmt: skip


def add_step(log: Log, chance: random.Random, item: str) -> None:
    """One more event of a thing, mostly by somebody who may and at a time that fits."""
    kind = chance.choice(WORK[item])
    by = ROLES[kind] if chance.random() < 0.95 else chance.choice([*ROLES.values(), "plant admin"])
    refs: list[tuple[str, ...]] = []
    data = {}
    chain = log.chain(item)
    if kind in {"release", "correct", "confirm", "void", "erase"}:
        marks = [event for event in chain if event.kind_name in {"hold", "recall"}]
        target = marks[-1] if kind == "release" and marks else chance.choice(chain[-2:])
        refs = [("target", item, target.id)]
    if kind == "correct":
        data = {"set_public": {chance.choice(["condition", "method", "grade"]): "x"}}
    if kind in {"export", "divert", "reimport"}:
        refs = [("declaration", LINE_OUT, log.chain(LINE_OUT)[0].id)]
    log.add(kind, item, data, by=by, refs=refs)


def change_rights(log: Log, chance: random.Random) -> None:
    """Revokes a key, dismisses a party, hands over the root, or admits the plant again."""
    name = chance.choice(["operator", "quality", "approver", "carrier", "plant", "root", "out"])
    party = "carrier" if name == "carrier" else "plant"
    if name == "out":
        log.add("dismiss", chance.choice(["party/plant", "party/carrier"]), by="root")
        return
    if name == "root":
        signer = make_signer(f"root {len(log.events)}")
        data = {
            "root_jwk": jwk(signer.key),
            "possession": log.world.possession(signer, "ledger"),
        }
        event = log.add("rotate_root", "ledger", data, by="root")
        if chance.random() < 0.7:  # else the old root goes on
            log.actors["root"] = Actor(signer, "ledger", event.id)
        return
    if name != "plant":
        key = f"key/{log.actors[name].signer.key.kid}"
        log.add("revoke_key", key, by=chance.choice(["root", f"{party} admin"]))
        return
    signer = make_signer(f"admin {len(log.events)}")
    roles = ["importer", "operator", "quality", "approver"]
    admission = {
        "name": "plant",
        "roles": sorted(chance.sample(roles, 3)),
        "prefixes": ["01/0952123", "8004/9521234"],
        "admin_jwk": jwk(signer.key),
        "possession": log.world.possession(signer, "party/plant"),
    }
    log.add("admit", "party/plant", admission, by="root")


def random_log(seed: int) -> Log:
    """Two cores, a unit of one of them, and rights that change in between."""
    chance = random.Random(seed)
    log = Log(World(seed))
    line = [("declaration", LINE_IN, log.chain(LINE_IN)[0].id)]
    for core in CORES:
        log.add("import", core, by="importer", refs=line)
        for kind in ("receive", "inspect"):
            log.add(kind, core, by="operator")
    for _ in range(chance.randrange(3)):
        add_step(log, chance, CORES[0])
    head = log.chain(CORES[0])[-1].id
    unit = log.add("assemble", UNIT, by="operator", refs=[("input", CORES[0], head)])
    log.add("consume", CORES[0], by="operator", refs=[("unit", UNIT, unit.id)])
    for kind in ("test", "approve", "pack", "export")[: chance.choice([2, 2, 3, 4])]:
        out = [("declaration", LINE_OUT, log.chain(LINE_OUT)[0].id)] if kind == "export" else []
        log.add(kind, UNIT, by=ROLES[kind], refs=out)
    for _ in range(chance.randrange(5)):
        if chance.random() < 0.3:
            change_rights(log, chance)
        add_step(log, chance, chance.choice([UNIT, UNIT, CORES[1]]))
    return log


def log_life(replay: Replay, item: str) -> str:
    return str(getattr(replay.state(item), "life", ""))


def test_refuses_exactly_the_passports_that_hold_an_event_the_ledger_forbids() -> None:
    outcomes = {True: 0, False: 0}
    for seed in range(160):
        log = random_log(seed)
        replay = Replay(log.world.origin)
        for index, event in enumerate(log.events):
            replay.apply(index, event)
        illegal = {one.event for one in replay.illegal}
        for item in (UNIT, *CORES):
            passport = log.passport(item)
            shown = {event.id for part in passport.chains for event in log.chain(part.item)}
            legal = not shown & illegal
            outcomes[legal] += 1
            if legal:
                verdict = verify(passport, log.trust(), item)
                assert verdict.things[0].life == log_life(replay, item)
            else:
                with pytest.raises(RefusedError) as caught:
                    verify(passport, log.trust(), item)
                assert caught.value.event in illegal
    assert min(outcomes.values()) > 40


@pytest.mark.parametrize("seed", range(4))
def test_mixing_events_of_two_ledgers_never_crashes_and_never_verifies(seed: int) -> None:
    chance = random.Random(seed)
    log, other = random_log(seed), random_log(seed + 1)
    good = log.passport(CORES[1])
    wires = [wire for wire in other.wires if wire not in set(log.wires)]
    for part in good.chains:
        for seq in range(len(part.events)):
            mixed = change_wire(good, part.item, seq, chance.choice(wires))
            with pytest.raises(TraceledgerError):
                verify(mixed, log.trust(), CORES[1])
