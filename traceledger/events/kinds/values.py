"""What the fields of several kinds share: their values, links and examples."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from traceledger.events.fields import Code, Date, Decimal, Lot, Struct
from traceledger.events.kind import ref

__all__ = [
    "DECLARATION",
    "EQUIPMENT",
    "NEW_PARTS",
    "SHA256",
    "Equipment",
    "LimitedCount",
    "NewPart",
    "NewParts",
    "SomeCodes",
]

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
"""An example of a SHA-256."""

DECLARATION = (ref("declaration", "declaration", at="first"),)
"""The link to a line of a declaration."""

LimitedCount = Annotated[int, Meta(ge=0, le=1_000_000)]
SomeCodes = Annotated[list[Code], Meta(min_length=1, max_length=64)]


class NewPart(Struct, frozen=True, kw_only=True):
    """New parts taken from a lot."""

    lot: Lot
    part_no: Code
    quantity: Decimal


NewParts = Annotated[list[NewPart], Meta(min_length=1, max_length=64)]
NEW_PARTS = [{"lot": "lot/CAP-2503", "part_no": "CAP-220", "quantity": "2"}]
"""An example of new parts."""


class Equipment(Struct, frozen=True, kw_only=True):
    """A piece of test equipment and the date on which its own calibration expires."""

    id: Code
    due: Date


EQUIPMENT = {"id": "BENCH-3", "due": "2025-12-31"}
"""An example of test equipment."""
