"""`/customs`: the console in which customs read the account, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

import msgspec
from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from traceledger.errors import MalformedError, NotFoundError, TraceledgerError
from traceledger.formats.problem import status_of
from traceledger.identifiers.values import parse_time
from traceledger.ledger.reading.accounts import Wanted
from traceledger.ledger.reading.event_proofs import prove_event
from traceledger_api.account_desk import Computing
from traceledger_api.context import Context, Ctx
from traceledger_api.pages.customs.cores import draw_items
from traceledger_api.pages.customs.downloads import TABLES, format_csv
from traceledger_api.pages.customs.events import draw_entry
from traceledger_api.pages.customs.figure_page import draw_figure, draw_table
from traceledger_api.pages.customs.findings import draw_finding, draw_findings
from traceledger_api.pages.customs.items import draw_item
from traceledger_api.pages.customs.lines import draw_book_line, draw_line, find_line
from traceledger_api.pages.customs.log_page import draw_log, judge_health
from traceledger_api.pages.customs.overview import draw_overview
from traceledger_api.pages.customs.render import HEADERS, respond_page
from traceledger_api.pages.customs.samples import draw_samples
from traceledger_api.pages.customs.search import draw_search
from traceledger_api.pages.customs.visit import Addresses, Visit
from traceledger_api.routes.account import open_account
from traceledger_api.routes.login import console_root, find_visitor, words_of

__all__ = ["router"]

router = APIRouter(prefix="/customs", include_in_schema=False)

Draw = Callable[[Visit], Mapping[str, Any]]
Name = Annotated[str, Path(max_length=100)]
_DATA = {"Cache-Control": "private, no-store", "Vary": "Cookie"}


@router.get("")
@router.get("/")
async def overview(request: Request, ctx: Ctx) -> Response:
    """Shows the account: verdict, flow, book lines, findings, balances, lines out."""
    return await _show(request, ctx, "overview", draw_overview)


@router.get("/items")
async def items(request: Request, ctx: Ctx) -> Response:
    """Lists the cores of the account by fate."""
    return await _show(request, ctx, "items", draw_items)


@router.get("/book/{book}/line/{number}")
async def book_line(request: Request, ctx: Ctx, book: Name, number: Name) -> Response:
    """Shows a line of a book with its declared lines and cores."""
    return await _show(request, ctx, "book_line", lambda visit: draw_book_line(visit, book, number))


@router.get("/line/{first}/{second}")
async def line(request: Request, ctx: Ctx, first: Name, second: Name) -> Response:
    """Shows a declaration line."""
    return await _show(
        request, ctx, "line", lambda visit: draw_line(visit, find_line(visit, first, second))
    )


@router.get("/findings")
async def findings(request: Request, ctx: Ctx) -> Response:
    """Lists the findings."""
    return await _show(request, ctx, "findings", draw_findings)


@router.get("/findings/{code}/{subject:path}")
async def finding(request: Request, ctx: Ctx, code: Name, subject: Name) -> Response:
    """Shows a finding with its evidence."""
    return await _show(request, ctx, "finding", lambda visit: draw_finding(visit, code, subject))


@router.get("/item/{item:path}")
async def item(request: Request, ctx: Ctx, item: Name) -> Response:
    """Shows the chain of an item, its lineage and what is withheld."""
    return await _show(request, ctx, "item", lambda visit: draw_item(visit, item))


@router.get("/event/{index}")
async def event(request: Request, ctx: Ctx, index: Name) -> Response:
    """Shows a signed event as it is in the log."""
    return await _show(request, ctx, "event", lambda visit: draw_entry(visit, _index(index)))


@router.get("/table/{path:path}")
async def table(request: Request, ctx: Ctx, path: Name) -> Response:
    """Shows the rows of a table of the account."""
    return await _show(request, ctx, "table", lambda visit: draw_table(visit, f"/{path}"))


@router.get("/figure/{path:path}")
async def figure(request: Request, ctx: Ctx, path: Name) -> Response:
    """Shows what a figure sums."""
    try:
        visit = await _enter(request, ctx)
        if isinstance(visit, Response):
            return visit
        pointer = f"/{path}"
        parts = await ctx.accounts.parts(visit.reader, visit.computed, pointer)
        return await _answer(
            request, ctx, visit, "figure", lambda visit: draw_figure(visit, pointer, parts)
        )
    except TraceledgerError as error:
        return _refuse(request, ctx, error)


@router.get("/find")
async def find(request: Request, ctx: Ctx) -> Response:
    """Finds any number on any document; a single hit opens at once."""
    text = request.query_params.get("q", "")
    try:
        visit = await _enter(request, ctx)
        if isinstance(visit, Response):
            return visit
        found = await ctx.read(draw_search, visit, text)
        if found["only"]:
            return Response(None, 303, {**HEADERS, "Location": found["only"]})
        return await _answer(request, ctx, visit, "find", lambda _visit: found)
    except TraceledgerError as error:
        return _refuse(request, ctx, error)


@router.get("/log")
async def log(request: Request, ctx: Ctx) -> Response:
    """Shows checkpoints, witnesses, policy and trust."""
    return await _show(request, ctx, "log", lambda visit: draw_log(visit, ctx.policy, ctx.trust))


@router.get("/samples")
async def samples(request: Request, ctx: Ctx) -> Response:
    """Draws cores at random by a recorded seed."""
    return await _show(request, ctx, "samples", draw_samples)


@router.get("/reports")
async def reports(request: Request, ctx: Ctx) -> Response:
    """Lists the downloads."""
    return await _show(request, ctx, "reports", lambda _visit: {"tables": list(TABLES)})


@router.get("/reports/account.json")
async def account_file(request: Request, ctx: Ctx) -> Response:
    """Returns the account as canonical JSON, whose SHA-256 is its hash."""
    return await _download(
        request,
        ctx,
        "application/json",
        lambda visit: msgspec.json.encode(visit.described, order="sorted"),
    )


@router.get("/reports/{name}.csv")
async def csv_file(request: Request, ctx: Ctx, name: Name) -> Response:
    """Returns a table as CSV."""
    if name not in TABLES:
        return _refuse(request, ctx, NotFoundError("request.address", f"there is no {name}.csv"))
    return await _download(
        request, ctx, "text/csv; charset=utf-8", lambda visit: format_csv(visit, name)
    )


@router.get("/proof/{index}")
async def proof(request: Request, ctx: Ctx, index: Name) -> Response:
    """Returns the proof that the log contains an entry, as a file."""

    def prove(visit: Visit) -> bytes:
        (entry,) = visit.ledger.read_entries(_index(index), _index(index) + 1)
        return prove_event(visit.ledger, entry.leaf_index, trust=ctx.policy)

    return await _download(request, ctx, "text/plain; charset=utf-8", prove)


async def _show(request: Request, ctx: Context, template: str, draw: Draw) -> Response:
    try:
        visit = await _enter(request, ctx)
        if isinstance(visit, Response):
            return visit
        return await _answer(request, ctx, visit, template, draw)
    except TraceledgerError as error:
        return _refuse(request, ctx, error)


async def _download(
    request: Request, ctx: Context, media: str, make: Callable[[Visit], bytes]
) -> Response:
    try:
        visit = await _enter(request, ctx)
        if isinstance(visit, Response):
            return visit
        body = await ctx.read(make, visit)
    except TraceledgerError as error:
        return _refuse(request, ctx, error)
    return Response(body, 200, {**_DATA, "Content-Disposition": "attachment"}, media)


async def _enter(request: Request, ctx: Context) -> Visit | Response:
    """Returns the visit of a reader who is signed in, or the answer to anybody else.

    An address without a size leads to the newest checkpoint's, so that it stays the same.
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


async def _answer(
    request: Request, ctx: Context, visit: Visit, template: str, draw: Draw
) -> Response:
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


def _refuse(request: Request, ctx: Context, error: TraceledgerError) -> Response:
    request.state.code = error.code
    words = words_of(request)
    at = Addresses(urlsplit(ctx.url).path, words.language)
    return respond_page(request, "error", words, at, {"error": error}, status=status_of(error))


def _number(text: str, default: int) -> int:
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 15 or not int(text):
        raise MalformedError("request.value", f"{text[:20]!r} is no size of the log")
    return int(text)


def _index(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise NotFoundError("event.unknown", f"{text[:20]!r} is no index of the log")
    return int(text)
