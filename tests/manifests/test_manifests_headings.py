"""Headings and names: unambiguous, and exactly those that the guide documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from traceledger.identifiers import COUNTRIES, CURRENCIES
from traceledger.manifests.headings import AMBIGUOUS, FIELDS, IGNORED, SYNONYMS, heading_key
from traceledger.manifests.names import (
    COUNTRY_NAMES,
    CURRENCY_NAMES,
    CUSTOMS_COUNTRIES,
    CUSTOMS_CURRENCIES,
)

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "manifests.md"


def test_no_heading_belongs_to_two_fields() -> None:
    keys = [key for names in SYNONYMS.values() for key in {heading_key(name) for name in names}]
    assert len(keys) == len(set(keys)) == len(FIELDS)
    assert not FIELDS.keys() & IGNORED
    assert not AMBIGUOUS.keys() & (FIELDS.keys() | IGNORED)


@pytest.mark.parametrize(
    "heading", ["part_no", "Part No.", " PART-NO ", "ＰＡＲＴ　ＮＯ", "\ufeffpart no"]
)
def test_case_width_and_punctuation_are_ignored(heading: str) -> None:
    assert FIELDS[heading_key(heading)] == "part_no"


def test_every_name_has_a_code_of_the_standard() -> None:
    assert set(COUNTRY_NAMES.values()) | set(CUSTOMS_COUNTRIES.values()) <= COUNTRIES
    assert set(CURRENCY_NAMES.values()) | set(CUSTOMS_CURRENCIES.values()) <= CURRENCIES


def test_guide_lists_every_ignored_heading() -> None:
    guide = heading_key(GUIDE.read_text())
    assert all(key in guide for key in IGNORED | AMBIGUOUS.keys())


def test_guide_lists_exactly_the_known_headings() -> None:
    documented: dict[str, set[str]] = {}
    for line in GUIDE.read_text().splitlines():
        if match := re.fullmatch(r"\| `(\w+)`[^|]*\|([^|]*)\|([^|]*)\|[^|]*\|", line):
            names = re.split(r"[,、]", f"{match[1]},{match[2]},{match[3]}")
            documented[match[1]] = {heading_key(name) for name in names if name.strip()}
    assert documented == {
        field: {heading_key(name) for name in names} for field, names in SYNONYMS.items()
    }
