"""What one cell may hold: countries, currencies and units, as codes or names or both.

Each function takes a cell that is not empty and returns the code, or raises MalformedError whose
message says what is allowed.
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
    """A country by its three-letter code, its Chinese name, both, or its number in customs' table.

    The number is read if `codes` says so, or if a name stands beside it that means the same.
    """
    return _read(
        cell,
        codes,
        check=check_country,
        names=COUNTRY_NAMES,
        numbers=CUSTOMS_COUNTRIES,
        allowed="a three-letter code of ISO 3166, such as USA",
    )


def currency(cell: str, codes: Codes = "iso") -> str:
    """A currency, in the same ways as a country."""
    return _read(
        cell,
        codes,
        check=check_currency,
        names=CURRENCY_NAMES,
        numbers=CUSTOMS_CURRENCIES,
        allowed="a three-letter code of ISO 4217, such as USD",
    )


def unit(cell: str) -> str:
    """A unit of customs' table by its code or name or both; returns the code of three digits."""
    found = {_unit_code(part) for part in _parts(cell)}
    if len(found) != 1 or None in found:
        raise MalformedError(
            "manifest.value", "a unit of customs' table, by its code or its name: 007 or 个"
        )
    return str(found.pop())


def piece_unit(cell: str) -> str:
    """A unit that counts single pieces; 百个 and the like are multiples of one."""
    code = unit(cell)
    if code not in SINGLE_PIECES:
        raise MalformedError(
            "manifest.value", f"a unit of single pieces, such as 007 个; {show_unit(code)} is none"
        )
    return code


def show_unit(code: str) -> str:
    """The code of a unit and its name."""
    return f"{code} {UNITS[code]}" if code in UNITS else code


def _parts(cell: str) -> tuple[str, ...]:
    """The cell as one part, or as two if it is `name(code)` or the other way round."""
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
        # Beside a name that means the same a number can only be customs'.
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
        # The same digits mean another country in ISO 3166, and customs software wrote both.
        return (
            f"; {cell} meant {meant} in customs tables before 2018: write {meant} if that is meant,"
            " or say --codes customs for the whole file"
        )
    return ""
