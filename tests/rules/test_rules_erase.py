"""Erasures of restricted fields."""

from __future__ import annotations

import pytest

from tests.rules.acts import correct, erase, goods, refuse, void
from tests.world import World


def test_party_erases_its_own_restricted_fields() -> None:
    world = World()
    core = world.core("RECEIVED")
    before = goods(world, core)
    imported = before.first
    world.append(erase(world, core, imported, "operator", "old_serial", "pallet", "net_kg"))
    assert world.life(core) == "RECEIVED"
    values = {"set_internal": {"pallet": "PLT-02"}}
    corrected = world.append(correct(world, core, imported, "importer", **values)).id
    world.append(erase(world, core, corrected, "importer", "set_internal"))


@pytest.mark.parametrize("field", ["category", "part_no", "colour", "_sd"])
def test_refuses_to_erase_what_is_not_restricted(field: str) -> None:
    world = World()
    core = world.core()
    wire = erase(world, core, goods(world, core).first, "importer", "old_serial", field)
    error = refuse(world, wire)
    assert (error.code, error.message) == (
        "life.target",
        f"import has no restricted field {field}; allowed: net_kg, old_serial, pallet, unit_value",
    )


def test_refuses_to_erase_where_nothing_is_restricted() -> None:
    world = World()
    core = world.core("RECEIVED")
    world.add("recall", core)
    error = refuse(world, erase(world, core, goods(world, core).head, "importer", "campaign"))
    assert error.message.endswith("allowed: none")


def test_refuses_to_erase_fields_of_others() -> None:
    world = World()
    core, other = world.core("RECEIVED"), world.core()
    first = goods(world, core).first
    for by in ("customs", "carrier"):
        error = refuse(world, erase(world, core, first, by, "old_serial"))
        assert (error.code, error.message) == (
            "life.target",
            "only party/plant may erase this event",
        )
    elsewhere = goods(world, other).first
    assert refuse(world, erase(world, core, elsewhere, "importer", "pallet")).code == "life.target"


def test_erasure_cannot_be_reversed() -> None:
    world = World()
    core = world.core()
    world.append(erase(world, core, goods(world, core).first, "importer", "old_serial"))
    error = refuse(world, void(world, core))
    assert (error.code, error.message) == ("life.void", "erase can never be voided")
