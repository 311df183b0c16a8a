"""The web server's protocol for one connection: limits on headers, and notice of its end."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from traceledger_api.connection import Connection
from traceledger_api.limits import Limits

__all__ = ["make_protocol"]


def make_protocol(limits: Limits) -> type[asyncio.Protocol]:
    """Returns the class that uvicorn instantiates for each connection."""
    return type("Protocol", (_Protocol,), {"limits": limits})


class _Protocol(HttpToolsProtocol):
    """Closes connections whose headers take too long, or too many bytes.

    Everything but the body counts as headers: trailers and the framing of chunks too, as far
    as they exceed the body itself.

    uvicorn notifies only the newest request when a connection is lost. Where requests are
    pipelined, that is not the one in progress, which would go on writing to a closed socket.
    """

    limits: ClassVar[Limits]
    _timer: asyncio.TimerHandle | None = None
    _head = 0
    _connection: Connection
    _running: RequestResponseCycle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._connection = Connection(self._abort)
        self._wait()

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        super().data_received(data)
        if self._head > self.limits.head and not self.transport.is_closing():
            self.send_400_response(f"The headers exceed {self.limits.head} bytes.")

    def on_message_begin(self) -> None:
        self._wait()
        super().on_message_begin()
        self.scope["state"]["connection"] = self._connection

    def on_headers_complete(self) -> None:
        self._stop()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._head -= 2 * len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._head = 0
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        self._lose()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _abort(self) -> None:
        self._lose()
        self.transport.abort()

    def _lose(self) -> None:
        self._connection.lost = True
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()

    def _wait(self) -> None:
        self._stop()
        self._timer = self.loop.call_later(self.limits.slow_head, self.transport.close)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
