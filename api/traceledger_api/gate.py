"""The layer around every route: limits, request ids, headers, logs and metrics.

Plain ASGI, because it wraps every request: the framework's own middleware classes cost more than a
whole append. A request occupies a slot from the end of its body to the start of its response, so a
client that sends or reads slowly occupies none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from traceledger.errors import BusyError, TraceledgerError, UsageError
from traceledger_api.budgets import BodyMemory, RequestSlots, SlowClients
from traceledger_api.exchange import App, Exchange, Receive, Scope, Send
from traceledger_api.limits import Limits
from traceledger_api.metrics import Metrics
from traceledger_api.problems import FindPages
from traceledger_api.rate_limit import Limiter

__all__ = ["Gate"]

_READING = "GET, HEAD, OPTIONS"
_PROBES = frozenset({"/healthz", "/readyz"})
"""Health and readiness, which need no slot: a busy server is still alive."""
_TILES = ("/tile/", "/api/v1/disclosures/")
"""The files of an archive, which a mirror fetches by the thousand."""


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
        self.app = app
        self.limits = limits
        self.base = base
        self.pages = pages
        self._limiter = Limiter(limits.rate, limits.burst, clock)
        more = limits.tile_factor
        self._tile_limiter = Limiter(limits.rate * more, limits.burst * more, clock)
        self.slow = SlowClients(
            grace=limits.slow_after, each=limits.slow_each, total=limits.slow_total
        )
        self.bodies = BodyMemory(limits.body_memory)
        self._metrics = metrics
        self._large = large
        self._methods = methods
        self._slots = RequestSlots(each=limits.each, total=limits.concurrency)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Responds to one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = Exchange(self, scope, receive, send)
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

    def check(self, scope: Scope, length: int | None) -> None:
        """Checks the declared length, None for an invalid one; raises UsageError `request.size`."""
        if length is None or length > self.body_limit(scope):
            raise self.size_error(scope)

    def size_error(self, scope: Scope) -> TraceledgerError:
        """Returns the error for a body beyond the limit of its path."""
        limit = self.body_limit(scope)
        return UsageError(
            "request.size", f"the body exceeds {limit:,} bytes, the limit of this address"
        )

    def occupy(self, path: str, address: str) -> bool:
        """Occupies a slot; a probe needs none; raises BusyError `server.busy`."""
        if path in _PROBES:
            return False
        if not self._slots.take(address):
            raise BusyError("server.busy", "too many requests are in progress")
        return True

    def vacate(self, address: str) -> None:
        """Vacates a slot that `occupy` occupied."""
        self._slots.release(address)

    def limiter(self, path: str) -> Limiter:
        """Returns the limiter of a path: tiles and disclosures have another."""
        return self._tile_limiter if path.startswith(_TILES) else self._limiter

    def body_limit(self, scope: Scope) -> int:
        """Returns the largest body that a path accepts, in bytes."""
        return self._large.get(scope["path"], self.limits.small_body)

    def accepts_body(self, scope: Scope) -> bool:
        """Reports whether a path accepts a body; elsewhere a body is never read."""
        return "POST" in self.methods(scope)

    def methods(self, scope: Scope) -> str:
        """Returns the methods that a path accepts."""
        return self._methods.get(scope["path"], _READING)
