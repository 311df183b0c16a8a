"""The layer around every route: limits, request ids, headers, logs and metrics.

Plain ASGI, because it wraps every request: the framework's own middleware classes cost more than a
whole append. A request occupies a slot from the end of its body to the start of its response, so a
client that sends or reads slowly occupies none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from traceledger_api.asgi import App, Receive, Scope, Send
from traceledger_api.bounds import Bounds
from traceledger_api.exchange import Exchange, Served
from traceledger_api.limits import Limits
from traceledger_api.metrics import Metrics
from traceledger_api.problems import FindPages

__all__ = ["Gate"]


class Gate:
    """The application behind its limits."""

    def __init__(
        self,
        app: App,
        *,
        limits: Limits,
        metrics: Metrics,
        base: str,
        large: Mapping[str, int],
        methods: Mapping[str, str],
        pages: FindPages | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Guards `app`; `large` has the paths that accept large bodies, with their limits in bytes.

        `methods` maps each path that accepts more than reading methods to its methods.
        """
        self._served = Served(app, base, pages)
        self._bounds = Bounds(limits, large, methods, clock)
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Responds to one request."""
        if scope["type"] != "http":
            await self._served.app(scope, receive, send)
            return
        exchange = Exchange(self._bounds, self._served, scope, receive, send)
        self._metrics.begin()
        try:
            await exchange.run()
        finally:
            self._metrics.end(
                exchange.method,
                exchange.route,
                exchange.status,
                exchange.seconds,
                exchange.state.get("code", ""),
                disconnected=exchange.disconnected,
            )
            exchange.log()
