"""Small charts of measurements against their limits, as numbers for an SVG that needs no style."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

__all__ = ["WIDTH", "Chart", "draw_measurement"]

WIDTH = 1000
"""The width of a chart in its own units; the page scales it."""

_EDGE = Decimal("0.22")
"""How much of the width is left outside the limits on either side."""
_INSET = 20


class Chart(NamedTuple):
    """Where the allowed range begins and ends and where the value stands, from 0 to `WIDTH`."""

    low: int
    high: int
    value: int


def draw_measurement(measured: Mapping[str, Any]) -> Chart | None:
    """Draws one measurement; None where a limit is missing, so that there is no range to draw.

    A value far outside its limits stands at the edge.
    """
    if "low" not in measured or "high" not in measured:
        return None
    low, high, value = (Decimal(measured[name]) for name in ("low", "high", "value"))
    if low > high:
        return None
    # Limits may be equal, as with "no trouble codes": then the range is a line in the middle.
    span = high - low or max(abs(value - low) * 2, Decimal(1))
    start, end = low - span * _EDGE, high + span * _EDGE
    if low == high:
        start, end = low - span, high + span

    def place(at: Decimal) -> int:
        inside = min(max(at, start), end)
        return _INSET + int((inside - start) / (end - start) * (WIDTH - 2 * _INSET))

    return Chart(place(low), place(high), place(value))
