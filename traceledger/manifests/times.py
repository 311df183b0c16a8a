"""What one cell may hold: a time, in any of the forms that customs software and Excel write."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from traceledger.errors import MalformedError
from traceledger.identifiers import check_time

__all__ = ["parse_zone", "time"]

_ZONE = re.compile(r"([+-])(0[0-9]|1[0-4]):([0-5][0-9])")
_LOCAL = (
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:([0-9]{2})([0-9]{2})([0-9]{2}))?"),
    re.compile(
        r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})"
        r"(?:[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.0+)?)?)?"
    ),
    re.compile(
        r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日"
        r"(?: ?([0-9]{1,2})[:时]([0-9]{2})(?:[:分]([0-9]{2})秒?|分)?)?"
    ),
)
# Excel's days since 1899-12-30, for the years 2000 to 2099.
_SERIAL = re.compile(r"[3-7][0-9]{4}")
_SERIALS = range(36_526, 73_051)


def parse_zone(text: str) -> timezone:
    """Parses an offset from UTC such as `+08:00`; raises MalformedError `value.time`."""
    match = _ZONE.fullmatch(text)
    if match is None:
        raise MalformedError("value.time", "the offset from UTC, such as +08:00")
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-offset if match[1] == "-" else offset)


def time(cell: str, zone: timezone | None = None) -> str:
    """A time with its offset, or without one in a zone that the caller knows.

    A date alone is the beginning of that day, as customs' own messages write it. Without a zone
    both are refused, since the zone would be a guess.
    """
    if zone is not None and (local := _read_local(cell, zone)):
        return check_time(local.isoformat())
    try:
        return check_time(cell)
    except MalformedError as error:
        hint = "" if zone else "; without an offset it is read with --zone +08:00 or the like"
        raise MalformedError(
            error.code,
            "a time with its offset from UTC on a real date, such as 2025-03-14T09:20:00+08:00"
            f"{hint}",
        ) from error


def _read_local(cell: str, zone: timezone) -> datetime | None:
    if _SERIAL.fullmatch(cell) and int(cell) in _SERIALS:
        return datetime(1899, 12, 30, tzinfo=zone) + timedelta(days=int(cell))
    for form in _LOCAL:
        if match := form.fullmatch(cell):
            numbers = [int(part or 0) for part in match.groups() if part not in {"-", "/"}]
            year, month, day, hour, minute, second = numbers
            try:
                return datetime(year, month, day, hour, minute, second, tzinfo=zone)
            except ValueError:
                return None
    return None
