"""Holds, recalls, corrections and confirmations: what stands beside the life cycle."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.world import World
from traceledger.errors import NotAllowedError
from traceledger.rules.authority import Authority
from traceledger.rules.goods import step_goods
from traceledger.rules.state import Goods


def refuse(world: World, wire: bytes) -> NotAllowedError:
    """The error for an event, after which nothing has changed."""
    before = world.replay
    with pytest.raises(NotAllowedError) as caught:
        world.append(wire)
    assert world.replay is before
    return caught.value


def goods(world: World, item: str) -> Goods:
    state = world.replay.state(item)
    assert isinstance(state, Goods)
    return state


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


def test_hold_leaves_what_is_said_about_the_past() -> None:
    world = World()
    core = world.core("RECEIVED")
    first = goods(world, core).first
    hold(world, core)
    target = (("target", core, first),)
    world.add("correct", core, {"set_public": {"make": "GM"}}, by="importer", refs=target)
    world.add("recall", core)
    hold(world, core, "customs")
    assert world.life(core) == "RECEIVED"


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


def test_release_ends_a_hold_that_is_on_and_of_this_chain() -> None:
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
    # Any key of the party with a role for releases ends it, not the recalling key alone.
    second = world.add("recall", unit, by="approver")
    world.append(release(world, unit, second.id, "importer"))
    assert goods(world, unit).recalls == ()


# Approval by another than the tester


def test_key_that_tested_does_not_approve() -> None:
    """No key may hold both roles, so the state is made by hand: the rule must not depend on it."""
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


# Corrections


def correct(world: World, item: str, target: str, by: str, **values: Any) -> bytes:
    return world.sign("correct", item, values, by=by, refs=(("target", item, target),))


def test_party_corrects_its_own_public_fields() -> None:
    world = World()
    core = world.core("RECEIVED")
    imported, received = goods(world, core).first, goods(world, core).head
    world.append(correct(world, core, imported, "importer", set_public={"make": "GM"}))
    world.append(correct(world, core, received, "quality", set_public={"condition": "dented"}))
    world.append(correct(world, core, imported, "importer", set_customs={"net_kg": "0.95"}))
    assert world.life(core) == "RECEIVED"


@pytest.mark.parametrize(
    ("values", "code", "says"),
    [
        ({"category": "ECU"}, "life.fixed", "the life cycle reads category"),
        ({"net_kg": "0.95"}, "life.target", "no public field net_kg; allowed: part_no, origin"),
        ({"colour": "red"}, "life.target", "no public field colour"),
        ({"origin": "Germany"}, "life.target", '"Germany" given; allowed: an ISO 3166'),
        ({"origin": 5}, "life.target", "5 given; allowed: an ISO 3166"),
        ({"surplus": False}, "life.target", "false given; allowed: true"),
        ({"make": "GM", "origin": "x"}, "life.target", '"x" given'),
    ],
)
def test_refuses_corrections_that_the_field_does_not_allow(
    values: dict[str, Any], code: str, says: str
) -> None:
    world = World()
    core = world.core()
    error = refuse(
        world, correct(world, core, goods(world, core).first, "importer", set_public=values)
    )
    assert error.code == code
    assert says in error.message


@pytest.mark.parametrize(
    ("kind", "state", "field"),
    [
        ("receive", "RECEIVED", {"result": "short"}),
        ("inspect", "ACCEPTED", {"grade": "R"}),
        ("test", "TESTED", {"overall": "fail"}),
        ("approve", "APPROVED", {"decision": "reject"}),
        ("assemble", "ASSEMBLED", {"input_count": 2}),
        ("export", "EXPORTED", {"destination": "DEU"}),
    ],
)
def test_refuses_to_correct_what_the_life_cycle_reads(
    kind: str, state: str, field: dict[str, Any]
) -> None:
    world = World()
    cores = {"RECEIVED", "ACCEPTED"}
    item = world.core(state) if state in cores else world.unit(state)
    target = next(e.id for e in reversed(world.events) if e.kind_name == kind)
    assert refuse(world, correct(world, item, target, "operator", set_public=field)).code == (
        "life.fixed"
    )


def test_refuses_to_correct_events_of_others() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    exported = goods(world, unit).head
    values = {"set_public": {"departed_at": "2025-05-20T11:00:00+08:00"}}
    error = refuse(world, correct(world, unit, exported, "carrier", **values))
    assert (error.code, error.message) == (
        "life.target",
        "only party/plant may correct its event",
    )


def test_refuses_to_correct_events_of_other_chains_and_of_none() -> None:
    world = World()
    core, other = world.core(), world.core()
    values = {"set_public": {"make": "GM"}}
    for target in (goods(world, other).first, "A" * 43):
        error = refuse(world, correct(world, core, target, "importer", **values))
        assert error.code == "life.target"
    refs = (("target", other, goods(world, other).first),)
    wire = world.sign("correct", core, values, by="importer", refs=refs)
    assert refuse(world, wire).code == "life.target"


def test_refuses_to_correct_corrections() -> None:
    world = World()
    core = world.core()
    first = goods(world, core).first
    event = world.append(correct(world, core, first, "importer", set_public={"make": "GM"}))
    error = refuse(world, correct(world, core, event.id, "importer", set_public={"reason": "x"}))
    assert (error.code, error.message) == ("life.target", "correct cannot be corrected")


# Confirmations


def confirm(world: World, item: str, target: str, by: str) -> bytes:
    return world.sign("confirm", item, by=by, refs=(("target", item, target),))


def test_another_party_confirms_an_export() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    exported = goods(world, unit).head
    world.append(confirm(world, unit, exported, "carrier"))
    world.append(confirm(world, unit, exported, "customs"))
    assert world.life(unit) == "EXPORTED"


def test_nobody_confirms_an_event_of_its_own_party() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    error = refuse(world, confirm(world, unit, goods(world, unit).head, "importer"))
    assert (error.code, error.message) == (
        "life.target",
        "a party does not confirm its own event",
    )


def test_only_some_kinds_are_confirmed() -> None:
    world = World()
    core = world.core("RECEIVED")
    error = refuse(world, confirm(world, core, goods(world, core).head, "customs"))
    assert error.message == (
        "receive is not confirmed by others; those are correct, export, return"
    )
    returned = world.core("RETURNED")
    world.append(confirm(world, returned, goods(world, returned).head, "customs"))


def test_customs_confirms_a_correction() -> None:
    world = World()
    core = world.core()
    first = goods(world, core).first
    event = world.append(correct(world, core, first, "importer", set_customs={"net_kg": "0.95"}))
    world.append(confirm(world, core, event.id, "customs"))


# Export


def test_refuses_export_to_the_country_of_the_zone() -> None:
    world = World()
    unit = world.unit("PACKED")
    error = refuse(world, world.sign("export", unit, {"destination": "CHN"}))
    assert (error.code, error.message) == ("ref.destination", "CHN is where the zone lies")
    world.add("set_policy", "policy", {"values": {"late_hours": 24}})
    world.add("export", unit, {"destination": "CHN"})  # no policy says where the zone lies


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
