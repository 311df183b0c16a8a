"""`/customs`: the console in which customs read the account, page by page."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from traceledger.errors import NotFoundError
from traceledger.formats.note import MAX_NOTE_SIZE
from traceledger.formats.sample import MOST_DRAWN
from traceledger_api.context import Ctx
from traceledger_api.forms import parse_fields, parse_form
from traceledger_api.pages.customs.cores import draw_items
from traceledger_api.pages.customs.events import draw_entry
from traceledger_api.pages.customs.figure_page import draw_figure, draw_table
from traceledger_api.pages.customs.findings import draw_finding, draw_findings
from traceledger_api.pages.customs.items import draw_item
from traceledger_api.pages.customs.lines import draw_book_line, draw_line, find_line
from traceledger_api.pages.customs.log_page import draw_log
from traceledger_api.pages.customs.overview import draw_overview
from traceledger_api.pages.customs.render import HEADERS
from traceledger_api.pages.customs.reports import draw_reports
from traceledger_api.pages.customs.samples import (
    check_results,
    draw_sample,
    draw_samples,
    make_statement,
    read_draw,
)
from traceledger_api.pages.customs.search import draw_search
from traceledger_api.pages.customs.visit import Visit
from traceledger_api.routes.console_visits import (
    FILE_HEADERS,
    answer,
    read_index,
    respond,
    show,
)
from traceledger_api.sample_book import SHOWN, Sample

__all__ = ["router"]

router = APIRouter(prefix="/customs", include_in_schema=False)

Name = Annotated[str, Path(max_length=100)]


@router.get("")
@router.get("/")
async def overview(request: Request, ctx: Ctx) -> Response:
    """Shows the account: verdict, flow, book lines, findings, balances, lines out."""
    return await show(request, ctx, "overview", draw_overview)


@router.get("/items")
async def items(request: Request, ctx: Ctx) -> Response:
    """Lists the cores of the account by fate."""
    return await show(request, ctx, "items", draw_items)


@router.get("/book/{book}/line/{number}")
async def book_line(request: Request, ctx: Ctx, book: Name, number: Name) -> Response:
    """Shows a line of a book with its declared lines and cores."""
    return await show(request, ctx, "book_line", lambda visit: draw_book_line(visit, book, number))


@router.get("/line/{first}/{second}")
async def line(request: Request, ctx: Ctx, first: Name, second: Name) -> Response:
    """Shows a declaration line."""
    return await show(
        request, ctx, "line", lambda visit: draw_line(visit, find_line(visit, first, second))
    )


@router.get("/findings")
async def findings(request: Request, ctx: Ctx) -> Response:
    """Lists the findings."""
    return await show(request, ctx, "findings", draw_findings)


@router.get("/findings/{code}/{subject:path}")
async def finding(request: Request, ctx: Ctx, code: Name, subject: Name) -> Response:
    """Shows a finding with its evidence."""
    return await show(request, ctx, "finding", lambda visit: draw_finding(visit, code, subject))


@router.get("/item/{item:path}")
async def item(request: Request, ctx: Ctx, item: Name) -> Response:
    """Shows the chain of an item, its lineage and what is withheld."""
    return await show(request, ctx, "item", lambda visit: draw_item(visit, item))


@router.get("/event/{index}")
async def event(request: Request, ctx: Ctx, index: Name) -> Response:
    """Shows a signed event as it is in the log."""
    return await show(request, ctx, "event", lambda visit: draw_entry(visit, read_index(index)))


@router.get("/table/{path:path}")
async def table(request: Request, ctx: Ctx, path: Name) -> Response:
    """Shows the rows of a table of the account."""
    return await show(request, ctx, "table", lambda visit: draw_table(visit, f"/{path}"))


@router.get("/figure/{path:path}")
async def figure(request: Request, ctx: Ctx, path: Name) -> Response:
    """Shows what a figure sums."""

    async def work(visit: Visit) -> Response:
        pointer = f"/{path}"
        parts = await ctx.accounts.parts(visit.reader, visit.computed, pointer)
        return await answer(
            request, ctx, visit, "figure", lambda visit: draw_figure(visit, pointer, parts)
        )

    return await respond(request, ctx, work)


@router.get("/find")
async def find(request: Request, ctx: Ctx) -> Response:
    """Finds any number on any document; a single hit opens at once."""
    text = request.query_params.get("q", "")

    async def work(visit: Visit) -> Response:
        found = await ctx.read(draw_search, visit, text)
        if found["only"]:
            return Response(None, 303, {**HEADERS, "Location": found["only"]})
        return await answer(request, ctx, visit, "find", lambda _visit: found)

    return await respond(request, ctx, work)


@router.get("/log")
async def log(request: Request, ctx: Ctx) -> Response:
    """Shows checkpoints, witnesses, policy and trust."""
    return await show(request, ctx, "log", lambda visit: draw_log(visit, ctx.policy, ctx.trust))


@router.get("/samples")
async def samples(request: Request, ctx: Ctx) -> Response:
    """Lists the samples of the reader's party, with the form that draws another one."""

    def draw(visit: Visit) -> Mapping[str, Any]:
        party = visit.rights.reader.party
        found = ctx.samples.newest(party, SHOWN)
        return draw_samples(
            visit, [(sample, ctx.samples.results(party, sample.number)) for sample in found]
        )

    return await show(request, ctx, "samples", draw)


@router.post("/samples")
async def draw_another(request: Request, ctx: Ctx) -> Response:
    """Records a sample and leads to it."""

    async def work(visit: Visit) -> Response:
        draw = read_draw(visit, parse_fields(await request.body()), secrets.token_bytes)
        rights = visit.rights
        number = await ctx.read(ctx.samples.record, rights.reader.party, rights.kid, draw)
        return Response(None, 303, {**HEADERS, "Location": visit.at(f"/samples/{number}")})

    return await respond(request, ctx, work)


@router.post("/samples/statement")
async def state_results(request: Request, ctx: Ctx) -> Response:
    """Returns the statement of the results in a form, to be signed elsewhere; keeps nothing."""

    async def work(visit: Visit) -> Response:
        found = await _find_sample(request, ctx, visit)
        form = parse_fields(await request.body(), most=2 * MOST_DRAWN, limit=MAX_NOTE_SIZE)
        kept = await ctx.read(ctx.samples.results, visit.rights.reader.party, found.number)
        data = await ctx.read(make_statement, visit, found, len(kept) + 1, form)
        name = f'attachment; filename="sample-{found.number}.txt"'
        headers = {**FILE_HEADERS, "Content-Disposition": name}
        return Response(data, 200, headers, "text/plain; charset=utf-8")

    return await respond(request, ctx, work)


@router.post("/samples/results")
async def send_results(request: Request, ctx: Ctx) -> Response:
    """Keeps signed results of a sample: the signature allows it, not the session."""

    async def work(visit: Visit) -> Response:
        found = await _find_sample(request, ctx, visit)
        form = parse_form(request.headers.get("content-type", ""), await request.body())
        note = form["note"].data if "note" in form else b""
        revision = await ctx.read(check_results, visit, found, note, ctx.service.clock())
        party = visit.rights.reader.party
        await ctx.read(ctx.samples.add_results, party, found.number, revision, note)
        place = visit.at(f"/samples/{found.number}")
        return Response(None, 303, {**HEADERS, "Location": place})

    return await respond(request, ctx, work)


async def _find_sample(request: Request, ctx: Ctx, visit: Visit) -> Sample:
    """Finds the sample that the address names."""
    number = read_index(request.query_params.get("number", ""))
    return await ctx.read(ctx.samples.find, visit.rights.reader.party, number)


@router.get("/samples/{number}/{revision}.note")
async def results_file(request: Request, ctx: Ctx, number: Name, revision: Name) -> Response:
    """Returns signed results as a file, for `traceledger audit --sample`."""

    async def work(visit: Visit) -> Response:
        party, wanted = visit.rights.reader.party, read_index(revision)
        for one in await ctx.read(ctx.samples.results, party, read_index(number)):
            if one.revision == wanted:
                name = f'attachment; filename="sample-{read_index(number)}.note"'
                headers = {**FILE_HEADERS, "Content-Disposition": name}
                return Response(one.note, 200, headers, "text/plain; charset=utf-8")
        raise NotFoundError("samples.unknown", f"sample {number[:20]} has no such results")

    return await respond(request, ctx, work)


@router.get("/samples/{number}")
async def sample(request: Request, ctx: Ctx, number: Name) -> Response:
    """Shows a recorded sample, always as of the account from which it was drawn."""

    async def work(visit: Visit) -> Response:
        found = await ctx.read(ctx.samples.find, visit.rights.reader.party, read_index(number))
        if found.draw.wanted != visit.wanted:
            at = replace(visit.at, wanted=found.draw.wanted)
            return Response(None, 303, {**HEADERS, "Location": at(f"/samples/{found.number}")})
        party = visit.rights.reader.party
        results = await ctx.read(ctx.samples.results, party, found.number)
        return await answer(
            request, ctx, visit, "sample", lambda visit: draw_sample(visit, found, results)
        )

    return await respond(request, ctx, work)


@router.get("/reports")
async def reports(request: Request, ctx: Ctx) -> Response:
    """Lists the downloads."""
    return await show(request, ctx, "reports", draw_reports)
