from __future__ import annotations

import pytest

from tests.cli.plant import CORE, UNIT, Plant

RECALL = (
    *("recall", "--campaign", "RC-1", "--criteria", "batch 2025-04", "--severity", "high"),
    *("--action", "stop_use", "--contact", "recall desk", "--key", "release", "--yes"),
)
END = ("release", "--yes", "--key", "release", "--campaign")
OTHERS = ("8004/9521234C000002", "8004/9521234C000003")


def test_recall_selects_items_by_fields_of_their_events(busy_plant: Plant) -> None:
    done = busy_plant.json(*RECALL, "--where", "pack.batch=2025-04", "--where", "life=PACKED")
    assert [event["item"] for event in done["events"]] == [UNIT]
    shown = busy_plant.json("show", UNIT)
    assert [mark["campaign"] for mark in shown["recalls"]] == ["RC-1"]
    text = busy_plant.run("show", UNIT).stdout
    assert "RECALLED, do not use it: campaign RC-1, severity high" in text
    assert "export" not in shown["next"]
    assert "release" in shown["next"]


def test_selection_uses_corrected_values_and_ignores_voided_events(busy_plant: Plant) -> None:
    """A recall that takes old values misses parts and stops others."""
    packed = busy_plant.json("show", UNIT)["event"]
    correct = ("event", "correct", UNIT, "--reason", "typing error", "--key", "station")
    busy_plant.run(*correct, "--set-public", '{"batch": "2025-05"}', "--target", packed)

    def recalling(batch: str) -> tuple[str, ...]:
        return (*RECALL, "--where", f"pack.batch={batch}", "--dry-run")

    def selected(batch: str) -> list[str]:
        return [event["item"] for event in busy_plant.json(*recalling(batch))["events"]]

    assert selected("2025-05") == [UNIT]
    assert busy_plant.refusal(*recalling("2025-04"), code=5) == "selection.empty"
    correction = busy_plant.json("show", UNIT)["event"]
    void = ("event", "void", UNIT, "--reason", "was right", "--key", "station")
    busy_plant.run(*void, "--target", correction)
    assert selected("2025-04") == [UNIT]
    assert busy_plant.refusal(*recalling("2025-05"), code=5) == "selection.empty"


def test_recall_can_be_repeated_after_it_was_voided(busy_plant: Plant) -> None:
    busy_plant.run(*RECALL, UNIT)
    recall = busy_plant.json("show", UNIT)["event"]
    void = ("event", "void", UNIT, "--reason", "wrong unit", "--key", "release")
    busy_plant.run(*void, "--target", recall)
    assert len(busy_plant.json(*RECALL, UNIT)["events"]) == 1


def test_corrected_recall_is_shown_as_corrected(busy_plant: Plant) -> None:
    busy_plant.run(*RECALL, UNIT)
    recall = busy_plant.json("show", UNIT)["event"]
    correct = ("event", "correct", UNIT, "--reason", "moved", "--key", "release")
    busy_plant.run(*correct, "--set-public", '{"contact": "new desk"}', "--target", recall)
    assert busy_plant.json("show", UNIT)["recalls"][0]["contact"] == "new desk"


def test_recall_can_be_run_again(busy_plant: Plant) -> None:
    busy_plant.run(*RECALL, UNIT)
    again = busy_plant.json(*RECALL, UNIT)
    assert again["events"] == []
    assert again["skipped"] == [{"item": UNIT, "reason": "already in campaign RC-1"}]


def test_dry_run_marks_nothing(busy_plant: Plant) -> None:
    done = busy_plant.json(*RECALL, UNIT, "--dry-run")
    assert (done["dry_run"], len(done["events"])) == (True, 1)
    assert busy_plant.json("show", UNIT)["recalls"] == []


def test_hold_blocks_all_steps_until_its_release(busy_plant: Plant) -> None:
    hold = ("hold", *OTHERS, "--authority", "quality", "--key", "lab")
    assert len(busy_plant.json(*hold)["events"]) == 2
    receive = ("event", "receive", OTHERS[0], "--result", "ok", "--condition", "good")
    assert busy_plant.refusal(*receive, "--key", "station", code=6) == "life.held"
    assert "ON HOLD by quality" in busy_plant.run("show", OTHERS[0]).stdout
    end = ("release", *OTHERS, CORE, "--hold", "quality", "--yes", "--key", "lab")
    released = busy_plant.json(*end)
    assert len(released["events"]) == 2
    assert released["skipped"] == [{"item": CORE, "reason": "has no hold by quality"}]
    busy_plant.run(*receive, "--key", "station")


def test_selection_by_part_number_and_state(busy_plant: Plant) -> None:
    hold = ("hold", "--authority", "quality", "--key", "lab", "--where", "part_no=24261870")
    done = busy_plant.json(*hold, "--where", "life=DECLARED", "--where", "chain=core")
    items = {event["item"] for event in done["events"]}
    assert items
    assert CORE not in items


def test_selection_requires_items_or_conditions(busy_plant: Plant) -> None:
    hold = ("hold", "--authority", "quality", "--key", "lab")
    assert busy_plant.refusal(*hold, code=2) == "selection.field"
    assert busy_plant.refusal(*hold, "--where", "colour=red", code=2) == "selection.field"
    assert busy_plant.refusal(*hold, "--where", "import.net_kg=1", code=2) == "selection.field"
    twice = ("--where", "life=PACKED", "--where", "life=TESTED")
    assert busy_plant.refusal(*hold, *twice, code=2) == "selection.field"
    assert busy_plant.refusal(*hold, "--where", "life", code=2) == "usage.option"


def test_unknown_item_is_skipped_with_the_reason(busy_plant: Plant) -> None:
    hold = ("hold", "x/core/none", CORE, "--authority", "quality", "--key", "lab")
    done = busy_plant.json(*hold)
    assert len(done["events"]) == 1
    assert done["skipped"] == [{"item": "x/core/none", "reason": "not an item of this ledger"}]


def test_selection_without_an_item_of_the_ledger_is_an_error(busy_plant: Plant) -> None:
    """A recall that marks nothing must not look like a successful recall."""
    where = ("--where", "part_no=99999999", "--where", "life=EXPORTED")
    hold = ("hold", "--authority", "quality", "--key", "lab")
    for command in ((*RECALL, *where), (*hold, *where), (*END, "RC-1", *where)):
        assert busy_plant.refusal(*command, code=5) == "selection.empty"
    error = busy_plant.json(*RECALL, *where, code=5)["error"]
    assert error["message"] == "no item matches part_no=99999999 and life=EXPORTED"
    for named in (RECALL, hold, (*END, "RC-1")):
        assert busy_plant.refusal(*named, "x/core/none", code=5) == "selection.empty"


def test_release_states_what_it_ends(busy_plant: Plant) -> None:
    """A release must not end whatever mark an item happens to have."""
    release = ("release", UNIT, "--yes", "--key", "release")
    assert busy_plant.refusal(*release, code=2) == "selection.mark"
    both = ("--campaign", "RC-1", "--hold", "quality")
    assert busy_plant.refusal(*release, *both, code=2) == "selection.mark"
    for campaign in ("RC-1", "RC-2"):
        busy_plant.run(*(campaign if word == "RC-1" else word for word in RECALL), UNIT)
    assert busy_plant.json(*END, "RC-9", UNIT)["events"] == []
    assert len(busy_plant.json(*END, "RC-2", UNIT)["events"]) == 1
    left = busy_plant.json("show", UNIT)["recalls"]
    assert [recall["campaign"] for recall in left] == ["RC-1"]


def test_recall_of_high_severity_does_not_end_by_a_condition_alone(busy_plant: Plant) -> None:
    """One wrong condition must not put every recalled unit of a plant back on sale."""
    busy_plant.run(*RECALL, UNIT)
    where = ("--where", "life=PACKED")
    assert busy_plant.refusal(*END, "RC-1", *where, code=2) == "selection.severity"
    assert len(busy_plant.json(*END, "RC-1", *where, UNIT)["events"]) == 1
    low = [{"high": "low", "RC-1": "RC-2"}.get(word, word) for word in RECALL]
    busy_plant.run(*low, UNIT)
    assert len(busy_plant.json(*END, "RC-2", *where)["events"]) == 1


def test_recall_and_release_are_confirmed(
    busy_plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bulk mark shows what it selects before anything is appended."""
    recall = [word for word in RECALL if word != "--yes"]
    release = [word for word in (*END, "RC-1") if word != "--yes"]
    assert busy_plant.refusal(*recall, UNIT, code=2) == "usage.confirm"
    assert "To recall: 1 item\n" in busy_plant.run(*recall, UNIT, "--dry-run").stderr
    monkeypatch.setattr("traceledger_cli.options.confirming.is_interactive", lambda: True)
    declined = busy_plant.run(*recall, UNIT, stdin=b"n\n", code=130)
    assert UNIT in declined.stderr
    assert busy_plant.json("show", UNIT)["recalls"] == []
    busy_plant.run(*recall, UNIT, stdin=b"y\n")
    assert busy_plant.json(*release, UNIT, code=2)["error"]["code"] == "usage.confirm"
    busy_plant.run(*release, UNIT, stdin=b"y\n")
    assert busy_plant.json("show", UNIT)["recalls"] == []


def test_recalled_part_is_shown_with_its_unit(busy_plant: Plant) -> None:
    """The recall of a consumed core must be visible where people look: at its unit."""
    busy_plant.run(*RECALL, CORE)
    shown = busy_plant.json("show", UNIT)
    assert shown["marked_parts"] == [{"item": CORE, "state": "CONSUMED", "overlays": ["recalled"]}]
    assert f"RECALLED: the part {CORE}." in busy_plant.run("show", UNIT).stdout
    found = busy_plant.json("show", "--chain", "unit")["items"]
    assert [item["overlays"] for item in found] == [["part_recalled"]]
    assert "contains a RECALLED part" in busy_plant.run("show", "--chain", "unit").stdout
    label = ("label", UNIT, "-o", busy_plant.path("label.svg"))
    assert busy_plant.json(*label)["marked"] == {UNIT: ["part_recalled"]}
    assert "contains a RECALLED part" in busy_plant.run(*label).stderr
