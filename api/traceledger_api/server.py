"""Running the application with uvicorn: uvloop, httptools, timeouts and graceful shutdown."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
import socket
import sys
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from traceledger.errors import UsageError
from traceledger_api.app import create_app
from traceledger_api.context import Context
from traceledger_api.limits import Limits
from traceledger_api.logs import configure_logs
from traceledger_api.routes.links import Pages

__all__ = ["bind", "serve"]

_SWITCH_INTERVAL = 0.0005  # seconds
_UNREAD = 60  # seconds for which the kernel keeps data that a client does not read
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_KEEP_ALIVE = 30  # seconds; longer than a proxy keeps an idle connection


def bind(host: str, port: int) -> socket.socket:
    """Binds an address; port 0 picks a free port. Raises UsageError `usage.option`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        raise UsageError("usage.option", f"cannot listen on {host} port {port}: {error}") from error
    if sys.platform == "linux":
        # Also after the response, a client that reads nothing must not keep its connection.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD * 1000)
    return listener


def serve(
    context: Context, listener: socket.socket, *, pages: Pages | None = None, log: str
) -> None:
    """Serves until SIGTERM or SIGINT, then finishes the accepted requests."""
    configure_logs(log)
    _raise_file_limit()
    # The writer releases the interpreter's lock for every database call. With the default of 5 ms,
    # it would wait that long to reacquire the lock while another thread runs.
    sys.setswitchinterval(_SWITCH_INTERVAL)
    early: list[int] = []
    for number in _SIGNALS:
        signal.signal(number, lambda number, _frame: early.append(number))
    config = uvicorn.Config(
        create_app(context, pages),
        loop="uvloop",
        http=_protocol(context.limits),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=context.limits.grace,
    )
    server = _Server(config, context)
    # uvicorn installs this handler too, but later: a signal during startup would be lost. It raises
    # the signal again after shutdown, when nothing is left to do.
    for number in _SIGNALS:
        signal.signal(number, server.handle_exit)
    server.should_exit = server.should_exit or bool(early)
    server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Ends streams before it waits for the requests in progress."""

    def __init__(self, config: uvicorn.Config, context: Context) -> None:
        super().__init__(config)
        self._context = context

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops accepting, ends streams, waits for responses, then stops the application."""
        self._context.news.close()
        await super().shutdown(sockets)


def _raise_file_limit() -> None:
    """Raises the number of open files, and so of connections, as far as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # some systems report more than they grant
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _protocol(limits: Limits) -> type[asyncio.Protocol]:
    class Protocol(HttpToolsProtocol):
        """Closes connections whose headers take too long, or too many bytes.

        Everything but the body counts as headers: trailers and the framing of chunks too, as far
        as they exceed the body itself.
        """

        _timer: asyncio.TimerHandle | None = None
        _head = 0

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._wait()

        def data_received(self, data: bytes) -> None:
            self._head += len(data)
            super().data_received(data)
            if self._head > limits.head and not self.transport.is_closing():
                self.send_400_response(f"The headers exceed {limits.head} bytes.")

        def on_message_begin(self) -> None:
            self._wait()
            super().on_message_begin()

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
            super().connection_lost(exc)

        def _wait(self) -> None:
            self._stop()
            self._timer = self.loop.call_later(limits.slow_head, self.transport.close)

        def _stop(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    return Protocol
