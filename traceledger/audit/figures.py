"""Exact figures: decimals of at most 60 digits, and None for what is unknown.

A sum with one unknown summand is unknown. An inexact result is an error, never a rounded number.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow

__all__ = ["ZERO", "Figure", "add", "multiply", "show", "subtract", "total", "within"]

Figure = Decimal | None
"""A number, or None if a value that it depends on is unknown."""

ZERO = Decimal(0)

_EXACT = Context(prec=60, traps=[DivisionByZero, Inexact, InvalidOperation, Overflow])


def add(left: Figure, right: Figure) -> Figure:
    """Adds two figures."""
    return None if left is None or right is None else _EXACT.add(left, right)


def subtract(left: Figure, right: Figure) -> Figure:
    """Subtracts the right figure from the left."""
    return None if left is None or right is None else _EXACT.subtract(left, right)


def multiply(left: Figure, right: Figure) -> Figure:
    """Multiplies two figures."""
    return None if left is None or right is None else _EXACT.multiply(left, right)


def total(figures: Iterable[Figure]) -> Figure:
    """Adds figures; zero if there are none."""
    result: Figure = ZERO
    for figure in figures:
        result = add(result, figure)
    return result


def within(actual: Decimal, expected: Decimal, tolerance: Decimal) -> bool:
    """Reports whether |actual - expected| <= tolerance * |expected|."""
    return abs(_EXACT.subtract(actual, expected)) <= _EXACT.multiply(tolerance, abs(expected))


def show(figure: Figure) -> str | None:
    """Formats a figure in its shortest form, without exponent; None stays None."""
    if figure is None:
        return None
    text = format(figure, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
