"""Plain words for states and actions, and times for people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

__all__ = ["ACTIONS", "LIVES", "counted", "life", "moment", "render_marks"]

LIVES = {
    "DECLARED": "declared, not received yet",
    "RECEIVED": "received, not graded yet",
    "MISSING": "missing: declared, but not received",
    "ACCEPTED": "accepted for remanufacturing",
    "DONOR": "donor of parts",
    "REJECTED": "rejected",
    "CONDEMNED": "condemned: scrap",
    "IN_PROCESS": "in process",
    "CONSUMED": "built into a unit",
    "RETURNED": "returned abroad",
    "ASSEMBLED": "assembled, not tested yet",
    "TESTED": "tested, not approved yet",
    "FAILED": "failed its test; must be reworked",
    "APPROVED": "approved for sale",
    "PACKED": "approved and packed",
    "EXPORTED": "exported",
    "DISASSEMBLED": "disassembled",
    "SCRAPPED": "scrapped",
    "DIVERTED": "sold domestically",
    "AVAILABLE": "available",
    "CLAIMED": "returned under warranty",
    "REIMPORTED": "reimported",
    "DESTROYED": "destroyed",
    "CLOSED": "closed",
    "OPEN": "open",
    "VOIDED": "voided",
    "VALID": "valid",
    "ENDED": "ended",
    "ADMITTED": "admitted",
}

ACTIONS = {
    "return": "return it",
    "reflash": "have its software updated",
    "stop_use": "do not use it",
}


MARKS = {
    "recalled": "RECALLED",
    "hold_customs": "ON HOLD by customs",
    "hold_quality": "ON HOLD by quality",
    "part_held": "contains a part ON HOLD",
    "part_recalled": "contains a RECALLED part",
}


def counted(count: int, noun: str) -> str:
    """Returns a count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def life(state: str, chain: str = "") -> str:
    """Returns an item's state in plain words, given its chain."""
    return "declared" if chain == "declaration" else LIVES.get(state, state)


def moment(seconds: float) -> str:
    """Returns a time for people, in UTC to the minute."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def render_marks(overlays: Iterable[str]) -> str:
    """Describes the marks in force on an item and on parts inside it."""
    return ", ".join(MARKS.get(mark, mark) for mark in overlays)
