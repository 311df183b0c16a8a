"""The server and the page's script derive the same standing from the same report."""

from __future__ import annotations

import itertools
import json
import subprocess
from pathlib import Path
from typing import Any

from traceledger.rules.lifecycle import TABLE
from traceledger_api.pages.buyer.standing import STANDINGS, TONES, standing_of

STATIC = Path(__file__).parents[2] / "api" / "traceledger_api" / "static"
PROGRAM = """
import { recordOf, standingOf, toneOf } from "./standing.js";
import { readFileSync } from "node:fs";
const reports = JSON.parse(readFileSync(0, "utf8"));
const described = (one) => [recordOf(one), standingOf(one), toneOf(standingOf(one))];
console.log(JSON.stringify(reports.map(described)));
"""
LIVES = [*sorted({row.to for row in TABLE}), "VOIDED", "UNKNOWN", "constructor"]
ITEMS = ("01/09521234543213/21/7KQ2X4PM9ATRWC", "x/unit/u1", "x/core/c1", "8004/9521234C000001")
HOLDS: tuple[tuple[str, ...], ...] = ((), ("customs",), ("quality",), ("quality", "customs"))
UNCHECKED: tuple[tuple[str, ...], ...] = ((), ("polish",), ("hold", "test"), ("recall",))
CODES: tuple[list[str], ...] = ([], ["trust.first-use"], ["trust.first-use", "age.stale"])


def reports() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"result": "refused", "codes": ["map.proof"]}]
    for item, life, holds, recalled, codes, unchecked in itertools.product(
        ITEMS, LIVES, HOLDS, (False, True), CODES, UNCHECKED
    ):
        found.append(
            {
                "result": "incomplete" if codes else "verified",
                "codes": codes,
                "item": item,
                "state": life,
                "holds": [{"authority": authority} for authority in holds],
                "recalls": [{"campaign": "RC-1"}] if recalled else [],
                "disputed": [{}] if recalled else [],
                "unchecked": [{"kind": kind} for kind in unchecked],
            }
        )
    return found


def by_script(given: list[dict[str, Any]]) -> list[list[str]]:
    run = subprocess.run(
        ["node", "--input-type=module", "-e", PROGRAM],
        cwd=STATIC,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told: list[list[str]] = json.loads(run.stdout)
    return told


def test_script_and_server_agree_on_every_report() -> None:
    given = reports()
    told = by_script(given)
    assert [standing for _, standing, _ in told] == [standing_of(one) for one in given]
    assert {standing: tone for _, standing, tone in told} == dict(TONES)
    assert set(STANDINGS) == TONES.keys()


def test_record_is_proven_reserved_or_refused() -> None:
    given = reports()
    for (record, *_), report in zip(by_script(given), given, strict=True):
        if report["result"] == "refused":
            assert record == "refused"
        else:
            wanting = report["disputed"] or report["codes"] not in ([], ["trust.first-use"])
            assert record == ("reserved" if wanting else "proven")


def test_every_state_of_a_unit_has_its_standing() -> None:
    units = {row.to for row in TABLE if row.chain == "unit"}
    for life in units:
        report = next(one for one in reports() if one.get("state") == life)
        assert standing_of(report) not in {"unknown", "unproven", "component"}, life


def test_only_a_part_that_was_sold_is_good() -> None:
    assert [standing for standing, tone in TONES.items() if tone == "good"] == ["released"]


def test_part_with_a_recall_or_hold_that_could_not_be_judged_has_no_known_status() -> None:
    """The page must not call it released for sale."""
    for report in reports():
        kinds = {mention["kind"] for mention in report.get("unchecked", ())}
        if kinds & {"recall", "hold"}:
            stopped = {"recalled", "held_customs", "held_quality"}
            assert standing_of(report) in {"unknown"} | stopped
