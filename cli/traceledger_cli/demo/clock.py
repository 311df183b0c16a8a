"""The demo's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

__all__ = ["Clock"]

_START = datetime(2025, 3, 14, 1, 20, tzinfo=UTC)


@dataclass(slots=True)
class Clock:
    """The story's own time: days pass between the stations."""

    now: datetime = _START

    def __call__(self) -> float:
        """Returns the time in seconds since 1970."""
        return self.now.timestamp()

    def pass_days(self, days: int) -> None:
        """Advances the clock by days."""
        self.now += timedelta(days=days)
