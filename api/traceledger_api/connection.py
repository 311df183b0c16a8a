"""The connection below a request, as far as the request must know it."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Connection"]


class Connection:
    """One client's connection; the web server puts it into the state of each request."""

    def __init__(
        self,
        end: Callable[[], None],
        *,
        has_request: Callable[[], bool] = lambda: False,
        has_room: Callable[[], bool] = lambda: False,
    ) -> None:
        """Knows how to `end` the connection at once, without sending what is still unread.

        `has_request` reports whether the whole request has arrived, `has_room` whether a response
        can be sent without waiting for the client. Both save the timer that such a wait needs.
        """
        self._end = end
        self.has_request = has_request
        self.has_room = has_room
        self.lost = False
        """Whether it ended, by either side."""

    def abort(self) -> None:
        """Ends the connection at once."""
        self.lost = True
        self._end()
