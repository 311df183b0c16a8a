"""`/customs/reports`, `/customs/proof`: what the console offers as files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from traceledger.audit.output import format_account
from traceledger.errors import NotFoundError
from traceledger.ledger.reading.event_proofs import prove_event
from traceledger_api.context import Ctx
from traceledger_api.pages.customs.downloads import TABLES, format_csv
from traceledger_api.pages.customs.reports import FORMATS, format_report
from traceledger_api.pages.customs.visit import Visit
from traceledger_api.routes.console_visits import read_index, refuse, send_file

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
    if suffix not in FORMATS:
        error = NotFoundError("request.address", f"there is no report.{suffix}")
        return refuse(request, ctx, error)
    return await send_file(
        request,
        ctx,
        FORMATS[suffix].media,
        lambda visit: format_report(visit, suffix, ctx.policy),
    )


@router.get("/reports/{name}.csv")
async def csv_file(request: Request, ctx: Ctx, name: Name) -> Response:
    """Returns a table as CSV."""
    if name not in TABLES:
        return refuse(request, ctx, NotFoundError("request.address", f"there is no {name}.csv"))
    return await send_file(
        request, ctx, "text/csv; charset=utf-8", lambda visit: format_csv(visit, name)
    )


@router.get("/proof/{index}")
async def proof(request: Request, ctx: Ctx, index: Name) -> Response:
    """Returns the proof that the log contains an entry, as a file."""

    def prove(visit: Visit) -> bytes:
        (entry,) = visit.ledger.read_entries(read_index(index), read_index(index) + 1)
        return prove_event(visit.ledger, entry.leaf_index, trust=ctx.policy)

    return await send_file(request, ctx, "text/plain; charset=utf-8", prove)
