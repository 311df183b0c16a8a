"""The request rate of each client: a token bucket for each address."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Allowance", "Limiter"]

_MAX_CLIENTS = 20_000


class Allowance(NamedTuple):
    """Whether a request is granted, how many more may follow at once, seconds until the next."""

    granted: bool
    left: int
    wait: float


class _Bucket(NamedTuple):
    tokens: float
    at: float


class Limiter:
    """Buckets that fill at `rate` tokens per second up to `burst`; a request takes one token."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        self.rate = rate
        self.burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, address: str) -> Allowance:
        """Takes one token from the bucket of an address; a rate of 0 grants everything."""
        if not self.rate:
            return Allowance(granted=True, left=self.burst, wait=0.0)
        now = self._clock()
        name = _network(address)
        bucket = self._buckets.pop(name, None)
        tokens = float(self.burst)
        if bucket is not None:
            tokens = min(tokens, bucket.tokens + (now - bucket.at) * self.rate)
        granted = tokens >= 1
        tokens -= granted
        self._buckets[name] = _Bucket(tokens, now)
        if len(self._buckets) > _MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return Allowance(granted, int(tokens), max(0.0, (1 - tokens) / self.rate))


def _network(address: str) -> str:
    """The network of an address: a client with one IPv6 address controls its whole /64."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    except ValueError:
        return address
