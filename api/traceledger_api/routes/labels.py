"""Labels of items, as `traceledger label` draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from traceledger.errors import NotFoundError, UsageError
from traceledger.identifiers.items import Chain, parse_item
from traceledger.labels.drawing import Format, Style, draw_labels
from traceledger.labels.pdf import Paper
from traceledger.labels.symbol import Correction, make_symbol
from traceledger.ledger.reading.rights import Rights
from traceledger.planning.labels import find_label
from traceledger.views.items import find_row, read_overlays
from traceledger_api.context import Caller, Context, Ctx, check_reader
from traceledger_api.replies import reply
from traceledger_api.routes.item import ItemPath, show, whole_id

__all__ = ["router"]

router = APIRouter(tags=["labels"])

_MEDIA: dict[Format, str] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "zpl": "application/zpl",  # not registered, but in use
    "txt": "text/plain; charset=utf-8",  # for terminals
}
_LABELLED: tuple[Chain, ...] = ("unit", "core", "component")
_MARKED = "Label-Marked"
_MAX_DOTS = 100 * 300**2  # of square inches: a hundred labels at 300 dpi


def _answers(*kinds: Format) -> dict[int | str, dict[str, Any]]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    marked = {
        "description": "items that are, or contain parts that are, on hold or recalled;"
        " percent-encoded, comma-separated",
        "schema": {"type": "string"},
    }
    content = {_MEDIA[kind]: binary for kind in kinds}
    return {200: {"content": content, "headers": {_MARKED: marked}}}


class _Drawing(NamedTuple):
    style: Style
    correction: Correction


async def _drawing(
    dpi: Annotated[
        int, Query(ge=100, le=600, description="the printer's resolution in dots per inch")
    ] = 300,
    error_correction: Annotated[
        Correction,
        Query(description="how much of the symbol may be lost: Q 25 %, H 30 % for greasy parts"),
    ] = "Q",
    paper: Annotated[Paper, Query(description="of a PDF: sheets, or one page per label")] = "a4",
) -> _Drawing:
    """The options of every label."""
    return _Drawing(Style(dpi, paper), error_correction)


Drawing = Annotated[_Drawing, Depends(_drawing)]


@router.get(
    "/items/{item:path}/label",
    operation_id="getLabel",
    summary="An item's label",
    responses=_answers("svg", "png", "pdf", "zpl", "txt"),
    response_class=Response,
)
async def label(
    request: Request,
    ctx: Ctx,
    caller: Caller,
    drawing: Drawing,
    item: ItemPath,
    *,
    kind: Annotated[Format, Query(alias="format")] = "svg",
) -> Response:
    """Draws the label of a unit, core or component from its current public fields."""
    whole = whole_id(request, item)
    if whole is not None:
        return await show(request, ctx, caller, whole)
    return await _draw(request, ctx, caller, [item], drawing=drawing, kind=kind)


@router.get(
    "/labels",
    operation_id="getLabels",
    summary="Labels of several items in one file",
    responses=_answers("pdf", "zpl"),
    response_class=Response,
)
async def labels(
    request: Request,
    ctx: Ctx,
    caller: Caller,
    drawing: Drawing,
    item: Annotated[
        list[str],
        Query(min_length=1, max_length=100, description="item ids; duplicates get one label"),
    ],
    *,
    kind: Annotated[Literal["pdf", "zpl"], Query(alias="format")] = "pdf",
) -> Response:
    """Draws labels in the order of the items, as sheets or for a label printer."""
    each = list(dict.fromkeys(item))  # or one known unit would be drawn a hundred times
    return await _draw(request, ctx, caller, each, drawing=drawing, kind=kind)


async def _draw(
    request: Request,
    ctx: Context,
    caller: Rights,
    items: Sequence[str],
    *,
    drawing: _Drawing,
    kind: Format,
) -> Response:
    if len(items) * drawing.style.dpi**2 > _MAX_DOTS:
        most = _MAX_DOTS // drawing.style.dpi**2
        raise UsageError(
            "request.labels",
            f"{len(items)} labels at {drawing.style.dpi} dpi requested, {most} are allowed",
        )
    for item in items:
        check_reader(item, caller)
        if not any(parse_item(item).may_be(chain) for chain in _LABELLED):
            raise NotFoundError(
                "item.unknown", f"{item} has no label; only units, cores and components have one"
            )

    def make() -> tuple[bytes, list[str]]:
        read = [find_label(ctx.ledger, ctx.url, item) for item in items]
        symbols = [(one, make_symbol(one.link, drawing.correction)) for one in read]
        rows = [find_row(ctx.ledger, item) for item in items]
        marked = [row.item for row in rows if read_overlays(ctx.ledger, row)]
        return draw_labels(kind, symbols, drawing.style), marked

    drawn, marked = await ctx.read(make)
    headers = {"Vary": "Authorization"}
    if marked:
        headers[_MARKED] = ",".join(map(quote, marked))
    return reply(request, drawn, _MEDIA[kind], headers=headers)
