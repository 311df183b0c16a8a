"""The units of declared quantities: pieces, kilograms, and everything else.

Sources: the customs table of units of measure (计量单位代码表), their Chinese names, and UCUM.
"""

from __future__ import annotations

from decimal import Decimal

from traceledger.audit.figures import Figure, multiply

__all__ = ["is_weight", "kilograms", "pieces"]

_PIECES = frozenset(
    {
        *("001", "002", "006", "007", "008", "011"),
        *("台", "套", "个", "只", "件"),
        *("1", "{piece}"),
    }
)
_KILOGRAMS = {
    **dict.fromkeys(("035", "千克", "kg"), Decimal(1)),
    **dict.fromkeys(("036", "克", "g"), Decimal("0.001")),
}


def is_weight(unit: str | None) -> bool:
    """Reports whether a quantity in this unit is a weight, so that it has no number of pieces."""
    return unit in _KILOGRAMS


def pieces(quantity: Figure, unit: str | None) -> Figure:
    """Returns a quantity as a number of pieces; None in any other unit."""
    return quantity if unit in _PIECES else None


def kilograms(quantity: Figure, unit: str | None) -> Figure:
    """Returns a quantity in kilograms; None in a unit that is no weight."""
    return multiply(quantity, _KILOGRAMS.get(unit or ""))
