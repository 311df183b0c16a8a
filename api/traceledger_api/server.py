"""Running the application with uvicorn: uvloop, httptools, timeouts and graceful shutdown."""

from __future__ import annotations

import contextlib
import gc
import resource
import signal
import socket
import sys
from collections.abc import Callable

import uvicorn

from traceledger.errors import UsageError
from traceledger_api.app import create_app
from traceledger_api.asgi import App
from traceledger_api.context import Context
from traceledger_api.limits import Limits
from traceledger_api.logs import configure_logs
from traceledger_api.protocol import make_protocol
from traceledger_api.routes.links import Pages

__all__ = ["bind", "run_app", "serve"]

_SWITCH_INTERVAL = 0.0005  # seconds
_YOUNG = 20_000  # objects between two collections of garbage, of which requests create few
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
    """Serves a ledger until SIGTERM or SIGINT, then finishes the accepted requests."""
    # The writer releases the interpreter's lock for every database call. With the default of 5 ms,
    # it would wait that long to reacquire the lock while another thread runs.
    sys.setswitchinterval(_SWITCH_INTERVAL)
    app = create_app(context, pages)
    # What exists now stays until the end; no collection during a request needs to look at it.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)
    run_app(app, listener, limits=context.limits, log=log, on_end=context.news.close)


def run_app(
    app: App,
    listener: socket.socket,
    *,
    limits: Limits,
    log: str,
    on_end: Callable[[], None] = lambda: None,
) -> None:
    """Serves an application until SIGTERM or SIGINT, then finishes the accepted requests.

    `on_end` ends responses that have no end of their own, when the server begins to stop.
    """
    configure_logs(log)
    _raise_file_limit()
    early: list[int] = []
    for number in _SIGNALS:
        signal.signal(number, lambda number, _frame: early.append(number))
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=make_protocol(limits),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=limits.grace,
    )
    server = _Server(config, on_end)
    # uvicorn installs this handler too, but later: a signal during startup would be lost. It raises
    # the signal again after shutdown, when nothing is left to do.
    for number in _SIGNALS:
        signal.signal(number, server.handle_exit)
    server.should_exit = server.should_exit or bool(early)
    server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Ends streams before it waits for the requests in progress."""

    def __init__(self, config: uvicorn.Config, on_end: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_end = on_end

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops accepting, ends streams, waits for responses, then stops the application."""
        self._on_end()
        await super().shutdown(sockets)


def _raise_file_limit() -> None:
    """Raises the number of open files, and so of connections, as far as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # some systems report more than they grant
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
