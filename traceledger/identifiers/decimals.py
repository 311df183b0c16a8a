"""Decimals as text: quantities, weights, money, test results.

Source: docs/spec/events.md, "Values". JSON numbers lose digits in some parsers, text does not.
Python compares `decimal.Decimal` values exactly, but its arithmetic rounds to 28 digits by default,
so sums go through `sum_decimals`.
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

_MAX_DIGITS = 18
_PLAIN = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?")
# Zero has one form, so a negative zero is refused.
_SIGNED = re.compile(rf"(?!-[0.]+\Z)-?{_PLAIN.pattern}")
_ALLOWED = "at most 15 digits, then at most 9 after a point, 18 in all, for example 0.942"


def check_decimal(text: str) -> str:
    """Returns the text if it is a plain decimal such as `0.942`, without sign or exponent.

    At most 15 digits before the point, 9 after it and 18 in all; no leading zeros except a single
    0 before the point.
    """
    if not _PLAIN.fullmatch(text) or not _is_short(text):
        raise MalformedError(
            "value.decimal", f"{excerpt(text)} is not a plain decimal; allowed: {_ALLOWED}"
        )
    return text


def check_signed_decimal(text: str) -> str:
    """Returns the text if it is a decimal with an optional minus sign; minus zero is refused."""
    if not _SIGNED.fullmatch(text) or not _is_short(text):
        raise MalformedError(
            "value.decimal",
            f"{excerpt(text)} is not a plain decimal; allowed: a minus sign if negative, then"
            f" {_ALLOWED}",
        )
    return text


def parse_decimal(text: str) -> Decimal:
    """Parses a plain decimal, with or without a minus sign; inverse of `format_decimal`."""
    return Decimal(check_signed_decimal(text))


def format_decimal(value: Decimal) -> str:
    """Formats a finite number without an exponent; inverse of `parse_decimal`."""
    return format(value, "f")


def compare_decimals(left: str, right: str) -> int:
    """Returns -1, 0 or 1 if the left number is less, equal or greater: `1.0` equals `1.00`."""
    a, b = parse_decimal(left), parse_decimal(right)
    return (a > b) - (a < b)


def sum_decimals(values: Iterable[Decimal]) -> Decimal:
    """Adds numbers exactly, even millions of them."""
    # 60 digits hold the exact sum of 10^30 such numbers; beyond that, Inexact is raised.
    with localcontext(prec=60) as context:
        context.traps[Inexact] = True
        return sum(values, Decimal(0))


def _is_short(text: str) -> bool:
    # A text of at most 18 characters cannot have more than 18 digits.
    return len(text) <= _MAX_DIGITS or sum(map(text.count, "0123456789")) <= _MAX_DIGITS
