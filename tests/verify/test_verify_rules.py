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


# What waits for customs


@pytest.fixture
def diverted() -> tuple[Log, str]:
    world = World()
    unit = world.unit("PACKED")
    world.add("divert", unit)
    return Log(world), unit


def test_a_diversion_that_waits_has_no_effect_yet(diverted: tuple[Log, str]) -> None:
    log, unit = diverted
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert (verdict.result, verdict.things[0].life) == ("verified", "PACKED")
    assert log.chain(unit)[-1].id in {one.event for one in verdict.asserted}


@pytest.mark.parametrize(("result", "life"), [("confirmed", "DIVERTED"), ("refused", "PACKED")])
def test_customs_decide_about_a_diversion(
    diverted: tuple[Log, str], result: str, life: str
) -> None:
    log, unit = diverted
    event = log.chain(unit)[-1]
    refs = [("target", unit, event.id)]
    log.add("confirm", unit, {"result": result}, by="customs", refs=refs)
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert (verdict.result, verdict.things[0].life) == ("verified", life)
    assert (event.id in {one.event for one in verdict.attested}) == (result == "confirmed")


def test_rejects_a_step_while_a_diversion_waits(diverted: tuple[Log, str]) -> None:
    log, unit = diverted
    line = ("declaration", "decl/DECLARATION-OUT-1", log.chain("decl/DECLARATION-OUT-1")[0].id)
    log.add("export", unit, by="carrier", refs=[line])
    refused("life.pending", log.passport(unit), log, unit)


@pytest.mark.parametrize(
    ("by", "code"), [("importer", "life.target"), ("carrier", "key.role"), ("recycler", "key.role")]
)
def test_rejects_a_diversion_that_others_confirm(
    diverted: tuple[Log, str], by: str, code: str
) -> None:
    log, unit = diverted
    target = ("target", unit, log.chain(unit)[-1].id)
    data = {"receipt_sha256": "0f" * 32}
    log.add("confirm", unit, data, by=by, refs=[target])
    refused(code, log.passport(unit), log, unit)


# Taking back and erasing


def test_a_step_that_was_taken_back_has_no_effect(log: Log) -> None:
    core = CORES[0]
    event = log.add("repair", core, by="operator")
    log.add("void", core, by="operator", refs=[("target", core, event.id)])
    log.add(
        "return", core, by="importer", refs=[("declaration", "decl/X-0123456789ABCDEF", "A" * 43)]
    )
    verdict = verify(log.passport(core), log.trust(), core)
    assert (verdict.result, verdict.things[0].life) == ("verified", "RETURNED")


@pytest.mark.parametrize(
    ("at", "by", "code"),
    [(-2, "operator", "life.void"), (-1, "carrier", "life.target"), (-1, "root", "key.role")],
)
def test_rejects_what_may_not_be_taken_back(log: Log, at: int, by: str, code: str) -> None:
    core = CORES[0]
    target = log.chain(core)[at].id
    log.add("void", core, by=by, refs=[("target", core, target)])
    refused(code, log.passport(core), log, core)


def test_rejects_a_void_of_a_void_and_of_what_customs_signed(log: Log) -> None:
    for core, kind, by in zip(
        CORES, ("void", "customs_check"), ("operator", "customs"), strict=True
    ):
        refs = [("target", core, log.chain(core)[-1].id)] if kind == "void" else []
        event = log.add(kind, core, by=by, refs=refs)
        log.add("void", core, by=by, refs=[("target", core, event.id)])
        refused("life.void", log.passport(core), log, core)


def test_a_thing_whose_first_event_was_taken_back_says_so(log: Log) -> None:
    core = "8004/9521234C000077"
    first = log.add("import", core, by="importer")
    log.add("void", core, by="importer", refs=[("target", core, first.id)])
    assert verify(log.passport(core), log.trust(), core).things[0].life == "VOIDED"
    log.add("receive", core, by="operator")
    refused("life.transition", log.passport(core), log, core)


@pytest.mark.parametrize(
    ("fields", "by", "code"),
    [(["category"], "importer", "life.target"), (["net_kg"], "customs", "life.target")],
)
def test_rejects_an_erasure_that_is_not_allowed(
    log: Log, fields: list[str], by: str, code: str
) -> None:
    core = CORES[0]
    target = ("target", core, log.chain(core)[0].id)
    log.add("erase", core, {"fields": fields}, by=by, refs=[target])
    refused(code, log.passport(core), log, core)
