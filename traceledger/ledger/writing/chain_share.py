"""The bound on what one party may add to a chain of which passports show every event.

Without a bound, one party could make the chain of a part, or its own, so long that parts have no
passport any more. It is checked on acceptance and is not a rule of the log.
"""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType

from traceledger.errors import NotAllowedError
from traceledger.events.token import Event, parse_token
from traceledger.views.ledger import Lookups

__all__ = ["MAX_PROFILES", "MAX_SHARE", "ChainShares"]

MAX_SHARE = 128 * 1024
"""The bytes in wire form that a party may add to a chain; as many again for `_MARKS`."""
MAX_PROFILES = 32 * 1024
"""The bytes in wire form that a party may add to its own chain."""

_LIMITS = MappingProxyType(
    {**dict.fromkeys(("core", "component", "unit"), MAX_SHARE), "party": MAX_PROFILES}
)
_MARKS = frozenset({"hold", "recall", "release"})
_SMALL, _SHORT = 4096, 16  # as many small events as no chain needs to be counted for


class ChainShares:
    """The bytes that each party has added to chains, with the events of one request."""

    def __init__(self, store: Lookups) -> None:
        self._store = store
        self._stored: dict[str, Counter[str]] = {}
        self._added: Counter[tuple[str, str]] = Counter()

    def add(self, event: Event, chain: str, size: int) -> None:
        """Counts an event of that size in bytes; raises NotAllowedError `chain.full`."""
        if chain not in _LIMITS:
            return
        claims = event.payload
        self._added[claims.sub, claims.iss] += size
        if size <= _SMALL and claims.seq < _SHORT and claims.sub not in self._stored:
            return
        limit = _LIMITS[chain] * 2 if event.kind_name in _MARKS else _LIMITS[chain]
        share = self._count(claims.sub)[claims.iss] + self._added[claims.sub, claims.iss]
        if share > limit:
            raise NotAllowedError(
                "chain.full",
                f"{claims.iss} has {share:,} bytes in the chain of {claims.sub},"
                f" {limit:,} are allowed",
            )

    def _count(self, item: str) -> Counter[str]:
        """Counts the stored bytes of each party in a chain."""
        if item not in self._stored:
            counted: Counter[str] = Counter()
            for entry in self._store.read_chain(item):
                issuer = parse_token(entry.body).payload.iss
                counted[issuer] += len(entry.body) + 1 + len(entry.disclosures)
            self._stored[item] = counted
        return self._stored[item]
