"""A request to the console: who reads, which account, and the answer as a page or a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from traceledger.errors import (
    MalformedError,
    NotFoundError,
    TraceledgerError,
    VerificationError,
)
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.encoding import encode_base64
from traceledger.formats.note import parse_note
from traceledger.formats.problem import status_of
from traceledger.identifiers.values import parse_time
from traceledger.ledger.reading.accounts import Wanted
from traceledger_api.account_desk import Computing
from traceledger_api.context import Context
from traceledger_api.pages.customs.log_page import judge_health
from traceledger_api.pages.customs.render import HEADERS, respond_page
from traceledger_api.pages.customs.visit import Addresses, Visit
from traceledger_api.routes.account import open_account
from traceledger_api.routes.login import check_site, console_root, find_visitor, words_of

__all__ = [
    "FILE_HEADERS",
    "LIST",
    "SAMPLES",
    "STATED",
    "Draw",
    "answer",
    "read_index",
    "refuse",
    "respond",
    "send_file",
    "show",
]

LIST = "/customs/list"
"""The address of customs' own list, to which a form is sent."""

_REFUSED = frozenset({"witness.ahead", "ledger.damaged"})
"""Errors besides false evidence after which no figure of a ledger is shown."""

SAMPLES = "/customs/samples"
"""The address to which a form is sent that draws a sample."""

STATED = (f"{SAMPLES}/statement", f"{SAMPLES}/results")
"""The addresses to which results of a sample are sent: to be signed, and signed."""

Draw = Callable[[Visit], Mapping[str, Any]]
FILE_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Cache-Control": "private, no-store",
        "Vary": "Cookie",
        "Content-Disposition": "attachment",
    }
)
"""The headers of every file: nobody keeps it but the reader, who saves it."""


async def respond(
    request: Request, ctx: Context, work: Callable[[Visit], Awaitable[Response]]
) -> Response:
    """Answers a reader who is signed in as `work` does, anybody else and an error with a page.

    A form that another site sends is refused.
    """
    try:
        if request.method == "POST":
            check_site(request, ctx)
        visit = await _enter(request, ctx)
        return visit if isinstance(visit, Response) else await work(visit)
    except TraceledgerError as error:
        return refuse(request, ctx, error)


async def show(request: Request, ctx: Context, template: str, draw: Draw) -> Response:
    """Answers with a page, or with what keeps the reader from it."""
    return await respond(request, ctx, lambda visit: answer(request, ctx, visit, template, draw))


async def send_file(
    request: Request, ctx: Context, media: str, make: Callable[[Visit], bytes]
) -> Response:
    """Answers with a file to save, or with what keeps the reader from it."""

    async def work(visit: Visit) -> Response:
        return Response(await ctx.read(make, visit), 200, FILE_HEADERS, media)

    return await respond(request, ctx, work)


async def _enter(request: Request, ctx: Context) -> Visit | Response:
    """Returns the visit of a reader who is signed in, or the answer to anybody else.

    An address without a size leads to the newest checkpoint's, so that it stays the same. Raises
    StorageError `witness.ahead` for a log that signed another history than it shows.
    """
    rights = await find_visitor(request, ctx)
    if rights is None:
        return _to_login(request, ctx)
    query = request.query_params
    newest = ctx.service.published.size
    if not newest:
        raise NotFoundError("ledger.unpublished", "no checkpoint has been published yet")
    wanted = Wanted(
        end=_number(query.get("to", ""), newest),
        start=_number(query.get("from", ""), 1),
        book=query.get("book", "")[:100],
        as_of=int(parse_time(query["as_of"]).timestamp()) if query.get("as_of") else None,
    )
    reader, computed = await open_account(ctx, rights, wanted)
    words = words_of(request)
    at = Addresses(urlsplit(ctx.url).path, words.language, wanted)
    if isinstance(computed, Computing):
        values = {"done": computed.done, "size": computed.size, "visit": None}
        answer = respond_page(request, "computing", words, at, values, status=503)
        answer.headers["Refresh"] = "3"
        answer.headers["Retry-After"] = "3"
        return answer
    if "to" not in query:
        pairs = [(name, value) for name, value in query.multi_items() if value]
        address = urlsplit(ctx.url).path + request.scope["path"]
        place = f"{address}?{urlencode([('to', str(newest)), *pairs])}"
        return Response(None, 303, {**HEADERS, "Location": place})
    return Visit(
        ledger=ctx.ledger,
        words=words,
        rights=rights,
        reader=reader,
        wanted=wanted,
        computed=computed,
        at=at,
        now=int(ctx.service.clock()),
        path=request.scope["path"].removeprefix("/customs"),
        query=dict(query),
    )


async def answer(
    request: Request, ctx: Context, visit: Visit, template: str, draw: Draw
) -> Response:
    """Answers with a page of a visit; `draw` returns the values of its template, in a thread."""

    def make() -> Mapping[str, Any]:
        return {"visit": visit, "health": judge_health(visit, ctx.policy), **draw(visit)}

    values = await ctx.read(make)
    return respond_page(request, template, visit.words, visit.at, values)


def _to_login(request: Request, ctx: Context) -> Response:
    path = request.scope["path"].removeprefix("/customs")
    place = f"{path}?{request.url.query}" if request.url.query else path
    query = {"next": place} if place else {}
    if language := request.query_params.get("lang", "")[:10]:
        query["lang"] = language
    location = f"{console_root(ctx)}/login?{urlencode(query)}".rstrip("?")
    return Response(None, 303, {**HEADERS, "Location": location})


def refuse(request: Request, ctx: Context, error: TraceledgerError) -> Response:
    """Answers with a page that explains an error; of a ledger that is refused, it has no figure."""
    request.state.code = error.code
    words = words_of(request)
    at = Addresses(urlsplit(ctx.url).path, words.language)
    refused = isinstance(error, VerificationError) or error.code in _REFUSED
    template = "refused" if refused else "error"
    values = {"error": error, "notes": _contradicting(ctx)} if refused else {"error": error}
    return respond_page(request, template, words, at, values, status=status_of(error))


def _contradicting(ctx: Context) -> list[dict[str, Any]]:
    """Returns the checkpoints to keep: the newest one that this server signed, and one above it."""
    found = []
    for name, note in (("own", ctx.service.published.note), ("shown", ctx.contradiction)):
        if note:
            checkpoint = parse_checkpoint(parse_note(note).text)
            root = encode_base64(checkpoint.root).decode()
            found.append({"name": name, "size": checkpoint.size, "root": root})
    return found


def _number(text: str, default: int) -> int:
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 15 or not int(text):
        raise MalformedError("request.value", f"{text[:20]!r} is no size of the log")
    return int(text)


def read_index(text: str) -> int:
    """Reads the index of an entry in an address; raises NotFoundError `event.unknown`."""
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise NotFoundError("event.unknown", f"{text[:20]!r} is no index of the log")
    return int(text)
