"""Plain words for what the rules call by one: states, overlays, kinds, times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

__all__ = ["ACTIONS", "LIVES", "life", "moment", "say_marks"]

LIVES = {
    "DECLARED": "declared, not received yet",
    "RECEIVED": "received, not graded yet",
    "MISSING": "missing: declared, but did not arrive",
    "ACCEPTED": "accepted for remanufacturing",
    "DONOR": "donor of parts",
    "REJECTED": "rejected",
    "CONDEMNED": "condemned: scrap",
    "IN_PROCESS": "being worked on",
    "CONSUMED": "built into a unit",
    "RETURNED": "sent back abroad",
    "ASSEMBLED": "assembled, not tested yet",
    "TESTED": "tested, not approved yet",
    "FAILED": "failed; must be reworked",
    "APPROVED": "approved for sale",
    "PACKED": "approved and packed",
    "EXPORTED": "exported",
    "DISASSEMBLED": "taken apart",
    "SCRAPPED": "scrapped",
    "DIVERTED": "sold in the country",
    "AVAILABLE": "ready to be used",
    "CLAIMED": "returned under warranty",
    "REIMPORTED": "back in the country",
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
    "reflash": "have its software renewed",
    "stop_use": "do not use it",
}


MARKS = {
    "recalled": "RECALLED",
    "hold_customs": "ON HOLD by customs",
    "hold_quality": "ON HOLD by quality",
    "part_held": "contains a part ON HOLD",
    "part_recalled": "contains a RECALLED part",
}


def life(state: str, chain: str = "") -> str:
    """The state of an item in plain words; `chain` says what it is."""
    return "declared" if chain == "declaration" else LIVES.get(state, state)


def moment(seconds: float) -> str:
    """A time for people, in UTC to the minute."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def say_marks(overlays: Iterable[str]) -> str:
    """Describes the marks in force on an item and on parts inside it."""
    return ", ".join(MARKS.get(mark, mark) for mark in overlays)
