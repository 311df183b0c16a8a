"""The limits of one server, each with the reason for its usual value."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits and times of one server.

    `rate` is in requests a second from one client, 0 for no limit, and `burst` how many may come at
    once. `concurrency` counts requests under way, `streams` readers of `/stream`. Sizes are in
    bytes, times in seconds.
    """

    rate: float = 100.0  # a plant behind one address, with stations at line speed
    burst: int = 1000
    concurrency: int = 512
    streams: int = 64
    event_body: int = 32 * 1024 * 1024  # 10,000 events of about 3 kB
    small_body: int = 1024 * 1024
    slow_head: float = 10.0
    slow_body: float = 30.0
    slow_answer: float = 30.0
    grace: int = 30
    readers: int = 4  # threads that read the store
