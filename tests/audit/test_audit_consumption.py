"""Declared consumption of new parts and released software, as the policy states them."""

from __future__ import annotations

import pytest

from tests.audit.accounts import Plant, account, account_of, codes, row
from tests.audit.acts import CONSUMPTION, UNIT, core_of, draw, new_parts, stocked
from tests.audit.test_audit_behind import account_of as finished_of
from tests.audit.test_audit_behind import check, state_of
from tests.forging import Forger
from traceledger.audit.scope import Scope

RELEASED = [
    {"part_no": UNIT, "version": "2", "image_sha256": "ab" * 32},
    {"part_no": UNIT, "version": "3", "image_sha256": "cd" * 32},
]


def built(plant: Plant, lot: str, quantity: str, part_no: str = UNIT) -> str:
    """A unit that contains new parts, half of them by the repair of its core."""
    core = core_of(plant)
    plant.add("repair", core, new_parts(lot, quantity))
    return plant.build("1.000", core, part_no=part_no, **new_parts(lot, quantity))


def test_consumption_is_counted_by_unit_and_by_new_part() -> None:
    """Defends against new parts that vanish as units that contain none."""
    plant = Plant(consumption=CONSUMPTION)
    lot = stocked(plant, "CAP")
    plant.add("fill_lot", lot, {"quantity": "100"}, refs=())
    for _ in range(2):
        built(plant, lot, "1")
    built(plant, lot, "7", part_no="UNDECLARED")
    plant.add("repair", core_of(plant), new_parts(lot, "2"))  # not in a unit yet
    draw(plant, lot, "scrapped", "2")
    found, described = finished_of(state_of(plant), Scope(book=plant.book_id))
    (use,) = described["consumption"]
    assert use == {
        "part_no": UNIT,
        "new_part": "CAP",
        "units": "2",
        "declared": "4",
        "consumed": "4",
    }
    assert row(described["losses"], "consumed", "scrapped", "allowed") == ["20", "2", "2.2"]
    assert codes(described) == []
    check(found, described)


def test_withheld_new_parts_leave_the_consumption_open() -> None:
    """Defends against a plant that hides what it used and seems to have saved it."""
    plant = Plant(consumption=CONSUMPTION)
    built(plant, stocked(plant, "CAP"), "2")
    log = Forger(plant)
    used = next(event for event in reversed(plant.events) if event.kind_name == "assemble")
    log.erase_shown(used, "new_parts")
    log.publish()
    described = account_of(log, Scope(book=plant.book_id))
    assert row(described["consumption"], "declared", "consumed") == ["2", None]
    assert "/consumption/0/consumed" in described["not_evaluated"]
    assert codes(described) == ["INT-09"]


def test_nothing_is_compared_that_was_not_declared() -> None:
    plant = Plant()
    built(plant, stocked(plant, "CAP"), "2")
    described = account(plant)
    assert (described["consumption"], described["losses"], codes(described)) == ([], [], [])


@pytest.mark.parametrize(
    ("version", "image", "part_no", "found"),
    [
        ("2", "ab" * 32, UNIT, False),
        ("3", "cd" * 32, UNIT, False),
        ("3", "ab" * 32, UNIT, True),
        ("4", "ef" * 32, UNIT, True),
        ("4", "ef" * 32, "UNDECLARED", False),
    ],
)
def test_software_is_compared_with_what_is_released_for_the_part_number(
    version: str, image: str, part_no: str, *, found: bool
) -> None:
    """Defends against an image that is another than its version says."""
    plant = Plant(firmware=RELEASED)
    unit = plant.build("1.000", core_of(plant), part_no=part_no)
    plant.add("update", unit, {"to_version": version, "image_sha256": image})
    assert codes(account(plant)) == ["REL-09"] * found


def test_release_in_force_at_the_update_decides() -> None:
    """Defends against a policy that is changed afterwards, in either direction."""
    plant = Plant(firmware=RELEASED[:1])
    good, bad = (plant.build("1.000", core_of(plant), part_no=UNIT) for _ in range(2))
    plant.add("update", good, {"to_version": "2", "image_sha256": "ab" * 32})
    plant.add("update", bad, {"to_version": "3", "image_sha256": "cd" * 32})
    values = {"zone_country": "CHN", "firmware": RELEASED[1:]}
    plant.add("set_policy", "policy", {"values": values})
    findings = account(plant)["findings"]
    assert [(one["code"], one["subject"]) for one in findings] == [("REL-09", bad)]


@pytest.mark.parametrize(("before", "after"), [("ba", "ab"), ("ab", "ba")])
def test_corrected_hash_decides(before: str, after: str) -> None:
    plant = Plant(firmware=RELEASED)
    unit = plant.build("1.000", core_of(plant), part_no=UNIT)
    event = plant.add("update", unit, {"to_version": "2", "image_sha256": before * 32})
    data = {"set_public": {"image_sha256": after * 32}}
    plant.add("correct", unit, data, by="operator", refs=(("target", unit, event.id),))
    assert ("REL-09" in codes(account(plant))) == (after == "ba")


@pytest.mark.parametrize(
    ("first", "corrected", "found"),
    [("UNDECLARED", UNIT, True), (UNIT, "UNDECLARED", False), ("UNDECLARED", "OTHER", False)],
)
def test_corrected_part_number_decides(first: str, corrected: str, *, found: bool) -> None:
    """Defends against software that is installed before the part number is set right."""
    plant = Plant(firmware=RELEASED)
    unit = plant.build("1.000", core_of(plant), part_no=first)
    built_by = next(event for event in plant.events if event.kind_name == "assemble")
    plant.add("update", unit, {"to_version": "4", "image_sha256": "ef" * 32})
    data = {"set_public": {"part_no": corrected}}
    plant.add("correct", unit, data, by="operator", refs=(("target", unit, built_by.id),))
    assert ("REL-09" in codes(account(plant))) == found


def test_corrected_part_number_of_a_core_decides() -> None:
    plant = Plant(firmware=RELEASED)
    core = core_of(plant, part_no="UNDECLARED")
    imported = next(event for event in plant.events if event.payload.sub == core)
    plant.add("update", core, {"to_version": "4", "image_sha256": "ef" * 32})
    data = {"set_public": {"part_no": UNIT}}
    plant.add("correct", core, data, by="importer", refs=(("target", core, imported.id),))
    assert "REL-09" in codes(account(plant))
