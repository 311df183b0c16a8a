"""The sides of a finding as people read them: figures with their unit, all else unchanged."""

from __future__ import annotations

import pytest

from traceledger.reports.sides import show_side
from traceledger.reports.words import words_of


@pytest.mark.parametrize(
    ("code", "stated", "english", "chinese"),
    [
        ("INT-06", "259200", "72 h", "72小时"),
        ("INT-06", "345661", "96 h 1 min 1 s", "96小时 1分钟 1秒"),
        ("INT-06", "-600", "-10 min", "-10分钟"),
        ("INT-06", "2026-02-30T00:00:00Z", "2026-02-30T00:00:00Z", "2026-02-30T00:00:00Z"),
        ("TIM-01", "365", "365 days", "365天"),
        ("QTY-05", "12.500", "12.500 kg", "12.500千克"),
        ("QTY-01", "1", "1 piece", "1件"),
        ("QTY-03", "none", "none", "none"),
        ("LIN-09", "11", "11", "11"),
        ("TIM-01", "", "", ""),
    ],
)
def test_figures_have_a_unit(code: str, stated: str, english: str, chinese: str) -> None:
    """A line number must not look like a weight, nor a delay like a date."""
    assert show_side(code, stated, words_of("en")) == english
    assert show_side(code, stated, words_of("zh")) == chinese
