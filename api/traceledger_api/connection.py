"""The connection below a request, as far as the request must know it."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Connection"]


class Connection:
    """One client's connection; the web server puts it into the state of each request."""

    def __init__(self, end: Callable[[], None]) -> None:
        """Knows how to `end` the connection at once, without sending what is still unread."""
        self._end = end
        self.lost = False
        """Whether it ended, by either side."""

    def abort(self) -> None:
        """Ends the connection at once."""
        self.lost = True
        self._end()
