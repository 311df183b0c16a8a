"""Rules in addition to the life cycle: holds, recalls, testers, export."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.rules.acts import goods, refuse
from tests.world import World
from traceledger.errors import NotAllowedError
from traceledger.rules.authority import Authority
from traceledger.rules.goods import possible_kinds, step_goods
from traceledger.rules.lifecycle import next_kinds
from traceledger.rules.state import Goods


def hold(world: World, item: str, authority: str = "quality") -> str:
    return world.add("hold", item, {"authority": authority}, by=authority).id


def release(world: World, item: str, event: str, by: str) -> bytes:
    return world.sign("release", item, by=by, refs=(("target", item, event),))


# Holds


@pytest.mark.parametrize("kind", ["clean", "diagnose", "repair", "update", "calibrate", "return"])
def test_nothing_happens_to_a_core_on_hold(kind: str) -> None:
    world = World()
    core = world.core("IN_PROCESS")
    event = hold(world, core)
    error = refuse(world, world.sign(kind, core))
    assert error.code == "life.held"
    world.append(release(world, core, event, "quality"))
    world.add(kind, core)


@pytest.mark.parametrize(
    ("kind", "state"),
    [("test", "ASSEMBLED"), ("approve", "TESTED"), ("pack", "APPROVED"), ("export", "PACKED")],
)
def test_nothing_happens_to_a_unit_on_hold(kind: str, state: str) -> None:
    world = World()
    unit = world.unit(state)
    hold(world, unit, "customs")
    assert refuse(world, world.sign(kind, unit)).code == "life.held"


def test_hold_allows_events_about_the_past() -> None:
    world = World()
    core = world.core("RECEIVED")
    first = goods(world, core).first
    hold(world, core)
    target = (("target", core, first),)
    world.add("correct", core, {"set_public": {"make": "GM"}}, by="importer", refs=target)
    world.add("recall", core)
    world.add("customs_check", core)
    world.add("move", core)
    world.add("erase", core, {"fields": ["old_serial"]}, by="importer", refs=target)
    hold(world, core, "customs")
    assert world.life(core) == "RECEIVED"


def test_hold_stops_lots_lines_and_books_too() -> None:
    world = World()
    steps = {"lot": "close_lot", "declaration": "close_line", "book": "writeoff"}
    for chain, kind in steps.items():
        item = world.thing(chain)
        event = hold(world, item, "customs")
        assert refuse(world, world.sign(kind, item)).code == "life.held"
        world.append(release(world, item, event, "customs"))
        world.add(kind, item)


def test_hold_names_a_role_that_its_key_has() -> None:
    world = World()
    core = world.core()
    for authority, by in (("customs", "quality"), ("quality", "customs")):
        error = refuse(world, world.sign("hold", core, {"authority": authority}, by=by))
        assert error.code == "key.role"


def test_only_the_same_authority_releases_a_hold() -> None:
    world = World()
    core = world.core("RECEIVED")
    held = {authority: hold(world, core, authority) for authority in ("quality", "customs")}
    assert refuse(world, release(world, core, held["customs"], "quality")).code == "key.role"
    assert refuse(world, release(world, core, held["quality"], "customs")).code == "key.role"
    assert refuse(world, release(world, core, held["quality"], "operator")).code == "key.role"
    world.append(release(world, core, held["quality"], "quality"))
    assert refuse(world, world.sign("inspect", core)).code == "life.held"
    world.append(release(world, core, held["customs"], "customs"))
    world.add("inspect", core)


def test_release_ends_only_a_hold_in_force_on_this_chain() -> None:
    world = World()
    core, other = world.core("RECEIVED"), world.core("RECEIVED")
    event, elsewhere = hold(world, core), hold(world, other)
    first = goods(world, core).first
    for target in (first, elsewhere, "A" * 43):
        assert refuse(world, release(world, core, target, "quality")).code == "life.target"
    wire = world.sign("release", core, by="quality", refs=(("target", other, event),))
    assert refuse(world, wire).code == "life.target"
    world.append(release(world, core, event, "quality"))
    assert refuse(world, release(world, core, event, "quality")).code == "life.target"


# Recalls


@pytest.mark.parametrize(("kind", "state"), [("pack", "APPROVED"), ("export", "PACKED")])
def test_recalled_unit_is_not_packed_nor_exported_even_after_rework(kind: str, state: str) -> None:
    world = World()
    unit = world.unit(state)
    recall = world.add("recall", unit)
    assert refuse(world, world.sign(kind, unit)).code == "life.recalled"
    world.add("update", unit)
    for step in ("test", "approve"):
        world.add(step, unit)
    assert refuse(world, world.sign("pack", unit)).code == "life.recalled"
    world.append(release(world, unit, recall.id, "importer"))
    world.add("pack", unit)
    world.add("export", unit)


@pytest.mark.parametrize("rework", ["repair", "update"])
def test_recalled_unit_is_approved_only_after_rework(rework: str) -> None:
    world = World()
    unit = world.unit("TESTED")
    world.add("recall", unit)
    assert refuse(world, world.sign("approve", unit)).code == "life.recalled"
    world.add("calibrate", unit)
    world.add("test", unit)
    assert refuse(world, world.sign("approve", unit)).code == "life.recalled"
    world.add(rework, unit)
    world.add("test", unit)
    world.add("recall", unit, {"campaign": "RC-2"})
    assert refuse(world, world.sign("approve", unit)).code == "life.recalled"
    world.add(rework, unit)
    world.add("test", unit)
    world.add("approve", unit)
    assert world.life(unit) == "APPROVED"


@pytest.mark.parametrize(
    ("state", "barred"),
    [("ASSEMBLED", ""), ("TESTED", "approve"), ("APPROVED", "pack"), ("PACKED", "export")],
)
def test_what_is_possible_for_a_recalled_unit_leaves_out_what_is_refused(
    state: str, barred: str
) -> None:
    world = World()
    unit = world.unit(state)
    world.add("recall", unit)
    possible = possible_kinds(goods(world, unit))
    left = [kind for kind in next_kinds("unit", state) if kind != barred]
    assert possible == (*left, "release")
    if barred:
        assert refuse(world, world.sign(barred, unit)).code == "life.recalled"


def test_recalled_unit_may_be_approved_again_after_rework() -> None:
    world = World()
    unit = world.unit("TESTED")
    world.add("recall", unit)
    for step in ("repair", "test"):
        world.add(step, unit)
    assert "approve" in possible_kinds(goods(world, unit))


def test_pending_events_and_holds_must_be_resolved_first() -> None:
    world = World()
    core = world.core("RECEIVED")
    world.add("divert", core)
    assert possible_kinds(goods(world, core)) == ("confirm",)
    hold(world, core)
    assert possible_kinds(goods(world, core)) == ("release",)


@pytest.mark.parametrize("sort", ["waste", "new_part"])
def test_what_is_possible_for_a_lot_depends_on_its_class(sort: str) -> None:
    world = World()
    lot = world.lot("OPEN", sort)
    possible = possible_kinds(goods(world, lot))
    kinds = {"waste": ("close_lot", "return"), "new_part": ("fill_lot", "draw_lot", "return")}
    assert possible == kinds[sort]


def test_exported_unit_can_be_recalled() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    world.add("recall", unit)
    assert world.life(unit) == "EXPORTED"
    assert len(goods(world, unit).recalls) == 1


def test_only_the_party_that_called_it_ends_a_recall() -> None:
    world = World()
    unit = world.unit("PACKED")
    recall = world.add("recall", unit, by="customs")
    for by in ("importer", "approver", "quality"):
        assert refuse(world, release(world, unit, recall.id, by)).code == "key.role"
    world.append(release(world, unit, recall.id, "customs"))
    world.add("export", unit)
    # Any key of the party with a role that may release can end it, not only the recalling key.
    second = world.add("recall", unit, by="approver")
    world.append(release(world, unit, second.id, "importer"))
    assert goods(world, unit).recalls == ()


# Separation of tester and approver


def test_key_that_tested_does_not_approve() -> None:
    """No key may have both roles, so the state is built by hand: the rule must not depend on it."""
    kid = "k" * 43
    state = Goods(
        first="a", seq=2, head="b", chain="unit", party="party/plant", life="TESTED",
        testers=("x" * 43, kid),
    )  # fmt: skip
    signer = Authority("party/plant", frozenset({"approver"}), ())
    claims = SimpleNamespace(seq=3, iss="party/plant")
    event: Any = SimpleNamespace(
        payload=claims, kind_name="approve", kid=kid, id="c", refs=(),
        data=SimpleNamespace(decision="pass"),
    )  # fmt: skip
    with pytest.raises(NotAllowedError) as caught:
        step_goods(state, event, signer, "unit")
    assert caught.value.code == "life.tester"
    event.kid = "y" * 43
    assert step_goods(state, event, signer, "unit").life == "APPROVED"


def test_every_tester_is_remembered_once() -> None:
    world = World()
    world.add_key("second", "plant", ["quality"])
    unit = world.unit("TESTED")
    world.add("test", unit, by="second")
    world.add("test", unit)
    kids = {world.actors[name].signer.key.kid for name in ("quality", "second")}
    assert set(goods(world, unit).testers) == kids
    assert len(goods(world, unit).testers) == 2


# Export


def test_refuses_export_to_the_country_of_the_zone() -> None:
    world = World()
    unit = world.unit("PACKED")
    error = refuse(world, world.sign("export", unit, {"destination": "CHN"}))
    assert (error.code, error.message) == ("ref.destination", "CHN is the country of the zone")
    world.add("set_policy", "policy", {"values": {"late_hours": 24}})
    world.add("export", unit, {"destination": "CHN"})  # no policy names the zone's country


def test_carrier_may_export() -> None:
    world = World()
    unit = world.unit("PACKED")
    world.add("export", unit, by="carrier")
    assert world.life(unit) == "EXPORTED"


def test_policy_acts_on_later_events_only() -> None:
    world = World()
    unit, second = world.unit("PACKED"), world.unit("PACKED")
    world.add("export", unit)
    world.add("set_policy", "policy", {"values": {"zone_country": "USA"}})
    assert world.life(unit) == "EXPORTED"
    assert refuse(world, world.sign("export", second)).code == "ref.destination"
