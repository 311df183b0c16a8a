"""What a ledger answers to a request of events."""

from __future__ import annotations

from typing import NamedTuple

from traceledger.views.answers import LogPlace

__all__ = ["Appended", "Logged", "describe_logged"]


class Logged(NamedTuple):
    """Where an event stands in the log and in its chain."""

    leaf_index: int
    event: str
    leaf: bytes
    item: str
    seq: int


class Appended(NamedTuple):
    """What the ledger answers to a request: a signed receipt, and where each event stands."""

    receipt: bytes
    events: tuple[Logged, ...]


def describe_logged(logged: Logged) -> LogPlace:
    """Describes where an event stands."""
    return LogPlace(index=logged.leaf_index, event=logged.event, item=logged.item, seq=logged.seq)
