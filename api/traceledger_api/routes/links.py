"""GS1 Digital Link: items at their addresses, as page, JSON, passport or linkset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from traceledger.errors import ConflictError, NotFoundError, TraceledgerError
from traceledger.formats.trust import TRUST_ADDRESS
from traceledger.ledger.reading.rights import Rights
from traceledger.verify import describe_result, verify_passport
from traceledger.views import answers
from traceledger.views.answers import Item
from traceledger.views.items import find_row
from traceledger_api.context import Caller, Context, Ctx, check_reader
from traceledger_api.forwarding import annotate
from traceledger_api.openapi import json_of
from traceledger_api.problems import PROBLEM, FindPages
from traceledger_api.replies import IMMUTABLE, LINKSET, PASSPORT, accepts, reply, reply_json
from traceledger_api.resolver import (
    CONTEXT,
    Address,
    describe_item,
    describe_resolver,
    find_link,
    linkset,
    pass_query,
    read_address,
)
from traceledger_api.routes.item import make_passport, reply_item, reply_passport
from traceledger_api.scans import Scans, is_navigation, is_outside

__all__ = ["Pages", "PartView", "router"]

router = APIRouter(tags=["GS1 Digital Link"])

_HTML = "text/html"
_JSON = "application/json"
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            **json_of(answers.Item),
            LINKSET: {"schema": {"type": "object"}},
            PASSPORT: {"schema": {"type": "object"}},
            _HTML: {"schema": {"type": "string"}},
        },
    },
    307: {"description": "the target of the link type, or the ledger that has this address"},
    404: {
        "description": "no record of this part",
        "content": {
            _HTML: {"schema": {"type": "string"}},
            PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}},
        },
    },
}


class PartView(NamedTuple):
    """The input of a unit's page: its passport, the server's own verification, its scans."""

    item: str
    passport: bytes
    report: Mapping[str, Any]
    scans: Scans


class Pages(FindPages, Protocol):
    """Renders pages for people; its methods are called in a thread."""

    def part(self, request: Request, view: PartView) -> Response:
        """Renders the page of a unit."""

    def status(self, request: Request, item: Item, parts: tuple[Item, ...]) -> Response:
        """Renders the page of a unit without a passport; `parts` are its marked parts."""


LinkType = Annotated[str, Query(alias="linkType", max_length=200)]


@router.get(
    "/01/{path:path}",
    operation_id="resolveGtin",
    summary="A unit by GTIN and serial",
    responses=_ANSWERS,
    response_class=Response,
)
async def gtin(
    request: Request, ctx: Ctx, caller: Caller, path: str, link_type: LinkType = ""
) -> Response:
    """Returns a unit at its own address, depending on `linkType` and `Accept`."""
    del path
    return await _resolve(request, ctx, caller, link_type)


@router.get(
    "/8004/{path:path}",
    operation_id="resolveAsset",
    summary="A core or component by its asset number",
    responses=_ANSWERS,
    response_class=Response,
)
async def asset(
    request: Request, ctx: Ctx, caller: Caller, path: str, link_type: LinkType = ""
) -> Response:
    """Returns a core or component at its own address; requires a token."""
    del path
    return await _resolve(request, ctx, caller, link_type)


@router.get(
    "/x/{path:path}",
    operation_id="resolveOwn",
    summary="An item without a GS1 key",
    responses=_ANSWERS,
    response_class=Response,
)
async def own(
    request: Request, ctx: Ctx, caller: Caller, path: str, link_type: LinkType = ""
) -> Response:
    """Returns an item of a company without a GS1 prefix."""
    del path
    return await _resolve(request, ctx, caller, link_type)


@router.get(
    "/.well-known/gs1resolver",
    operation_id="describeResolver",
    summary="What this resolver supports",
    responses={200: {"content": {_JSON: {"schema": {"type": "object"}}}}},
    response_class=Response,
)
async def resolver(request: Request, ctx: Ctx) -> Response:
    """Returns the resolver description file of the GS1-Conformant Resolver standard."""
    return reply_json(request, describe_resolver(ctx.url, ctx.service.origin))


@router.get(
    "/.well-known/linkset-context.jsonld",
    operation_id="getLinksetContext",
    summary="The JSON-LD context of linksets",
    responses={200: {"content": {"application/ld+json": {"schema": {"type": "object"}}}}},
    response_class=Response,
)
async def context(request: Request) -> Response:
    """Returns the JSON-LD context of linksets."""
    answer = reply_json(request, CONTEXT, cache=IMMUTABLE)
    answer.headers["Content-Type"] = "application/ld+json"
    return answer


@router.get(
    f"/{TRUST_ADDRESS}",
    operation_id="getTrust",
    summary="The trust file that this server uses",
    responses={200: {"content": {_JSON: {"schema": {"type": "object"}}}}},
    response_class=Response,
)
async def trust(request: Request, ctx: Ctx) -> Response:
    """Returns a trust file for first use: from the ledger's own server, it proves nothing."""
    return reply(request, ctx.trust, _JSON)


async def _resolve(request: Request, ctx: Context, caller: Rights, link_type: str) -> Response:
    address = read_address(request.scope["raw_path"], request.scope["query_string"])
    if place := ctx.forwarding.find(address, ctx.policy.items):
        # The other resolver decides about the type of link, so the query passes on with it.
        query = request.scope["query_string"].decode("latin-1")
        location = f"{place}?{query}" if query else place
        return Response(None, 307, {"Location": location, "Link": annotate(place)})
    pages: Pages | None = request.app.state.pages
    offered = (_HTML, _JSON, LINKSET, PASSPORT) if pages else (_JSON, LINKSET, PASSPORT)
    media = accepts(request.headers.get("accept", ""), offered)
    return await _answer(request, ctx, caller, _item_of(address, caller), link_type, media)


def _item_of(address: Address, caller: Rights) -> str:
    if address.item is None:
        raise NotFoundError("item.unknown", "this ledger records single parts only")
    try:
        return check_reader(address.item, caller)
    except NotFoundError as error:  # a valid address, but not an id of this ledger's parties
        raise NotFoundError("item.unknown", f"this ledger has no {address.item}") from error


async def _answer(  # noqa: PLR0917 - private, called once
    request: Request, ctx: Context, caller: Rights, item: str, link_type: str, media: str
) -> Response:
    row = await ctx.read(find_row, ctx.ledger, item)
    own = f"{ctx.url}/{item}"
    if link_type in {"linkset", "all"} or (media == LINKSET and not link_type):
        headers = {
            "Vary": "Accept",
            "Link": (
                f"<{ctx.url}/.well-known/linkset-context.jsonld>;"
                ' rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
            ),
        }
        answer = reply_json(request, linkset(ctx.url, item, describe_item(row)), headers=headers)
        answer.headers["Content-Type"] = LINKSET
        return answer
    more = {
        "Link": f'<{own}?linkType=linkset>; rel="linkset"; type="{LINKSET}"',
        "Vary": "Accept, Accept-Language, Authorization",
    }
    if link_type:
        place = urlsplit(ctx.url).path + find_link(link_type, item)
        location = place + pass_query(request.scope["query_string"])
        return Response(None, 307, {"Location": location, **more})
    if media == _JSON:
        answer = await reply_item(request, ctx, caller, item, more)
    elif media == PASSPORT:
        answer = await reply_passport(request, ctx, caller, item, more)
    else:
        answer = await ctx.read(_show, request, ctx, caller, item)
        answer.headers["Link"] = more["Link"]
        if row.chain == "unit" and _is_visit(request, caller):
            # Counted last, so that no visitor sees a warning about their own visit.
            await ctx.read(ctx.scans.count, item, row.life, _visitor(request))
    return answer


def _show(request: Request, ctx: Context, caller: Rights, item: str) -> Response:
    pages: Pages = request.app.state.pages
    try:
        data = make_passport(ctx, item, caller.reader)
    except ConflictError:  # too large; the state and recalls are shown all the same
        described = ctx.ledger.describe(item)
        parts = tuple(ctx.ledger.describe(part.item) for part in described.marked_parts or ())
        return pages.status(request, described, parts)
    outcome: Any
    try:
        outcome = verify_passport(data, ctx.policy, item, now=int(ctx.service.clock()))
    except TraceledgerError as error:
        outcome = error
    scans = ctx.scans.read(item, _visitor(request))
    return pages.part(request, PartView(item, data, describe_result(outcome), scans))


def _is_visit(request: Request, caller: Rights) -> bool:
    """Reports whether a stranger opened the page in a browser."""
    return (
        request.state.method == "GET"
        and not caller.kid
        and is_outside(_visitor(request))
        and is_navigation(request.headers)
    )


def _visitor(request: Request) -> str:
    return request.client.host if request.client else ""
