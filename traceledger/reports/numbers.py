"""Figures as people read them: grouped, with as many decimals as the column needs."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from traceledger.reports.model import Cell

__all__ = ["decimals_of", "show_number"]

_MINUS = "−"


def decimals_of(cells: Iterable[Cell]) -> int:
    """Returns the most decimals of any figure, so that the points of a column align."""
    return max((len(cell.partition(".")[2]) for cell in cells if cell), default=0)


def show_number(figure: str, decimals: int) -> str:
    """Formats a figure with this number of decimals, in groups of three digits; never rounded."""
    return f"{Decimal(figure):,.{decimals}f}".replace("-", _MINUS)
