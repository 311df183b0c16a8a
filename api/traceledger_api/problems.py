"""Errors as responses: each error of the application or the framework becomes a problem."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Protocol
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from traceledger.codes import CODES
from traceledger.errors import MalformedError, RemoteError, TraceledgerError, UsageError
from traceledger.formats.problem import format_problem, status_of
from traceledger.identifiers.excerpt import printable
from traceledger_api.notices import Notice, make_notice
from traceledger_api.replies import prefers_page

__all__ = [
    "PROBLEM",
    "FindPages",
    "add_handlers",
    "answer_exception",
    "is_expected",
    "problem",
    "respond",
]

PROBLEM = "application/problem+json"

# Codes for errors that the framework raises itself, by status.
_FRAMEWORK_CODES = {
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


def problem(
    error: TraceledgerError, *, base: str, request_id: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Returns the response to an error; `base` is the address of the server."""
    status = status_of(error)
    more = {"Cache-Control": "no-store", **_HEADERS.get(status, {}), **(headers or {})}
    body = format_problem(error, base=base, request_id=request_id)
    return Response(body, status, more, PROBLEM)


def respond(
    request: Request,
    error: TraceledgerError,
    *,
    base: str,
    request_id: str,
    pages: FindPages | None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Returns the response to an error: a page for people who asked for a page, else a problem."""
    if pages is None or not prefers_page(request.headers):
        return problem(error, base=base, request_id=request_id, headers=headers)
    answer = pages.find(request, make_notice(request, error, urlsplit(base).path))
    more = {"Cache-Control": "no-store", **_HEADERS.get(status_of(error), {}), **(headers or {})}
    answer.headers.update(more)
    return answer


class FindPages(Protocol):
    """Renders the page with the field for a number."""

    def find(self, request: Request, notice: Notice | None) -> Response:
        """Renders the page, with a notice if there is one; its status is that of the notice."""


async def answer_exception(app: FastAPI, request: Request, error: Exception) -> Response:
    """Returns the framework's response to an error of a route, by the handlers of the app."""
    handlers = app.exception_handlers
    handler = next(handlers[kind] for kind in type(error).__mro__ if kind in handlers)
    answered = handler(request, error)
    return await answered if isinstance(answered, Awaitable) else answered


def is_expected(error: Exception) -> bool:
    """Reports whether an error is no fault of the server, which its log would have to name."""
    return isinstance(error, TraceledgerError | ClientDisconnect)


def add_handlers(app: FastAPI) -> None:
    """Turns every error into a problem, including those of the framework."""

    def answer(request: Request, error: TraceledgerError, **headers: str) -> Response:
        state = request.state
        state.code = error.code
        return respond(
            request,
            error,
            base=app.state.base,
            request_id=state.request_id,
            pages=app.state.pages,
            headers=headers,
        )

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
        code = _FRAMEWORK_CODES.get(error.status_code)
        if code is None:
            return await fault(request, error)
        allow = (
            {"Allow": error.headers["Allow"]} if error.headers and "Allow" in error.headers else {}
        )
        return answer(request, UsageError(code, CODES[code].meaning), **allow)

    async def gone(request: Request, error: Exception) -> Response:
        del request, error
        return Response(status_code=400)

    async def fault(request: Request, error: Exception) -> Response:
        del error
        return answer(request, RemoteError("server.fault", CODES["server.fault"].meaning))

    app.add_exception_handler(TraceledgerError, known)
    app.add_exception_handler(ClientDisconnect, gone)
    app.add_exception_handler(Exception, fault)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, framework)
