"""Joins: a unit with its inputs, and what was taken apart with its outputs."""

from __future__ import annotations

import pytest

from tests.rules.acts import UNIT, Refs, assemble, disassemble, harvest, head, refuse
from tests.world import BOOK, LINE_IN, World
from traceledger.rules.state import Goods

OTHER = "01/09521234543213/21/U9998"


# Assembly


def test_unit_has_one_input_or_several() -> None:
    world = World()
    cores = tuple(world.core("IN_PROCESS") for _ in range(3))
    unit = world.unit(parts=cores)
    world.replay.seal(len(world.events))
    assert world.replay.illegal == []
    state = world.replay.state(unit)
    assert isinstance(state, Goods)
    assert state.parts == cores
    for core in cores:
        consumed = world.replay.state(core)
        assert isinstance(consumed, Goods)
        assert (consumed.life, consumed.unit) == ("CONSUMED", unit)


def test_assembly_without_consumption_is_found_at_the_seal() -> None:
    world = World()
    core = world.core("IN_PROCESS")
    world.append(assemble(world, (("input", core),), 1))
    world.replay.seal(99)
    (illegal,) = world.replay.illegal
    assert (illegal.index, illegal.error.code) == (99, "ref.join")
    assert illegal.error.message == f"{UNIT} names {core}, but no event of it follows"


def test_consumption_after_the_seal_is_too_late() -> None:
    world = World()
    core = world.core("IN_PROCESS")
    world.append(assemble(world, (("input", core),), 1))
    world.replay.seal(99)
    assert refuse(world, world.sign("consume", core, refs=(("unit", UNIT),))).code == "ref.join"


def test_refuses_consumption_without_assembly() -> None:
    world = World()
    core, unit = world.core("IN_PROCESS"), world.unit()
    wire = world.sign("consume", core, refs=(("unit", UNIT, "A" * 43),))
    assert refuse(world, wire).code == "ref.unknown"
    error = refuse(world, world.sign("consume", core, refs=(("unit", unit),)))
    assert (error.code, error.message) == ("ref.join", f"{unit} does not name this part")


def test_consumption_names_the_assemble_event() -> None:
    world = World()
    core = world.core("IN_PROCESS")
    world.append(assemble(world, (("input", core),), 1))
    wire = world.sign("consume", core, refs=(("unit", UNIT, "A" * 43),))
    assert refuse(world, wire).code == "ref.event"


def test_refuses_an_input_that_was_used() -> None:
    world = World()
    core = world.core("IN_PROCESS")
    world.unit(parts=(core,))
    error = refuse(world, assemble(world, (("input", core),), 1))
    assert (error.code, error.message) == ("ref.used", f"{core} is already CONSUMED")


@pytest.mark.parametrize("state", ["RETURNED", "DISASSEMBLED", "SCRAPPED", "DIVERTED"])
def test_refuses_an_input_that_left(state: str) -> None:
    world = World()
    core = world.core(state)
    assert refuse(world, assemble(world, (("input", core),), 1)).code == "ref.used"


def test_refuses_an_input_that_waits_for_customs() -> None:
    world = World()
    core = world.core("IN_PROCESS")
    world.add("divert", core)
    assert refuse(world, assemble(world, (("input", core),), 1)).code == "life.pending"
    world.confirm(core, result="refused")
    world.assemble(UNIT, (core,))


def test_refuses_an_input_of_two_units_in_one_request() -> None:
    world = World()
    core, fresh = world.core("IN_PROCESS"), world.core("IN_PROCESS")
    world.append(assemble(world, (("input", core),), 1))
    refs = (("input", fresh), ("input", core), ("primary", core))
    error = refuse(world, assemble(world, refs, 2, OTHER))
    assert (error.code, error.message) == ("ref.used", f"{core} already belongs to {UNIT}")
    # The refused unit used nothing, so the other input is still available.
    world.add("consume", core, refs=(("unit", UNIT),))
    world.assemble(OTHER, (fresh,))
    world.replay.seal(99)
    assert world.replay.illegal == []


def test_refuses_an_input_on_hold() -> None:
    world = World()
    core = world.core("IN_PROCESS")
    world.add("hold", core, by="quality")
    assert refuse(world, assemble(world, (("input", core),), 1)).code == "ref.held"


def test_hold_between_assembly_and_consumption_stops_the_join() -> None:
    world = World()
    core = world.core("IN_PROCESS")
    world.append(assemble(world, (("input", core),), 1))
    world.add("hold", core, by="quality")
    assert refuse(world, world.sign("consume", core, refs=(("unit", UNIT),))).code == "life.held"


def test_refuses_an_input_that_is_no_part() -> None:
    world = World()
    unit = world.unit()
    for item in (unit, LINE_IN, BOOK):
        assert refuse(world, assemble(world, (("input", item),), 1)).code == "ref.unknown"


def test_input_is_named_by_its_latest_event() -> None:
    world = World()
    core = world.core("IN_PROCESS")
    old = head(world, core)
    world.add("repair", core)
    error = refuse(world, assemble(world, (("input", core, old),), 1))
    assert error.code == "ref.event"
    assert "the head event is" in error.message


@pytest.mark.parametrize("count", [2, 64])
def test_refuses_a_false_number_of_inputs(count: int) -> None:
    world = World()
    core = world.core("IN_PROCESS")
    error = refuse(world, assemble(world, (("input", core),), count))
    assert (error.code, error.message) == (
        "ref.form",
        f"input_count is {count}, 1 inputs are named",
    )


def test_one_of_several_inputs_is_primary() -> None:
    world = World()
    left, right, third = (world.core("IN_PROCESS") for _ in range(3))
    both: Refs = (("input", left), ("input", right))
    for refs in (
        both,
        (*both, ("primary", third)),
        (*both, ("primary", left), ("primary", right)),
    ):
        assert refuse(world, assemble(world, refs, 2)).code == "ref.form"
    refs = (*both, ("primary", UNIT))
    assert refuse(world, assemble(world, refs, 2)).code == "ref.unknown"
    world.append(assemble(world, (*both, ("primary", right)), 2))


def test_refuses_an_input_that_is_named_twice() -> None:
    world = World()
    core = world.core("IN_PROCESS")
    refs = (("input", core), ("input", core), ("primary", core))
    error = refuse(world, assemble(world, refs, 2))
    assert (error.code, error.message) == ("ref.form", f"{core} is named twice as input")


# Disassembly


PART, OTHER_PART = "8004/9521234P900001", "8004/9521234P900002"


@pytest.mark.parametrize("state", ["ACCEPTED", "IN_PROCESS", "DONOR"])
def test_core_is_disassembled_into_components(state: str) -> None:
    world = World()
    core = world.core(state)
    parts = world.take_apart(core, 64)
    world.replay.seal(99)
    assert world.replay.illegal == []
    taken = world.replay.state(core)
    assert isinstance(taken, Goods)
    assert (taken.life, taken.parts) == ("DISASSEMBLED", parts)
    assert {world.life(part) for part in parts} == {"AVAILABLE"}


def test_unit_is_disassembled_and_its_components_go_into_another() -> None:
    world = World()
    first = world.unit("FAILED")
    left, right = world.take_apart(first, 2)
    unit = world.unit("EXPORTED", parts=(left, world.core("ACCEPTED"), right))
    state = world.replay.state(unit)
    assert isinstance(state, Goods)
    assert state.depth == 3  # unit, component, first unit, core
    world.replay.seal(99)
    assert world.replay.illegal == []


def test_disassembly_without_harvest_is_found_at_the_seal() -> None:
    world = World()
    core = world.core("DONOR")
    world.append(disassemble(world, core, PART, OTHER_PART))
    world.append(harvest(world, PART, core))
    world.replay.seal(99)
    (illegal,) = world.replay.illegal
    assert illegal.error.message == f"{core} names {OTHER_PART}, but no event of it follows"
    error = refuse(world, harvest(world, OTHER_PART, core))
    assert (error.code, error.message) == (
        "ref.join",
        f"harvest of {OTHER_PART} does not match {core}",
    )


def test_refuses_a_harvest_that_no_disassembly_names() -> None:
    world = World()
    core, whole = world.core("DONOR"), world.core("DONOR")
    assert refuse(world, harvest(world, PART, whole)).code == "ref.join"
    world.take_apart(core)
    assert refuse(world, harvest(world, PART, core)).message == f"{core} does not name this part"
    unknown = world.sign("harvest", PART, refs=(("parent", "8004/9521234C999999", "A" * 43),))
    assert refuse(world, unknown).code == "ref.unknown"


def test_harvest_names_the_disassembly_itself() -> None:
    world = World()
    core = world.core("DONOR")
    accepted = head(world, core)
    taken = world.append(disassemble(world, core, PART)).id
    assert refuse(world, harvest(world, PART, core, accepted)).code == "ref.event"
    world.add("move", core)
    assert refuse(world, harvest(world, PART, core, taken)).code == "ref.event"
    error = refuse(world, harvest(world, PART, core))
    assert (error.code, error.message) == (
        "ref.join",
        f"{head(world, core)} did not disassemble {core}",
    )


def test_refuses_an_output_that_exists() -> None:
    world = World()
    core, other = world.core("DONOR"), world.component()
    for item in (other, core):
        error = refuse(world, disassemble(world, core, item))
        assert (error.code, error.message) == ("ref.used", f"{item} already has a chain")
    assert refuse(world, disassemble(world, core, LINE_IN)).code == "ref.unknown"


def test_refuses_an_output_of_two_disassemblies_in_one_request() -> None:
    world = World()
    core, second = world.core("DONOR"), world.core("DONOR")
    world.append(disassemble(world, core, PART))
    error = refuse(world, disassemble(world, second, PART))
    assert (error.code, error.message) == ("ref.used", f"{PART} already belongs to {core}")


def test_refuses_a_false_number_of_outputs() -> None:
    world = World()
    core = world.core("DONOR")
    for parts, count in (((PART,), 2), ((PART, OTHER_PART), 1)):
        error = refuse(world, disassemble(world, core, *parts, count=count))
        assert (error.code, error.message) == (
            "ref.form",
            f"output_count is {count}, {len(parts)} outputs are named",
        )
    wire = world.sign("disassemble", core, {"output_count": 1}, refs=())
    assert "allowed: one or more" in refuse(world, wire).message


def test_refuses_an_output_that_is_named_twice() -> None:
    world = World()
    error = refuse(world, disassemble(world, world.core("DONOR"), PART, PART))
    assert (error.code, error.message) == ("ref.form", f"{PART} is named twice as output")


def test_output_gets_an_id_of_a_component() -> None:
    world = World()
    world.admit("other", ("operator",), ["x/"])
    world.add_key("other", "other", ["operator"])
    for item in ("x/core/C1", "x/unit/U1"):
        core = world.core("DONOR")
        error = refuse(world, disassemble(world, core, item))
        assert (error.code, error.message) == (
            "ref.unknown",
            f"{item} is not the id of a component",
        )
        refs = (("parent", core),)
        wire = world.sign("harvest", item, by="other", refs=refs)
        assert refuse(world, wire).code == "life.chain"


def test_prefix_binds_components_and_lots_too() -> None:
    world = World()
    core = world.core("DONOR")
    world.append(disassemble(world, core, "x/component/P1"))
    assert refuse(world, harvest(world, "x/component/P1", core)).code == "key.prefix"
    world.admit("plant", ("operator",), ["lot/A"], seed=" 2")
    assert refuse(world, world.sign("open_lot", "lot/B1")).code == "key.prefix"
    world.add("open_lot", "lot/A1")
