"""Errors as RFC 9457 problems, and the one table from errors to HTTP statuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from traceledger.codes import CODES
from traceledger.errors import (
    BusyError,
    ConflictError,
    MalformedError,
    NoLedgerError,
    NotAllowedError,
    NotFoundError,
    RemoteError,
    StorageError,
    TraceledgerError,
    UsageError,
    VerificationError,
)
from traceledger.events.encoding import printable

__all__ = ["PROBLEM", "STATUSES", "add_handlers", "problem", "status_of"]

PROBLEM = "application/problem+json"

STATUSES: Mapping[type[TraceledgerError] | str, int] = {
    UsageError: 400,
    MalformedError: 400,
    VerificationError: 422,
    NotAllowedError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    RemoteError: 502,
    StorageError: 503,
    NoLedgerError: 503,
    BusyError: 503,
    # Codes that say more than their class
    "access.needed": 401,
    "access.refused": 401,
    "ledger.key": 503,
    "request.address": 404,
    "request.method": 405,
    "request.rate": 429,
    "request.size": 413,
    "request.slow": 408,
    "request.type": 415,
    "server.fault": 500,
}

# What the framework answers by itself, by status.
_OWN = {
    400: "request.body",
    404: "request.address",
    405: "request.method",
    413: "request.size",
    415: "request.type",
}
_HEADERS = {
    401: {"WWW-Authenticate": "Bearer"},
    408: {"Connection": "close"},
    413: {"Connection": "close"},
    429: {"Retry-After": "1"},
    503: {"Retry-After": "1"},
}


def status_of(error: TraceledgerError) -> int:
    """The status of an error: that of its code, else of the nearest of its classes."""
    by_code = STATUSES.get(error.code)
    if by_code is not None:
        return by_code
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def problem(
    error: TraceledgerError, *, base: str, request_id: str, headers: Mapping[str, str] | None = None
) -> Response:
    """The response that tells of an error; `base` is the address of the server.

    Of what broke inside the server nothing is told but the code.
    """
    status = status_of(error)
    inside = status >= 500 and not isinstance(error, BusyError)
    body: dict[str, Any] = {
        "type": f"{base}/problems/{error.code}",
        "title": CODES[error.code].meaning,
        "status": status,
        "detail": error.meaning if inside else error.message,
        "code": error.code,
        "hint": error.hint,
        "request_id": request_id,
    }
    if error.where and not inside:
        body["where"] = error.where
    more = {"Cache-Control": "no-store", **_HEADERS.get(status, {}), **(headers or {})}
    return Response(msgspec.json.encode(body), status, more, PROBLEM)


def add_handlers(app: FastAPI) -> None:
    """Has every error of the application become a problem, the framework's own included."""

    def answer(request: Request, error: TraceledgerError, **headers: str) -> Response:
        state = request.state
        state.code = error.code
        return problem(error, base=app.state.base, request_id=state.request_id, headers=headers)

    async def known(request: Request, error: Exception) -> Response:
        if not isinstance(error, TraceledgerError):
            raise error
        return answer(request, error)

    async def invalid(request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise error
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"][1:])
        message = printable(f"{first['msg']}: {first.get('input')!r} given", 200)
        return answer(request, MalformedError("request.value", message, where=where))

    async def framework(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        code = _OWN.get(error.status_code, "server.fault")
        allow = (
            {"Allow": error.headers["Allow"]} if error.headers and "Allow" in error.headers else {}
        )
        return answer(request, UsageError(code, CODES[code].meaning), **allow)

    async def gone(request: Request, error: Exception) -> Response:
        del request, error
        return Response(status_code=400)

    async def fault(request: Request, error: Exception) -> Response:
        del error
        return answer(request, UsageError("server.fault", CODES["server.fault"].meaning))

    app.add_exception_handler(TraceledgerError, known)
    app.add_exception_handler(ClientDisconnect, gone)
    app.add_exception_handler(Exception, fault)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, framework)
