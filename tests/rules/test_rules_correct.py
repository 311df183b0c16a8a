"""Corrections of earlier events."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.acts import about, correct, goods, refuse
from tests.world import World


def test_party_corrects_its_own_public_fields() -> None:
    world = World()
    core = world.core("RECEIVED")
    imported, received = goods(world, core).first, goods(world, core).head
    world.append(correct(world, core, imported, "importer", set_public={"make": "GM"}))
    world.append(correct(world, core, received, "quality", set_public={"condition": "dented"}))
    world.append(correct(world, core, imported, "importer", set_customs={"net_kg": "0.95"}))
    assert world.life(core) == "RECEIVED"


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        ({"category": "ECU"}, "life.fixed", "the life cycle depends on category"),
        ({"net_kg": "0.95"}, "life.target", "no public field net_kg; allowed: part_no, origin"),
        ({"colour": "red"}, "life.target", "no public field colour"),
        ({"origin": "Germany"}, "life.target", '"Germany" given; allowed: an ISO 3166'),
        ({"origin": 5}, "life.target", "5 given; allowed: an ISO 3166"),
        ({"surplus": False}, "life.target", "false given; allowed: true"),
        ({"make": "GM", "origin": "x"}, "life.target", '"x" given'),
    ],
)
def test_refuses_corrections_that_the_field_does_not_allow(
    values: dict[str, Any], code: str, message: str
) -> None:
    world = World()
    core = world.core()
    error = refuse(
        world, correct(world, core, goods(world, core).first, "importer", set_public=values)
    )
    assert error.code == code
    assert message in error.message


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
        "only party/plant may correct this event",
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


def test_refuses_to_correct_what_is_about_other_events() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    exported = goods(world, unit).head
    seal = {"set_customs": {"container_seal": "CN1"}}
    world.append(correct(world, unit, exported, "importer", **seal))
    world.append(about("erase", world, unit, exported, "importer", fields=["consignee"]))
    world.add("hold", unit, by="quality")
    world.add("release", unit, by="quality")
    by_kind = {event.kind_name: event.id for event in world.events}
    for kind in ("correct", "erase", "release"):
        error = refuse(
            world, correct(world, unit, by_kind[kind], "operator", set_public={"reason": "x"})
        )
        assert (error.code, error.message) == ("life.target", f"{kind} cannot be corrected")


@pytest.mark.parametrize(
    ("state", "values", "code"),
    [
        ("DECLARED", {"set_customs": {"net_kg": "0.95"}}, ""),
        ("CLOSED", {"set_customs": {"net_kg": "0.95"}}, "life.amendment"),
        ("CLOSED", {"set_customs": {"net_kg": "0.95"}, "amendment": "A-17"}, ""),
        ("CLOSED", {"set_public": {"origin": "DEU"}}, ""),
        ("CLOSED", {"amendment": "A-17"}, ""),
    ],
)
def test_customs_correction_of_a_closed_line_needs_an_amendment(
    state: str, values: dict[str, Any], code: str
) -> None:
    world = World()
    line = world.line(state)
    wire = correct(world, line, goods(world, line).first, "broker", **values)
    if code:
        assert refuse(world, wire).code == code
    else:
        world.append(wire)
        assert world.life(line) == state
