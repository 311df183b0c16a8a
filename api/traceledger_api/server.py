"""Running the application with uvicorn: uvloop, httptools, slow clients cut off, a graceful end."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from traceledger.errors import UsageError
from traceledger_api.app import create_app
from traceledger_api.context import Context
from traceledger_api.logs import configure_logs
from traceledger_api.routes.links import Pages

__all__ = ["bind", "serve"]

_SWITCH = 0.0005  # seconds
_KEEP_ALIVE = 30  # seconds; longer than a proxy keeps its own


def bind(host: str, port: int) -> socket.socket:
    """Takes an address to listen at; port 0 takes any. Raises UsageError `usage.option`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        raise UsageError("usage.option", f"cannot listen at {host} port {port}: {error}") from error


def serve(
    context: Context, listener: socket.socket, *, pages: Pages | None = None, log: str
) -> None:
    """Serves until SIGTERM or SIGINT, then finishes what was accepted."""
    configure_logs(log)
    # The writer gives the interpreter's lock away at every look into the database. With the usual
    # 5 ms it would wait that long for each, while another thread reads a request.
    sys.setswitchinterval(_SWITCH)
    # uvicorn raises the signal again when it has ended; by then everything is done.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    config = uvicorn.Config(
        create_app(context, pages),
        loop="uvloop",
        http=_protocol(context.limits.slow_head),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=context.limits.grace,
    )
    _Server(config, context).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Ends streams before it waits for the requests under way."""

    def __init__(self, config: uvicorn.Config, context: Context) -> None:
        super().__init__(config)
        self._context = context

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops accepting, ends streams, waits for answers, then ends the application."""
        self._context.news.close()
        await super().shutdown(sockets)


def _protocol(seconds: float) -> type[asyncio.Protocol]:
    class Protocol(HttpToolsProtocol):
        """Cuts off clients that take too long to say what they want."""

        _timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._wait()

        def on_message_begin(self) -> None:
            self._wait()
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            self._stop()
            super().on_headers_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop()
            super().connection_lost(exc)

        def _wait(self) -> None:
            self._stop()
            self._timer = self.loop.call_later(seconds, self.transport.close)

        def _stop(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    return Protocol
