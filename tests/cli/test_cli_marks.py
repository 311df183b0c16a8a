from __future__ import annotations

from tests.cli.plant import CORE, UNIT, Plant

RECALL = (
    *("recall", "--campaign", "RC-1", "--criteria", "batch 2025-04", "--severity", "high"),
    *("--action", "stop_use", "--contact", "recall desk", "--key", "release"),
)
OTHERS = ("8004/9521234C000002", "8004/9521234C000003")


def test_recall_finds_items_by_what_their_events_say(busy_plant: Plant) -> None:
    done = busy_plant.json(*RECALL, "--where", "pack.batch=2025-04", "--where", "life=PACKED")
    assert [one["item"] for one in done["events"]] == [UNIT]
    shown = busy_plant.json("show", UNIT)
    assert [mark["campaign"] for mark in shown["recalls"]] == ["RC-1"]
    said = busy_plant.run("show", UNIT).stdout
    assert "RECALLED, do not use it: campaign RC-1, severity high" in said
    assert "export" not in shown["next"]
    assert "release" in shown["next"]


def test_recall_can_be_run_again(busy_plant: Plant) -> None:
    busy_plant.run(*RECALL, UNIT)
    again = busy_plant.json(*RECALL, UNIT)
    assert again["events"] == []
    assert again["skipped"] == [{"item": UNIT, "reason": "already in campaign RC-1"}]


def test_dry_run_marks_nothing(busy_plant: Plant) -> None:
    done = busy_plant.json(*RECALL, UNIT, "--dry-run")
    assert (done["dry_run"], len(done["events"])) == (True, 1)
    assert busy_plant.json("show", UNIT)["recalls"] == []


def test_hold_stops_everything_until_its_release(busy_plant: Plant) -> None:
    hold = ("hold", *OTHERS, "--authority", "quality", "--key", "lab")
    assert len(busy_plant.json(*hold)["events"]) == 2
    receive = ("event", "receive", OTHERS[0], "--result", "ok", "--condition", "good")
    assert busy_plant.refusal(*receive, "--key", "station", code=6) == "life.held"
    assert "ON HOLD by quality" in busy_plant.run("show", OTHERS[0]).stdout
    released = busy_plant.json("release", *OTHERS, CORE, "--key", "lab")
    assert len(released["events"]) == 2
    assert released["skipped"] == [{"item": CORE, "reason": "has no mark"}]
    busy_plant.run(*receive, "--key", "station")


def test_selection_by_part_number_and_state(busy_plant: Plant) -> None:
    hold = ("hold", "--authority", "quality", "--key", "lab", "--where", "part_no=24261870")
    done = busy_plant.json(*hold, "--where", "life=DECLARED", "--where", "chain=core")
    items = {one["item"] for one in done["events"]}
    assert items
    assert CORE not in items


def test_selection_needs_items_or_conditions(busy_plant: Plant) -> None:
    hold = ("hold", "--authority", "quality", "--key", "lab")
    assert busy_plant.refusal(*hold, code=2) == "selection.field"
    assert busy_plant.refusal(*hold, "--where", "colour=red", code=2) == "selection.field"
    assert busy_plant.refusal(*hold, "--where", "import.net_kg=1", code=2) == "selection.field"
    twice = ("--where", "life=PACKED", "--where", "life=TESTED")
    assert busy_plant.refusal(*hold, *twice, code=2) == "selection.field"
    assert busy_plant.refusal(*hold, "--where", "life", code=2) == "usage.option"


def test_unknown_item_is_passed_over_with_the_reason(busy_plant: Plant) -> None:
    done = busy_plant.json("hold", "x/core/none", "--authority", "quality", "--key", "lab")
    assert done["skipped"] == [{"item": "x/core/none", "reason": "not an item of this ledger"}]
