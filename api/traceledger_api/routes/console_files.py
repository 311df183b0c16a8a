"""Files of the console: downloads, proofs, and customs' own list, which is compared with it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from traceledger.audit.output import format_account
from traceledger.errors import NotFoundError
from traceledger.ledger.reading.event_proofs import prove_event
from traceledger_api.context import Ctx
from traceledger_api.forms import parse_form
from traceledger_api.pages.customs.downloads import TABLES, format_csv
from traceledger_api.pages.customs.events import read_entry
from traceledger_api.pages.customs.evidence import claim_figure, claim_finding, format_evidence
from traceledger_api.pages.customs.findings import find_finding
from traceledger_api.pages.customs.list_page import (
    compare_list,
    draw_comparison,
    draw_form,
    format_matches,
)
from traceledger_api.pages.customs.reports import FORMATS, Compared, format_report
from traceledger_api.pages.customs.visit import Visit
from traceledger_api.routes.console_visits import (
    FILE_HEADERS,
    answer,
    read_index,
    refuse,
    respond,
    send_file,
    show,
)

__all__ = ["router"]

router = APIRouter(prefix="/customs", include_in_schema=False)

Name = Annotated[str, Path(max_length=100)]


@router.get("/reports/account.json")
async def account_file(request: Request, ctx: Ctx) -> Response:
    """Returns the account as canonical JSON, whose SHA-256 is its hash."""
    return await send_file(
        request,
        ctx,
        "application/json",
        lambda visit: format_account(visit.described),
    )


@router.get("/reports/report.{suffix}")
async def report_file(request: Request, ctx: Ctx, suffix: Name) -> Response:
    """Returns the report of the account, which states that it was not verified."""
    return await respond(request, ctx, lambda visit: _send_report(ctx, visit, suffix))


@router.get("/reports/{name}.csv")
async def csv_file(request: Request, ctx: Ctx, name: Name) -> Response:
    """Returns a table as CSV."""
    if name not in TABLES:
        return refuse(request, ctx, NotFoundError("request.address", f"there is no {name}.csv"))
    return await send_file(
        request, ctx, "text/csv; charset=utf-8", lambda visit: format_csv(visit, name)
    )


@router.get("/evidence")
async def evidence(
    request: Request, ctx: Ctx, figure: str = "", code: str = "", subject: str = ""
) -> Response:
    """Returns the evidence of a figure, or of a finding, as a zip."""

    async def work(visit: Visit) -> Response:
        if code:
            claim = await ctx.read(claim_finding, visit, *find_finding(visit, code, subject))
        else:
            parts = await ctx.accounts.parts(visit.reader, visit.computed, figure)
            claim = claim_figure(visit, figure, parts)
        data = await ctx.read(format_evidence, visit, claim, ctx.policy)
        headers = {**FILE_HEADERS, "Content-Disposition": 'attachment; filename="evidence.zip"'}
        return Response(data, 200, headers, "application/zip")

    return await respond(request, ctx, work)


@router.get("/list")
async def list_form(request: Request, ctx: Ctx) -> Response:
    """Shows the form that sends customs' own list."""
    return await show(request, ctx, "list", draw_form)


@router.post("/list")
async def compare(request: Request, ctx: Ctx) -> Response:
    """Compares customs' own list with the account: as a page, CSV or a report; keeps nothing."""

    async def work(visit: Visit) -> Response:
        form = parse_form(request.headers.get("content-type", ""), await request.body())
        async with ctx.comparing.hold():
            compared = await ctx.read(compare_list, visit, form)
            if "csv" in form:
                table = await ctx.read(format_matches, visit, compared.account)
                return Response(table, 200, FILE_HEADERS, "text/csv; charset=utf-8")
            if "report" in form:
                return await _send_report(ctx, visit, form["report"].text, compared)
            return await answer(
                request, ctx, visit, "list", lambda visit: draw_comparison(visit, compared)
            )

    return await respond(request, ctx, work)


async def _send_report(
    ctx: Ctx, visit: Visit, suffix: str, compared: Compared | None = None
) -> Response:
    """Answers with a report, which has the signed samples of the reader's party."""
    if suffix not in FORMATS:
        raise NotFoundError("request.address", f"there is no report.{suffix[:20]}")

    def make() -> bytes:
        samples = ctx.samples.results_of_account(visit.rights.reader.party, visit.digest)
        return format_report(visit, suffix, ctx.policy, samples, compared)

    name = f'attachment; filename="report.{suffix}"'
    headers = {**FILE_HEADERS, "Content-Disposition": name}
    return Response(await ctx.read(make), 200, headers, FORMATS[suffix].media)


@router.get("/contradiction/{name}")
async def contradiction(request: Request, ctx: Ctx, name: Name) -> Response:
    """Returns one of the checkpoints that contradict each other; anybody may keep them."""
    notes = {"own": ctx.service.published.note, "shown": ctx.contradiction}
    note = notes.get(name)
    if not note:
        return refuse(request, ctx, NotFoundError("request.address", "there is no such checkpoint"))
    headers = {**FILE_HEADERS, "Content-Disposition": f'attachment; filename="checkpoint-{name}"'}
    return Response(note, 200, headers, "text/plain; charset=utf-8")


@router.get("/proof/{index}")
async def proof(request: Request, ctx: Ctx, index: Name) -> Response:
    """Returns the proof that the log contains an entry, as a file."""

    def prove(visit: Visit) -> bytes:
        entry = read_entry(visit, read_index(index))
        return prove_event(visit.ledger, entry.leaf_index, trust=ctx.policy)

    return await send_file(request, ctx, "text/plain; charset=utf-8", prove)
