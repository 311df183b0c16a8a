"""Telling waiting requests of new checkpoints."""

from __future__ import annotations

import asyncio

from traceledger.ledger.service import Published

__all__ = ["News"]


class News:
    """The newest checkpoint, for whoever waits for it in the event loop."""

    def __init__(self, published: Published) -> None:
        self.published = published
        self.closed = False
        self._changed = asyncio.Event()

    def tell(self, published: Published) -> None:
        """Wakes everybody; called in the event loop."""
        self.published = published
        self._wake()

    def close(self) -> None:
        """Wakes everybody for good: the server is about to stop."""
        self.closed = True
        self._wake()

    async def after(self, size: int) -> Published | None:
        """Waits for a checkpoint that covers more than `size` entries; None at the end."""
        while self.published.size <= size:
            if self.closed:
                return None
            await self._changed.wait()
        return self.published

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
