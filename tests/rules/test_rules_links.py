"""Links between chains, and the joins of units and their inputs."""

from __future__ import annotations

import pytest

from tests.world import BOOK, LINE_IN, LINE_OUT, World
from traceledger.errors import NotAllowedError
from traceledger.rules.state import Goods

UNIT = "01/09521234543213/21/U9999"
OTHER = "01/09521234543213/21/U9998"
Refs = tuple[tuple[str, ...], ...]


def refuse(world: World, wire: bytes) -> NotAllowedError:
    """The error for an event, after which nothing has changed."""
    before = world.replay
    with pytest.raises(NotAllowedError) as caught:
        world.append(wire)
    assert world.replay is before
    return caught.value


def head(world: World, item: str) -> str:
    return world.replay.heads()[item][1]


def assemble(world: World, refs: Refs, count: int, unit: str = UNIT) -> bytes:
    return world.sign("assemble", unit, {"input_count": count}, refs=refs)


# The form of links


@pytest.mark.parametrize(
    ("kind", "refs", "says"),
    [
        ("open_book", (("book", BOOK, "A" * 43),), "link book given, allowed: none"),
        ("declare_in", (), "0 links book given, allowed: one"),
        ("declare_in", (("declaration", LINE_IN, "A" * 43),), "allowed: book"),
        ("declare_in", (("book", BOOK, "A" * 43), ("book", "book/ACCOUNT-BOOK-0009", "A" * 43)),
         "2 links book given, allowed: one"),
        ("import", (("declaration", LINE_IN, "A" * 43), ("declaration", LINE_OUT, "A" * 43)),
         "2 links declaration given, allowed: at most one"),
        ("assemble", (), "0 links input given, allowed: one or more"),
    ],
)  # fmt: skip
def test_refuses_links_that_the_kind_does_not_ask_for(kind: str, refs: Refs, says: str) -> None:
    world = World()
    items = {
        "open_book": "book/ACCOUNT-BOOK-0002",
        "declare_in": "decl/DECLARATION-IN-2",
        "import": "8004/9521234C900000",
        "assemble": UNIT,
    }
    error = refuse(world, world.sign(kind, items[kind], refs=refs))
    assert error.code == "ref.form"
    assert says in error.message


def test_link_names_an_event_unless_the_item_has_none() -> None:
    world = World()
    unknown = "decl/NOT-DECLARED-0001"
    wire = world.sign("import", "8004/9521234C900000", refs=(("declaration", unknown),))
    assert refuse(world, wire).message == "link declaration must name an event"
    core, second = world.core("IN_PROCESS"), world.core("IN_PROCESS")
    refs = (("input", core), ("input", second), ("primary", core, head(world, core)))
    assert refuse(world, assemble(world, refs, 2)).message == "link primary names no event"


# What links lead to


@pytest.mark.parametrize(
    ("refs", "code"),
    [
        ((("declaration", "decl/NOT-DECLARED-0001", "A" * 43),), "ref.unknown"),
        ((("declaration", BOOK),), "ref.unknown"),
        ((("declaration", "party/plant", "A" * 43),), "ref.unknown"),
        ((("declaration", LINE_IN, "A" * 43),), "ref.event"),
    ],
)
def test_refuses_links_to_what_is_not_there(refs: Refs, code: str) -> None:
    world = World()
    assert refuse(world, world.sign("import", "8004/9521234C900000", refs=refs)).code == code


def test_declaration_is_named_by_its_first_event() -> None:
    world = World()
    world.add("hold", LINE_IN, by="quality")
    wire = world.sign(
        "import", "8004/9521234C900000", refs=(("declaration", LINE_IN, head(world, LINE_IN)),)
    )
    error = refuse(world, wire)
    assert error.code == "ref.event"
    assert "the first event is" in error.message
    world.add("import", "8004/9521234C900000", refs=(("declaration", LINE_IN),))


def test_surplus_core_needs_no_declaration() -> None:
    world = World()
    world.add("import", "8004/9521234C900000", {"surplus": True}, refs=())


# Joins


def test_unit_is_made_of_one_core_or_of_several() -> None:
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
    assert illegal.error.message == f"{UNIT} names {core}, but no consume follows"


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
    assert (error.code, error.message) == (
        "ref.join",
        "the unit does not name this part as an input",
    )


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


def test_refuses_an_input_that_left() -> None:
    world = World()
    core = world.core("RETURNED")
    assert refuse(world, assemble(world, (("input", core),), 1)).code == "ref.used"


def test_refuses_an_input_of_two_units_in_one_request() -> None:
    world = World()
    core, fresh = world.core("IN_PROCESS"), world.core("IN_PROCESS")
    world.append(assemble(world, (("input", core),), 1))
    refs = (("input", fresh), ("input", core), ("primary", core))
    error = refuse(world, assemble(world, refs, 2, OTHER))
    assert (error.code, error.message) == ("ref.used", f"{core} goes into {UNIT} already")
    # The unit that was refused has taken nothing: the other input is still free.
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
    one, two, three = (world.core("IN_PROCESS") for _ in range(3))
    both: Refs = (("input", one), ("input", two))
    for refs in (
        both,
        (*both, ("primary", three)),
        (*both, ("primary", one), ("primary", two)),
        (*both, ("primary", UNIT)),
    ):
        assert refuse(world, assemble(world, refs, 2)).code == "ref.form"
    world.append(assemble(world, (*both, ("primary", two)), 2))


def test_refuses_an_input_that_is_named_twice() -> None:
    world = World()
    core = world.core("IN_PROCESS")
    refs = (("input", core), ("input", core), ("primary", core))
    error = refuse(world, assemble(world, refs, 2))
    assert (error.code, error.message) == ("ref.form", f"{core} is named twice as input")


def test_kind_opens_only_chains_of_its_own() -> None:
    world = World()
    for kind, item, refs in (
        ("open_book", "decl/DECLARATION-IN-2", ()),
        ("declare_in", "book/ACCOUNT-BOOK-0002", (("book", BOOK),)),
        ("import", "01/09521234543213/21/U9997", ()),
        ("set_policy", "party/plant", ()),
        ("admit", "policy", ()),
    ):
        assert refuse(world, world.sign(kind, item, refs=refs)).code == "life.chain"


def test_kind_goes_on_only_with_chains_of_its_own() -> None:
    world = World()
    core, unit = world.core("ACCEPTED"), world.unit()
    assert refuse(world, world.sign("receive", unit)).code == "life.chain"
    error = refuse(world, world.sign("pack", core))
    assert error.code == "life.chain"
    assert refuse(world, world.sign("clean", LINE_IN)).code == "life.chain"
    assert refuse(world, world.sign("hold", "party/plant", by="quality")).code == "life.chain"


def test_chain_is_opened_once_and_before_it_goes_on() -> None:
    world = World()
    core = world.core()
    error = refuse(world, world.sign("import", core, refs=()))
    assert (error.code, error.message) == (
        "life.transition",
        f"{core} exists, and import opens a chain",
    )
    error = refuse(world, world.sign("receive", "8004/9521234C900000"))
    assert (error.code, error.message) == (
        "life.transition",
        "8004/9521234C900000 has no event yet, and receive opens none",
    )
