"""What one cell may hold.

Each function takes a cell that is not empty and returns its value, or raises MalformedError whose
message says what is allowed; the caller knows the row, the column and what was given.
"""

from __future__ import annotations

import re

from traceledger.errors import MalformedError
from traceledger.identifiers import (
    ItemId,
    check_country,
    check_currency,
    check_decimal,
    check_text,
    check_time,
    compare_decimals,
    parse_item,
)
from traceledger.manifests.names import (
    COUNTRY_NAMES,
    CURRENCY_NAMES,
    CUSTOMS_COUNTRIES,
    CUSTOMS_CURRENCIES,
)

__all__ = [
    "core",
    "country",
    "currency",
    "document_number",
    "hs_code",
    "line_number",
    "number",
    "number_above_zero",
    "supervision_mode",
    "text",
    "time",
]

# With a point and full groups of three a comma can only be a thousands separator.
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]{1,9}")
_EXPONENT = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+")
_DOCUMENT = re.compile(r"[A-Z0-9/-]{1,40}")
_LINE = re.compile(r"[1-9][0-9]{0,5}")
_HS10 = re.compile(r"[0-9]{10}")
_MODE = re.compile(r"[0-9]{4}")


def text(cell: str) -> str:
    """A text as it stands; one that begins like a formula is a text too."""
    try:
        return check_text(cell)
    except MalformedError as error:
        raise MalformedError(
            error.code, f"1 to 500 printable characters on one line ({error.message})"
        ) from error


def number(cell: str) -> str:
    """A plain decimal; thousands separators are taken out where they are unmistakable."""
    plain = cell.replace(",", "") if _GROUPED.fullmatch(cell) else cell
    try:
        return check_decimal(plain)
    except MalformedError as error:
        raise MalformedError(
            error.code,
            f"digits, at most 15 and 9 more after a point, such as 0.942{_number_hint(cell)}",
        ) from error


def number_above_zero(cell: str) -> str:
    """A plain decimal that is not zero."""
    plain = number(cell)
    if compare_decimals(plain, "0") == 0:
        raise MalformedError("manifest.value", "a number above zero")
    return plain


def line_number(cell: str) -> int:
    """The number of a line in a document: 1 to 999999."""
    if not _LINE.fullmatch(cell):
        raise MalformedError("manifest.value", "a line number from 1 to 999999")
    return int(cell)


def document_number(cell: str) -> str:
    """The number of a declaration, verification list or account book."""
    if not _DOCUMENT.fullmatch(cell):
        hint = (
            "; a spreadsheet has rounded this one, so take it from the document again"
            if _EXPONENT.fullmatch(cell)
            else ""
        )
        raise MalformedError("manifest.value", f"1 to 40 characters A-Z, 0-9, - and /{hint}")
    return cell


def hs_code(cell: str) -> str:
    """A commodity code of ten digits."""
    if not _HS10.fullmatch(cell):
        raise MalformedError("manifest.value", "10 digits, with a zero at the beginning if any")
    return cell


def supervision_mode(cell: str) -> str:
    """A supervision mode (监管方式) of four digits."""
    if not _MODE.fullmatch(cell):
        raise MalformedError("manifest.value", "4 digits, such as 1371")
    return cell


def core(cell: str) -> ItemId:
    """The item id of a core."""
    wanted = "the id of a core, such as 8004/9521234C000001 or x/core/C000001"
    try:
        item = parse_item(cell)
    except MalformedError as error:
        raise MalformedError(error.code, f"{wanted} ({error.message})") from error
    if not item.may_be("core"):
        raise MalformedError("manifest.value", f"{wanted}; this is the id of a {item.form}")
    return item


def country(cell: str) -> str:
    """A country by its three-letter code or its Chinese name."""
    try:
        return check_country(COUNTRY_NAMES.get(cell, cell))
    except MalformedError as error:
        raise MalformedError(
            error.code,
            f"a three-letter code of ISO 3166, such as USA{_code_hint(cell, CUSTOMS_COUNTRIES)}",
        ) from error


def currency(cell: str) -> str:
    """A currency by its three-letter code or its Chinese name."""
    try:
        return check_currency(CURRENCY_NAMES.get(cell, cell))
    except MalformedError as error:
        raise MalformedError(
            error.code,
            f"a three-letter code of ISO 4217, such as USD{_code_hint(cell, CUSTOMS_CURRENCIES)}",
        ) from error


def time(cell: str) -> str:
    """A time with its offset; a date alone is refused because its zone would be a guess."""
    try:
        return check_time(cell)
    except MalformedError as error:
        raise MalformedError(
            error.code,
            "a time with its offset from UTC on a real date, such as 2025-03-14T09:20:00+08:00",
        ) from error


def _number_hint(cell: str) -> str:
    if _EXPONENT.fullmatch(cell):
        return "; write the number without an exponent"
    if "," in cell:
        return "; a comma may be a decimal comma or a separator of thousands: write a point or none"
    if cell.startswith("-"):
        return "; a number below zero makes no sense here"
    return ""


def _code_hint(cell: str, customs: dict[str, str]) -> str:
    if cell.upper() != cell:
        return ", in capitals"
    if meant := customs.get(cell):
        # The same digits mean another country in ISO 3166, and customs software wrote both.
        return (
            f"; {cell} meant {meant} in customs tables before 2018: write {meant} if that is meant"
        )
    return ""
