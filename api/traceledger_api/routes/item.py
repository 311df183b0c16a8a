"""`/api/v1/items/{item}`: the state of an item, its history, passport, proofs and scans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Path
from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from traceledger.errors import MalformedError, NotFoundError
from traceledger.identifiers.items import is_authority, parse_item
from traceledger.ledger.reading.passports import build_passport
from traceledger.ledger.reading.rights import Rights
from traceledger.views import answers
from traceledger.views.history import Reader, describe_event
from traceledger.views.items import describe_item, find_row
from traceledger.views.lineage import Lineage, read_lineage, read_origins
from traceledger_api.context import Caller, Context, Ctx, check_reader
from traceledger_api.openapi import answer
from traceledger_api.proofs import prove_standing
from traceledger_api.replies import PASSPORT, reply, reply_json

__all__ = [
    "ItemPath",
    "make_passport",
    "reply_item",
    "reply_passport",
    "router",
    "show",
    "whole_id",
]

router = APIRouter(tags=["items"])

ItemPath = Annotated[
    str,
    Path(
        description="item id, with its slashes",
        examples=["01/09521234543213/21/7KQ2X4PM9ATRWC"],
        max_length=90,
    ),
]
# Members of the state that name later items, which lineage hides from strangers too.
_FORWARD = frozenset({"successor", "unit"})
_MAX_LINEAGE = 1_000  # items in one answer
_Make = Callable[[Context, str, Rights], Struct]


@router.get(
    "/items/{item:path}/history",
    operation_id="getHistory",
    summary="All events of an item",
    responses=answer(answers.History),
    response_class=Response,
)
async def history(request: Request, ctx: Ctx, caller: Caller, item: ItemPath) -> Response:
    """Reads an item's chain, each event with the fields that the caller may see."""
    return await _view(request, ctx, caller, item, _history)


@router.get(
    "/items/{item:path}/lineage",
    operation_id="getLineage",
    summary="What an item was made from and went into",
    responses=answer(Lineage),
    response_class=Response,
)
async def lineage(request: Request, ctx: Ctx, caller: Caller, item: ItemPath) -> Response:
    """Follows an item's links; without a token only to its sources, as the passport does."""
    return await _view(request, ctx, caller, item, _lineage)


@router.get(
    "/items/{item:path}/passport",
    operation_id="getPassport",
    summary="An item's passport",
    responses={200: {"content": {PASSPORT: {"schema": {"type": "object"}}}}},
    response_class=Response,
)
async def passport(request: Request, ctx: Ctx, caller: Caller, item: ItemPath) -> Response:
    """Returns the item's complete history with its proofs.

    It is as of the newest checkpoint that is final under the served trust file, or of the newest
    checkpoint if the item has later events.
    """
    whole = whole_id(request, item)
    if whole is not None:
        return await show(request, ctx, caller, whole)
    check_reader(item, caller)
    if is_authority(item):
        raise NotFoundError("item.unknown", f"{item} has no passport; only things have one")
    return await reply_passport(request, ctx, caller, item)


@router.get(
    "/items/{item:path}/proof",
    operation_id="getProof",
    summary="Proof of an item's latest event, or of its absence",
    responses=answer(answers.Proof),
    response_class=Response,
)
async def proof(request: Request, ctx: Ctx, caller: Caller, item: ItemPath) -> Response:
    """Proves, as of the newest checkpoint, which event is an item's latest, or that it has none."""
    return await _view(request, ctx, caller, item, _proof)


@router.get(
    "/items/{item:path}/scans",
    operation_id="getScans",
    summary="How often a unit's code was opened",
    responses=answer(answers.ScanCount),
    response_class=Response,
)
async def scans(request: Request, ctx: Ctx, caller: Caller, item: ItemPath) -> Response:
    """Returns the visits counted outside the log, and the warnings that follow."""
    return await _view(request, ctx, caller, item, _scans)


@router.get(
    "/items/{item:path}",
    operation_id="getItem",
    summary="An item's current state",
    responses=answer(answers.Item),
    response_class=Response,
)
async def show(request: Request, ctx: Ctx, caller: Caller, item: ItemPath) -> Response:
    """Returns an item's state, its holds and recalls, and the kinds of event that may follow."""
    check_reader(item, caller)
    return await reply_item(request, ctx, caller, item)


async def reply_item(
    request: Request,
    ctx: Context,
    caller: Rights,
    item: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Responds with an item's current state; without a token, not with what it became."""
    data = await ctx.read(lambda: describe_item(ctx.ledger, find_row(ctx.ledger, item)))
    if not caller.kid:
        shown = {name: value for name, value in data.rules.items() if name not in _FORWARD}
        data = replace(data, rules=shown)
    return reply_json(request, data, headers=headers)


async def reply_passport(
    request: Request,
    ctx: Context,
    caller: Rights,
    item: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Responds with an item's passport, with the fields that the caller may see."""
    data = await ctx.read(make_passport, ctx, item, caller.reader)
    return reply(request, data, PASSPORT, headers={"Vary": "Authorization", **(headers or {})})


def make_passport(ctx: Context, item: str, reader: Reader) -> bytes:
    """Builds a passport, final under the served trust file where possible; blocks."""
    return build_passport(ctx.ledger, item, reader, trust=ctx.policy)


def whole_id(request: Request, item: str) -> str | None:
    """Returns the whole path if it is an item id: `lot/history` is a lot, not a history."""
    whole = f"{item}/{request.scope['route'].path.rpartition('/')[2]}"
    try:
        return parse_item(whole).text
    except MalformedError:
        return None


async def _view(request: Request, ctx: Context, caller: Rights, item: str, make: _Make) -> Response:
    whole = whole_id(request, item)
    if whole is not None:
        return await show(request, ctx, caller, whole)
    check_reader(item, caller)
    return reply_json(request, await ctx.read(make, ctx, item, caller))


def _history(ctx: Context, item: str, caller: Rights) -> answers.History:
    events = [describe_event(entry, caller.reader) for entry in ctx.ledger.chain(item)]
    return answers.History(item=item, events=events)


def _lineage(ctx: Context, item: str, caller: Rights) -> Lineage:
    read = read_lineage if caller.knows_ids else read_origins
    return read(ctx.ledger, item, limit=_MAX_LINEAGE)


def _proof(ctx: Context, item: str, _caller: Rights) -> answers.Proof:
    return prove_standing(ctx.ledger, item, ctx.policy)


def _scans(ctx: Context, item: str, _caller: Rights) -> answers.ScanCount:
    find_row(ctx.ledger, item)
    found = ctx.scans.read(item)
    first = found.first.isoformat() if found.first else None
    return answers.ScanCount(count=found.total, first=first, warnings=list(found.warnings))
