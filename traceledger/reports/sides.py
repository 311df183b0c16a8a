"""The two sides of a finding for people: the account's JSON has figures, a reader needs units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from traceledger.reports.words import Words

__all__ = ["show_measure", "show_side"]

_UNITS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("QTY-01", "QTY-03", "QTY-04"), "pieces"),
        **dict.fromkeys(("QTY-05", "QTY-06", "QTY-08", "LIN-07", "WST-04"), "kg"),
        **dict.fromkeys(("TIM-01", "TIM-02", "TIM-03", "WST-01"), "days"),
        "INT-06": "seconds",
    }
)
"""The unit of the figures of a finding, by its code (docs/spec/account.md)."""

_FIGURE = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_PARTS = (("hours", 3600), ("minutes", 60), ("seconds", 1))


def show_side(code: str, stated: str, words: Words) -> str:
    """Shows `expected` or `actual` of a finding; a figure gets its unit, other text stays."""
    unit = _UNITS.get(code, "")
    if not unit or not _FIGURE.fullmatch(stated):
        return stated
    if unit == "seconds":
        return _duration(int(stated), words)
    return words(f"unit.{unit}", n=stated)


def show_measure(measure: str, words: Words) -> str:
    """Shows a unit of a comparison with customs' list, `{piece}` or `kg` in UCUM, as a word."""
    return words(f"measure.{measure.strip('{}')}")


def _duration(seconds: int, words: Words) -> str:
    """Shows a time span in hours, minutes and seconds; parts that are 0 are omitted."""
    rest, shown = abs(seconds), []
    for name, size in _PARTS:
        count, rest = divmod(rest, size)
        if count:
            shown.append(words(f"unit.{name}", n=f"{count:,}"))
    return ("-" if seconds < 0 else "") + " ".join(shown or [words("unit.hours", n=0)])
