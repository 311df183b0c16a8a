"""The newest checkpoint, and waiting for the next."""

from __future__ import annotations

import asyncio

from traceledger.ledger.service import Published

__all__ = ["News"]


class News:
    """The newest checkpoint, for requests that wait for it in the event loop."""

    def __init__(self, published: Published) -> None:
        self.published = published
        self.closed = False
        self._changed = asyncio.Event()

    def update(self, published: Published) -> None:
        """Wakes every waiting request; called in the event loop."""
        self.published = published
        self._wake()

    def close(self) -> None:
        """Wakes every waiting request; later ones do not wait: the server is stopping."""
        self.closed = True
        self._wake()

    async def after(self, size: int) -> Published | None:
        """Waits for a checkpoint of more than `size` entries; returns None once closed."""
        while self.published.size <= size:
            if self.closed:
                return None
            await self._changed.wait()
        return self.published

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
