"""HTTP requests to one server, with retries; problems become the errors of a local ledger.

Every request is idempotent: reads change nothing, and events that are sent again get the same
answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
import msgspec

from traceledger.errors import MalformedError, RemoteError, TraceledgerError, UsageError
from traceledger.formats.problem import parse_problem
from traceledger.identifiers.digital_link import check_base_url
from traceledger.identifiers.excerpt import printable

__all__ = ["INTERACTIVE", "UNATTENDED", "Answer", "Patience", "Transport", "convert_answer"]

_MAX_PAUSE = 10.0  # seconds between two attempts, unless the server asks for more
_MAX_BYTES = 64 * 1024 * 1024
_PROBLEM = "application/problem+json"
_TRANSIENT = frozenset({408, 429, 502, 503, 504})
# No answer (0), or one of a server that did not look whether it has the events.
_UNJUDGED = _TRANSIENT | {0, 401, 500}
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_UNREACHABLE = "remote.unreachable"
_UNCONFIRMED = "store.unconfirmed"


class Answer(NamedTuple):
    """A server's answer: its status, its `Retry-After`, its media type and its body."""

    status: int
    retry_after: str
    media_type: str
    content: bytes


class Patience(NamedTuple):
    """How long a client keeps trying: attempts for each request, the longest pause in seconds.

    A server that asks for a longer pause (`Retry-After`) is not asked again.
    """

    attempts: int
    longest: float


INTERACTIVE = Patience(5, 10.0)
"""For a person who waits."""

UNATTENDED = Patience(20, 900.0)
"""For a long transfer, which slows down as the server demands."""


class Transport:
    """A connection to one server. `token` returns an access token for each request, or ""."""

    def __init__(
        self,
        url: str,
        *,
        token: Callable[[], str] = lambda: "",
        client: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
        patience: Patience = INTERACTIVE,
    ) -> None:
        """Checks the address and connects with the first request.

        Raises MalformedError `link.form`, UsageError `remote.settings` for proxy or TLS settings of
        the environment that httpx does not accept.
        """
        self.url = check_base_url(url)
        self._token = token
        self._sleep = sleep
        self._patience = patience
        self._client = client or _open_client()

    def get(self, path: str, **query: Any) -> Any:
        """Fetches JSON from a path; empty query parameters are omitted."""
        params = {name: value for name, value in query.items() if value not in {"", None}}
        return _decode(self._send("GET", path, params=params))

    def get_bytes(self, path: str, *, accept: str = "*/*") -> bytes:
        """Fetches bytes from a path."""
        return self._send("GET", path, headers={"Accept": accept}).content

    def find_bytes(self, path: str) -> bytes | None:
        """Fetches bytes from a path; returns None where a plain file server has nothing."""
        try:
            return self.get_bytes(path)
        except RemoteError as error:
            if error.code != "remote.missing":
                raise
            return None

    def post(self, path: str, body: bytes, media_type: str, **query: str) -> Any:
        """Posts a body and returns the JSON of the answer."""
        headers = {"Content-Type": media_type}
        return _decode(self._send("POST", path, params=query, content=body, headers=headers))

    def submit(self, path: str, body: bytes, media_type: str) -> Any:
        """Posts what the server is to write and returns the JSON of the answer.

        Raises RemoteError `remote.unconfirmed` if no answer states whether it was written.
        """
        headers = {"Content-Type": media_type}
        answer = self._send("POST", path, writes=True, content=body, headers=headers)
        return _decode(answer)

    def exchange(self, path: str, body: bytes | None = None) -> Answer:
        """Posts a body, or fetches the path, once and returns the answer, whatever its status.

        Raises RemoteError `remote.unreachable` or `remote.answer`.
        """
        try:
            return self._request("GET" if body is None else "POST", path, content=body)
        except httpx.TransportError as error:
            raise RemoteError(
                _UNREACHABLE, f"{self.url} does not answer: {_cause(error)}"
            ) from error

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] = MappingProxyType({}),
        *,
        writes: bool = False,
        **options: Any,
    ) -> Answer:
        failure: TraceledgerError = RemoteError(_UNREACHABLE, f"{self.url} does not answer")
        pause, status, doubt = 0.2, 0, ""
        attempts, longest = self._patience
        for attempt in range(1, attempts + 1):
            token = self._token()
            sent = {**headers, **({"Authorization": f"Bearer {token}"} if token else {})}
            try:
                answer = self._request(method, path, headers=sent, **options)
            except httpx.TransportError as error:
                status = 0
                failure = RemoteError(_UNREACHABLE, f"{self.url} does not answer: {_cause(error)}")
                doubt = doubt if isinstance(error, _UNSENT) else failure.message
            else:
                if 200 <= answer.status < 300:
                    return answer
                status, failure = answer.status, _error(answer, path)
                if status >= 500 and failure.code in {"remote.answer", _UNCONFIRMED}:
                    doubt = failure.message
                asked = _retry_after(answer)
                if status not in _TRANSIENT or asked > longest:
                    break
                pause = max(pause, asked)
            if attempt < attempts:
                self._sleep(pause)
                pause = min(2 * pause, _MAX_PAUSE)
        if writes and doubt and status in _UNJUDGED and failure.code != _UNCONFIRMED:
            raise RemoteError("remote.unconfirmed", doubt) from failure
        raise failure

    def _request(self, method: str, path: str, **options: Any) -> Answer:
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
        headers = answer.headers
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        return Answer(answer.status_code, headers.get("retry-after", ""), media_type, bytes(body))


def convert_answer(value: Any, wanted: Any) -> Any:
    """Converts the JSON of an answer to a type; raises RemoteError `remote.answer`."""
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        raise RemoteError(
            "remote.answer", f"the server's answer has an unexpected form: {error}"
        ) from error


def _open_client() -> httpx.Client:
    # A mirror asks thousands of times: the cookies of a malicious server would fill the memory.
    none = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    try:
        return httpx.Client(timeout=httpx.Timeout(60, connect=10), cookies=none)
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        raise UsageError("remote.settings", f"httpx refuses them: {_cause(error)}") from error


def _cause(error: Exception) -> str:
    """Describes an error of httpx on one line, with the type of a bare one."""
    return printable(str(error) or type(error).__name__, 200)


def _decode(answer: Answer) -> Any:
    try:
        return msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RemoteError("remote.answer", f"the server's answer is not JSON: {error}") from error


def _retry_after(answer: Answer) -> float:
    """The seconds that the server asks to wait, given as such or as a date (RFC 9110 10.2.3)."""
    text = answer.retry_after
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0


def _error(answer: Answer, path: str) -> TraceledgerError:
    """The error that the server reports; the 404 of a plain file server is no problem document."""
    try:
        return parse_problem(answer.content)
    except MalformedError as error:
        if answer.status == 404 and answer.media_type != _PROBLEM:
            return RemoteError("remote.missing", f"the server has nothing at {path}")
        return RemoteError("remote.answer", f"the server answered {answer.status}: {error.message}")
