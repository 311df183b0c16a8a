"""Parser of a cell with a time, in any form that customs software and Excel produce."""

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
# Excel's count of days since 1899-12-30, for the years 2000 to 2099.
_SERIAL = re.compile(r"[3-7][0-9]{4}")
_SERIALS = range(36_526, 73_051)


def parse_zone(text: str) -> timezone:
    """Parses an offset from UTC such as `+08:00`; raises MalformedError `value.time`."""
    match = _ZONE.fullmatch(text)
    if match is None:
        raise MalformedError("value.time", "an offset from UTC, such as +08:00")
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-offset if match[1] == "-" else offset)


def time(cell: str, zone: timezone | None = None) -> str:
    """Parses a time with its offset from UTC, or a local time in `zone`.

    A date without a time means the beginning of the day, as in customs messages. Without `zone`,
    local times and dates are refused, because their offset would be a guess.
    """
    if zone is not None and (local := _read_local(cell, zone)):
        return check_time(local.isoformat())
    try:
        return check_time(cell)
    except MalformedError as error:
        hint = "" if zone else "; specify the offset of local times with --zone, such as +08:00"
        raise MalformedError(
            error.code,
            "an existing date and time with an offset from UTC, such as 2025-03-14T09:20:00+08:00"
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
