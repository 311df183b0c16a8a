"""The way in for people without a code: a field for the number of a part."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from traceledger.errors import NotFoundError
from traceledger.identifiers.typed import Typed, read_typed
from traceledger.ledger.ledger import Ledger
from traceledger.views.serials import find_serial, list_products
from traceledger_api.context import Ctx
from traceledger_api.notices import note_typed
from traceledger_api.replies import prefers_page
from traceledger_api.routes.links import Pages

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/")
async def entry(
    request: Request, ctx: Ctx, number: Annotated[str, Query(max_length=4096)] = ""
) -> Response:
    """Shows the field, leads to the part that was typed, or says what is wrong with the number."""
    pages: Pages | None = request.app.state.pages
    if pages is None or not prefers_page(request.headers):
        raise NotFoundError("request.address", "there is nothing at this address")
    typed = read_typed(number)
    if typed.mistake == "empty":
        return await ctx.read(pages.find, request, None)
    item = typed.item or await ctx.read(_find_serial, ctx.ledger, typed)
    if not item:
        return await ctx.read(pages.find, request, note_typed(typed))
    language = request.query_params.get("lang", "")
    query = f"?lang={language}" if language.replace("-", "").isalnum() else ""
    place = urlsplit(ctx.url).path
    return Response(None, 303, {"Location": f"{place}/{item}{query}", "Vary": "Accept"})


def _find_serial(ledger: Ledger, typed: Typed) -> str:
    return find_serial(ledger, typed.serial, list_products(ledger)) if typed.serial else ""
