"""The web server's protocol for one connection: limits on headers, and notice of its end."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from traceledger_api.connection import Connection
from traceledger_api.limits import Limits

__all__ = ["JoiningTransport", "make_protocol"]


def make_protocol(limits: Limits) -> type[asyncio.Protocol]:
    """Returns the class that uvicorn instantiates for each connection."""
    return type("Protocol", (_Protocol,), {"limits": limits})


class JoiningTransport(asyncio.Transport):
    """The transport of one response: its headers are sent together with what follows at once.

    uvicorn writes headers and body one after the other, and uvloop sends each write immediately.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._begun = False
        self._waiting = b""
        self._timer: asyncio.Handle | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keeps the first data until the next, or until the loop has nothing else to do."""
        if self._begun:
            self._send(bytes(data))
            return
        self._begun = True
        self._waiting = bytes(data)
        self._timer = self._loop.call_soon(self.flush)

    def is_closing(self) -> bool:
        """Reports whether the connection is closing or closed."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Sends what is waiting and closes the connection."""
        self.flush()
        self._transport.close()

    def flush(self) -> None:
        """Sends what is waiting, such as the headers of a response without a body."""
        self._send(b"")

    def _send(self, data: bytes) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            data, self._waiting = self._waiting + data, b""
        if data and not self._transport.is_closing():
            self._transport.write(data)


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
    _begins = False  # whether the last data began headers and did not end them
    _connection: Connection
    _running: RequestResponseCycle | None = None
    _joining: JoiningTransport

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._connection = Connection(
            self._abort, has_request=self._has_request, has_room=self._has_room
        )
        self._wait()

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        super().data_received(data)
        if self._begins:
            self._begins = False
            self._wait()
        if self._head > self.limits.head and not self.transport.is_closing():
            self.send_400_response(f"The headers exceed {self.limits.head} bytes.")

    def on_message_begin(self) -> None:
        self._begins = True
        super().on_message_begin()
        self.scope["state"]["connection"] = self._connection

    def on_headers_complete(self) -> None:
        self._begins = False
        self._stop()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._head -= 2 * len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._head = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self._joining.flush()  # before uvicorn may close the connection
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        self._lose()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        self._joining = JoiningTransport(cycle.transport, self.loop)
        cycle.transport = self._joining
        super()._start_asgi_task(cycle, app)

    def _abort(self) -> None:
        self._lose()
        self.transport.abort()

    def _has_request(self) -> bool:
        return self._running is not None and not self._running.more_body

    def _has_room(self) -> bool:
        return not self.flow.write_paused

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
