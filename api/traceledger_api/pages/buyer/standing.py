"""The standing of a part for its buyer: one word for each outcome of a report.

`static/standing.js` derives the same word from the same report; tests compare the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from traceledger.events.roles import HOLDERS
from traceledger.identifiers.items import parse_item

__all__ = ["STANDINGS", "TONES", "Tone", "standing_of"]

Tone = Literal["good", "warn", "stop", "plain"]

_LIVES = MappingProxyType(
    {
        "EXPORTED": "released",
        "DIVERTED": "released",
        "PACKED": "packed",
        "APPROVED": "unreleased",
        "TESTED": "unreleased",
        "ASSEMBLED": "unreleased",
        "FAILED": "failed",
        "CLAIMED": "claimed",
        "REIMPORTED": "reimported",
        "DISASSEMBLED": "apart",
        "SCRAPPED": "scrapped",
    }
)
"""By the life cycle of a unit (docs/spec/catalogue.md). Other items are parts of units."""

TONES: Mapping[str, Tone] = MappingProxyType(
    {
        "recalled": "stop",
        "held_customs": "stop",
        "held_quality": "stop",
        "released": "good",
        "packed": "warn",
        "unreleased": "warn",
        "failed": "stop",
        "claimed": "warn",
        "reimported": "warn",
        "apart": "stop",
        "scrapped": "stop",
        "component": "plain",
        "unknown": "plain",
        "unproven": "plain",
    }
)
STANDINGS = tuple(TONES)

_STOPS = {"recall", "hold"}


def standing_of(report: Mapping[str, Any]) -> str:
    """Returns one of `STANDINGS` for a report of docs/spec/results.md.

    A recall or hold of a part of the unit applies to the unit; one that could not be judged leaves
    it unknown.
    """
    if report["result"] in {"refused", "unchecked"}:
        return "unproven"
    if report["recalls"]:
        return "recalled"
    authorities = {hold["authority"] for hold in report["holds"]}
    for authority in HOLDERS:
        if authority in authorities:
            return f"held_{authority}"
    stops = _STOPS & {mention["kind"] for mention in report["unchecked"]}
    if stops or report["state"] == "UNKNOWN":
        return "unknown"
    if parse_item(report["item"]).form != "unit":
        return "component"
    return _LIVES.get(report["state"], "unknown")
