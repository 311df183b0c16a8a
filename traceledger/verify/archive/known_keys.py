"""The keys that the log has granted, with which the checker verifies signatures."""

from __future__ import annotations

import msgspec

from traceledger.events.keys import Jwk
from traceledger.verify.archive.fold import ReplayedEntry

__all__ = ["KeyFold", "KnownKeys"]

_GRANTING = {"found": "root_jwk", "admit": "admin_jwk", "add_key": "jwk"}


class KnownKeys(msgspec.Struct):
    """Public keys as JWKs, by kid."""

    jwks: dict[str, bytes] = {}


class KeyFold:
    """Collects the keys that allowed events grant."""

    def __init__(self) -> None:
        self.state = KnownKeys()

    def resume(self, state: KnownKeys) -> None:
        """Continues from a stopped run's keys."""
        self.state = state

    def step(self, entry: ReplayedEntry) -> None:
        """Takes the key that an event grants, if any."""
        event = entry.event
        if event is not None and entry.allowed and event.kind_name in _GRANTING:
            granted: Jwk = getattr(event.data, _GRANTING[event.kind_name])
            self.state.jwks[granted.kid] = msgspec.json.encode(granted)

    def finish(self) -> KnownKeys:
        """Returns the keys of the whole log."""
        return self.state
