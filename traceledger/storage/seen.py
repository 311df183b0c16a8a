"""How far the readers of a process have seen a database, so that none is shown an earlier state."""

from __future__ import annotations

import threading

__all__ = ["Seen"]


class Seen:
    """The largest position in a database's write-ahead log; safe for use in several threads."""

    def __init__(self) -> None:
        self._position = 0
        self._lock = threading.Lock()

    @property
    def position(self) -> int:
        """The position, in bytes, 0 while nothing was seen."""
        return self._position

    def add(self, position: int) -> None:
        """Records that something was seen which is complete at this position."""
        with self._lock:
            self._position = max(self._position, position)
