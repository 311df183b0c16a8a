from __future__ import annotations

import json
import os
import pty
import shlex
import subprocess
import sys

import click
import pytest

from tests.cli.plant import CORE, PACKING, UNIT, Plant, importing, write_manifest
from traceledger.events.catalogue import CATALOGUE
from traceledger_cli.commands.event import event

ELSEWHERE = {"found", "rotate_root", "admit", "add_key", "revoke_key"} | {
    "consume",
    "disassemble",
    "harvest",
}
KINDS = event.list_commands(click.Context(event))


def command(kind: str) -> click.Command:
    found = event.get_command(click.Context(event), kind)
    assert found is not None
    return found


def receiving(*more: str) -> tuple[str, ...]:
    return ("event", "receive", CORE, "--result", "ok", "--key", "station", *more)


@pytest.fixture
def stocked(plant: Plant) -> Plant:
    """A plant with imported cores."""
    write_manifest(plant, 3)
    plant.run(*importing(plant))
    return plant


@pytest.mark.parametrize("kind", KINDS)
def test_kind_has_an_option_for_each_field_and_none_twice(kind: str) -> None:
    options = [name for param in command(kind).params for name in param.opts]
    assert len(options) == len(set(options))
    fields = {f"--{name.replace('_', '-')}" for name in CATALOGUE[kind].fields}
    assert fields <= set(options)


@pytest.mark.parametrize("kind", KINDS)
def test_example_of_a_kind_is_a_valid_command(kind: str) -> None:
    found = command(kind)
    words = shlex.split(getattr(found, "example", "").replace("\\\n", ""))
    assert words[:3] == ["traceledger", "event", kind]
    context = found.make_context(kind, words[3:])
    given = {name: context.params[f"field_{name}"] for name in CATALOGUE[kind].required}
    assert given == {name: CATALOGUE[kind].fields[name].example for name in given}


def test_kinds_with_separate_commands_are_not_listed() -> None:
    assert set(CATALOGUE) - set(KINDS) == ELSEWHERE


def test_core_goes_through_the_plant_to_a_packed_unit(stocked: Plant) -> None:
    stocked.run(*receiving("--condition", "as removed"))
    for step in PACKING:
        stocked.event(*step)
    assert stocked.json("show", UNIT)["state"] == "PACKED"
    assert stocked.json("show", CORE)["state"] == "CONSUMED"


def test_event_returns_its_position_and_the_receipt(stocked: Plant) -> None:
    answer = stocked.json(*receiving("--condition", "as removed"))
    (logged,) = answer["events"]
    assert (logged["item"], logged["seq"]) == (CORE, 1)
    assert answer["receipt"].startswith("traceledger/receipt/v1\nledger.example/cq-1\n")
    assert stocked.json("show", CORE)["event"] == logged["event"]


def test_dry_run_performs_all_checks_and_writes_nothing(stocked: Plant) -> None:
    before = {path: path.read_bytes() for path in stocked.ledger.rglob("*") if path.is_file()}
    checked = stocked.json(*receiving("--condition", "as removed", "--dry-run"))
    assert (checked["dry_run"], checked["receipt"]) == (True, "")
    assert stocked.refusal("event", *PACKING[0], "--dry-run", code=6) == "life.transition"
    for path, data in before.items():
        assert path.read_bytes() == data, path


def test_all_missing_fields_are_listed(stocked: Plant) -> None:
    result = stocked.run("event", "receive", CORE, "--key", "station", code=2)
    assert "--result" in result.stderr
    assert "--condition" in result.stderr


def test_forbidden_step_is_refused_with_the_allowed_ones(stocked: Plant) -> None:
    error = stocked.json("event", *PACKING[0], code=6)["error"]
    assert error["code"] == "life.transition"
    assert "possible now: receive" in error["message"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--condition", "a\u202eb"), "event.field"),
        (("--condition", "as removed", "--photo", "ABC"), "event.field"),
        (("--condition", "as removed", "--seal-intact", "perhaps"), "usage.option"),
        (("--condition", "as removed", "--occurred", "yesterday"), "value.time"),
        (("--condition", "as removed", "--site", "gate 4"), "event.field"),
    ],
)
def test_invalid_value_is_refused(stocked: Plant, more: tuple[str, ...], code: str) -> None:
    size = stocked.entries()
    assert stocked.refusal(*receiving(*more), code=2) == code
    assert stocked.entries() == size


def test_value_that_is_not_json_is_refused(stocked: Plant) -> None:
    repair = ("event", "repair", CORE, "--action", "x", "--replaced", "[]", "--key", "station")
    assert stocked.refusal(*repair, "--faults", "[joint]", code=2) == "usage.option"


def test_item_may_be_given_as_the_address_on_its_label(stocked: Plant) -> None:
    stocked.run(
        *("event", "receive", f"https://id.example/{CORE}", "--result", "ok"),
        *("--condition", "as removed", "--key", "station"),
    )
    assert stocked.json("show", CORE)["state"] == "RECEIVED"


def test_time_and_site_are_recorded(stocked: Plant) -> None:
    when = "2025-03-16T09:00:00+08:00"
    stocked.run(*receiving("--condition", "good", "--occurred", when, "--site", "WH1"))
    last = stocked.json("history", CORE)["events"][-1]
    assert (last["occurred"], last["site"]) == (when, "WH1")


def test_correction_names_its_target(busy_plant: Plant) -> None:
    packed = busy_plant.json("show", UNIT)["event"]
    correct = ("event", "correct", UNIT, "--reason", "typing error", "--key", "station")
    fixed = ("--set-public", '{"batch": "2025-05"}')
    assert busy_plant.refusal(*correct, *fixed, code=2) == "ref.target"
    busy_plant.run(*correct, *fixed, "--target", packed)


def test_unregistered_key_is_refused(stocked: Plant) -> None:
    stocked.run("key", "new", "stranger")
    receive = ("event", "receive", CORE, "--result", "ok", "--condition", "x")
    assert stocked.refusal(*receive, "--key", "stranger", code=5) == "key.unregistered"
    assert stocked.refusal(*receive, "--key", "nobody", code=5) == "key.missing"
    assert stocked.refusal(*receive, code=2) == "usage.option"


def test_terminal_prompts_for_missing_fields(stocked: Plant) -> None:
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "traceledger_cli", *receiving("--json")],
        env={**os.environ, **stocked.environment},
        stdin=side,
        stdout=subprocess.PIPE,
        stderr=side,
    )
    os.close(side)
    shown = b""
    while not shown.endswith(b": "):
        shown += os.read(main, 1000)
    assert b"condition on arrival" in shown
    os.write(main, b"as removed\n")
    output, _ = process.communicate(timeout=60)
    os.close(main)
    assert process.returncode == 0
    assert len(json.loads(output)["events"]) == 1


def warned(plant: Plant, *event: str) -> set[str]:
    """The codes of the warnings about an event, which is checked but not appended."""
    done = plant.json("event", *event, "--dry-run")
    assert len(done["events"]) == 1
    plain = plant.run("event", *event, "--dry-run")
    for warning in done["warnings"]:
        assert f"Warning: {warning['message']} [{warning['code']}]" in plain.stderr
    return {warning["code"] for warning in done["warnings"]}


RESULT = {"name": "current", "value": "0.42", "unit": "A", "pass": True}
TEST = ("test", UNIT, "--plan", "TP-11", "--run", "2", "--overall", "pass", "--key", "lab")


def test_implausible_events_are_warned_of(busy_plant: Plant) -> None:
    """The rules allow them and an audit reports them, when it is too late to sign again."""
    hold = ("hold", UNIT, "--authority", "quality", "--key", "lab")
    assert warned(busy_plant, *hold) == set()
    future = ("--occurred", "2130-01-01T00:00:00Z")
    assert warned(busy_plant, *hold, *future) == {"audit.future"}
    book = (
        *("open_book", "book/SECOND23QZ5H7KQ2X4PM", "--office", "customs", "--key", "import"),
        *("--class", "processing", "--started", "2025-01-01"),
    )
    assert warned(busy_plant, *book, "--number", "H80122500001") == {"audit.book"}
    assert warned(busy_plant, *book, "--number", "H80122500002") == set()


@pytest.mark.parametrize(
    ("due", "passed", "codes"),
    [
        ("2130-12-31", True, set()),
        ("2024-12-31", True, {"audit.equipment"}),
        ("2130-12-31", False, {"audit.verdict"}),
    ],
)
def test_implausible_tests_are_warned_of(
    plant: Plant,
    due: str,
    passed: bool,  # noqa: FBT001 - a parameter
    codes: set[str],
) -> None:
    write_manifest(plant, 1)
    plant.run(*importing(plant))
    plant.event("receive", CORE, "--result", "ok", "--condition", "as removed", "--key", "station")
    for step in PACKING[:3]:
        plant.event(*step)
    results = json.dumps([{**RESULT, "pass": passed}])
    equipment = json.dumps({"id": "BENCH-3", "due": due})
    assert warned(plant, *TEST, "--results", results, "--equipment", equipment) == codes


def test_more_cores_than_declared_are_warned_of(plant: Plant) -> None:
    write_manifest(plant, 1)
    plant.run(*importing(plant))
    line = plant.json("show", CORE)["declaration"]
    core = (
        *("import", "8004/9521234X000001", "--category", "TCM", "--part-no", "24261870"),
        *("--origin", "USA", "--net-kg", "0.9", "--key", "import"),
        *("--unit-value", '{"amount": "85.00", "currency": "USD"}'),
        *("--ref", f"declaration={line}"),
    )
    assert warned(plant, *core) == set()
    target = plant.json("history", line)["events"][0]["event"]
    correct = ("correct", line, "--reason", "typing error", "--target", target)
    plant.event(*correct, "--set-customs", '{"quantity": "1"}', "--key", "import")
    assert warned(plant, *core) == {"audit.quantity"}


def test_policy_never_loses_a_value_silently(plant: Plant) -> None:
    """Without the zone's country, goods could be exported into the zone's own country."""
    keys = ("--key", "root", "--keys", str(plant.ledger / "keys"))

    def policy(**values: object) -> tuple[str, ...]:
        return ("event", "set_policy", "policy", "--values", json.dumps(values), *keys)

    plant.run(*policy(zone_country="CHN", late_hours=48))
    size = plant.entries()
    shorter = policy(late_hours=24, public_entries=True)
    assert plant.refusal(*shorter, code=2) == "usage.confirm"
    assert 'zone_country: "CHN"' in plant.run(*shorter, "--dry-run").stderr
    draft = {"kind": "set_policy", "item": "policy", "data": {"values": {"late_hours": 24}}}
    append = ("append", "-", *keys)
    stdin = json.dumps(draft).encode()
    assert plant.refusal(*append, code=2, stdin=stdin) == "usage.confirm"
    assert plant.entries() == size
    plant.run(*append, "--yes", stdin=stdin)
    longer = policy(zone_country="CHN", late_hours=12)
    assert "drops" not in plant.run(*longer).stderr
    assert plant.entries() > size
