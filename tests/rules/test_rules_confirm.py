"""Confirmations of earlier events by another party."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.rules.acts import about, confirm, correct, goods, refuse
from tests.world import World


def test_another_party_confirms_an_export() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    exported = goods(world, unit).head
    world.append(confirm(world, unit, exported, "carrier"))
    world.append(confirm(world, unit, exported, "customs"))
    assert world.life(unit) == "EXPORTED"


def test_no_party_confirms_its_own_event() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    error = refuse(world, confirm(world, unit, goods(world, unit).head, "importer"))
    assert (error.code, error.message) == (
        "life.target",
        "a party cannot confirm its own event",
    )


def test_only_some_kinds_are_confirmed() -> None:
    world = World()
    core = world.core("RECEIVED")
    error = refuse(world, confirm(world, core, goods(world, core).head, "customs"))
    assert error.message == (
        "receive cannot be confirmed;"
        " allowed: export, return, draw_lot, destroy, divert, writeoff, correct"
    )
    returned = world.core("RETURNED")
    world.append(confirm(world, returned, goods(world, returned).head, "customs"))


def test_customs_confirms_a_correction() -> None:
    world = World()
    core = world.core()
    first = goods(world, core).first
    event = world.append(correct(world, core, first, "importer", set_customs={"net_kg": "0.95"}))
    world.append(confirm(world, core, event.id, "customs"))


CONFIRMERS = {
    "export": {"carrier", "customs"},
    "return": {"carrier", "customs"},
    "draw_lot": {"carrier", "customs"},
    "destroy": {"importer", "customs"},
    "divert": {"customs"},
    "writeoff": {"customs"},
    "correct": {"customs"},
}


@pytest.mark.parametrize("kind", CONFIRMERS)
def test_each_kind_is_confirmed_by_its_own_roles(kind: str) -> None:
    world = World()
    trader = {"importer": "trader", "recycler": "second recycler", "carrier": "second carrier"}
    world.admit("trader", tuple(trader), prefixes=[])
    for role, name in trader.items():
        world.add_key(name, "trader", [role])
    make: dict[str, Callable[[], str]] = {
        "export": lambda: world.unit("PACKED"),
        "return": lambda: world.core("RECEIVED"),
        "draw_lot": lambda: world.lot(sort="new_part"),
        "destroy": lambda: world.lot("CLOSED"),
        "divert": lambda: world.unit("PACKED"),
        "writeoff": world.book,
        "correct": world.core,
    }
    item = make[kind]()
    if kind == "correct":
        values = {"set_customs": {"net_kg": "0.95"}}
        world.append(correct(world, item, goods(world, item).first, "importer", **values))
    else:
        world.add(kind, item)
    target = goods(world, item).head
    receipt = {"receipt_sha256": "0f" * 32}
    actors = {"importer": "trader", "recycler": "second recycler", "carrier": "carrier"}
    for role in ("importer", "recycler", "carrier", "customs"):
        wire = about("confirm", world, item, target, actors.get(role, role), **receipt)
        if role in CONFIRMERS[kind]:
            before = world.replay
            world.append(wire)
            world.replay = before  # each role answers the same pending event
        else:
            assert refuse(world, wire).code == "key.role"


@pytest.mark.parametrize("by", ["operator", "quality", "approver", "broker", "distributor"])
def test_refuses_a_confirmation_by_a_role_that_confirms_nothing(by: str) -> None:
    world = World()
    unit = world.unit("EXPORTED")
    assert refuse(world, confirm(world, unit, goods(world, unit).head, by)).code == "key.role"
