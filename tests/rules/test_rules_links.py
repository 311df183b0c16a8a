"""Links between chains, and the joins of things and their parts."""

from __future__ import annotations

import pytest

from tests.world import BOOK, LINE_IN, LINE_OUT, World
from traceledger.errors import NotAllowedError
from traceledger.events.catalogue import CATALOGUE
from traceledger.rules.links import DIRECTIONS
from traceledger.rules.state import Goods

UNIT = "01/09521234543213/21/U9999"
OTHER = "01/09521234543213/21/U9998"
Refs = tuple[tuple[str, ...], ...]


def refuse(world: World, wire: bytes) -> NotAllowedError:
    """Returns the error that refuses an event, and checks that nothing changed."""
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
    ("kind", "refs", "message"),
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
def test_refuses_links_that_the_kind_does_not_declare(kind: str, refs: Refs, message: str) -> None:
    world = World()
    items = {
        "open_book": "book/ACCOUNT-BOOK-0002",
        "declare_in": "decl/DECLARATION-IN-2",
        "import": "8004/9521234C900000",
        "assemble": UNIT,
    }
    error = refuse(world, world.sign(kind, items[kind], refs=refs))
    assert error.code == "ref.form"
    assert message in error.message


def test_link_names_an_event_unless_the_item_has_none() -> None:
    world = World()
    unknown = "decl/NOT-DECLARED-0001"
    wire = world.sign("import", "8004/9521234C900000", refs=(("declaration", unknown),))
    assert refuse(world, wire).message == "link declaration must name an event"
    core, second = world.core("IN_PROCESS"), world.core("IN_PROCESS")
    refs = (("input", core), ("input", second), ("primary", core, head(world, core)))
    assert refuse(world, assemble(world, refs, 2)).message == "link primary must not name an event"


# Targets of links


@pytest.mark.parametrize(
    ("refs", "code"),
    [
        ((("declaration", "decl/NOT-DECLARED-0001", "A" * 43),), "ref.unknown"),
        ((("declaration", BOOK),), "ref.unknown"),
        ((("declaration", "party/plant", "A" * 43),), "ref.unknown"),
        ((("declaration", LINE_IN, "A" * 43),), "ref.event"),
    ],
)
def test_refuses_links_to_unknown_items(refs: Refs, code: str) -> None:
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


DRAWN = {"reason": "returned"}
LINKING = {
    "import": ("8004/9521234C900000", LINE_IN),
    "reimport": ("", LINE_IN),
    "fill_lot": ("", LINE_IN),
    "export": ("", LINE_OUT),
    "return": ("", LINE_OUT),
    "divert": ("", LINE_OUT),
    "draw_lot": ("", LINE_OUT),
}


def linking(world: World, kind: str) -> tuple[str, str, str]:
    """An item whose next event may be of this kind, a line that fits, and one that does not."""
    item, fits = LINKING[kind]
    make = {
        "reimport": lambda: world.unit("EXPORTED"),
        "fill_lot": lambda: world.lot(sort="new_part"),
        "draw_lot": lambda: world.lot(sort="new_part"),
        "export": lambda: world.unit("PACKED"),
        "return": lambda: world.core("RECEIVED"),
        "divert": lambda: world.unit("PACKED"),
    }.get(kind)
    return (make() if make else item), fits, LINE_OUT if fits == LINE_IN else LINE_IN


@pytest.mark.parametrize("kind", LINKING)
def test_line_of_the_other_direction_is_refused(kind: str) -> None:
    """Goods that leave on an inbound line would balance a shortage that never ends."""
    world = World()
    item, fits, other = linking(world, kind)
    data = DRAWN if kind == "draw_lot" else {}
    wire = world.sign(kind, item, data, refs=(("declaration", other),))
    assert refuse(world, wire).code == "ref.direction"
    world.add(kind, item, data, refs=(("declaration", fits),))


@pytest.mark.parametrize("kind", LINKING)
def test_closed_line_takes_nothing_more(kind: str) -> None:
    """Customs compare a line once, when it is closed; what is added later escapes them."""
    world = World()
    item, fits, _ = linking(world, kind)
    data = DRAWN if kind == "draw_lot" else {}
    closing = world.add("close_line", fits)
    wire = world.sign(kind, item, data, refs=(("declaration", fits),))
    assert refuse(world, wire).code == "ref.closed"
    world.add("void", fits, refs=(("target", fits, closing.id),))
    world.add(kind, item, data, refs=(("declaration", fits),))


def test_every_link_to_a_line_has_a_direction() -> None:
    """A kind that is added later must not escape the rule."""
    linked = {
        kind.name
        for kind in CATALOGUE.values()
        for link in kind.refs
        if link.chains == ("declaration",)
    }
    assert linked == set(DIRECTIONS)


def test_surplus_core_needs_no_declaration() -> None:
    world = World()
    world.add("import", "8004/9521234C900000", {"surplus": True}, refs=())


# Joins


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


def disassemble(world: World, item: str, *parts: str, count: int = 0) -> bytes:
    refs = tuple(("output", part) for part in parts)
    return world.sign("disassemble", item, {"output_count": count or len(parts)}, refs=refs)


def harvest(world: World, part: str, parent: str, event: str = "") -> bytes:
    return world.sign("harvest", part, refs=(("parent", parent, event or head(world, parent)),))


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


# Second lives


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


# Voided chains


def test_nothing_links_to_a_voided_chain() -> None:
    world = World()
    line, book, core = world.line("VOIDED"), world.book("VOIDED"), world.core("VOIDED")
    unit = world.unit("PACKED")
    for wire in (
        world.sign("import", "8004/9521234C900000", refs=(("declaration", line),)),
        world.sign("declare_in", "decl/DECLARATION-IN-2", refs=(("book", book),)),
        assemble(world, (("input", core),), 1),
        world.sign("export", unit, refs=(("declaration", line),)),
    ):
        error = refuse(world, wire)
        assert error.code == "ref.unknown"
        assert error.message.endswith("was voided")
    lot = world.lot("VOIDED")
    wire = world.sign("scrap", world.core("RECEIVED"), refs=(("lot", lot),))
    assert refuse(world, wire).code == "ref.unknown"


# Which kinds belong to which chains


def test_kind_opens_only_chains_of_its_own() -> None:
    world = World()
    for kind, item, refs in (
        ("open_book", "decl/DECLARATION-IN-2", ()),
        ("declare_in", "book/ACCOUNT-BOOK-0002", (("book", BOOK),)),
        ("import", "01/09521234543213/21/U9997", ()),
        ("set_policy", "party/plant", ()),
        ("admit", "policy", ()),
        ("open_lot", "decl/DECLARATION-IN-2", ()),
        ("import", "lot/L9", ()),
        ("rotate_root", "policy", ()),
        ("dismiss", "ledger", ()),
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
        f"{core} is already in the ledger; import is only a first event",
    )
    error = refuse(world, world.sign("receive", "8004/9521234C900000"))
    assert (error.code, error.message) == (
        "life.transition",
        "8004/9521234C900000 is not in the ledger; receive is never a first event",
    )
