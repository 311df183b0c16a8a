"""The way in for people without a code: a field for the number of a part."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from traceledger.errors import MalformedError, NotFoundError
from traceledger.identifiers.items import parse_item
from traceledger.identifiers.typed import Typed, read_typed
from traceledger.ledger.ledger import Ledger
from traceledger.views.rows import Search
from traceledger_api.context import Ctx
from traceledger_api.notices import note_typed
from traceledger_api.replies import prefers_page
from traceledger_api.routes.links import Pages

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_MAX_PRODUCTS = 100


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
    """Returns the unit with a serial if exactly one product has it; else ""."""
    if not typed.serial:
        return ""
    products = islice(_list_products(ledger), _MAX_PRODUCTS)
    candidates = [f"01/{gtin}/21/{typed.serial}" for gtin in products]
    candidates.append(f"x/unit/{typed.serial}")
    known = [item for item in candidates if _is_item(item)]
    found = tuple(ledger.read_heads(known))
    return found[0] if len(found) == 1 else ""


def _list_products(ledger: Ledger) -> Iterator[str]:
    """Yields the product numbers of the ledger's units, with one look-up each."""
    after = "01/"
    while rows := ledger.search(Search(after=after, limit=1)):
        if not rows[0].item.startswith("01/"):
            return
        gtin = rows[0].item.split("/")[1]
        yield gtin
        after = f"01/{gtin}/21/~"


def _is_item(text: str) -> bool:
    try:
        parse_item(text)
    except MalformedError:
        return False
    return True
