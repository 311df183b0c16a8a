"""Small charts of measurements against their limits, as coordinates for an SVG without style."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

__all__ = ["WIDTH", "Chart", "draw_measurement"]

WIDTH = 1000
"""The width of a chart in user units; the page scales it."""

_EDGE = Decimal("0.22")
"""The share of the width outside the limits, on either side."""
_INSET = 20


class Chart(NamedTuple):
    """The ends of the allowed range and the position of the value, from 0 to `WIDTH`."""

    low: int
    high: int
    value: int


def draw_measurement(measured: Mapping[str, Any]) -> Chart | None:
    """Draws a measurement; returns None where a limit is missing, so there is no range.

    A value far outside its limits is drawn at the edge.
    """
    if "low" not in measured or "high" not in measured:
        return None
    low, high, value = (Decimal(measured[name]) for name in ("low", "high", "value"))
    if low > high:
        return None
    # Limits may be equal, as for "no trouble codes": the range is then a line in the middle.
    span = high - low or max(abs(value - low) * 2, Decimal(1))
    start, end = low - span * _EDGE, high + span * _EDGE
    if low == high:
        start, end = low - span, high + span

    def place(at: Decimal) -> int:
        inside = min(max(at, start), end)
        return _INSET + int((inside - start) / (end - start) * (WIDTH - 2 * _INSET))

    return Chart(place(low), place(high), place(value))
