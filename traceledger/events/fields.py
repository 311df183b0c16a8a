r"""The types of fields and who may read them: the words that the catalogue of kinds is written in.

Patterns end in `(?!\n)$` so that Python and JavaScript read them alike: Python's `$` alone would
also match before a final line feed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

__all__ = [
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
    "Role",
    "Sha256",
    "Short",
    "SignedDecimal",
    "Struct",
    "Text",
    "Time",
    "Visibility",
    "customs",
    "internal",
    "public",
]

Visibility = Literal["public", "customs", "internal"]
Role = Literal[
    "importer",
    "broker",
    "operator",
    "quality",
    "approver",
    "carrier",
    "recycler",
    "customs",
    "observer",
    "distributor",
]

_END = r"(?!\n)$"
_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+" + _END
_DECIMAL = r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?"
_DATE = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{3})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"

Text = Annotated[str, msgspec.Meta(max_length=500, pattern=_PRINTABLE)]
Short = Annotated[str, msgspec.Meta(max_length=64, pattern=_PRINTABLE)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z_][a-z0-9_]{0,63}" + _END)]
Decimal = Annotated[str, msgspec.Meta(pattern=f"^{_DECIMAL}{_END}")]
SignedDecimal = Annotated[str, msgspec.Meta(pattern=f"^-?{_DECIMAL}{_END}")]
Country = Annotated[
    str, msgspec.Meta(pattern=f"^[A-Z]{{3}}{_END}", description="ISO 3166 alpha-3 code")
]
Currency = Annotated[str, msgspec.Meta(pattern=f"^[A-Z]{{3}}{_END}", description="ISO 4217 code")]
Date = Annotated[str, msgspec.Meta(pattern=f"^{_DATE}{_END}")]
Time = Annotated[str, msgspec.Meta(pattern=f"^{_DATE}T{_CLOCK}{_END}")]
Sha256 = Annotated[str, msgspec.Meta(pattern=f"^[0-9a-f]{{64}}{_END}")]
EventId = Annotated[str, msgspec.Meta(pattern=f"^[A-Za-z0-9_-]{{43}}{_END}")]
Possession = Annotated[str, msgspec.Meta(pattern=f"^[A-Za-z0-9_-]{{86}}{_END}")]
Gln = Annotated[str, msgspec.Meta(pattern=f"^[0-9]{{13}}{_END}")]
Prefix = Annotated[str, msgspec.Meta(max_length=80, pattern=f"^[A-Za-z0-9/-]+{_END}")]


class Struct(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """The base of everything inside a token: no unknown members, absent means not there."""


class Money(Struct, frozen=True):
    """An amount of money; never a float."""

    amount: Decimal
    currency: Currency


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """What the catalogue says of one field of a kind.

    `fixed` fields are read by the life cycle, so a correction may not touch them.
    """

    visibility: Visibility
    description: str
    example: object
    unit: str = ""
    fixed: bool = False


def public(description: str, example: object, *, unit: str = "", fixed: bool = False) -> Field:
    """A field that everybody reads; it stands in clear in the token."""
    return Field("public", description, example, unit, fixed)


def customs(description: str, example: object, *, unit: str = "") -> Field:
    """A field for customs, the importer and the signing party; the token holds its digest."""
    return Field("customs", description, example, unit)


def internal(description: str, example: object, *, unit: str = "") -> Field:
    """A field for the signing party alone; the token holds its digest."""
    return Field("internal", description, example, unit)
