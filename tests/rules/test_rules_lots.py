"""Lots: their classes and contents; waste never reaches the domestic market."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.acts import refuse
from tests.world import BOOK, LINE_IN, LINE_OUT, WASTE, World


@pytest.mark.parametrize(
    ("sort", "state", "kind", "code"),
    [
        ("new_part", "OPEN", "fill_lot", ""),
        ("waste", "OPEN", "fill_lot", "life.lot"),
        ("waste", "OPEN", "close_lot", ""),
        ("new_part", "OPEN", "draw_lot", ""),
        ("new_part", "RETURNED", "draw_lot", "life.transition"),
        ("waste", "OPEN", "draw_lot", "life.lot"),
        ("new_part", "OPEN", "close_lot", "life.lot"),
        ("waste", "CLOSED", "destroy", ""),
        ("waste", "OPEN", "destroy", "life.transition"),
        ("new_part", "OPEN", "destroy", "life.lot"),
        ("waste", "OPEN", "return", ""),
        ("waste", "CLOSED", "return", ""),
        ("new_part", "OPEN", "return", ""),
        ("waste", "CLOSED", "fill_lot", "life.lot"),
        ("waste", "CLOSED", "close_lot", "life.transition"),
        ("waste", "RETURNED", "destroy", "life.transition"),
        ("waste", "DESTROYED", "return", "life.transition"),
        ("waste", "DESTROYED", "destroy", "life.transition"),
    ],
)
def test_class_of_a_lot_decides_what_may_be_done(
    sort: str, state: str, kind: str, code: str
) -> None:
    world = World()
    wire = world.sign(kind, world.lot(state, sort))
    if code:
        assert refuse(world, wire).code == code
    else:
        world.append(wire)


def test_new_parts_come_in_with_and_without_a_declaration() -> None:
    world = World()
    lot = world.lot(sort="new_part")
    world.add("fill_lot", lot)
    world.add("fill_lot", lot, refs=(("declaration", LINE_IN),))
    refs = (("declaration", LINE_IN), ("declaration", LINE_OUT))
    assert refuse(world, world.sign("fill_lot", lot, refs=refs)).code == "ref.form"


@pytest.mark.parametrize("reason", ["scrapped", "returned", "short"])
@pytest.mark.parametrize("links", ["", "lot", "declaration", "lot declaration"])
def test_drawn_parts_name_where_they_went(reason: str, links: str) -> None:
    """Parts that are gone must be found in a waste lot, on a declaration line, or be missed."""
    world = World()
    lot = world.lot(sort="new_part")
    items = {"lot": WASTE, "declaration": LINE_OUT}
    refs = tuple((name, items[name]) for name in links.split())
    wire = world.sign("draw_lot", lot, {"reason": reason}, refs=refs)
    if links == {"scrapped": "lot", "returned": "declaration", "short": ""}[reason]:
        world.append(wire)
    else:
        assert refuse(world, wire).code == "ref.form"


@pytest.mark.parametrize("sort", ["new_part", "waste"])
@pytest.mark.parametrize("state", ["OPEN", "CLOSED"])
def test_no_lot_is_ever_diverted(sort: str, state: str) -> None:
    if (sort, state) == ("new_part", "CLOSED"):
        state = "RETURNED"
    world = World()
    error = refuse(world, world.sign("divert", world.lot(state, sort)))
    assert (error.code, "divert applies to core or unit" in error.message) == ("life.chain", True)


@pytest.mark.parametrize("state", ["SCRAPPED", "CONDEMNED", "RETURNED"])
def test_scrapped_core_is_not_diverted(state: str) -> None:
    world = World()
    assert refuse(world, world.sign("divert", world.core(state))).code == "life.transition"


def test_component_is_not_diverted() -> None:
    world = World()
    assert refuse(world, world.sign("divert", world.component())).code == "life.chain"


def make(world: World, where: str) -> str:
    """Something that is, or is not, an open waste lot."""
    lots: dict[str, dict[str, Any]] = {
        "new parts": {"sort": "new_part"},
        "closed": {"state": "CLOSED"},
        "destroyed": {"state": "DESTROYED"},
        "returned": {"state": "RETURNED"},
        "held": {},
    }
    item = world.lot(**lots[where])
    if where == "held":
        world.add("hold", item, by="customs", data={"authority": "customs"})
    return item


@pytest.mark.parametrize("where", ["new parts", "closed", "destroyed", "returned", "held"])
@pytest.mark.parametrize("chain", ["core", "component", "unit"])
def test_scrap_goes_into_an_open_waste_lot_only(chain: str, where: str) -> None:
    world = World()
    state = {"core": "RECEIVED"}.get(chain, "")
    item = world.thing(chain, state)
    refs = (("lot", make(world, where)),)
    assert refuse(world, world.sign("scrap", item, refs=refs)).code == "ref.lot"
    drawn = world.sign("draw_lot", world.lot(sort="new_part"), {"reason": "scrapped"}, refs=refs)
    assert refuse(world, drawn).code == "ref.lot"
    residue = world.sign("clean", world.unit(), {"residue_kg": "0.004"}, refs=refs)
    assert refuse(world, residue).code == "ref.lot"
    data = {"output_count": 1, "waste_kg": "0.012"}
    loose = world.sign(
        "disassemble", world.core("DONOR"), data, refs=(("output", "8004/9521234P9"), *refs)
    )
    assert refuse(world, loose).code == "ref.lot"
    world.add("scrap", item)
    assert (world.life(item), world.life(WASTE)) == ("SCRAPPED", "OPEN")


def test_scrap_names_a_lot() -> None:
    world = World()
    core = world.core("RECEIVED")
    assert refuse(world, world.sign("scrap", core, refs=())).code == "ref.form"
    for item in (LINE_IN, world.core()):
        wire = world.sign("scrap", core, refs=(("lot", item),))
        assert refuse(world, wire).code == "ref.unknown"


def test_full_lot_goes_to_the_recycler_and_takes_nothing_more() -> None:
    world = World()
    lot = world.lot()
    world.add("scrap", world.core("RECEIVED"), refs=(("lot", lot),))
    world.add("close_lot", lot)
    late = world.sign("scrap", world.core("RECEIVED"), refs=(("lot", lot),))
    assert refuse(world, late).code == "ref.lot"
    world.add("destroy", lot)
    world.confirm(lot)
    assert world.life(lot) == "DESTROYED"


@pytest.mark.parametrize("end", ["DESTROYED", "RETURNED"])
def test_scrap_that_is_gone_with_its_lot_stays_scrap(end: str) -> None:
    """A core must not come back to life after customs saw it destroyed."""
    world = World()
    lot, core, parts = world.lot(), world.core("RECEIVED"), world.lot(sort="new_part")
    dirty = world.unit()
    for kind, item in (("scrap", core), ("draw_lot", parts), ("clean", dirty)):
        given = {"clean": {"residue_kg": "0.004"}, "draw_lot": {"reason": "scrapped"}}
        world.add(kind, item, given.get(kind), refs=(("lot", lot),))
    world.add("close_lot", lot)
    if end == "RETURNED":
        world.add("return", lot)
    else:
        world.add("destroy", lot)
        world.confirm(lot)
    for item in (core, parts, dirty):
        assert refuse(world, world.sign("void", item)).code == "life.void"


def test_scrap_is_voided_while_its_lot_is_here() -> None:
    """A wrong scan is taken back; a refused destruction destroys nothing."""
    world = World()
    lot, core = world.lot(), world.core("RECEIVED")
    world.add("scrap", core, refs=(("lot", lot),))
    world.add("close_lot", lot)
    world.add("destroy", lot)
    world.confirm(lot, result="refused")
    world.add("void", core)
    assert world.life(core) == "RECEIVED"


def test_drawn_parts_are_put_back_while_they_are_here() -> None:
    """A wrong count is taken back, also after parts were scrapped into a lot that is gone."""
    world = World()
    waste, parts = world.lot(), world.lot(sort="new_part")
    world.add("draw_lot", parts, {"reason": "scrapped"}, refs=(("lot", waste),))
    world.add("void", parts)
    world.add("draw_lot", parts, {"reason": "scrapped"}, refs=(("lot", waste),))
    world.add("close_lot", waste)
    world.add("return", waste)
    world.add("draw_lot", parts, {"reason": "short"})
    world.add("void", parts)
    assert world.life(parts) == "OPEN"


@pytest.mark.parametrize(("kind", "weight"), [("clean", "residue_kg"), ("disassemble", "waste_kg")])
def test_what_goes_into_a_lot_is_weighed(kind: str, weight: str) -> None:
    """A lot without the weight of what is in it can be emptied without a trace."""
    world = World()
    output = (("output", "8004/9521234P9"),) if kind == "disassemble" else ()
    data = {"output_count": 1} if output else {}
    core = world.core("DONOR" if output else "ACCEPTED")
    refs = (*output, ("lot", WASTE))
    assert refuse(world, world.sign(kind, core, data, refs=refs)).code == "ref.form"
    world.add(kind, core, {**data, weight: "0.012"}, refs=refs)


def test_lot_names_one_book_that_is_there() -> None:
    world = World()
    for book in ("decl/DECLARATION-IN-1", "book/NOT-OPEN-BOOK-0001"):
        refs = (("book", book, "A" * 43),)
        assert refuse(world, world.sign("open_lot", "lot/L9", refs=refs)).code == "ref.unknown"
    world.add("open_lot", "lot/L9", refs=(("book", BOOK),))
