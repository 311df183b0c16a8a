"""Slots that clients share fairly."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextvars import ContextVar

__all__ = ["CLIENT", "FairSlots"]

CLIENT: ContextVar[str] = ContextVar("CLIENT", default="")
"""The network of the client whose request is being answered."""


class FairSlots:
    """A number of slots, of which one client holds at most `each`.

    Clients take turns: however many requests of one client wait, another waits for the requests
    that hold a slot, and for one of each client before it.
    """

    def __init__(self, total: int, *, each: int) -> None:
        self._free = total
        self._each = each
        self._held: Counter[str] = Counter()
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @contextlib.asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Waits for a slot for the current client and holds it."""
        client = CLIENT.get()
        if self._free and self._held[client] < self._each:
            self._take(client)
        else:
            await self._wait(client)
        try:
            yield
        finally:
            self._give_back(client)

    async def _wait(self, client: str) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # the slot arrived together with the cancellation
                self._give_back(client)
            raise

    def _take(self, client: str) -> None:
        self._free -= 1
        self._held[client] += 1

    def _give_back(self, client: str) -> None:
        self._free += 1
        self._held[client] -= 1
        if not self._held[client]:
            del self._held[client]
        for name in list(self._waiting):
            if self._held[name] < self._each and self._call(name):
                return

    def _call(self, client: str) -> bool:
        """Gives a slot to the next request of a client; reports whether one still waits."""
        turns = self._waiting.pop(client)
        while turns:
            turn = turns.popleft()
            if not turn.done():
                self._take(client)
                turn.set_result(None)
                if turns:
                    self._waiting[client] = turns  # at the end: the others come first
                return True
        return False
