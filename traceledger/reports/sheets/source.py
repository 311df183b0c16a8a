"""What the sheets of a report are made from, and how they name books and times."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple

from traceledger.audit.details import Details
from traceledger.audit.registry import RegistryState
from traceledger.formats.sample import SignedSample

__all__ = ["Json", "Source", "name_of", "show_time"]

Json = dict[str, Any]


class Source(NamedTuple):
    """What the sheets are made from; `samples` are checked, signed, and of this account."""

    account: Json
    details: Details
    registry: RegistryState
    zone: tzinfo
    samples: tuple[SignedSample, ...] = ()


def name_of(book: Json) -> str:
    """Returns the number of a book, or its id if the number is not disclosed."""
    return str(book.get("number") or book["book"])


def show_time(seconds: int, zone: tzinfo) -> str:
    """Formats a time with its offset from UTC."""
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M:%S} {moment.isoformat()[19:]}"
