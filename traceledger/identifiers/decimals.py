"""Decimals as text: quantities, weights, money, results of tests.

Source: docs/spec/events.md, "Values". JSON numbers lose digits in some readers, text does not.
Python compares `decimal.Decimal` values exactly; its arithmetic rounds to 28 digits unless it is
told otherwise, so sums go through `sum_decimals`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, Inexact, localcontext

from traceledger.errors import MalformedError
from traceledger.identifiers.excerpt import excerpt

__all__ = [
    "check_decimal",
    "check_signed_decimal",
    "compare_decimals",
    "format_decimal",
    "parse_decimal",
    "sum_decimals",
]

_MOST_DIGITS = 18
_PLAIN = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?")
# The only way to write a negative zero would be a second way to write zero.
_SIGNED = re.compile(rf"(?!-[0.]+\Z)-?{_PLAIN.pattern}")
_ALLOWED = "digits, at most 15, and after a point at most 9, together at most 18: 0.942"


def check_decimal(text: str) -> str:
    """Returns the text if it is a plain decimal such as `0.942`: no sign, exponent, separator.

    At most 15 digits, 9 more after the point, 18 in all; no leading zeros but one.
    """
    if not _PLAIN.fullmatch(text) or not _is_short(text):
        raise MalformedError(
            "value.decimal", f"{excerpt(text)} is not a plain decimal; allowed are {_ALLOWED}"
        )
    return text


def check_signed_decimal(text: str) -> str:
    """Returns the text if it is a plain decimal or one after a minus sign; never minus zero."""
    if not _SIGNED.fullmatch(text) or not _is_short(text):
        raise MalformedError(
            "value.decimal",
            f"{excerpt(text)} is not a plain decimal; allowed are a minus sign if it is below"
            f" zero, then {_ALLOWED}",
        )
    return text


def parse_decimal(text: str) -> Decimal:
    """Parses a plain decimal, with or without a minus sign; inverse of `format_decimal`."""
    return Decimal(check_signed_decimal(text))


def format_decimal(value: Decimal) -> str:
    """Formats a finite number without an exponent; inverse of `parse_decimal`."""
    return format(value, "f")


def compare_decimals(left: str, right: str) -> int:
    """Returns -1, 0 or 1 as the left number is smaller, equal or greater: `1.0` equals `1.00`."""
    a, b = parse_decimal(left), parse_decimal(right)
    return (a > b) - (a < b)


def sum_decimals(values: Iterable[Decimal]) -> Decimal:
    """Adds numbers exactly, also millions of them."""
    # 15 digits and 9 decimals of 10^30 numbers fit; should that ever fail, it fails loudly.
    with localcontext(prec=60) as context:
        context.traps[Inexact] = True
        return sum(values, Decimal(0))


def _is_short(text: str) -> bool:
    # Below 18 characters no text can hold more than 18 digits.
    return len(text) <= _MOST_DIGITS or sum(map(text.count, "0123456789")) <= _MOST_DIGITS
