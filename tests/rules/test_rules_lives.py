"""Second lives: a unit that came back as a core."""

from __future__ import annotations

import pytest

from tests.rules.acts import assemble, disassemble, head, refuse
from tests.world import LINE_IN, World
from traceledger.rules.state import Goods


def test_unit_that_came_back_begins_another_life() -> None:
    world = World()
    unit = world.unit("REIMPORTED")
    core = world.core("IN_PROCESS", parent=unit)
    former = world.replay.state(unit)
    assert isinstance(former, Goods)
    assert former.successor == core
    second = world.unit("EXPORTED", parts=(core,))
    again = world.replay.state(second)
    assert isinstance(again, Goods)
    assert again.depth == 3


@pytest.mark.parametrize("state", ["EXPORTED", "CLAIMED", "DIVERTED", "PACKED"])
def test_refuses_a_former_life_that_did_not_end(state: str) -> None:
    world = World()
    refs = (("parent", world.unit(state)),)
    error = refuse(world, world.sign("import", "8004/9521234C900000", refs=refs))
    assert error.code == "ref.parent"


def test_refuses_a_former_life_that_is_no_unit() -> None:
    world = World()
    for item in (world.core("RETURNED"), LINE_IN, world.component()):
        wire = world.sign("import", "8004/9521234C900000", refs=(("parent", item),))
        assert refuse(world, wire).code == "ref.unknown"


def test_unit_comes_back_once() -> None:
    world = World()
    unit = world.unit("REIMPORTED")
    core = world.core(parent=unit)
    wire = world.sign("import", "8004/9521234C900000", refs=(("parent", unit),))
    error = refuse(world, wire)
    assert (error.code, error.message) == ("ref.used", f"{unit} already came back as {core}")


def test_unit_comes_back_under_another_id_if_the_first_was_a_mistake() -> None:
    world = World()
    unit = world.unit("REIMPORTED")
    world.add("void", world.core(parent=unit))
    core = world.core(parent=unit)
    former = world.replay.state(unit)
    assert isinstance(former, Goods)
    assert former.successor == core


def test_what_was_noted_after_the_reimport_does_not_stop_the_next_life() -> None:
    world = World()
    unit = world.unit("REIMPORTED")
    reimport = head(world, unit)
    world.add("customs_check", unit)
    wire = world.sign("import", "8004/9521234C900000", refs=(("parent", unit, reimport),))
    assert refuse(world, wire).code == "ref.event"
    world.core(parent=unit)


def test_reimport_that_a_core_names_is_not_taken_back() -> None:
    world = World()
    unit = world.unit("REIMPORTED")
    world.core(parent=unit)
    assert refuse(world, world.sign("void", unit)).code == "life.void"


def test_lives_are_nested_at_most_eight_deep() -> None:
    world = World()
    item = world.core("ACCEPTED")
    depths = []
    for _ in range(8):
        (item,) = world.take_apart(world.unit("FAILED", parts=(item,)))
        state = world.replay.state(item)
        assert isinstance(state, Goods)
        depths.append(state.depth)
        if state.depth == 8:
            break
    assert depths == [2, 4, 6, 8]
    error = refuse(world, assemble(world, (("input", item),), 1))
    assert (error.code, error.message) == ("ref.depth", "parts are nested 9 deep, 8 are allowed")
    fresh = world.core("ACCEPTED")
    refs = (("input", fresh), ("input", item), ("primary", fresh))
    assert refuse(world, assemble(world, refs, 2)).code == "ref.depth"


def test_nothing_can_contain_itself() -> None:
    """A cycle would need the id of an event before the event is signed."""
    world = World()
    unit = world.unit("FAILED")
    assert refuse(world, disassemble(world, unit, unit)).code == "ref.unknown"
    (part,) = world.take_apart(unit)
    wire = world.sign("assemble", unit, {"input_count": 1}, refs=(("input", part),))
    assert refuse(world, wire).code == "life.transition"
    wire = world.sign("import", "8004/9521234C900000", refs=(("parent", "8004/9521234C900000"),))
    assert refuse(world, wire).code == "ref.unknown"
