"""What one request may take: rate, slots, sizes and times, by its path and its client."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from traceledger.errors import BusyError, TraceledgerError, UsageError
from traceledger_api.asgi import Scope
from traceledger_api.budgets import BodyMemory, RequestSlots, SlowClients
from traceledger_api.limits import Limits
from traceledger_api.rate_limit import Limiter

__all__ = ["API", "FILES_OF_ARCHIVES", "Bounds"]

API = "/api/v1"
"""Before the addresses for programs."""
_READING = "GET, HEAD, OPTIONS"
_PROBES = frozenset({"/healthz", "/readyz"})
"""Health and readiness, which need no slot: a busy server is still alive."""
FILES_OF_ARCHIVES = ("/tile/", f"{API}/disclosures/")
"""Where the files of an archive are, which a mirror fetches by the thousand."""


class Bounds:
    """The bounds of all requests to a server."""

    def __init__(
        self,
        limits: Limits,
        large: Mapping[str, int],
        methods: Mapping[str, str],
        clock: Callable[[], float],
    ) -> None:
        """`large` has the paths that accept large bodies, with their limits in bytes.

        `methods` maps each path that accepts more than reading methods to its methods.
        """
        self.limits = limits
        self.slow = SlowClients(
            grace=limits.slow_after, each=limits.slow_each, total=limits.slow_total
        )
        self.bodies = BodyMemory(limits.body_memory)
        self._limiter = Limiter(limits.rate, limits.burst, clock)
        more = limits.tile_factor
        self._tile_limiter = Limiter(limits.rate * more, limits.burst * more, clock)
        self._large = large
        self._methods = methods
        self._slots = RequestSlots(each=limits.each, total=limits.concurrency)

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
        return self._tile_limiter if path.startswith(FILES_OF_ARCHIVES) else self._limiter

    def body_limit(self, scope: Scope) -> int:
        """Returns the largest body that a path accepts, in bytes."""
        return self._large.get(scope["path"], self.limits.small_body)

    def accepts_body(self, scope: Scope) -> bool:
        """Reports whether a path accepts a body; elsewhere a body is never read."""
        return "POST" in self.methods(scope)

    def methods(self, scope: Scope) -> str:
        """Returns the methods that a path accepts."""
        return self._methods.get(scope["path"], _READING)
