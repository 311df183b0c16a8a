"""Parsers of single cells: numbers, texts and identifiers.

Each function takes a non-empty cell and returns its value, or raises a MalformedError whose message
states what is allowed; the caller adds the row, the column and the given value.
"""

from __future__ import annotations

import re

from traceledger.errors import MalformedError
from traceledger.identifiers import check_code, check_decimal, check_text, compare_decimals
from traceledger.manifests.damage import find_damage
from traceledger.manifests.names import MODE_NAMES

__all__ = [
    "document_number",
    "hs_code",
    "identifier",
    "line_number",
    "number",
    "number_above_zero",
    "one_piece",
    "short_text",
    "supervision_mode",
    "text",
    "ungroup",
]

# With a decimal point and full groups of three digits, a comma can only separate thousands.
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]{1,9}")
_EXPONENT = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+")
_ZEROS_AFTER_POINT = re.compile(r"([0-9]+)\.0+|([0-9]+\.[0-9]*[1-9])0+")
_DOCUMENT = re.compile(r"[A-Z0-9/-]{1,40}")
_LINE = re.compile(r"[1-9][0-9]{0,5}")
_HS10 = re.compile(r"[0-9]{10}")
_MODE = re.compile(r"[0-9]{4}")
_MODE_WITHIN = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")


def text(cell: str, *, maximum: int = 500) -> str:
    """Returns a text unchanged, even if it begins like a formula."""
    try:
        return check_text(cell, maximum=maximum)
    except MalformedError as error:
        raise MalformedError(
            error.code, f"1 to {maximum} printable characters on one line ({error.message})"
        ) from error


def short_text(cell: str) -> str:
    """Parses a text of at most 64 characters."""
    return text(cell, maximum=64)


def identifier(cell: str) -> str:
    """Parses a part number, serial number or similar; refuses one that a spreadsheet changed."""
    if hint := find_damage(cell):
        raise MalformedError("manifest.value", f"the original value; {hint}")
    return check_code(cell)


def ungroup(cell: str) -> str:
    """Removes thousands separators if they are unambiguous; returns any other text unchanged."""
    return cell.replace(",", "") if _GROUPED.fullmatch(cell) else cell


def number(cell: str) -> str:
    """Parses a plain decimal; removes thousands separators if they are unambiguous."""
    try:
        return check_decimal(ungroup(cell))
    except MalformedError as error:
        raise MalformedError(
            error.code,
            f"up to 15 digits, with up to 9 after a decimal point, such as 0.942"
            f"{_number_hint(cell)}",
        ) from error


def number_above_zero(cell: str) -> str:
    """Parses a plain decimal greater than zero."""
    plain = number(cell)
    if compare_decimals(plain, "0") == 0:
        raise MalformedError("manifest.value", "a number greater than zero")
    return plain


def one_piece(cell: str) -> str:
    """Parses the quantity of a manifest's row, which must be 1."""
    plain = number(cell)
    if compare_decimals(plain, "1") != 0:
        raise MalformedError("manifest.value", "1; each core has its own row")
    return plain


def line_number(cell: str) -> int:
    """Parses the number of a line in a document: 1 to 999999."""
    if not _LINE.fullmatch(cell):
        raise MalformedError("manifest.value", "a line number from 1 to 999999")
    return int(cell)


def document_number(cell: str) -> str:
    """Parses the number of a declaration, verification list or account book."""
    # Document numbers often end in zeros, so trailing zeros do not indicate rounding.
    hint = "" if cell.isdecimal() else find_damage(cell)
    if hint or not _DOCUMENT.fullmatch(cell):
        allowed = "1 to 40 characters A-Z, 0-9, - and /"
        raise MalformedError("manifest.value", f"{allowed}; {hint}" if hint else allowed)
    return cell


def hs_code(cell: str) -> str:
    """Parses a commodity code of ten digits."""
    if not _HS10.fullmatch(cell):
        plain = re.sub(r"[.\s]", "", cell.removesuffix(".00"))
        hint = f"; write {plain}" if _HS10.fullmatch(plain) else ""
        raise MalformedError("manifest.value", f"10 digits, including leading zeros{hint}")
    return cell


def supervision_mode(cell: str) -> str:
    """Parses a supervision mode (监管方式) of four digits."""
    if not _MODE.fullmatch(cell):
        within = _MODE_WITHIN.search(cell)
        code = within[0] if within else MODE_NAMES.get(cell, "")
        if cell.isdecimal() and len(cell) == 3:
            code = f"0{cell}"
        hint = f"; write {code} if that is the intended mode" if code else ""
        raise MalformedError("manifest.value", f"4 digits, such as 1371{hint}")
    return cell


def _number_hint(cell: str) -> str:
    if _EXPONENT.fullmatch(cell):
        return "; write the number without an exponent"
    if "," in cell:
        return (
            "; a comma can be a decimal comma or a thousands separator: write a decimal point,"
            " or omit the comma"
        )
    if cell.startswith("-"):
        return "; negative numbers are not allowed"
    if match := _ZEROS_AFTER_POINT.fullmatch(cell):
        return f"; write {match[1] or match[2]}"
    return ""
