"""The limits of one server, with the reasons for the defaults."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits and timeouts of one server.

    `rate` is in requests per second from one client, 0 for no limit; `burst` is how many may
    arrive at once; of tiles, `tile_factor` times as many. `concurrency` bounds requests in
    progress, `each` those from one address, `streams` the readers of `/stream`. A client that
    takes more than `slow_after` seconds to send a body or to read a response is slow; of these
    there may be `slow_each` for one address and `slow_total` for all. `body_memory` bounds the
    bodies larger than 64 KiB together. Sizes are in bytes, times in seconds.
    """

    rate: float = 100.0  # a plant behind one address, with stations at line speed
    burst: int = 1000
    tile_factor: int = 10  # a tile is read from disk as it is; a mirror fetches thousands
    concurrency: int = 512
    each: int = 256  # half: what one address sends leaves room for all others
    streams: int = 64
    event_body: int = 32 * 1024 * 1024  # 10,000 events of about 3 kB
    list_body: int = 8 * 1024 * 1024  # customs' own list of about 40,000 lines
    small_body: int = 1024 * 1024
    body_memory: int = 128 * 1024 * 1024
    head: int = 64 * 1024
    slow_head: float = 10.0
    slow_body: float = 30.0
    slow_answer: float = 30.0
    slow_after: float = 1.0
    slow_each: int = 16
    slow_total: int = 128
    grace: int = 30
    readers: int = 4  # threads that read the store
