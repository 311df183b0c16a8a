"""Parsers of single cells: countries, currencies and units, as codes, names or both.

Each function takes a non-empty cell and returns the code, or raises a MalformedError whose message
states what is allowed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from traceledger.errors import MalformedError
from traceledger.identifiers import check_country, check_currency
from traceledger.manifests.conventions import Codes
from traceledger.manifests.names import (
    COUNTRY_NAMES,
    CURRENCY_NAMES,
    CUSTOMS_COUNTRIES,
    CUSTOMS_CURRENCIES,
    SINGLE_PIECES,
    UNIT_NAMES,
    UNITS,
)

__all__ = ["country", "currency", "piece_unit", "show_unit", "unit"]

_TWO = re.compile(r"([^()]+)\(([^()]+)\)")


def country(cell: str, codes: Codes = "iso") -> str:
    """Parses a country: its three-letter code, its Chinese name, both, or its customs number.

    The number is accepted if `codes` is `customs` or if the cell also contains the matching name.
    """
    return _read(
        cell,
        codes,
        check=check_country,
        names=COUNTRY_NAMES,
        numbers=CUSTOMS_COUNTRIES,
        allowed="a three-letter ISO 3166 code, such as USA",
    )


def currency(cell: str, codes: Codes = "iso") -> str:
    """Parses a currency, in the same forms as a country."""
    return _read(
        cell,
        codes,
        check=check_currency,
        names=CURRENCY_NAMES,
        numbers=CUSTOMS_CURRENCIES,
        allowed="a three-letter ISO 4217 code, such as USD",
    )


def unit(cell: str) -> str:
    """Parses a unit of the customs table: its code, its name or both; returns three digits."""
    found = {_unit_code(part) for part in _parts(cell)}
    if len(found) != 1 or None in found:
        raise MalformedError(
            "manifest.value", "the code or name of a unit in the customs table, such as 007 or 个"
        )
    return str(found.pop())


def piece_unit(cell: str) -> str:
    """Parses a unit that counts single pieces; 百个 and similar units are multiples."""
    code = unit(cell)
    if code not in SINGLE_PIECES:
        raise MalformedError(
            "manifest.value",
            f"a unit that counts single pieces, such as 007 个; {show_unit(code)} does not",
        )
    return code


def show_unit(code: str) -> str:
    """Formats the code and name of a unit."""
    return f"{code} {UNITS[code]}" if code in UNITS else code


def _parts(cell: str) -> tuple[str, ...]:
    """Splits a cell of the form `name(code)` or `code(name)`; returns others as one part."""
    plain = unicodedata.normalize("NFKC", cell)
    match = _TWO.fullmatch(plain)
    return (match[1].strip(), match[2].strip()) if match else (plain,)


def _unit_code(part: str) -> str | None:
    code = part.zfill(3) if part.isdecimal() else UNIT_NAMES.get(part)
    return code if code in UNITS else None


def _read(
    cell: str,
    codes: Codes,
    *,
    check: Callable[[str], str],
    names: Mapping[str, str],
    numbers: Mapping[str, str],
    allowed: str,
) -> str:
    if codes == "customs" and cell in numbers:
        return numbers[cell]
    parts = _parts(cell)
    if len(parts) == 2 and not all(map(str.isdecimal, parts)):
        # A number next to the matching name can only be the customs number.
        meant = {numbers.get(part, names.get(part, part)) for part in parts}
        if len(meant) == 1:
            return check(meant.pop())
    try:
        return check(names.get(cell, cell))
    except MalformedError as error:
        raise MalformedError(error.code, f"{allowed}{_code_hint(cell, numbers)}") from error


def _code_hint(cell: str, customs: Mapping[str, str]) -> str:
    if cell.upper() != cell:
        return ", in capitals"
    if meant := customs.get(cell):
        # ISO 3166 assigns the same number to a different country; customs software has used both.
        return (
            f"; {cell} meant {meant} in the customs tables before 2018: write {meant}, or choose"
            " those tables for the whole file (--codes customs; in the console: Countries and"
            " currencies)"
        )
    return ""
