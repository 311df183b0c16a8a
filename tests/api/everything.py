"""A world with every kind of event, each at least once with all its fields."""

from __future__ import annotations

from typing import Any

from tests.world import BOOK, LINE_IN, LINE_OUT, World, jwk, make_signer
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.token import Event

__all__ = ["READERS", "make_everything"]

READERS = ("observer", "customs", "trader", "operator", "recycler")
"""The readers tested besides strangers; `trader` is the importer of another company."""

_PREFIXES = ["01/0952123", "8004/9521234", "decl/", "book/", "lot/", "x/"]
_COMPONENT = "8004/9521234P000001"
_WASTE, _PARTS = "lot/WASTE-2", "lot/CAP-2503"  # from which the examples take new parts
_BOUGHT = (("declaration", LINE_IN),)
_SOLD = (("declaration", LINE_OUT),)


def make_everything() -> World:
    """Creates the world; every event is allowed."""
    world = World()
    _trust(world)
    _account(world)
    _lots(world)
    _core_and_unit(world)
    _ends(world)
    _marks(world)
    happened = {event.kind_name for event in world.events}
    # There is only one version of the rules yet, so nothing can raise it.
    assert happened == set(CATALOGUE) - {"rules"}, set(CATALOGUE) - happened
    return world


def full(
    world: World, kind: str, item: str, *, by: str = "", refs: Any = None, **fields: Any
) -> Event:
    """Adds an event with all fields of its kind: the catalogue's examples and those given."""
    row = CATALOGUE[kind]
    data = {name: field.example for name, field in row.fields.items()} | fields
    data = {name: value for name, value in data.items() if value is not None}
    return world.add(kind, item, data, by=by, refs=refs)


def _publish(world: World) -> int:
    """The size at which a ledger of these events is published next, with its seal."""
    size = len(world.events) + 1
    world.replay.publish(size)
    return size


def _trust(world: World) -> None:
    roles = ("importer", "broker", "operator", "quality", "approver")
    world.admit("plant", roles, _PREFIXES, seed="2")
    world.admit("observer", ("observer",))
    world.add_key("observer", "observer", ["observer"])
    world.admit("trader", ("importer",), ["book/", "decl/"])
    world.add_key("trader", "trader", ["importer"])
    admin = make_signer("gone admin")
    full(
        world,
        "admit",
        "party/gone",
        by="root",
        admin_jwk=jwk(admin.key),
        possession=world.possession(admin, "party/gone"),
        roles=["carrier"],
        prefixes=[],
    )
    full(world, "dismiss", "party/gone", by="root")
    world.add_key("short", "plant", ["operator"])
    short = f"key/{make_signer('short').key.kid}"
    full(world, "revoke_key", short, by="plant admin", reason="compromised", compromised_since=3)
    full(world, "profile", "party/plant", by="plant admin")
    full(world, "set_policy", "policy", by="root")
    root = make_signer("root 2")
    full(
        world,
        "rotate_root",
        "ledger",
        by="root",
        root_jwk=jwk(root.key),
        possession=world.possession(root, "ledger"),
    )


def _account(world: World) -> None:
    full(world, "open_book", "book/ACCOUNT-BOOK-0002")
    full(world, "stocktake", BOOK)
    full(world, "writeoff", BOOK, from_size=1, to_size=_publish(world))
    book = (("book", BOOK),)
    full(world, "declare_in", "decl/DECLARATION-IN-2", refs=book)
    full(world, "declare_out", "decl/DECLARATION-OUT-2", refs=book)
    full(world, "gate", LINE_IN, by="carrier")
    full(world, "close_line", "decl/DECLARATION-IN-2")
    full(world, "customs_check", LINE_IN, by="customs")


def _lots(world: World) -> None:
    full(world, "open_lot", _PARTS, refs=(("book", BOOK),), **{"class": "new_part"})
    full(world, "fill_lot", _PARTS, refs=_BOUGHT)
    full(world, "open_lot", _WASTE, **{"class": "waste"})


def _core_and_unit(world: World) -> None:
    donor = "8004/9521234C900001"
    full(world, "import", donor, refs=_BOUGHT)
    full(world, "receive", donor, result="ok")
    full(world, "inspect", donor, grade="C")
    full(world, "move", donor)
    refs: Any = (("output", _COMPONENT), ("lot", _WASTE))
    full(world, "disassemble", donor, refs=refs, output_count=1)
    full(world, "harvest", _COMPONENT, refs=(("parent", donor),))
    full(world, "test", _COMPONENT, overall="pass")
    core = world.core("ACCEPTED")
    for kind in ("clean", "diagnose", "repair", "update", "calibrate"):
        full(world, kind, core)
    unit = "01/09521234543213/21/EVERYTHING"
    refs = (("input", core), ("input", _COMPONENT), ("primary", core))
    full(world, "assemble", unit, refs=refs, input_count=2)
    for part in (core, _COMPONENT):
        world.add("consume", part, refs=(("unit", unit),))
    full(world, "test", unit, overall="pass")
    full(world, "approve", unit, decision="pass")
    full(world, "pack", unit)
    full(world, "export", unit, refs=_SOLD)
    full(world, "confirm", unit, by="carrier", refs=(("target", unit, world.events[-1].id),))
    full(world, "warranty_return", unit, by="distributor")
    full(world, "reimport", unit, refs=_BOUGHT)


def _ends(world: World) -> None:
    lot = (("lot", _WASTE),)
    full(world, "scrap", world.core("CONDEMNED"), refs=lot)
    full(world, "return", world.core("REJECTED"), refs=_SOLD)
    full(world, "divert", world.core("DONOR"), refs=_SOLD)
    full(world, "draw_lot", _PARTS, refs=lot, reason="scrapped")
    full(world, "close_lot", _WASTE)
    full(world, "destroy", _WASTE, by="recycler")


def _marks(world: World) -> None:
    unit = world.unit("PACKED")
    packed = world.events[-1].id
    target = (("target", unit, packed),)
    full(
        world,
        "correct",
        unit,
        by="operator",
        refs=target,
        set_public={"batch": "2025-05"},
        set_customs={"gross_kg": "1.1"},
        set_internal=None,
    )
    core = world.core("RECEIVED")
    full(world, "inspect", core, by="operator", grade="A")
    inspected = (("target", core, world.events[-1].id),)
    full(
        world,
        "correct",
        core,
        by="operator",
        refs=inspected,
        set_public=None,
        set_customs=None,
        set_internal={"notes": "a scratch"},
    )
    full(world, "move", core)
    full(world, "void", core, by="operator", refs=(("target", core, world.events[-1].id),))
    full(world, "erase", core, by="operator", refs=inspected, fields=["notes"])
    full(world, "hold", unit, by="quality", authority="quality")
    full(world, "release", unit, by="quality", refs=(("target", unit, world.events[-1].id),))
    full(world, "hold", core, by="customs", authority="customs")
    full(world, "recall", unit, by="approver")
