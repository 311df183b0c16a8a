"""Texts, times, countries and currencies: the non-numeric values in events.

Source: docs/spec/events.md, "Values".
"""

from __future__ import annotations

import functools
import re
import unicodedata
from datetime import UTC, datetime

from traceledger.errors import MalformedError
from traceledger.identifiers.characters import CODE_CHARACTER, TEXT_CHARACTER
from traceledger.identifiers.code_lists import COUNTRIES, CURRENCIES
from traceledger.identifiers.excerpt import excerpt

__all__ = [
    "check_code",
    "check_country",
    "check_currency",
    "check_text",
    "check_time",
    "find_time",
    "format_time",
    "parse_time",
]

_TEXT = re.compile(f"{TEXT_CHARACTER}*")
_CODE = re.compile(f"{CODE_CHARACTER}*")
_TIME = re.compile(
    r"[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{3})?"
    r"(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
)


def check_country(code: str) -> str:
    """Returns the code if it is an ISO 3166-1 alpha-3 country, in capitals."""
    if code not in COUNTRIES:
        raise MalformedError(
            "value.country",
            f"{excerpt(code)} is not a country; allowed: the three-letter codes of ISO 3166,"
            " for example CHN, DEU, USA",
        )
    return code


def check_currency(code: str) -> str:
    """Returns the code if it is an ISO 4217 currency, in capitals."""
    if code not in CURRENCIES:
        raise MalformedError(
            "value.currency",
            f"{excerpt(code)} is not a currency; allowed: the three-letter codes of ISO 4217,"
            " for example CNY, EUR, USD",
        )
    return code


def check_text(text: str, *, maximum: int = 500) -> str:
    """Returns the text if it has 1 to `maximum` code points, none of them hidden.

    Refuses what `traceledger.identifiers.characters` lists: control and format characters, line
    breaks, fillers, private-use and unassigned characters.
    """
    _check_length(text, maximum)
    _check_characters(_TEXT, text, "allowed: printable characters")
    return text


def check_code(text: str, *, maximum: int = 64) -> str:
    """Returns the code, such as a part number, if no other code looks like it.

    Refuses what `check_text` refuses, characters that NFKC replaces, combining marks, and spaces
    at an end, in a row, or other than U+0020.
    """
    _check_length(text, maximum)
    normal = " ".join(unicodedata.normalize("NFKC", text).split())
    remedy = f"allowed: {excerpt(normal)}" if _CODE.fullmatch(normal) else "allowed: plain letters"
    _check_characters(_CODE, text, remedy)
    if text != normal:
        raise MalformedError("value.text", f"{excerpt(text)} has spaces too many; {remedy}")
    return text


def _check_length(text: str, maximum: int) -> None:
    if not 1 <= len(text) <= maximum:
        raise MalformedError(
            "value.text",
            f"the text {excerpt(text)} has {len(text):,} characters; allowed: 1 to {maximum}",
        )


def _check_characters(allowed: re.Pattern[str], text: str, remedy: str) -> None:
    good = allowed.match(text)
    end = good.end() if good else 0
    if end < len(text):
        raise MalformedError(
            "value.text",
            f"the text {excerpt(text)} contains U+{ord(text[end]):04X} as character {end + 1};"
            f" {remedy}",
        )


def check_time(text: str) -> str:
    """Returns the text if it is `YYYY-MM-DDThh:mm:ss[.fff](Z|±hh:mm)` on a real calendar date.

    Years 1000 to 2999, offsets below 15 hours, no leap seconds.
    """
    parse_time(text)
    return text


def format_time(seconds: float) -> str:
    """Formats seconds since 1970, up to the year 9999, as a time in UTC; fractions are omitted."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


@functools.lru_cache(maxsize=1024)
def parse_time(text: str) -> datetime:
    """Parses a time that `check_time` allows into a datetime with its offset.

    Events of a batch often have the same time, and each is looked at more than once.
    """
    if not _TIME.fullmatch(text):
        raise MalformedError(
            "value.time",
            f"{excerpt(text)} is not a time; allowed: YYYY-MM-DDThh:mm:ss, optionally .fff, then Z"
            " or an offset, for example 2025-03-14T09:20:00+08:00",
        )
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedError(
            "value.time", f"{excerpt(text)} is not a time: the month has no such day"
        ) from error


def find_time(text: str) -> datetime | None:
    """Parses a time of an event, None if the calendar does not have it.

    The rules of the log do not ask the calendar, so a legal event may have such a time.
    """
    try:
        return parse_time(text)
    except MalformedError:
        return None
