"""Properties that a file does not state and that its sender must specify."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timezone
from typing import Literal

from traceledger.manifests.sheet import MAX_UNPACKED

__all__ = ["STRICT", "Codes", "Conventions", "Encoding"]

Encoding = Literal["UTF-8", "GBK", "windows-1252", "Shift-JIS"]
Codes = Literal["iso", "customs"]


@dataclass(frozen=True, slots=True)
class Conventions:
    """How to read a file; the defaults refuse everything that would require a guess.

    `encoding` disables detection. `codes` selects the table of numeric countries and currencies;
    `iso` accepts letters only. `zone` applies to times without an offset. `base` is the base
    address of links on labels; if it is given, links with a different base are reported. A workbook
    has at most `unpacked` bytes when it is unpacked.
    """

    encoding: Encoding | None = None
    codes: Codes = "iso"
    zone: timezone | None = None
    base: str = ""
    unpacked: int = MAX_UNPACKED


STRICT = Conventions()
"""The conventions of a file about which nothing is known."""
