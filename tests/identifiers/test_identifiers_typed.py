"""Numbers as people type them: whatever the text, the reading names a valid item or a mistake."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceledger.identifiers import group_serial, parse_item
from traceledger.identifiers.element_string import format_element_string
from traceledger.identifiers.gs1 import SERIAL_ALPHABET, check_digit
from traceledger.identifiers.typed import read_typed

REPOSITORY = Path(__file__).parents[2]
CASES: list[dict[str, str]] = json.loads(Path(__file__).with_name("typed.json").read_text())
READ = """
import { readTyped } from "./api/traceledger_api/static/typed.js";
const texts = JSON.parse(process.argv[1]);
console.log(JSON.stringify(texts.map((text) => readTyped(text))));
"""

serials = st.text(SERIAL_ALPHABET, min_size=1, max_size=20)
digits = st.text("0123456789", min_size=13, max_size=13)
# What surrounds a number that was pasted: spaces, quotation marks, full stops of any script.
around = st.text(" \t\n.,;:!。、）】」»”’\"'…\u200b", max_size=4)


@st.composite
def units(draw: st.DrawFn) -> str:
    body = draw(digits)
    return f"01/{body}{check_digit(body)}/21/{draw(serials)}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["text"][:40]))
def test_texts_are_read_as_listed(case: dict[str, str]) -> None:
    assert {"text": case["text"], **read_typed(case["text"])._asdict()} == case


def read_in_javascript(texts: list[str]) -> list[dict[str, Any]]:
    run = subprocess.run(
        ["node", "--input-type=module", "-e", READ, json.dumps(texts)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(run.stdout)
    return found


def test_both_implementations_read_alike() -> None:
    texts = [case["text"] for case in CASES]
    assert read_in_javascript(texts) == [read_typed(text)._asdict() for text in texts]


@given(st.text() | st.text("01/()2 84x.-]Q3\x1dhttps:", max_size=60))
def test_any_text_names_a_valid_item_or_a_mistake(text: str) -> None:
    """A reading that fails would show strangers an error page in place of the field."""
    typed = read_typed(text)
    assert bool(typed.item or typed.serial) != bool(typed.mistake)
    for item in filter(None, (typed.item, typed.fit)):
        assert parse_item(item).text == item
    assert typed.shown.isprintable()
    assert len(typed.shown) <= 81


@given(units(), around, around, st.sampled_from(["https://id.example", "https://id.example/a"]))
def test_number_is_found_however_it_is_written(
    item: str, before: str, after: str, base: str
) -> None:
    serial = item.split("/")[3]
    for text in (
        item,
        f"{base}/{item}",
        f"{base}/{item}?lang=de#v1.abc",
        format_element_string(parse_item(item)),
        format_element_string(parse_item(item)).lower(),
        f"(01) {item[3:17]} (21) {group_serial(serial)}",
    ):
        assert read_typed(text).item == item
        assert read_typed(f"{before}{text}{after}").item == item


@given(serials.filter(lambda serial: not serial.isdigit()), around, around)
def test_serial_is_found_in_groups_and_small_letters(serial: str, before: str, after: str) -> None:
    for text in (serial, group_serial(serial), serial.lower()):
        assert read_typed(f"{before}{text}{after}").serial == serial


@given(units(), st.integers(1, 9))
def test_wrong_check_digit_is_named_with_the_right_one(item: str, shift: int) -> None:
    wrong = item[:16] + str((int(item[16]) + shift) % 10) + item[17:]
    typed = read_typed(wrong)
    assert (typed.item, typed.fit, typed.mistake) == ("", item, "check-digit")


def test_very_long_text_is_read_in_little_time() -> None:
    for text in ("01/" * 10**6, "(01)" + "1 " * 10**6, " " * 10**6, "/10/a" * 10**6, "A" * 10**6):
        assert read_typed(text).mistake
