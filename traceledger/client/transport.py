"""HTTP to one server: retries, and its problems as the errors that the ledger itself raises.

Every request may be sent again: reading changes nothing, and the same events again get the same
answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
import msgspec

from traceledger.errors import MalformedError, RemoteError, TraceledgerError
from traceledger.events.encoding import printable
from traceledger.formats.problem import parse_problem
from traceledger.identifiers.digital_link import check_base_url

__all__ = ["Transport"]

_TRIES = 5
_LONGEST = 10.0  # seconds between two tries
_MOST = 64 * 1024 * 1024
_AGAIN = frozenset({408, 429, 502, 503, 504})


class _Answer(NamedTuple):
    """A server's answer: its status, how long it asks to wait, and its body."""

    status: int
    retry_after: str
    content: bytes


class Transport:
    """One server. `token` gives an access token for each request, or nothing."""

    def __init__(
        self,
        url: str,
        *,
        token: Callable[[], str] = lambda: "",
        client: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Connects when first asked; raises MalformedError `link.form` for the address."""
        self.url = check_base_url(url)
        self._token = token
        self._sleep = sleep
        self._client = client or httpx.Client(timeout=httpx.Timeout(60, connect=10))

    def get(self, path: str, **query: Any) -> Any:
        """JSON from a path; query members that are empty are left out."""
        given = {name: value for name, value in query.items() if value not in {"", None}}
        return _decode(self._send("GET", path, params=given))

    def get_bytes(self, path: str, *, accept: str = "*/*") -> bytes:
        """Bytes from a path."""
        return self._send("GET", path, headers={"Accept": accept}).content

    def post(self, path: str, body: bytes, media_type: str, **query: str) -> Any:
        """JSON in answer to a body."""
        headers = {"Content-Type": media_type}
        return _decode(self._send("POST", path, params=query, content=body, headers=headers))

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] = MappingProxyType({}),
        **options: Any,
    ) -> _Answer:
        pause, failure = 0.2, RemoteError("remote.unreachable", f"{self.url} does not answer")
        for number in range(_TRIES):
            token = self._token()
            sent = {**headers, **({"Authorization": f"Bearer {token}"} if token else {})}
            try:
                answer = self._request(method, path, headers=sent, **options)
            except httpx.TransportError as error:
                failure = RemoteError(
                    "remote.unreachable",
                    f"{self.url} does not answer: {printable(str(error), 200)}",
                )
            else:
                if 200 <= answer.status < 300:
                    return answer
                if answer.status not in _AGAIN or number == _TRIES - 1:
                    raise _error(answer)
                pause = max(pause, _asked_pause(answer))
            if number < _TRIES - 1:
                self._sleep(min(pause, _LONGEST))
                pause *= 2
        raise failure

    def _request(self, method: str, path: str, **options: Any) -> _Answer:
        """The whole answer; raises RemoteError `remote.answer` for one that has no good end."""
        body = bytearray()
        try:
            with self._client.stream(method, self.url + path, **options) as answer:
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > _MOST:
                        raise RemoteError("remote.answer", f"the answer exceeds {_MOST:,} bytes")
        except httpx.DecodingError as error:
            raise RemoteError("remote.answer", "the answer cannot be unpacked") from error
        return _Answer(answer.status_code, answer.headers.get("retry-after", ""), bytes(body))


def _decode(answer: _Answer) -> Any:
    try:
        return msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RemoteError("remote.answer", f"the server's answer is no JSON: {error}") from error


def _asked_pause(answer: _Answer) -> float:
    text = answer.retry_after
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _error(answer: _Answer) -> TraceledgerError:
    """The error that the server reports."""
    try:
        return parse_problem(answer.content)
    except MalformedError as error:
        return RemoteError("remote.answer", f"the server answered {answer.status}: {error.message}")
