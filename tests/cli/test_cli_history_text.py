"""Events on a terminal: every value whole, no line wider than 80 columns, failures in words."""

from __future__ import annotations

from typing import Any

import click
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.plant import UNIT, Plant
from traceledger.reports.words import Language
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


def show(data: dict[str, Any], language: Language = "en", **changes: Any) -> str:
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
    return click.unstyle(render_event(msgspec.convert(event | changes, Event), language))


def test_measurements_are_rows_with_their_limits_and_failures() -> None:
    """A failed test was hidden in JSON that was cut after 500 characters."""
    lines = [line.strip() for line in show({"results": RESULTS}).splitlines()]
    assert "results  Supply current 0.70 A (0.30–0.60) FAIL" in lines
    assert {"CAN ok", "leak 3 mA (≤ 5)", "Standby current 12 mA (≥ 10)"} <= set(lines)


def test_names_and_terms_have_their_labels_in_chinese() -> None:
    """An inspector read the plant's own words beside codes of units, and no label of the page."""
    lines = [line.strip() for line in show({"results": RESULTS}, "zh").splitlines()]
    assert lines[0] == "3  测试  2025-04-03T09:20:00+08:00  签名方 party/plant"
    assert "测试结果  供电电流 0.70 A (0.30–0.60) 不合格" in lines
    assert "静态电流 12 mA (≥ 10)" in lines


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", ["cracked solder joint, unheard of", "Capacitor, quantity 2", "2 A"]),
        ("zh", ["焊点开裂, unheard of", "零件 电容", "2 A"]),
    ],
)
def test_units_faults_and_parts_are_named_as_on_the_page(
    language: Language, shown: list[str]
) -> None:
    text = show(
        {
            "faults": ["虚焊", "unheard of"],
            "replaced": [{"part": "capacitor", "quantity": "2"}],
            "parameters": [{"name": "current", "value": "2", "unit": "AMP"}],
        },
        language,
        kind="repair",
    )
    assert [part for part in shown if part.lower() not in text.lower()] == []


def test_reasons_for_rejection_are_words() -> None:
    text = show({"reject_codes": ["WATER", "NEW"]}, kind="inspect")
    assert "water damage, NEW" in text


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
