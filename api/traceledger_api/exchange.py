"""One request and its response, within the bounds of the server."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from traceledger.errors import BusyError, TraceledgerError, UsageError
from traceledger.identifiers.excerpt import printable
from traceledger_api.asgi import App, Message, Receive, Scope, Send
from traceledger_api.bounds import API, Bounds
from traceledger_api.connection import Connection
from traceledger_api.fair_slots import CLIENT
from traceledger_api.logs import ACCESS, SERVER
from traceledger_api.problems import FindPages, respond
from traceledger_api.rate_limit import network_of

__all__ = ["Exchange", "Served"]

_REQUEST_ID = re.compile(rb"[A-Za-z0-9-]{8,64}")
_LENGTH = re.compile(rb"[0-9]{1,15}")
_CHUNK = 256 * 1024  # bytes of a response that are sent before the client must have read some
_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_STRICT = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_CLOSE = (b"connection", b"close")
_PREFLIGHT = {
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Language, Authorization, Content-Type, If-None-Match, Last-Event-ID,"
        " X-Request-Id"
    ),
    "Access-Control-Max-Age": "86400",
}


def _random_ids() -> Iterator[bytes]:
    """Yields ids of 16 hexadecimal digits; each call of the system provides many."""
    while True:
        block = secrets.token_hex(8 * 512).encode()
        yield from (block[at : at + 16] for at in range(0, len(block), 16))


_ids = _random_ids()


class Served(NamedTuple):
    """The application, the address of its server, and the pages that explain its errors."""

    app: App
    base: str
    pages: FindPages | None


class Exchange:
    """One request and its response."""

    def __init__(
        self, bounds: Bounds, served: Served, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._bounds = bounds
        self._served = served
        # A copy: the web server still sees HEAD, and omits the body.
        method = scope["method"]
        self.scope = {**scope, "method": "GET" if method == "HEAD" else method}
        self.state: dict[str, Any] = self.scope.setdefault("state", {})
        self.method = method
        self.status = 0
        self._receive = receive
        self._send = send
        self._start = time.perf_counter()
        client = scope.get("client")
        self._address = client[0] if client else ""
        self._limiter = bounds.limiter(scope["path"])
        self._allowance = self._limiter.take(self._address)
        self._network = network_of(self._address)
        self._occupies = False
        self._body: bytes | None = b""
        self._size = 0
        # Of a repeated header, the first counts.
        self._headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))
        self._unread = self._length != 0 or bool(self._headers.get(b"transfer-encoding"))
        given = self._headers.get(b"x-request-id", b"")
        self._id = given if _REQUEST_ID.fullmatch(given) else next(_ids)
        self.state["request_id"] = self._id.decode()
        self.state["method"] = method
        self._connection: Connection | None = self.state.get("connection")
        self._stalled: TimeoutError | None = None

    @property
    def route(self) -> str:
        """The pattern that the path matched; `-` for none."""
        pattern = str(getattr(self.scope.get("route"), "path", "-"))
        # The framework names an included route without its prefix.
        has_prefix = self.scope["path"].startswith(f"{API}/") and pattern != "-"
        return pattern if not has_prefix or pattern.startswith(API) else API + pattern

    @property
    def _length(self) -> int | None:
        """The declared length of the body, 0 without one, None for an invalid one."""
        length = self._headers.get(b"content-length")
        if not length:
            return 0
        return int(length) if _LENGTH.fullmatch(length) else None

    @property
    def seconds(self) -> float:
        """The time since the request began."""
        return time.perf_counter() - self._start

    @property
    def disconnected(self) -> bool:
        """Whether the connection ended before the response did."""
        return self._connection is not None and self._connection.lost

    async def run(self) -> None:
        """Reads the request, lets the application respond, and releases everything."""
        CLIENT.set(self._network)
        try:
            await self._admit_and_respond()
        except TimeoutError as error:
            if error is not self._stalled:
                raise
        finally:
            self._bounds.bodies.resize(self._size, 0)
            self._vacate()

    async def _admit_and_respond(self) -> None:
        try:
            await self._admit()
        except TraceledgerError as error:
            await self._refuse(error)
        except ClientDisconnect:
            self.status = 400  # nobody reads it; the log does
        else:
            await self._respond()

    async def _admit(self) -> None:
        """Checks the limits and reads the body; then the request gets a slot."""
        if not self._allowance.granted:
            raise BusyError("request.rate", "too many requests from your address")
        self._bounds.check(self.scope, self._length)
        if self._unread and self.method == "POST" and self._bounds.accepts_body(self.scope):
            encoding = self._headers.get(b"content-encoding", b"").decode("latin-1").lower()
            if encoding not in {"", "identity"}:
                message = f"content encoding {printable(encoding, 40)} given, none is accepted"
                raise UsageError("request.type", message)
            await self._read_body()
        self._occupies = self._bounds.occupy(self.scope["path"], self._network)

    async def _read_body(self) -> None:
        if self._connection is not None and self._connection.has_request():
            await self._receive_body()
            return
        try:
            async with self._bounds.slow.wait(self._network, self._bounds.limits.slow_body):
                await self._receive_body()
        except TimeoutError as error:
            raise UsageError("request.slow", "the request took too long to arrive") from error

    async def _receive_body(self) -> None:
        chunks = []
        while self._unread:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunks.append(message.get("body", b""))
            self._grow(len(chunks[-1]))
            self._unread = message.get("more_body", False)
        self._body = b"".join(chunks)

    def _grow(self, count: int) -> None:
        size = self._size + count
        if size > self._bounds.body_limit(self.scope):
            raise self._bounds.size_error(self.scope)
        if not self._bounds.bodies.resize(self._size, size):
            raise BusyError("server.busy", "the bodies of other requests fill the memory for them")
        self._size = size

    async def _respond(self) -> None:
        if self.method == "OPTIONS":
            methods = self._bounds.methods(self.scope)
            allowed = {"Allow": methods, "Access-Control-Allow-Methods": methods, **_PREFLIGHT}
            await Response(None, 204, allowed)(self.scope, self.receive, self.send)
            return
        try:
            await self._served.app(self.scope, self.receive, self.send)
        except Exception as error:
            if error is self._stalled:
                raise
            # The application has already responded; the cause goes to the log only.
            SERVER.exception("fault", extra={"fields": {"request_id": self._id.decode()}})

    async def _refuse(self, error: TraceledgerError) -> None:
        self.state["code"] = error.code
        headers = {}
        if error.code == "request.type":
            headers["Accept-Encoding"] = "identity"
        if error.code == "request.rate":
            headers["Retry-After"] = str(int(self._allowance.wait) + 1)
            headers["Connection"] = "close"  # drops the requests that follow in a pipeline
        response = respond(
            Request(self.scope),
            error,
            base=self._served.base,
            request_id=self._id.decode(),
            pages=self._served.pages,
            headers=headers,
        )
        await response(self.scope, self.receive, self.send)

    async def receive(self) -> Message:
        """Passes on the body as a whole, then whatever follows."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        return await self._receive()

    async def send(self, message: Message) -> None:
        """Sends to the client, with the headers of every response; raises TimeoutError."""
        if message["type"] == "http.response.start":
            self._vacate()
            self.status = message["status"]
            message = {**message, "headers": self._complete(list(message.get("headers", ())))}
        elif self.method == "HEAD":
            message = {**message, "body": b""}
        try:
            await self._deliver(message)
        except TimeoutError as error:
            self._stalled = error
            if self._connection is not None:
                self._connection.abort()
            raise

    async def _deliver(self, message: Message) -> None:
        """Sends as fast as the client reads; raises TimeoutError if it reads too slowly."""
        body = message.get("body", b"")
        seconds = self._bounds.limits.slow_answer
        if len(body) <= _CHUNK:
            if self._connection is not None and self._connection.has_room():
                await self._send(message)
                return
            async with asyncio.timeout(seconds):
                await self._send(message)
            return
        async with self._bounds.slow.wait(self._network, None):
            for at in range(0, len(body), _CHUNK):
                more = message.get("more_body", False) or at + _CHUNK < len(body)
                chunk = {**message, "body": body[at : at + _CHUNK], "more_body": more}
                async with asyncio.timeout(seconds):
                    await self._send(chunk)

    def _complete(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        given = [name for name, _ in headers]
        if _STRICT[0] not in given:
            headers.append(_STRICT)
        if self._unread and _CLOSE[0] not in given:
            headers.append(_CLOSE)  # or the client could go on sending a body that nobody reads
        headers += _HEADERS
        headers.append((b"x-request-id", self._id))
        return headers + self._rate_headers()

    def _rate_headers(self) -> list[tuple[bytes, bytes]]:
        """Returns the headers of draft-ietf-httpapi-ratelimit-headers; none without a limit."""
        rate, burst = self._limiter.rate, self._limiter.burst
        if not rate:
            return []
        window = max(1, round(burst / rate))
        allowance = self._allowance
        return [
            (b"ratelimit-policy", b'"client";q=%d;w=%d' % (burst, window)),
            (b"ratelimit", b'"client";r=%d;t=%d' % (allowance.left, int(allowance.wait) + 1)),
        ]

    def _vacate(self) -> None:
        if self._occupies:
            self._bounds.vacate(self._network)
            self._occupies = False

    def log(self) -> None:
        """Writes the access log."""
        if not ACCESS.isEnabledFor(logging.INFO):
            return
        fields = {
            "request_id": self._id.decode(),
            "method": self.method,
            "route": self.route,
            "status": self.status,
            "ms": round(self.seconds * 1000, 1),
        }
        if code := self.state.get("code"):
            fields["code"] = code
        if self.disconnected:
            fields["disconnected"] = True
        ACCESS.info("request", extra={"fields": fields})
