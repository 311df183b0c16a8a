"""Links between chains: their form, their targets, and which kinds belong to which chains."""

from __future__ import annotations

import pytest

from tests.rules.acts import UNIT, Refs, assemble, head, refuse
from tests.world import BOOK, LINE_IN, LINE_OUT, World
from traceledger.events.catalogue import CATALOGUE
from traceledger.rules.links import DIRECTIONS

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
