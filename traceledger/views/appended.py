"""A ledger's answer to a request of events."""

from __future__ import annotations

from typing import NamedTuple

from traceledger.views.answers import LogPlace

__all__ = ["MAX_EVENTS", "Appended", "Logged", "describe_logged"]


MAX_EVENTS = 10_000
"""The number of events in a request."""


class Logged(NamedTuple):
    """The place of an event in the log and in its chain."""

    leaf_index: int
    event: str
    leaf: bytes
    item: str
    seq: int


class Appended(NamedTuple):
    """A ledger's answer to a request: a signed receipt and the place of each event."""

    receipt: bytes
    events: tuple[Logged, ...]


def describe_logged(logged: Logged) -> LogPlace:
    """Describes the place of an event."""
    return LogPlace(index=logged.leaf_index, event=logged.event, item=logged.item, seq=logged.seq)
