"""HTTP requests to one server, with retries; problems become the errors of a local ledger.

Every request is idempotent: reads change nothing, and events that are sent again get the same
answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
import msgspec

from traceledger.errors import MalformedError, RemoteError, TraceledgerError, UsageError
from traceledger.formats.problem import parse_problem
from traceledger.identifiers.digital_link import check_base_url
from traceledger.identifiers.excerpt import printable

__all__ = ["Transport"]

_ATTEMPTS = 5
_MAX_PAUSE = 10.0  # seconds between two attempts
_MAX_BYTES = 64 * 1024 * 1024
_TRANSIENT = frozenset({408, 429, 502, 503, 504})


class _Answer(NamedTuple):
    """A server's answer: its status, its `Retry-After` and its body."""

    status: int
    retry_after: str
    content: bytes


class Transport:
    """A connection to one server. `token` returns an access token for each request, or ""."""

    def __init__(
        self,
        url: str,
        *,
        token: Callable[[], str] = lambda: "",
        client: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Checks the address and connects with the first request.

        Raises MalformedError `link.form`, UsageError `remote.settings` for proxy or TLS settings of
        the environment that httpx does not accept.
        """
        self.url = check_base_url(url)
        self._token = token
        self._sleep = sleep
        self._client = client or _open_client()

    def get(self, path: str, **query: Any) -> Any:
        """Fetches JSON from a path; empty query parameters are omitted."""
        params = {name: value for name, value in query.items() if value not in {"", None}}
        return _decode(self._send("GET", path, params=params))

    def get_bytes(self, path: str, *, accept: str = "*/*") -> bytes:
        """Fetches bytes from a path."""
        return self._send("GET", path, headers={"Accept": accept}).content

    def post(self, path: str, body: bytes, media_type: str, **query: str) -> Any:
        """Posts a body and returns the JSON of the answer."""
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
        for attempt in range(1, _ATTEMPTS + 1):
            token = self._token()
            sent = {**headers, **({"Authorization": f"Bearer {token}"} if token else {})}
            try:
                answer = self._request(method, path, headers=sent, **options)
            except httpx.TransportError as error:
                failure = RemoteError(
                    "remote.unreachable", f"{self.url} does not answer: {_cause(error)}"
                )
            else:
                if 200 <= answer.status < 300:
                    return answer
                if answer.status not in _TRANSIENT or attempt == _ATTEMPTS:
                    raise _error(answer)
                pause = max(pause, _retry_after(answer))
            if attempt < _ATTEMPTS:
                self._sleep(min(pause, _MAX_PAUSE))
                pause *= 2
        raise failure

    def _request(self, method: str, path: str, **options: Any) -> _Answer:
        """Reads an answer; raises RemoteError `remote.answer` if it is too long or damaged."""
        body = bytearray()
        try:
            with self._client.stream(method, self.url + path, **options) as answer:
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > _MAX_BYTES:
                        raise RemoteError(
                            "remote.answer", f"the answer exceeds {_MAX_BYTES:,} bytes"
                        )
        except httpx.DecodingError as error:
            raise RemoteError("remote.answer", "the answer cannot be decompressed") from error
        return _Answer(answer.status_code, answer.headers.get("retry-after", ""), bytes(body))


def _open_client() -> httpx.Client:
    try:
        return httpx.Client(timeout=httpx.Timeout(60, connect=10))
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        raise UsageError("remote.settings", f"httpx refuses them: {_cause(error)}") from error


def _cause(error: Exception) -> str:
    """Describes an error of httpx on one line, with the type of a bare one."""
    return printable(str(error) or type(error).__name__, 200)


def _decode(answer: _Answer) -> Any:
    try:
        return msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RemoteError("remote.answer", f"the server's answer is not JSON: {error}") from error


def _retry_after(answer: _Answer) -> float:
    text = answer.retry_after
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _error(answer: _Answer) -> TraceledgerError:
    """The error that the server reports."""
    try:
        return parse_problem(answer.content)
    except MalformedError as error:
        return RemoteError("remote.answer", f"the server answered {answer.status}: {error.message}")
