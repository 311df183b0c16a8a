"""Figures as the console prints them: exact, grouped, aligned, and each with its address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Literal

from traceledger.audit.figures import Figure, show

__all__ = ["Cell", "Clock", "decimals", "group", "plus"]

State = Literal["known", "zero", "unknown", "none", "differs"]


def group(text: str, places: int = 0) -> str:
    """Groups the digits of a number by thousands and pads it to a number of decimals.

    The minus is U+2212. Nothing is rounded.
    """
    sign, digits = ("−", text[1:]) if text.startswith("-") else ("", text)
    whole, _, rest = digits.partition(".")
    rest = rest.ljust(places, "0")
    return f"{sign}{int(whole):,}{'.' + rest if rest else ''}"


def decimals(texts: Iterable[str | None]) -> int:
    """Returns the largest number of decimals among numbers."""
    return max((len(text.partition(".")[2]) for text in texts if text), default=0)


def plus(texts: Iterable[str | None]) -> str | None:
    """Adds figures of an account; None if one is unknown."""
    total = Decimal(0)
    for text in texts:
        if text is None:
            return None
        total += Decimal(text)
    return show(total)


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure with the address of its evidence, empty for none; `text` None is unknown."""

    text: str | None
    href: str = ""
    places: int = 0
    differs: bool = False

    @classmethod
    def of(cls, figure: Figure, href: str = "", places: int = 0) -> Cell:
        """Returns the cell of a figure."""
        return cls(show(figure), href, places)

    @property
    def state(self) -> State:
        """How the figure is shown."""
        if self.text is None:
            return "unknown"
        if not self.text:
            return "none"
        if self.text == "0":
            return "zero"
        return "differs" if self.differs else "known"

    @property
    def shown(self) -> str:
        """The figure as printed."""
        return group(self.text, self.places) if self.text else "–"


class Clock:
    """Times in the office's zone: that of China, which has one, otherwise UTC."""

    def __init__(self, country: str) -> None:
        hours = 8 if country == "CHN" else 0
        self.zone = timezone(timedelta(hours=hours)) if hours else UTC

    def moment(self, seconds: int) -> str:
        """Formats a moment, in seconds since 1970, with its offset."""
        at = datetime.fromtimestamp(seconds, self.zone)
        offset = at.strftime("%z")
        return f"{at:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:]}"

    def day(self, seconds: int) -> str:
        """Formats the day of a moment."""
        return f"{datetime.fromtimestamp(seconds, self.zone):%Y-%m-%d}"

    def of_text(self, text: str) -> str:
        """Formats a time as events and accounts have it."""
        return self.moment(int(datetime.fromisoformat(text).timestamp()))
