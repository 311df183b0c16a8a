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
    "Email",
    "EventId",
    "Field",
    "Fraction",
    "Gln",
    "Language",
    "Latin",
    "Lot",
    "Money",
    "Name",
    "Origin",
    "Part",
    "Phone",
    "Possession",
    "Prefix",
    "Sha256",
    "Short",
    "SignedDecimal",
    "Sscc",
    "Struct",
    "Text",
    "Time",
    "Web",
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
# At least two labels in lower case; names in other scripts are written in their ASCII form.
_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"({_LABEL}\.)+[a-z]{_LABEL}"
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
# The printable characters of ASCII, Latin-1 and the Latin extensions, without the soft hyphen.
Latin = Annotated[
    str,
    _text(
        "[ -~\u00a1-\u00ac\u00ae-\u024f\u1e00-\u1eff]+",
        "text of 1 to 500 Latin letters, digits and signs",
        500,
    ),
]
Phone = Annotated[
    str,
    _text(
        r"\+[1-9]([ -]?[0-9]){4,30}",
        'a telephone number of at most 32 characters with its country code, like "+86 23 555"',
        32,
    ),
]
Web = Annotated[
    str,
    _text(
        rf"https://{_HOST}(:[1-9][0-9]{{0,4}})?(/[!#-;=?-Z_a-z~]*)?",
        "an https address of at most 500 ASCII characters, with its host in lower case",
        500,
    ),
]
Email = Annotated[
    str,
    _text(
        rf"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@{_HOST}",
        "an e-mail address of at most 254 characters",
        254,
    ),
]
Language = Annotated[
    str, _text(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", 'a language tag, like "zh-CN"')
]
Name = Annotated[str, _text(r"[a-z_][a-z0-9_]{0,63}", "a field name")]
Decimal = Annotated[str, _text(_DECIMAL, 'a decimal as text, like "0.942"', 19)]
Fraction = Annotated[str, _text(_DECIMAL, 'a fraction of one as text, like "0.02"', 19)]
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
Lot = Annotated[str, _text("lot/[A-Za-z0-9-]{1,40}", 'the id of a lot, like "lot/CAP-2503"')]
Origin = Annotated[str, _text("[!-*,-~]+", "the name of a log", 255)]
Part = Annotated[
    str,
    _text(
        r"(01/[0-9]{14}/21/[A-Z0-9-]{1,20}|8004/[A-Z0-9-]{1,30}"
        r"|x/(unit|core|component)/[A-Za-z0-9-]{1,40})",
        "the id of a unit, core or component",
    ),
]
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
