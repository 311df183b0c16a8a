"""Suggestions: the close name, and nothing for a distant or hostile one."""

from __future__ import annotations

import pytest

from traceledger.identifiers.suggestion import suggest

KNOWN = ("inspect", "import", "export", "verify")


@pytest.mark.parametrize(
    ("name", "meant"), [("inspct", "inspect"), ("verfy", "verify"), ("exprot", "export")]
)
def test_misspelt_name_gets_the_closest_one(name: str, meant: str) -> None:
    assert suggest(name, KNOWN) == f" (did you mean '{meant}'?)"


@pytest.mark.parametrize("name", ["", "recall", "x" * 100_000])
def test_distant_name_gets_none(name: str) -> None:
    assert suggest(name, KNOWN) == ""
