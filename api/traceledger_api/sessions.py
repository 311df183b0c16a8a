"""Sessions of the customs console: who signed in with which key, for reading only, in memory.

A session begins with a one-time link or a signed challenge, both of which prove possession of a
key. Its rights are those that the key has at each request. Only hashes of secrets are kept; a
restart of the server ends all sessions.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from traceledger.errors import BusyError
from traceledger.ledger.reading.rights import Holder

__all__ = ["LINK_SECONDS", "SESSION_SECONDS", "Session", "Sessions"]

LINK_SECONDS = 300
SESSION_SECONDS = 8 * 3600

_SESSIONS, _SESSIONS_EACH = 4096, 16
_LINKS, _LINKS_EACH = 1024, 8
_CHALLENGES = 4096

Value = TypeVar("Value")


class Session(NamedTuple):
    """Who signed in, and when the session ends, in seconds since 1970."""

    holder: Holder
    expires: int


class Sessions:
    """Links, challenges and sessions; for one event loop. `clock` is in seconds since 1970."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._links: _Secrets[Session] = _Secrets(clock, _LINKS)
        self._challenges: _Secrets[Session | None] = _Secrets(clock, _CHALLENGES)
        self._sessions: _Secrets[Session] = _Secrets(clock, _SESSIONS)

    def make_link(self, holder: Holder) -> str:
        """Returns the secret of a link that works once; raises BusyError `server.busy`."""
        link = Session(holder, int(self._clock()) + LINK_SECONDS)
        return self._links.add(link, link.expires, _same(holder), _LINKS_EACH)

    def has_link(self, secret: str) -> bool:
        """Reports whether a link still works."""
        return self._links.get(secret) is not None

    def use_link(self, secret: str) -> Holder | None:
        """Uses up a link; returns for whom it was made, None if it does not work."""
        found = self._links.pop(secret)
        return found.holder if found else None

    def make_challenge(self) -> str:
        """Returns a challenge to sign, valid once; raises BusyError `server.busy`."""
        expires = int(self._clock()) + LINK_SECONDS
        return self._challenges.add(Session(Holder("", "", ""), expires), expires)

    def use_challenge(self, secret: str) -> bool:
        """Uses up a challenge; reports whether this server made it."""
        return self._challenges.pop(secret) is not None

    def start(self, holder: Holder) -> str:
        """Returns the secret of a new session; beyond 16 of a key, its oldest ends.

        Raises BusyError `server.busy`.
        """
        session = Session(holder, int(self._clock()) + SESSION_SECONDS)
        return self._sessions.add(session, session.expires, _same(holder), _SESSIONS_EACH)

    def find(self, secret: str) -> Session | None:
        """Returns a session, None if it ended."""
        return self._sessions.get(secret)

    def end(self, secret: str) -> None:
        """Ends a session."""
        self._sessions.pop(secret)


def _same(holder: Holder) -> Callable[[Session], bool]:
    return lambda session: session.holder.kid == holder.kid


class _Secrets(Generic[Value]):
    """Values by the hash of a random secret, until they expire."""

    def __init__(self, clock: Callable[[], float], limit: int) -> None:
        self._clock = clock
        self._limit = limit
        self._kept: dict[bytes, tuple[int, Value]] = {}

    def add(
        self,
        value: Value,
        expires: int,
        same: Callable[[Value], bool] | None = None,
        each: int = 0,
    ) -> str:
        if same is not None:
            own = [key for key, (_, kept) in self._kept.items() if same(kept)]
            for key in own[: max(0, len(own) - each + 1)]:
                del self._kept[key]
        if len(self._kept) >= self._limit:
            self._drop_expired()
        if len(self._kept) >= self._limit:
            raise BusyError("server.busy", "too many people are signed in")
        secret = secrets.token_urlsafe(32)
        self._kept[_hash(secret)] = (expires, value)
        return secret

    def get(self, secret: str) -> Value | None:
        found = self._kept.get(_hash(secret))
        return found[1] if found and self._clock() < found[0] else None

    def pop(self, secret: str) -> Value | None:
        found = self.get(secret)
        self._kept.pop(_hash(secret), None)
        return found

    def _drop_expired(self) -> None:
        now = self._clock()
        self._kept = {key: kept for key, kept in self._kept.items() if now < kept[0]}


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
