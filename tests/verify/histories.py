"""Random signed histories, legal or not, for comparing verifiers with each other and with the log.

`random_log(seed)` uses only what this version knows. `newer_log(seed)` also contains events of
unknown kinds, and sometimes a newer version of the rules. `joined_log(seed)` takes a core apart and
makes a unit of its components, with such events and voids in between.
"""

from __future__ import annotations

import random

from tests.passports import Log
from tests.world import LINE_IN, LINE_OUT, Actor, World, jwk, make_signer

__all__ = ["CORES", "UNIT", "joined_log", "newer_log", "random_log"]

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
        line = LINE_IN if kind == "reimport" else LINE_OUT
        refs = [("declaration", line, log.chain(line)[0].id)]
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


def newer_log(seed: int) -> Log:
    """A random history, continued with events that this version cannot judge among others."""
    chance = random.Random(seed)
    log = random_log(seed)
    authorities = ["party/plant", "party/carrier", "ledger"]
    authorities += [f"key/{log.actors[name].signer.key.kid}" for name in ("operator", "quality")]
    for _ in range(chance.randrange(1, 7)):
        draw = chance.random()
        if draw < 0.04:
            log.add("rules", "ledger", {"version": 2}, by="root")
        elif draw < 0.09:
            log.add("glow", chance.choice(authorities), by="root")
        elif draw < 0.14:
            change_rights(log, chance)
        elif draw < 0.40:
            item = chance.choice([UNIT, UNIT, *CORES])
            log.add("glow", item, {"grain": 1}, by=chance.choice(["operator", "quality"]))
        elif draw < 0.70:
            item = chance.choice([UNIT, UNIT, *CORES])
            last = log.chain(item)[-1]
            kids = {actor.signer.key.kid: name for name, actor in log.actors.items()}
            target = [("target", item, chance.choice([last, *log.chain(item)]).id)]
            log.add("void", item, by=kids.get(last.kid, "operator"), refs=target)
        else:
            add_step(log, chance, chance.choice([UNIT, UNIT, *CORES]))
    return log


def joined_log(seed: int) -> Log:
    """A core, its two components and a unit of both, among voids and events of unknown kinds."""
    chance = random.Random(seed)
    world = World(seed)
    core = world.core("IN_PROCESS")
    log = Log(world)
    parts = ("8004/9521234A000001", "8004/9521234B000001")

    def disturb() -> None:
        while chance.random() < 0.3:
            item = chance.choice([one for one in (core, *parts, UNIT) if log.chain(one)])
            last = log.chain(item)[-1].id
            if chance.random() < 0.5:
                log.add("void", item, by="operator", refs=[("target", item, last)])
                continue
            other = chance.choice([one for one in (core, *parts) if log.chain(one)])
            named = [("about", item, log.chain(other)[-1].id)]
            log.add("glow", item, by="operator", refs=named if chance.random() < 0.5 else [])

    outputs = [("output", part) for part in parts]
    log.add("disassemble", core, {"output_count": 2}, by="operator", refs=outputs)
    taken = log.chain(core)[-1].id
    disturb()
    for part in parts:
        log.add("harvest", part, by="operator", refs=[("parent", core, taken)])
        disturb()
    inputs = [("input", part, log.chain(part)[-1].id) for part in parts]
    unit = log.add(
        "assemble",
        UNIT,
        {"input_count": 2},
        by="operator",
        refs=[*inputs, ("primary", parts[0])],
    )
    for part in parts:
        log.add("consume", part, by="operator", refs=[("unit", UNIT, unit.id)])
        disturb()
    return log
