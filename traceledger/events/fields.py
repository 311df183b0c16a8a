r"""The types and visibilities of fields: the vocabulary of the catalogue of kinds.

Patterns end in `(?!\n)$` so that Python and JavaScript agree: Python's `$` alone would
also match before a final line feed. The last character of base64url is one that leaves no spare
bits, so every text that matches a pattern decodes, and no two texts decode to the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from traceledger.events.encoding import MAX_INTEGER
from traceledger.events.roles import Visibility
from traceledger.identifiers.characters import CODE_CHARACTER, TEXT_CHARACTER

__all__ = [
    "Code",
    "Count",
    "Country",
    "Currency",
    "Date",
    "Decimal",
    "EventId",
    "Field",
    "Gln",
    "Money",
    "Name",
    "Possession",
    "Prefix",
    "Sha256",
    "Short",
    "SignedDecimal",
    "Sscc",
    "Struct",
    "Text",
    "Time",
    "customs",
    "internal",
    "public",
]

_END = r"(?!\n)$"
# No space at either end, no two in a row.
_CODE = rf"(?! )(?!.* ( |$)){CODE_CHARACTER}+"
_DECIMAL = r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?"
# At most 18 digits, so 19 characters with the point; integers have at most 15. No minus zero.
_SIGNED_DECIMAL = rf"(?!-[0.]+$)(?=-?.{{1,19}}$)-?{_DECIMAL}"
_DATE = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{3})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"


def _text(pattern: str, description: str, most: int | None = None) -> Meta:
    return Meta(pattern=f"^{pattern}{_END}", description=description, max_length=most)


Text = Annotated[str, _text(f"{TEXT_CHARACTER}+", "text of 1 to 500 printable characters", 500)]
Short = Annotated[str, _text(f"{TEXT_CHARACTER}+", "text of 1 to 64 printable characters", 64)]
Code = Annotated[
    str,
    _text(
        _CODE,
        "a code of 1 to 64 characters in normal form (NFKC), with single spaces only inside",
        64,
    ),
]
Name = Annotated[str, _text(r"[a-z_][a-z0-9_]{0,63}", "a field name")]
Decimal = Annotated[str, _text(_DECIMAL, 'a decimal as text, like "0.942"', 19)]
SignedDecimal = Annotated[str, _text(_SIGNED_DECIMAL, 'a decimal as text, like "-0.3"')]
Count = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Country = Annotated[str, _text("[A-Z]{3}", "an ISO 3166 alpha-3 code")]
Currency = Annotated[str, _text("[A-Z]{3}", "an ISO 4217 code")]
Date = Annotated[str, _text(_DATE, "a date YYYY-MM-DD")]
Time = Annotated[
    str, _text(f"{_DATE}T{_CLOCK}", "a time YYYY-MM-DDThh:mm:ss[.fff], then Z or +hh:mm or -hh:mm")
]
Sha256 = Annotated[str, _text("[0-9a-f]{64}", "64 digits of lower-case hexadecimal")]
EventId = Annotated[
    str, _text("[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]", "43 characters of canonical base64url")
]
Possession = Annotated[
    str, _text("[A-Za-z0-9_-]{85}[AQgw]", "a signature, 86 characters of canonical base64url")
]
Gln = Annotated[str, _text("[0-9]{13}", "a GS1 location number, 13 digits")]
Sscc = Annotated[str, _text("[0-9]{18}", "a GS1 pallet number (SSCC), 18 digits")]
Prefix = Annotated[str, _text("[A-Za-z0-9/-]+", "the beginning of item ids", 80)]


class Struct(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """The base class of everything in a token: unknown members are refused, absent ones omitted."""


class Money(Struct, frozen=True):
    """An amount of money; never a float."""

    amount: Decimal
    currency: Currency


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """The catalogue's entry for one field of a kind.

    The life cycle reads `fixed` fields, so a correction must not change them.
    """

    visibility: Visibility
    description: str
    example: object
    unit: str = ""
    fixed: bool = False


def public(description: str, example: object, *, unit: str = "", fixed: bool = False) -> Field:
    """Declares a field for everyone; it is in the clear in the token."""
    return Field("public", description, example, unit, fixed)


def customs(description: str, example: object, *, unit: str = "") -> Field:
    """Declares a field for customs, importer and signing party; the token has its digest."""
    return Field("customs", description, example, unit)


def internal(description: str, example: object, *, unit: str = "") -> Field:
    """Declares a field for the signing party only; the token has its digest."""
    return Field("internal", description, example, unit)
