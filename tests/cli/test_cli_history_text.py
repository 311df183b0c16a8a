"""Events on a terminal: every value whole, no line wider than 80 columns, failures in words."""

from __future__ import annotations

from typing import Any

import click
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.plant import UNIT, Plant
from traceledger.views.answers import Event
from traceledger_cli.texts.events import render_event
from traceledger_cli.texts.layout import width

RESULTS = [
    {
        "name": "supply current",
        "value": "0.70",
        "unit": "A",
        "low": "0.30",
        "high": "0.60",
        "pass": False,
    },
    {"name": "CAN", "value": "ok", "pass": True},
    {"name": "leak", "value": "3", "unit": "mA", "high": "5", "pass": True},
    {"name": "静态电流", "value": "12", "unit": "mA", "low": "10", "pass": True},
]


def show(data: dict[str, Any], **changes: Any) -> str:
    event = {
        "index": 7,
        "event": "A" * 43,
        "item": UNIT,
        "seq": 3,
        "kind": "test",
        "occurred": "2025-04-03T09:20:00+08:00",
        "party": "party/plant",
        "signed": 1_750_000_000,
        "kid": "B" * 43,
        "refs": [],
        "data": data,
        "withheld": [],
        "site": "",
        "wire": "",
    }
    return click.unstyle(render_event(msgspec.convert(event | changes, Event)))


def test_measurements_are_rows_with_their_limits_and_failures() -> None:
    """A failed test was hidden in JSON that was cut after 500 characters."""
    lines = [line.strip() for line in show({"results": RESULTS}).splitlines()]
    assert "results  supply current 0.70 A (0.30–0.60) FAIL" in lines
    assert {"CAN ok", "leak 3 mA (≤ 5)", "静态电流 12 mA (≥ 10)"} <= set(lines)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z_]{1,60}", fullmatch=True),
        st.text(min_size=1, max_size=700) | st.lists(st.text(min_size=1, max_size=90)),
        max_size=4,
    )
)
def test_no_line_is_wider_than_eighty_columns(data: dict[str, Any]) -> None:
    for line in show(data).splitlines():
        assert width(line) <= 80


@pytest.mark.parametrize("text", ["a" * 5000, "字" * 900, "word " * 600 + "end"])
def test_nothing_is_cut(text: str) -> None:
    shown = show({"note": text}).replace("\n", "").replace(" ", "")
    assert text.replace(" ", "") in shown
    assert "…" not in shown


def test_many_measurements_are_all_shown() -> None:
    many = [{**RESULTS[0], "name": f"point {number}"} for number in range(64)]
    shown = show({"results": many})
    assert all(f"point {number} 0.70 A" in shown for number in range(64))


def test_history_of_a_unit_fits_a_terminal(busy_plant: Plant) -> None:
    output = busy_plant.run("history", UNIT).stdout
    assert max(map(width, output.splitlines())) <= 80
    assert "  current 0.42 A\n" in output
    assert '{"' not in output
