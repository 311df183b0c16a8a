"""Sessions of the customs console: who signed in with which key, for reading only, in memory.

A session begins with a one-time link or a signed challenge, both of which prove possession of a
key. Its rights are those that the key has at each request. Only hashes of secrets are kept; a
restart of the server ends all sessions. Anyone may ask for a challenge, so none is kept: it proves
itself by its MAC, and only those are remembered that a key signed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from traceledger.errors import BusyError, MalformedError
from traceledger.events.encoding import decode_base64url, encode_base64url
from traceledger.ledger.reading.rights import Holder

__all__ = ["LINK_SECONDS", "SESSION_SECONDS", "Session", "Sessions"]

LINK_SECONDS = 300
SESSION_SECONDS = 8 * 3600

_SESSIONS, _SESSIONS_EACH = 4096, 16
_LINKS, _LINKS_EACH = 1024, 8
_CHALLENGES = 4096
_TIME, _NONCE, _MAC = 6, 12, 16  # bytes of a challenge

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
        self._key = secrets.token_bytes(32)
        self._used: dict[str, int] = {}
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
        """Returns a challenge to sign, valid once."""
        expires = int(self._clock()) + LINK_SECONDS
        body = expires.to_bytes(_TIME, "big") + secrets.token_bytes(_NONCE)
        return encode_base64url(body + self._mac(body))

    def use_challenge(self, challenge: str) -> bool:
        """Uses up a challenge that a key signed; reports whether this server made it.

        Raises BusyError `server.busy`.
        """
        try:
            data = decode_base64url(challenge.encode())
        except MalformedError:
            return False
        body, mac = data[: _TIME + _NONCE], data[_TIME + _NONCE :]
        expires, now = int.from_bytes(body[:_TIME], "big"), self._clock()
        if not hmac.compare_digest(mac, self._mac(body)) or expires <= now:
            return False
        if challenge in self._used:
            return False
        if len(self._used) >= _CHALLENGES:
            self._used = {used: until for used, until in self._used.items() if now < until}
        if len(self._used) >= _CHALLENGES:
            raise BusyError("server.busy", "too many people are signing in")
        self._used[challenge] = expires
        return True

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256")[:_MAC]

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
