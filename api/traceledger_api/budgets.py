"""Budgets for what strangers can make the server hold: requests, slow connections, bodies."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

__all__ = ["BodyMemory", "RequestSlots", "SlowClients"]

#: Seconds after which a timer shows that the loop was busy, not the client slow.
LATE = 0.25


class RequestSlots:
    """The requests in progress: at most `total`, and at most `each` from one address."""

    def __init__(self, *, each: int, total: int) -> None:
        self._each = each
        self._free = total
        self._held: Counter[str] = Counter()

    def take(self, address: str) -> bool:
        """Takes a slot; reports whether there was one for this address."""
        if not self._free or self._held[address] >= self._each:
            return False
        self._free -= 1
        self._held[address] += 1
        return True

    def release(self, address: str) -> None:
        """Releases a slot that `take` took."""
        self._free += 1
        self._held[address] -= 1
        if not self._held[address]:
            del self._held[address]


class SlowClients:
    """The exchanges that are waiting for their client to send or to read.

    An exchange that waits longer than `grace` seconds is slow. At most `each` are slow for one
    address, and `total` for all. Beyond that, the oldest one of the address with the most is
    aborted, so that clients that have just arrived are never the ones that suffer. A loop that was
    busy runs its timers before it delivers what came meanwhile; so a timer that fires late waits
    once more, and no client is slow because the server was.
    """

    def __init__(self, *, grace: float, each: int, total: int) -> None:
        self._grace = grace
        self._each = each
        self._total = total
        self._slow: dict[str, dict[asyncio.Timeout, None]] = {}
        self._count = 0

    @contextlib.asynccontextmanager
    async def wait(self, address: str, seconds: float | None) -> AsyncIterator[None]:
        """Waits for a client; raises TimeoutError after `seconds`, or when it is aborted."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(seconds) as deadline:
            timer: asyncio.TimerHandle

            def wait_on() -> asyncio.TimerHandle:
                due = loop.time() + self._grace
                return loop.call_at(due, look, due)

            def look(due: float) -> None:
                nonlocal timer
                if loop.time() - due > LATE:
                    timer = wait_on()
                else:
                    self._add(address, deadline)

            timer = wait_on()
            try:
                yield
            finally:
                timer.cancel()
                self._remove(address, deadline)

    def _add(self, address: str, deadline: asyncio.Timeout) -> None:
        self._slow.setdefault(address, {})[deadline] = None
        self._count += 1
        if len(self._slow[address]) > self._each:
            self._abort(address)
        elif self._count > self._total:
            self._abort(max(self._slow, key=lambda name: len(self._slow[name])))

    def _abort(self, address: str) -> None:
        oldest = next(iter(self._slow[address]))
        self._remove(address, oldest)
        oldest.reschedule(asyncio.get_running_loop().time())

    def _remove(self, address: str, deadline: asyncio.Timeout) -> None:
        own = self._slow.get(address, {})
        if deadline in own:
            del own[deadline]
            self._count -= 1
            if not own:
                del self._slow[address]


class BodyMemory:
    """The bytes that the large bodies of all requests may take together.

    A small body is not counted: it fits in `free` bytes, and the limits of requests bound how many
    there are. So large bodies never keep out small requests.
    """

    def __init__(self, total: int, *, free: int = 64 * 1024) -> None:
        self._left = total
        self._free = free

    def resize(self, old: int, new: int) -> bool:
        """Changes the size of a body; reports whether there is room, and changes nothing if not."""
        needed = max(0, new - self._free) - max(0, old - self._free)
        if needed > max(0, self._left):
            return False
        self._left -= needed
        return True
