"""The request rate of each client: a token bucket for each address."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Allowance", "Limiter", "network_of"]

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
        """Takes a token from the bucket of a client's network; a rate of 0 grants everything."""
        if not self.rate:
            return Allowance(granted=True, left=self.burst, wait=0.0)
        now = self._clock()
        network = network_of(address)
        bucket = self._buckets.pop(network, None)
        tokens = float(self.burst)
        if bucket is not None:
            tokens = min(tokens, bucket.tokens + (now - bucket.at) * self.rate)
        granted = tokens >= 1
        tokens -= granted
        self._buckets[network] = _Bucket(tokens, now)
        if len(self._buckets) > _MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return Allowance(granted, int(tokens), max(0.0, (1 - tokens) / self.rate))


def network_of(address: str) -> str:
    """Returns the network that a client controls: an IPv4 address, or the /64 of an IPv6 one."""
    if ":" not in address:
        return address
    try:
        found = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found), 64), strict=False))
