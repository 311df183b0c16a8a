"""Passports of things with a past: components, many cores, former lives; attacks on their links."""

from __future__ import annotations

import pytest

from tests.passports import Log, refused, verify
from tests.world import LINE_IN, LINE_OUT, World

UNIT = "01/09521234543213/21/ATTACK"
PART = "8004/9521234P900001"
CORE = "8004/9521234C900001"
Refs = list[tuple[str, ...]]


@pytest.fixture
def world() -> World:
    return World()


def head(log: Log, item: str) -> str:
    return log.chain(item)[-1].id


def take_apart(log: Log, item: str, *parts: str) -> str:
    """Names components as outputs; harvests nothing."""
    refs: Refs = [("output", part) for part in parts]
    data = {"output_count": len(parts)}
    return log.add("disassemble", item, data, by="operator", refs=refs).id


def harvest(log: Log, part: str, parent: str, event: str) -> None:
    log.add("harvest", part, by="operator", refs=[("parent", parent, event)])


def bring_in(log: Log, core: str, parent: str, event: str) -> None:
    line = ("declaration", LINE_IN, log.chain(LINE_IN)[0].id)
    log.add("import", core, by="importer", refs=[line, ("parent", parent, event)])


# What is verified


def test_unit_with_a_component_of_another_core(world: World) -> None:
    whole, donor = world.core("ACCEPTED"), world.core("DONOR")
    board, housing = world.take_apart(donor, 2)
    unit = world.unit("EXPORTED", (whole, board))
    log = Log(world)
    verdict = verify(log.passport(unit), log.trust(), unit)
    lives = {thing.item: thing.life for thing in verdict.things}
    assert verdict.result == "verified"
    assert lives == {
        unit: "EXPORTED",
        whole: "CONSUMED",
        donor: "DISASSEMBLED",
        board: "CONSUMED",
    }
    assert {link.item for link in verdict.not_followed if link.name == "output"} == {housing}


def test_unit_of_many_cores(world: World) -> None:
    cores = tuple(world.core("ACCEPTED") for _ in range(16))
    unit = world.unit("PACKED", cores)
    log = Log(world)
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert [thing.item for thing in verdict.things] == [unit, *sorted(cores)]


def test_component_and_what_it_came_from(world: World) -> None:
    for parent in (world.core("DONOR"), world.unit("FAILED")):
        one, two = world.take_apart(parent, 2)
        log = Log(world)
        verdict = verify(log.passport(one), log.trust(), one)
        assert verdict.result == "verified"
        assert [verdict.things[0].item, verdict.things[0].life] == [one, "AVAILABLE"]
        assert parent in {thing.item for thing in verdict.things}
        assert two not in {thing.item for thing in verdict.things}
        verdict = verify(log.passport(parent), log.trust(), parent)
        assert verdict.things[0].life == "DISASSEMBLED"
        assert {one, two} <= {link.item for link in verdict.not_followed}


def test_second_life_shows_the_first(world: World) -> None:
    first = world.unit("REIMPORTED")
    core = world.core("IN_PROCESS", parent=first)
    second = world.unit("EXPORTED", (core,))
    log = Log(world)
    verdict = verify(log.passport(second), log.trust(), second)
    assert verdict.result == "verified"
    lives = {thing.item: thing.life for thing in verdict.things}
    assert (lives[second], lives[first]) == ("EXPORTED", "REIMPORTED")
    assert list(lives.values()).count("CONSUMED") == 2
    assert {party.name for party in verdict.parties} == {"plant", "distributor"}


def test_what_was_noted_after_the_return_changes_nothing(world: World) -> None:
    first = world.unit("REIMPORTED")
    world.add("customs_check", first)
    core = world.core(parent=first)
    world.add("move", first)
    log = Log(world)
    assert verify(log.passport(core), log.trust(), core).result == "verified"


def test_recall_of_a_former_life_is_shown(world: World) -> None:
    first = world.unit("REIMPORTED")
    core = world.core(parent=first)
    log = Log(world)
    recall = log.add("recall", first, by="approver")
    verdict = verify(log.passport(core), log.trust(), core)
    assert [(one.chain, one.event) for one in verdict.recalls] == [(first, recall.id)]


# Attacks on taking apart


@pytest.fixture
def donor(world: World) -> tuple[Log, str]:
    core = world.core("DONOR")
    return Log(world), core


def test_rejects_a_component_that_the_disassembly_does_not_name(donor: tuple[Log, str]) -> None:
    log, core = donor
    taken = take_apart(log, core, "8004/9521234P900002")
    harvest(log, PART, core, taken)
    error = refused("ref.join", log.passport(PART), log, PART)
    assert (error.chain, error.event) == (PART, head(log, PART))


def test_rejects_a_component_of_a_core_that_was_not_taken_apart(donor: tuple[Log, str]) -> None:
    log, core = donor
    harvest(log, PART, core, head(log, core))
    refused("ref.join", log.passport(PART), log, PART)


def test_rejects_a_component_that_names_another_event_of_its_core(donor: tuple[Log, str]) -> None:
    log, core = donor
    before = head(log, core)
    take_apart(log, core, PART)
    harvest(log, PART, core, before)
    refused("ref.join", log.passport(PART), log, PART)


def test_rejects_a_component_that_names_an_event_of_no_core(donor: tuple[Log, str]) -> None:
    log, core = donor
    take_apart(log, core, PART)
    harvest(log, PART, core, "A" * 43)
    refused("ref.event", log.passport(PART), log, PART)


def test_rejects_a_core_that_was_taken_apart_twice(donor: tuple[Log, str]) -> None:
    log, core = donor
    taken = take_apart(log, core, PART)
    harvest(log, PART, core, taken)
    take_apart(log, core, "8004/9521234P900002")
    refused("ref.join", log.passport(PART), log, PART)
    refused("life.transition", log.passport(core), log, core)


@pytest.mark.parametrize("count", [1, 3])
def test_rejects_a_disassembly_that_miscounts(donor: tuple[Log, str], count: int) -> None:
    log, core = donor
    refs: Refs = [("output", PART), ("output", "8004/9521234P900002")]
    event = log.add("disassemble", core, {"output_count": count}, by="operator", refs=refs)
    error = refused("ref.form", log.passport(core), log, core)
    assert error.event == event.id


def test_rejects_a_core_that_is_both_taken_apart_and_used(donor: tuple[Log, str]) -> None:
    log, core = donor
    harvest(log, PART, core, take_apart(log, core, PART))
    log.add("assemble", UNIT, by="operator", refs=[("input", core, head(log, core))])
    log.add("consume", core, by="operator", refs=[("unit", UNIT, log.chain(UNIT)[0].id)])
    error = refused("life.transition", log.passport(UNIT), log, UNIT)
    assert error.chain == core


def test_rejects_a_component_used_after_it_was_scrapped(world: World) -> None:
    part = world.component("SCRAPPED")
    log = Log(world)
    log.add("assemble", UNIT, by="operator", refs=[("input", part, head(log, part))])
    log.add("consume", part, by="operator", refs=[("unit", UNIT, log.chain(UNIT)[0].id)])
    assert refused("life.transition", log.passport(UNIT), log, UNIT).chain == part


# Attacks on second lives


@pytest.mark.parametrize("state", ["PACKED", "EXPORTED", "CLAIMED", "DIVERTED"])
def test_rejects_a_core_whose_former_life_did_not_end(world: World, state: str) -> None:
    unit = world.unit(state)
    log = Log(world)
    bring_in(log, CORE, unit, head(log, unit))
    error = refused("ref.parent", log.passport(CORE), log, CORE)
    assert (error.chain, error.event) == (CORE, head(log, CORE))


def test_rejects_a_core_that_names_its_former_life_before_it_ended(world: World) -> None:
    unit = world.unit("REIMPORTED")
    log = Log(world)
    bring_in(log, CORE, unit, log.chain(unit)[-2].id)
    refused("ref.parent", log.passport(CORE), log, CORE)


def test_rejects_a_core_that_names_an_event_of_another_unit(world: World) -> None:
    unit, other = world.unit("REIMPORTED"), world.unit("REIMPORTED")
    log = Log(world)
    bring_in(log, CORE, unit, head(log, other))
    refused("ref.event", log.passport(CORE), log, CORE)


def test_rejects_a_return_that_was_taken_back(world: World) -> None:
    unit = world.unit("REIMPORTED")
    world.add("void", unit)
    log = Log(world)
    bring_in(log, CORE, unit, head(log, unit))
    refused("ref.parent", log.passport(CORE), log, CORE)


def test_a_return_that_was_taken_back_and_recorded_again_counts(world: World) -> None:
    unit = world.unit("REIMPORTED")
    world.add("void", unit)
    world.add("reimport", unit)
    core = world.core(parent=unit)
    log = Log(world)
    assert verify(log.passport(core), log.trust(), core).result == "verified"


def test_rejects_a_unit_whose_former_life_came_back_twice(world: World) -> None:
    first = world.unit("REIMPORTED")
    core = world.core("ACCEPTED", parent=first)
    log = Log(world)
    bring_in(log, CORE, first, head(log, first))
    for kind in ("receive", "inspect"):
        log.add(kind, CORE, by="operator")
    refs: Refs = [("input", core, head(log, core)), ("input", CORE, head(log, CORE))]
    refs.append(("primary", core))
    log.add("assemble", UNIT, {"input_count": 2}, by="operator", refs=refs)
    opened = log.chain(UNIT)[0].id
    for part in (core, CORE):
        log.add("consume", part, by="operator", refs=[("unit", UNIT, opened)])
    error = refused("ref.used", log.passport(UNIT), log, UNIT)
    assert (error.chain, error.event) == (CORE, log.chain(CORE)[0].id)
    assert verify(log.passport(CORE), log.trust(), CORE).result == "verified"  # sees one of them


def test_rejects_a_unit_that_goes_on_after_it_came_back(world: World) -> None:
    first = world.unit("REIMPORTED")
    core = world.core(parent=first)
    log = Log(world)
    line = ("declaration", LINE_OUT, log.chain(LINE_OUT)[0].id)
    log.add("export", first, by="importer", refs=[line])
    assert refused("life.transition", log.passport(core), log, core).chain == first


# Attacks by taking back


def test_rejects_a_return_that_is_taken_back_after_the_next_life_began(world: World) -> None:
    unit = world.unit("REIMPORTED")
    core = world.core(parent=unit)
    log = Log(world)
    reimport = head(log, unit)
    event = log.add("void", unit, by="importer", refs=[("target", unit, reimport)])
    error = refused("ref.parent", log.passport(core), log, core)
    assert error.chain == core
    # Alone, the unit's passport cannot show that a core relies on it.
    assert verify(log.passport(unit), log.trust(), unit).things[0].life == "CLAIMED"
    assert event.payload.sub == unit


def test_rejects_the_void_of_what_another_thing_shown_names(world: World) -> None:
    unit = world.unit("REIMPORTED")
    world.add("move", unit)
    core = world.core(parent=unit)
    log = Log(world)
    moved = head(log, unit)
    event = log.add("void", unit, by="operator", refs=[("target", unit, moved)])
    error = refused("life.void", log.passport(core), log, core)
    assert (error.chain, error.event) == (unit, event.id)


@pytest.mark.parametrize("half", ["assemble", "consume", "disassemble", "harvest"])
def test_rejects_half_a_join_taken_back(world: World, half: str) -> None:
    core, donor = world.core("ACCEPTED"), world.core("DONOR")
    unit = world.unit(parts=(core,))
    (part,) = world.take_apart(donor)
    item, wanted = {
        "assemble": (unit, unit),
        "consume": (core, unit),
        "disassemble": (donor, donor),
        "harvest": (part, part),
    }[half]
    log = Log(world)
    event = log.add("void", item, by="operator", refs=[("target", item, head(log, item))])
    error = refused("life.void", log.passport(wanted), log, wanted)
    assert (error.chain, error.event) == (item, event.id)


def test_rejects_a_core_that_is_set_free_and_used_again(world: World) -> None:
    core = world.core("ACCEPTED")
    world.unit(parts=(core,))
    log = Log(world)
    log.add("void", core, by="operator", refs=[("target", core, head(log, core))])
    log.add("assemble", UNIT, by="operator", refs=[("input", core, head(log, core))])
    log.add("consume", core, by="operator", refs=[("unit", UNIT, log.chain(UNIT)[0].id)])
    refused("ref.join", log.passport(UNIT), log, UNIT)
    refused("life.void", log.passport(core), log, core)
