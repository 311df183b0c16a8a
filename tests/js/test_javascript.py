from __future__ import annotations

import base64
import json
import random
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Counts, SmallDemo
from tests.passports import NOW, Log
from tests.vectors.generate import judge
from tests.verify.histories import CORES, UNIT, joined_log, newer_log
from tests.world import World
from traceledger.formats.passport import format_passport
from traceledger.formats.trust import format_trust
from traceledger.rules.portable import format_catalogue
from traceledger_api.verifier import PAGE, STATIC, format_page

Verification = tuple[bytes, bytes, str]
"""A passport, a trust file and the item requested."""

HERE = Path(__file__).parent
CLI = STATIC / "verify-cli.mjs"


def node(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["node", *arguments], capture_output=True, text=True, check=False)


def test_verifier_does_what_no_vector_can_show() -> None:
    result = node("--test", *sorted(HERE.glob("*.test.mjs")))
    assert result.returncode == 0, result.stdout[-4000:]


def test_the_catalogue_in_json_is_that_of_the_library() -> None:
    written = (STATIC / "catalogue.json").read_text()
    assert written == format_catalogue(), "run `make generate`"


def test_the_page_is_made_from_its_parts() -> None:
    assert PAGE.read_text() == format_page(), "run `make generate`"


def without_words(report: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in report.items() if name not in {"message", "hint"}}


def test_both_commands_print_one_object(small_demo: SmallDemo, programs: Path) -> None:
    other = small_demo.unit[:-1] + ("2" if small_demo.unit[-1] != "2" else "3")
    for item, code in [(small_demo.unit, 0), (other, 3), (f"https://id.example/{other}#x", 3)]:
        options = ["--trust", str(small_demo.trust), "--item", item, "--json"]
        ours = subprocess.run(
            [programs / "traceledger", "verify", small_demo.passport, *options],
            capture_output=True,
            text=True,
            check=False,
        )
        theirs = node(CLI, small_demo.passport, small_demo.trust, item, "--json")
        assert (ours.returncode, theirs.returncode) == (code, code), ours.stderr + theirs.stderr
        printed = (without_words(json.loads(run.stdout)) for run in (ours, theirs))
        assert next(printed) == next(printed)


def test_the_command_says_the_time_it_is_given_and_first_use(small_demo: SmallDemo) -> None:
    files = (small_demo.passport, small_demo.trust, small_demo.unit)
    late = node(CLI, *files, "--now", "4000000000", "--first-use", "--json")
    assert late.returncode == 4
    assert json.loads(late.stdout)["codes"] == ["trust.first-use", "age.stale"]
    plain = node(CLI, *files)
    assert plain.stdout.startswith(f"VERIFIED  {small_demo.unit}\n")


@pytest.mark.parametrize("given", [[], ["a", "b"], ["a", "b", "c", "--now", "x"], ["a", "b", "c"]])
def test_the_command_refuses_misuse(given: list[str]) -> None:
    result = node(CLI, *given)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr


def test_the_command_escapes_and_isolates_the_text_of_strangers(
    small_demo: SmallDemo, tmp_path: Path
) -> None:
    """A file name must neither control a terminal nor reorder the line around it."""
    missing = tmp_path / "דרכון\x1b[2J\u202eمصنع 1.json"
    result = node(CLI, missing, small_demo.trust, small_demo.unit)
    assert result.returncode == 2
    shown = "\u2068דרכון\u2069\\u{1b}[2J\\u{202e}\u2068مصنع\u2069 1.json"
    assert shown in result.stderr


def changes(data: bytes, chance: random.Random, count: int) -> list[bytes]:
    """The data with a byte changed, taken out or put in, or cut off."""
    made = []
    for _ in range(count):
        at, way = chance.randrange(len(data)), chance.random()
        if way < 0.6:
            made.append(data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :])
        elif way < 0.7:
            made.append(data[:at] + data[at + 1 :])
        elif way < 0.8:
            made.append(
                data[:at] + bytes([chance.choice(b'"\\{}[],:.~-_=AZaz09\n \0\xff')]) + data[at:]
            )
        else:
            made.append(data[:at])
    return made


def inner_changes(data: bytes, chance: random.Random, count: int) -> list[bytes]:
    """The passport with a byte of a header or payload changed inside its base64url."""
    made = []
    for _ in range(count):
        document = json.loads(data)
        events = chance.choice(document["chains"])["events"]
        which = chance.randrange(len(events))
        parts = events[which].split(".")
        part = chance.choice([0, 1, 1, 1])
        raw = base64.urlsafe_b64decode(parts[part] + "==")
        (changed,) = changes(raw, chance, 1)
        parts[part] = base64.urlsafe_b64encode(changed).rstrip(b"=").decode()
        events[which] = ".".join(parts)
        text = json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        made.append(text.encode())
    return made


def both_verifiers(given: Sequence[Verification], batch: Path) -> list[dict[str, Any]]:
    """Asserts that Python and JavaScript report the same; returns the reports."""
    with batch.open("w") as file:
        for passport, trust, item in given:
            files = {"passport": passport, "trust": trust}
            encoded = {name: base64.b64encode(data).decode() for name, data in files.items()}
            file.write(json.dumps({**encoded, "item": item, "now": NOW}) + "\n")
    result = node(HERE / "batch.mjs", batch)
    assert result.returncode == 0, result.stderr
    theirs = [without_words(json.loads(line)) for line in result.stdout.splitlines()]
    ours = [judge(*one, NOW, first_use=False) for one in given]
    for number, (found, expected) in enumerate(zip(theirs, ours, strict=True)):
        assert found == expected, number
    return ours


def histories(seeds: Iterable[int]) -> list[Verification]:
    """One passport of each random history, with the events that this version cannot judge."""
    given = []
    for seed in seeds:
        log = newer_log(seed)
        item = (UNIT, *CORES)[seed % 3]
        given.append((format_passport(log.passport(item)), format_trust(log.trust()), item))
    return given


def test_both_judge_random_histories_alike(tmp_path: Path) -> None:
    """Near events that cannot be judged, one verifier could lose a recall that the other keeps."""
    reports = both_verifiers(histories(range(300)), tmp_path / "batch.jsonl")
    results = Counter(report["result"] for report in reports)
    assert min(results["refused"], results["incomplete"]) > 50
    marks = {mark for report in reports for mark in report.get("overlays", ())}
    assert marks >= {"recalled", "hold_quality"}


def test_both_judge_random_joins_alike(tmp_path: Path) -> None:
    """One verifier could refuse what the other lists as not checked."""
    logs = [joined_log(seed) for seed in range(80)]
    given = [(format_passport(log.passport(UNIT)), format_trust(log.trust()), UNIT) for log in logs]
    reports = both_verifiers(given, tmp_path / "batch.jsonl")
    assert Counter(code for report in reports for code in report["codes"])["life.void"] > 3
    assert sum(bool(report.get("unchecked")) for report in reports) > 10


@pytest.mark.faults
@pytest.mark.parametrize("part", range(20))
def test_both_judge_20_000_random_histories_alike(
    part: int, tmp_path: Path, counts: Counts
) -> None:
    seeds = range(1_000_000 + part * 1_000, 1_000_000 + (part + 1) * 1_000)
    reports = both_verifiers(histories(seeds), tmp_path / "batch.jsonl")
    results = Counter(report["result"] for report in reports)
    counts("random histories, Python beside JavaScript", **results, different=0)


def test_both_refuse_thousands_of_changes_alike(tmp_path: Path) -> None:
    world = World()
    unit = world.unit("PACKED", (world.core("IN_PROCESS"), world.component()))
    log = Log(world)
    log.add("revoke_key", f"key/{log.actors['quality'].signer.key.kid}", by="root")
    passport, trust = format_passport(log.passport(unit)), format_trust(log.trust())
    chance = random.Random(7)
    passports = [passport, *changes(passport, chance, 1600), *inner_changes(passport, chance, 1000)]
    given = [(one, trust, unit) for one in passports]
    given += [(passport, one, unit) for one in changes(trust, chance, 600)]
    results = [report["result"] for report in both_verifiers(given, tmp_path / "batch.jsonl")]
    assert results.count("refused") > 2500
    assert results.count("unchecked") > 500  # of the trust file
    assert results[0] == "verified"
