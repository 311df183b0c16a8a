from __future__ import annotations

from typing import Any

import pytest

from tests.passports import Log, refused, verify
from tests.world import World

UNIT = "01/09521234543213/21/ATTACK"


@pytest.fixture
def log() -> Log:
    world = World()
    world.core("IN_PROCESS")
    world.core("IN_PROCESS")
    return Log(world)


CORES = ("8004/9521234C000001", "8004/9521234C000002")


def assemble(log: Log, unit: str, *cores: str) -> None:
    """Names cores as inputs; consumes nothing."""
    refs: list[tuple[str, ...]] = [("input", core, log.chain(core)[-1].id) for core in cores]
    if len(cores) > 1:
        refs.append(("primary", cores[0]))
    log.add("assemble", unit, {"input_count": len(cores)}, by="operator", refs=refs)


def consume(log: Log, core: str, unit: str) -> None:
    first = log.chain(unit)[0].id
    log.add("consume", core, by="operator", refs=[("unit", unit, first)])


def test_a_unit_of_two_cores_is_verified(log: Log) -> None:
    assemble(log, UNIT, *CORES)
    for core in CORES:
        consume(log, core, UNIT)
    verdict = verify(log.passport(UNIT), log.trust(), UNIT)
    assert [thing.item for thing in verdict.things] == [UNIT, *CORES]


def test_rejects_a_unit_whose_part_was_not_consumed(log: Log) -> None:
    assemble(log, UNIT, CORES[0])
    error = refused("ref.join", log.passport(UNIT), log, UNIT)
    assert (error.chain, error.event) == (UNIT, log.chain(UNIT)[0].id)


def test_rejects_a_unit_whose_part_went_into_another(log: Log) -> None:
    other = "01/09521234543213/21/OTHER"
    assemble(log, other, CORES[0])
    assemble(log, UNIT, CORES[0])
    consume(log, CORES[0], other)
    refused("ref.join", log.passport(UNIT), log, UNIT)
    assert verify(log.passport(other), log.trust(), other).result == "verified"


def test_rejects_a_part_that_was_consumed_twice(log: Log) -> None:
    assemble(log, UNIT, CORES[0])
    consume(log, CORES[0], UNIT)
    consume(log, CORES[0], UNIT)
    refused("ref.join", log.passport(UNIT), log, UNIT)
    refused("life.transition", log.passport(CORES[0]), log, CORES[0])


def test_rejects_a_unit_whose_part_names_another_assembly(log: Log) -> None:
    assemble(log, UNIT, CORES[0])
    first = log.chain(CORES[0])[0].id
    log.add("consume", CORES[0], by="operator", refs=[("unit", UNIT, first)])
    refused("ref.join", log.passport(UNIT), log, UNIT)


def test_rejects_an_input_that_names_an_event_of_no_such_part(log: Log) -> None:
    refs = [("input", CORES[0], log.chain(CORES[1])[-1].id)]
    log.add("assemble", UNIT, by="operator", refs=refs)
    consume(log, CORES[0], UNIT)
    refused("ref.event", log.passport(UNIT), log, UNIT)


def test_rejects_an_input_named_after_its_use(log: Log) -> None:
    core = CORES[0]
    used = log.add("consume", core, by="operator", refs=[("unit", UNIT, "A" * 43)])
    log.add("assemble", UNIT, by="operator", refs=[("input", core, used.id)])
    refused("ref.join", log.passport(UNIT), log, UNIT)


def test_rejects_links_that_the_kind_does_not_have(log: Log) -> None:
    core = CORES[0]
    log.add("clean", core, by="operator", refs=[("unit", UNIT, "A" * 43)])
    refused("ref.form", log.passport(core), log, core)


def test_rejects_a_unit_that_miscounts_its_parts(log: Log) -> None:
    refs = [("input", CORES[0], log.chain(CORES[0])[-1].id)]
    log.add("assemble", UNIT, {"input_count": 2}, by="operator", refs=refs)
    consume(log, CORES[0], UNIT)
    refused("ref.form", log.passport(UNIT), log, UNIT)


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        (["approve"], "life.transition"),
        (["test", "pack"], "life.transition"),
        (["test", "approve", "update", "pack"], "life.transition"),
        (["test", "approve", "repair", "pack"], "life.transition"),
        (["test", "hold", "approve"], "life.held"),
        (["recall", "test", "approve"], "life.recalled"),
        (["receive"], "life.chain"),
        (["assemble"], "ref.form"),
    ],
)
def test_rejects_a_step_that_the_life_cycle_forbids(log: Log, kinds: list[str], code: str) -> None:
    assemble(log, UNIT, CORES[0])
    consume(log, CORES[0], UNIT)
    by = {"approve": "approver", "test": "quality", "hold": "quality", "recall": "approver"}
    for kind in kinds:
        log.add(kind, UNIT, by=by.get(kind, "operator"))
    error = refused(code, log.passport(UNIT), log, UNIT)
    assert (error.chain, error.event) == (UNIT, log.chain(UNIT)[-1].id)


def test_rejects_an_illegal_step_of_a_part(log: Log) -> None:
    core = CORES[0]
    log.add("receive", core, by="operator")
    assemble(log, UNIT, core)
    consume(log, core, UNIT)
    assert refused("life.transition", log.passport(UNIT), log, UNIT).chain == core


@pytest.mark.parametrize(
    ("kind", "data"), [("confirm", {}), ("correct", {"set_public": {"condition": "wet"}})]
)
def test_rejects_another_partys_act_on_a_target(log: Log, kind: str, data: dict[str, Any]) -> None:
    core = CORES[0]
    target = ("target", core, log.chain(core)[1].id)
    log.add(kind, core, data, by="carrier", refs=[target])
    refused("life.target", log.passport(core), log, core)


def test_rejects_a_correction_of_what_the_life_cycle_reads(log: Log) -> None:
    core = CORES[0]
    target = ("target", core, log.chain(core)[1].id)
    data = {"set_public": {"result": "short"}}
    log.add("correct", core, data, by="operator", refs=[target])
    refused("life.fixed", log.passport(core), log, core)


def test_a_correction_by_the_same_party_is_accepted(log: Log) -> None:
    core = CORES[0]
    target = ("target", core, log.chain(core)[1].id)
    log.add("correct", core, {"set_public": {"condition": "wet"}}, by="operator", refs=[target])
    assert verify(log.passport(core), log.trust(), core).result == "verified"


def test_rejects_a_release_of_nothing(log: Log) -> None:
    core = CORES[0]
    log.add("release", core, by="quality", refs=[("target", core, "A" * 43)])
    refused("life.target", log.passport(core), log, core)


@pytest.mark.parametrize(
    ("kind", "item", "code"),
    [
        ("clean", UNIT, "life.transition"),
        ("import", UNIT, "life.chain"),
        ("receive", "8004/9521234C000009", "life.transition"),
        ("open_book", CORES[0] + "9", "life.chain"),
    ],
)
def test_rejects_a_thing_that_opens_wrongly(log: Log, kind: str, item: str, code: str) -> None:
    by = "operator" if kind in {"clean", "receive"} else "importer"
    log.add(kind, item, by=by)
    assert refused(code, log.passport(item), log, item).chain == item
