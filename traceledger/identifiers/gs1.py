"""GS1 check digits, and new serials and ids.

Source: GS1 General Specifications, section 7.9 (check digits).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from traceledger.errors import MalformedError
from traceledger.identifiers.excerpt import excerpt

__all__ = [
    "SERIAL_ALPHABET",
    "check_digit",
    "group_serial",
    "make_gtin",
    "new_id",
    "new_serial",
    "ungroup_serial",
]

# No 0, 1, I or O: they are confused when a label is read aloud or typed.
SERIAL_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

_SERIAL_LENGTH = 14
_ID_LENGTH = 20
_GROUP = 4
_PREFIX = re.compile(r"[0-9]{4,11}")


def check_digit(digits: str) -> str:
    """Returns the modulo-10 check digit for a string of ASCII digits."""
    raw = digits.encode("ascii")[::-1]
    heavy, light = raw[::2], raw[1::2]
    # Summing bytes is faster than converting digits one by one; 48 is the code of the digit 0.
    total = 3 * (sum(heavy) - 48 * len(heavy)) + sum(light) - 48 * len(light)
    return str(-total % 10)


def make_gtin(company_prefix: str, item_reference: int) -> str:
    """Builds a GTIN-14 with indicator 0 from a GS1 company prefix and an item reference.

    The prefix has 4 to 11 digits; prefix and reference have 12 together, the check digit follows.
    """
    if not _PREFIX.fullmatch(company_prefix):
        raise MalformedError(
            "item.form",
            f"{excerpt(company_prefix)} is not a GS1 company prefix; allowed: 4 to 11 digits",
        )
    width = 12 - len(company_prefix)
    if not 0 <= item_reference < 10**width:
        raise MalformedError(
            "item.form",
            f"the item reference {item_reference} does not fit; allowed after the prefix"
            f" {company_prefix}: 0 to {10**width - 1}",
        )
    body = f"0{company_prefix}{item_reference:0{width}d}"
    return body + check_digit(body)


def new_serial(randbytes: Callable[[int], bytes]) -> str:
    """Generates a serial of 14 characters (70 bits), for example from `secrets.token_bytes`."""
    return _random(randbytes, _SERIAL_LENGTH)


def new_id(randbytes: Callable[[int], bytes]) -> str:
    """Generates the id of a declaration line or an account book: 20 characters (100 bits)."""
    return _random(randbytes, _ID_LENGTH)


def group_serial(serial: str) -> str:
    """Formats a serial for people in groups of four: `7KQ2 X4PM 9ATR WC`.

    People copy four characters from a label to a keyboard at a glance. The separator is a space
    because a hyphen may be part of a serial, so removing the spaces restores the serial. Inverse of
    `ungroup_serial`.
    """
    return " ".join(serial[i : i + _GROUP] for i in range(0, len(serial), _GROUP))


def ungroup_serial(shown: str) -> str:
    """Removes the spaces from a serial that a person typed; inverse of `group_serial`."""
    return shown.replace(" ", "")


def _random(randbytes: Callable[[int], bytes], length: int) -> str:
    # 256 is a multiple of the 32 symbols, so the low five bits of a byte select each with equal
    # probability.
    return "".join(SERIAL_ALPHABET[byte & 31] for byte in randbytes(length))
