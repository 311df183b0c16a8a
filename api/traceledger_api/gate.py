"""The layer around every route: limits, request ids, headers, logs and metrics.

Plain ASGI, because it wraps every request: the framework's own middleware classes cost more than a
whole append.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from starlette.responses import Response

from traceledger.errors import BusyError, TraceledgerError, UsageError
from traceledger_api.limits import Limits
from traceledger_api.logs import ACCESS, SERVER
from traceledger_api.metrics import Metrics
from traceledger_api.problems import problem
from traceledger_api.rate_limit import Allowance, Limiter

__all__ = ["Gate"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_REQUEST_ID = re.compile(rb"[A-Za-z0-9-]{8,64}")
_LENGTH = re.compile(rb"[0-9]{1,15}")
_READING = "GET, HEAD, OPTIONS"
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
_PREFLIGHT = {
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Language, Authorization, Content-Type, If-None-Match, Last-Event-ID,"
        " X-Request-Id"
    ),
    "Access-Control-Max-Age": "86400",
}


class Gate:
    """The application behind its limits."""

    def __init__(
        self,
        app: App,
        *,
        limits: Limits,
        metrics: Metrics,
        base: str,
        large: str,
        methods: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Guards `app`; `large` is the only path that accepts large bodies.

        `methods` maps each path that accepts more than reading methods to its methods.
        """
        self._app = app
        self._limits = limits
        self._metrics = metrics
        self._base = base
        self._large = large
        self._methods = methods
        self._limiter = Limiter(limits.rate, limits.burst, clock)
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(self, scope, receive, send)
        self._metrics.begin()
        self._running += 1
        try:
            await exchange.run()
        finally:
            self._running -= 1
            self._metrics.end(
                exchange.method,
                exchange.route,
                exchange.status,
                exchange.seconds,
                exchange.state.get("code", ""),
            )
            exchange.log()

    async def pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands a request to the application."""
        await self._app(scope, receive, send)

    def refusal(self, scope: Scope, allowance: Allowance) -> TraceledgerError | None:
        """Returns the reason to refuse a request before it is read, or None."""
        if not allowance.granted:
            return BusyError("request.rate", "too many requests from your address")
        if self._running > self._limits.concurrency:
            return BusyError("server.busy", "too many requests are in progress")
        length = _header(scope, b"content-length")
        if length and (not _LENGTH.fullmatch(length) or int(length) > self.body_limit(scope)):
            return _too_large(self.body_limit(scope))
        return None

    def body_limit(self, scope: Scope) -> int:
        """Returns the largest body that a path accepts, in bytes."""
        large = scope["path"] == self._large
        return self._limits.event_body if large else self._limits.small_body

    def methods(self, scope: Scope) -> str:
        """Returns the methods that a path accepts."""
        return self._methods.get(scope["path"], _READING)

    def allowance(self, scope: Scope) -> Allowance:
        """Takes one request from the client's allowance."""
        client = scope.get("client")
        return self._limiter.take(client[0] if client else "")

    def rate_headers(self, allowance: Allowance) -> list[tuple[bytes, bytes]]:
        """Returns the headers of draft-ietf-httpapi-ratelimit-headers; none without a limit."""
        rate, burst = self._limits.rate, self._limits.burst
        if not rate:
            return []
        window = max(1, round(burst / rate))
        return [
            (b"ratelimit-policy", b'"client";q=%d;w=%d' % (burst, window)),
            (b"ratelimit", b'"client";r=%d;t=%d' % (allowance.left, int(allowance.wait) + 1)),
        ]

    @property
    def limits(self) -> Limits:
        """The limits."""
        return self._limits

    @property
    def base(self) -> str:
        """The address of the server."""
        return self._base


class _Exchange:
    """One request and its response."""

    def __init__(self, gate: Gate, scope: Scope, receive: Receive, send: Send) -> None:
        self._gate = gate
        # A copy: the web server still sees HEAD, and omits the body.
        method = scope["method"]
        self.scope = {**scope, "method": "GET" if method == "HEAD" else method}
        self.state: dict[str, Any] = self.scope.setdefault("state", {})
        self.method = method
        self.status = 0
        self._receive = receive
        self._send = send
        self._start = time.perf_counter()
        self._deadline = 0.0
        self._received = 0
        self._whole = False
        self._allowance = gate.allowance(scope)
        given = _header(scope, b"x-request-id")
        self._id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8).encode()
        self.state["request_id"] = self._id.decode()

    @property
    def route(self) -> str:
        """The pattern that the path matched."""
        return str(getattr(self.scope.get("route"), "path", "-"))

    @property
    def seconds(self) -> float:
        """The time since the request began."""
        return time.perf_counter() - self._start

    async def run(self) -> None:
        refusal = self._gate.refusal(self.scope, self._allowance)
        if refusal is not None:
            await self._answer(refusal)
        elif self.method == "OPTIONS":
            methods = self._gate.methods(self.scope)
            allowed = {"Allow": methods, "Access-Control-Allow-Methods": methods, **_PREFLIGHT}
            await Response(None, 204, allowed)(self.scope, self.receive, self.send)
        else:
            await self._run_app()

    async def _run_app(self) -> None:
        try:
            await self._gate.pass_on(self.scope, self.receive, self.send)
        except TimeoutError:
            raise  # the client does not read the response; the connection closes
        except Exception:  # noqa: BLE001 - every fault is logged
            # The application has already responded; the cause goes to the log only.
            SERVER.exception("fault", extra={"fields": {"request_id": self._id.decode()}})

    async def _answer(self, error: TraceledgerError) -> None:
        self.state["code"] = error.code
        headers = {}
        if error.code == "request.rate":
            headers["Retry-After"] = str(int(self._allowance.wait) + 1)
        response = problem(
            error, base=self._gate.base, request_id=self._id.decode(), headers=headers
        )
        await response(self.scope, self.receive, self.send)

    async def receive(self) -> Message:
        """Receives from the client; raises UsageError `request.size` or `request.slow`."""
        if self._whole:
            return await self._receive()
        if not self._deadline:
            self._deadline = asyncio.get_running_loop().time() + self._gate.limits.slow_body
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError as error:
            raise UsageError("request.slow", "the request took too long to arrive") from error
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._received > self._gate.body_limit(self.scope):
                raise _too_large(self._gate.body_limit(self.scope))
        return message

    async def send(self, message: Message) -> None:
        """Sends to the client, with the headers of every response; raises TimeoutError."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            if not any(name == _STRICT[0] for name, _ in headers):
                headers.append(_STRICT)
            headers += _HEADERS
            headers.append((b"x-request-id", self._id))
            headers += self._gate.rate_headers(self._allowance)
            message = {**message, "headers": headers}
        elif self.method == "HEAD":
            message = {**message, "body": b""}
        async with asyncio.timeout(self._gate.limits.slow_answer):
            await self._send(message)

    def log(self) -> None:
        fields = {
            "request_id": self._id.decode(),
            "method": self.method,
            "route": self.route,
            "status": self.status,
            "ms": round(self.seconds * 1000, 1),
        }
        if code := self.state.get("code"):
            fields["code"] = code
        ACCESS.info("request", extra={"fields": fields})


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


def _too_large(limit: int) -> TraceledgerError:
    return UsageError(
        "request.size", f"the body exceeds {limit:,} bytes, the limit of this address"
    )
