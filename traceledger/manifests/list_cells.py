"""Parsers of cells that only customs' lists have."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from types import MappingProxyType

from traceledger.audit.comparison import Direction
from traceledger.errors import MalformedError
from traceledger.manifests import cells
from traceledger.manifests.names import ALPHA3, MODE_NAMES

__all__ = [
    "count_out",
    "decimal",
    "direction",
    "direction_of",
    "dollars",
    "line",
    "mode",
    "one_of_list",
    "tariff_number",
    "two_letters",
]

_MULTIPLES = MappingProxyType({"043": 100, "050": 1000, "054": 1000, "038": 10_000})
_PIECE = "007"
_DIRECTIONS: dict[str, Direction] = {
    **dict.fromkeys(("I", "IN", "进口", "进境", "进区"), "in"),
    **dict.fromkeys(("E", "OUT", "出口", "出境", "出区"), "out"),
}
# The letter of a list's number; the ninth digit of a declaration's, which follows office and year.
_LIST_NO = re.compile(r"[A-Z]{2}[0-9]{6}([IE])[0-9]{9}")
_ENTRY_NO = re.compile(r"[0-9]{4}20[0-9]{2}([01])[0-9]{9}")
_TARIFF = re.compile(r"[0-9]{8,10}")


def count_out(quantity: Decimal | None, unit: str | None) -> tuple[Decimal | None, str | None]:
    """Returns a quantity of hundreds or thousands of pieces as pieces."""
    if quantity is None or unit is None or unit not in _MULTIPLES:
        return quantity, unit
    return quantity * _MULTIPLES[unit], _PIECE


def decimal(cell: str) -> Decimal:
    """Parses a number; removes thousands separators if they are unambiguous."""
    return Decimal(cells.number(_trim_zeros(cells.ungroup(cell))))


def dollars(cell: str) -> Decimal:
    """Parses an amount such as `$2,316.00`."""
    return decimal(cell.removeprefix("$").strip())


def line(cell: str) -> int:
    """Parses a line number, also with leading zeros."""
    return cells.line_number(cell.lstrip("0") or cell)


def mode(cell: str) -> str:
    """Parses a supervision mode, by its code or its name."""
    return cells.supervision_mode(MODE_NAMES.get(cell, cell))


def direction(cell: str) -> Direction:
    """Parses whether goods come or leave."""
    found = _DIRECTIONS.get(cell.upper())
    if found is None:
        raise MalformedError("manifest.value", "进口, 出口, I or E")
    return found


def direction_of(list_no: str | None, entry_no: str | None) -> Direction | None:
    """Returns the direction that the number of a list or declaration contains, if it does."""
    if match := _LIST_NO.fullmatch(list_no or ""):
        return "in" if match[1] == "I" else "out"
    if match := _ENTRY_NO.fullmatch(entry_no or ""):
        return "in" if match[1] == "1" else "out"
    return None


def tariff_number(cell: str) -> str:
    """Parses a tariff number of 8 to 10 digits, with or without points."""
    plain = re.sub(r"[.\s]", "", cell)
    if not _TARIFF.fullmatch(plain):
        raise MalformedError("manifest.value", "8 to 10 digits, such as 9032.89.6030")
    return plain


def two_letters(cell: str) -> str:
    """Parses a country of two letters; returns its three-letter code."""
    if cell not in ALPHA3:
        raise MalformedError("manifest.value", "a two-letter ISO 3166 code, such as US")
    return ALPHA3[cell]


def one_of_list(parse: Callable[[str], object]) -> Callable[[str], object]:
    """Returns a parser of a cell that may list the same value several times, and NULL."""

    def parse_list(cell: str) -> object:
        values = {part.strip() for part in cell.split(",")} - {"NULL", ""}
        if len(values) > 1:
            raise MalformedError("manifest.value", "one value, repeated or with NULL")
        return parse(values.pop()) if values else None

    return parse_list


def _trim_zeros(cell: str) -> str:
    """Drops zeros after a decimal point, as in 85.00."""
    return re.sub(r"(\.[0-9]*?)0+$", r"\1", cell).removesuffix(".") if "." in cell else cell
