"""What a file does not say about itself, so that its sender must."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timezone
from typing import Literal

__all__ = ["STRICT", "Codes", "Conventions", "Encoding"]

Encoding = Literal["UTF-8", "GBK", "windows-1252", "Shift-JIS"]
Codes = Literal["iso", "customs"]


@dataclass(frozen=True, slots=True)
class Conventions:
    """How a file is to be read; the defaults refuse whatever would be a guess.

    `encoding` overrides the search for one. `codes` says which table numeric countries and
    currencies come from: `iso` allows letters only. `zone` is that of times without an offset.
    `base` is the address that links on labels begin with, if others are to be named.
    """

    encoding: Encoding | None = None
    codes: Codes = "iso"
    zone: timezone | None = None
    base: str = ""


STRICT = Conventions()
"""Nothing is known but the file."""
