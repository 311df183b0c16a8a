"""Values that the rules allow and no door would let in: the audit must not end in an error."""

from __future__ import annotations

from typing import Any

import pytest

from tests.audit.accounts import Json, Plant, account_of, codes, day
from tests.audit.acts import core_of
from tests.forging import Forger, audit
from traceledger.audit.scope import Scope
from traceledger.events.payload import LATEST

NO_DAY = "2025-02-30"
EQUIPMENT = {"id": "B-1", "due": NO_DAY}


def corrected(plant: Plant, item: str, by: str = "importer", **sets: Any) -> Forger:
    """The log of a plant whose item's latest event has restricted fields corrected."""
    log = Forger(plant)
    target = ("target", item, log.chain(item)[-1].id)
    log.add("correct", item, {"set_customs": sets}, by=by, refs=(target,))
    return log


def described(plant: Plant, log: Forger) -> Json:
    """The account, of a log that is found legal with and without it."""
    log.publish()
    verdict = audit(log.files(), log.trust())
    assert (verdict.result, verdict.illegal) == ("verified", ())
    return account_of(log, Scope(book=plant.book_id))


CORE = [
    {"unit_value": {"amount": "1.00", "currency": ["x"]}},
    {"unit_value": {"amount": "1.00", "currency": 5}},
    {"unit_value": ["1.00"]},
    {"net_kg": "-5"},
]
LINE: list[dict[str, Any]] = [
    {"total": {"amount": "1.00", "currency": ["a"]}},
    {"unit": ["x"]},
    {"quantity": -5},
    {"documents": [["a"]]},
    {"list_line": ["a"]},
    {"book_line": "1" * 5000},
    {"book_line": "²"},
    {"book_line": True},
    {"book_line": [1]},
    {"hs10": {"a": 1}},
]


@pytest.mark.parametrize("sets", CORE, ids=str)
def test_value_of_another_type_is_unknown_for_a_core(sets: dict[str, Any]) -> None:
    plant = Plant()
    line = plant.declare_in(2, "2.000", declared_at=day(-30))
    core, _ = plant.import_core(line), plant.import_core(line)
    found = described(plant, corrected(plant, core, **sets))
    (name,) = sets
    assert found["books"][0]["lines_in"][0]["kg" if name == "net_kg" else "value"] is None


@pytest.mark.parametrize("sets", LINE, ids=lambda sets: str(sets)[:40])
def test_value_of_another_type_is_unknown_for_a_line(sets: dict[str, Any]) -> None:
    plant = Plant()
    line = plant.declare_in(1, "1.000", declared_at=day(-30))
    plant.import_core(line)
    (row,) = described(plant, corrected(plant, line, **sets))["books"][0]["lines_in"]
    (name,) = sets
    shown = {"unit": "declared", "quantity": "declared", "total": "declared_value"}
    if name != "documents":
        assert row[shown.get(name, name)] is None


def test_count_of_another_type_is_unknown() -> None:
    plant = Plant()
    count = {"item_class": "core", "part_no": "P-1", "quantity": "0", "kg": "0", "location": "a"}
    plant.add("stocktake", plant.book_id, {"scope": "x", "counts": [count]})
    log = corrected(plant, plant.book_id, "operator", counts=[{**count, "item_class": []}])
    (found,) = described(plant, log)["books"][0]["stocktakes"]
    assert found["rows"] is None


def test_event_on_a_day_that_never_was_counts_from_its_signature() -> None:
    """An archive must not verify without the account and be refused with it."""
    plant = Plant()
    core = core_of(plant)
    log = Forger(plant)
    log.add("move", core, by="operator")
    log.restate(occurred=f"{NO_DAY}T10:00:00+08:00")
    found = described(plant, log)
    assert [(one["code"], one["actual"]) for one in found["findings"]] == [
        ("INT-06", f"{NO_DAY}T10:00:00+08:00")
    ]


def test_latest_time_that_an_event_can_state_has_ages() -> None:
    """Every moment of a legal log can be shown, in any zone."""
    plant = Plant()
    core = core_of(plant)
    log = Forger(plant)
    log.add("move", core, by="operator")
    log.restate(iat=LATEST, occurred=f"{NO_DAY}T10:00:00+08:00")
    found = described(plant, log)
    assert found["as_of"] == "2999-12-31T23:59:59Z"


def test_equipment_due_on_a_day_that_never_was_is_compared_as_written() -> None:
    plant = Plant()
    unit = plant.build("1.000", core_of(plant))
    log = Forger(plant)
    log.add("test", unit, {"overall": "pass"}, by="quality")
    log.restate({"equipment": EQUIPMENT})
    assert codes(described(plant, log)) == ["REL-05"]


def test_book_that_started_on_a_day_that_never_was_has_no_age() -> None:
    plant = Plant()
    log = Forger(plant)
    book = plant._new_id("book/STARTED-NEVER-{:04}")
    log.add("open_book", book, {"class": "processing"}, by="importer")
    log.restate({"started": NO_DAY})
    log.publish()
    assert codes(account_of(log, Scope(book=book))) == []
