"""Voids, which take back the latest event of a chain."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.acts import about, goods, refuse, void
from tests.world import World
from traceledger.events.catalogue import CATALOGUE
from traceledger.rules.state import Pending


@pytest.mark.parametrize(
    ("state", "kind", "data", "by"),
    [
        ("DECLARED", "receive", {"result": "short"}, ""),
        ("RECEIVED", "inspect", {"grade": "S"}, ""),
        ("ACCEPTED", "clean", {}, ""),
        ("RECEIVED", "return", {}, ""),
        ("REJECTED", "scrap", {}, ""),
        ("RECEIVED", "divert", {}, ""),
        ("RECEIVED", "hold", {}, "quality"),
        ("RECEIVED", "recall", {}, ""),
        ("RECEIVED", "move", {}, ""),
        ("RECEIVED", "customs_check", {}, "importer"),
    ],
)
def test_void_restores_the_state(state: str, kind: str, data: dict[str, Any], by: str) -> None:
    world = World()
    core = world.core(state)
    before = goods(world, core)
    world.add(kind, core, data, by=by)
    world.append(void(world, core))
    after = goods(world, core)
    assert (after.life, after.holds, after.recalls) == (state, (), ())
    assert (after.pending, after.seq) == (None, before.seq + 2)
    world.add(kind, core, data, by=by)  # and on it goes


def test_void_restores_every_mark() -> None:
    world = World()
    unit = world.unit("ASSEMBLED")
    world.add("recall", unit)
    recalled = goods(world, unit)
    world.add("test", unit)
    world.append(void(world, unit))
    assert goods(world, unit).testers == ()
    world.add("repair", unit)
    assert goods(world, unit).recalls[0].reworked
    world.append(void(world, unit))
    assert goods(world, unit).recalls == recalled.recalls
    world.append(about("release", world, unit, recalled.head, "importer"))
    world.append(void(world, unit, "importer"))
    assert goods(world, unit).recalls == recalled.recalls


def test_voided_release_leaves_the_hold_in_force() -> None:
    world = World()
    core = world.core("RECEIVED")
    world.add("hold", core, by="quality")
    world.add("release", core, by="quality")
    world.append(void(world, core))
    assert refuse(world, world.sign("inspect", core)).code == "life.held"


def test_void_of_a_pending_event_ends_the_wait() -> None:
    world = World()
    lot = world.lot("CLOSED")
    event = world.add("destroy", lot)
    world.append(void(world, lot, "recycler"))
    assert goods(world, lot).pending is None
    event = world.add("destroy", lot)
    receipt = {"receipt_sha256": "0f" * 32, "result": "refused"}
    world.append(about("confirm", world, lot, event.id, "importer", **receipt))
    world.append(void(world, lot, "importer"))  # whose party takes its refusal back
    assert goods(world, lot).pending == Pending(event.id, "destroy", "DESTROYED")
    assert world.life(lot) == "CLOSED"


def test_confirmation_that_gave_effect_cannot_be_voided() -> None:
    """A destruction that was confirmed with customs' receipt happened."""
    world = World()
    lot = world.lot("CLOSED")
    event = world.add("destroy", lot)
    receipt = {"receipt_sha256": "0f" * 32}
    world.append(about("confirm", world, lot, event.id, "importer", **receipt))
    error = refuse(world, void(world, lot, "importer"))
    assert (error.code, "gave effect to a destroy" in error.message) == ("life.void", True)


@pytest.mark.parametrize("chain", ["core", "lot", "declaration", "book"])
def test_chain_whose_first_event_is_voided_accepts_no_step(chain: str) -> None:
    world = World()
    item = world.thing(chain)
    world.append(void(world, item))
    assert world.life(item) == "VOIDED"
    kind = {"core": "receive", "lot": "close_lot", "declaration": "gate", "book": "stocktake"}
    assert refuse(world, world.sign(kind[chain], item)).code == "life.transition"
    world.add("recall", item)  # what is said of a label that is in use stays possible


def test_only_the_latest_event_can_be_voided() -> None:
    world = World()
    core = world.core("ACCEPTED")
    received = world.events[-2]
    error = refuse(world, void(world, core, target=received.id))
    assert (error.code, error.message) == (
        "life.void",
        f"only the latest event, {goods(world, core).head}, can be voided",
    )


def test_nothing_can_be_voided_twice() -> None:
    world = World()
    core = world.core("ACCEPTED")
    inspected = goods(world, core).head
    world.append(void(world, core))
    error = refuse(world, void(world, core))
    assert (error.code, error.message) == ("life.void", "void can never be voided")
    assert refuse(world, void(world, core, target=inspected)).code == "life.void"
    assert world.life(core) == "RECEIVED"


def test_only_the_same_party_can_void() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    for by in ("carrier", "customs", "distributor"):
        error = refuse(world, void(world, unit, by))
        assert (error.code, error.message) == (
            "life.target",
            "only party/plant may void this event",
        )
    for by in ("root", "plant admin"):
        assert refuse(world, void(world, unit, by)).code == ("key.role")
    world.append(void(world, unit, "importer"))
    assert world.life(unit) == "PACKED"
    world.append(void(world, world.unit("PACKED"), "operator"))


@pytest.mark.parametrize(
    ("kind", "data", "by"),
    [
        ("hold", {}, "quality"),
        ("recall", {}, "approver"),
        ("test", {"overall": "fail"}, "quality"),
        ("customs_check", {}, "importer"),
        ("move", {}, "operator"),
    ],
)
def test_void_requires_a_role_that_its_target_required(
    kind: str, data: dict[str, Any], by: str
) -> None:
    """An operator's key must not take back a recall, a hold or a failed test of its own party."""
    world = World()
    unit = world.unit("ASSEMBLED")
    world.add(kind, unit, data, by=by)
    required = {"hold": ["quality"]}.get(kind, CATALOGUE[kind].roles)
    for other in ("importer", "broker", "operator", "quality", "approver"):
        if other not in required:
            error = refuse(world, void(world, unit, other))
            assert error.code == "key.role"
            assert error.message == f"voiding this {kind} requires {' or '.join(required)}"
    world.append(void(world, unit, by))
    assert world.life(unit) == "ASSEMBLED"


def test_void_of_a_release_requires_the_role_of_the_hold() -> None:
    world = World()
    core = world.core("RECEIVED")
    world.add("hold", core, by="quality")
    world.add("release", core, by="quality")
    for other in ("importer", "approver"):
        assert refuse(world, void(world, core, other)).code == "key.role"
    world.append(void(world, core, "quality"))
    assert goods(world, core).holds


def test_event_signed_by_customs_cannot_be_voided() -> None:
    world = World()
    core = world.core("RECEIVED")
    for kind in ("customs_check", "recall"):
        world.add(kind, core, by="customs")
        error = refuse(world, void(world, core, "customs"))
        assert (error.code, error.message) == ("life.void", "customs signed the latest event")
    world.add("divert", core)
    world.confirm(core)
    assert refuse(world, void(world, core, "customs")).code == "life.void"


def test_event_named_by_another_chain_cannot_be_voided() -> None:
    world = World()
    line, lot, book = world.line(), world.lot(), world.book()
    world.add("import", "8004/9521234C900000", refs=(("declaration", line),))
    world.add("scrap", world.core("RECEIVED"), refs=(("lot", lot),))
    world.add("declare_in", "decl/DECLARATION-IN-2", refs=(("book", book),))
    for item in (line, lot, book):
        error = refuse(world, void(world, item))
        assert (error.code, error.message) == ("life.void", "another chain names the latest event")
    world.add("gate", line)
    world.append(void(world, line, "carrier"))  # what nobody named, later in the same chain
    assert world.life(line) == "DECLARED"


def test_joins_cannot_be_voided() -> None:
    world = World()
    core, donor = world.core("IN_PROCESS"), world.core("DONOR")
    unit = world.unit(parts=(core,))
    (part,) = world.take_apart(donor)
    for item in (unit, donor):
        error = refuse(world, void(world, item))
        assert (error.code, error.message) == ("life.void", "another chain names the latest event")
    for item, kind in ((core, "consume"), (part, "harvest")):
        error = refuse(world, void(world, item))
        assert (error.code, error.message) == ("life.void", f"{kind} can never be voided")


@pytest.mark.parametrize("kind", ["assemble", "disassemble"])
def test_half_a_join_cannot_be_voided_before_the_other_half(kind: str) -> None:
    world = World()
    core, unit = world.core("ACCEPTED"), "01/09521234543213/21/U9999"
    item = unit if kind == "assemble" else core
    refs = (("input", core),) if kind == "assemble" else (("output", "8004/9521234P900001"),)
    count = {"assemble": "input_count", "disassemble": "output_count"}[kind]
    world.add(kind, item, {count: 1}, refs=refs)
    assert refuse(world, void(world, item)).code == "life.void"
