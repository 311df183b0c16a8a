"""`/api/v1/items`, `/heads`, `/parties` and `/keys`: searching, and the ends of chains."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from traceledger.errors import MalformedError, UsageError
from traceledger.events.roles import LIST_READERS
from traceledger.events.token import parse_token
from traceledger.identifiers.items import kid_of, parse_item
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.ledger.reading.rights import Rights
from traceledger.planning.signing import find_identity
from traceledger.rules.state import KeyState, PartyState, parse_state
from traceledger.views import answers
from traceledger.views.documents import find_by_number
from traceledger.views.items import describe_rows
from traceledger.views.rows import HeadRow, Search, matches
from traceledger.views.searches import search_all
from traceledger_api.context import Caller, Ctx, access_error, check_reader
from traceledger_api.openapi import HEADS, answer, body
from traceledger_api.replies import reply_json

__all__ = ["router"]

router = APIRouter(tags=["items"])

KidPath = Annotated[
    str,
    Path(
        pattern="^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$",
        examples=["0Nc2CrefWKseHj_mStd-LqC8B-NrX0btIiPt2SmN-ek"],
    ),
]
_Text = Query(max_length=80)
_DAY = Query(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="YYYY-MM-DD")
_NUMBER = Query(
    max_length=80,
    description="number of a customs document: account book, declaration, verification list",
)
_MAX_SCANNED = 2000  # rows that a search by date reads in one request
_wanted = msgspec.json.Decoder(answers.WantedHeads)


@router.post(
    "/heads",
    operation_id="getHeads",
    summary="The latest events of items",
    responses=answer(HEADS),
    response_class=Response,
    openapi_extra=body(answers.WantedHeads),
)
async def heads(request: Request, ctx: Ctx, caller: Caller) -> Response:
    """Returns position and id of each item's latest event, null for an item without events."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise UsageError("request.type", "the body of this request must be application/json")
    items = _read_wanted(await request.body())
    for item in items:
        parse_item(item)
        check_reader(item, caller)
    found = await ctx.read(ctx.ledger.heads, items)
    data = {item: found.get(item) for item in items}
    return Response(
        msgspec.json.encode(data),
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


@router.get(
    "/items",
    operation_id="searchItems",
    summary="Search items",
    responses=answer(answers.Items),
    response_class=Response,
)
async def search(
    request: Request,
    ctx: Ctx,
    caller: Caller,
    *,
    q: Annotated[str, _Text] = "",
    chain: Annotated[str, _Text] = "",
    state: Annotated[str, _Text] = "",
    part_no: Annotated[str, _Text] = "",
    declaration: Annotated[str, _Text] = "",
    since: Annotated[str, _DAY] = "0000-00-00",
    until: Annotated[str, _DAY] = "9999-99-99",
    number: Annotated[str, _NUMBER] = "",
    after: Annotated[str, Query(max_length=80, description="continue after this item")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Finds items by part of the id, kind of chain, state, part number, declaration or date.

    Dates refer to an item's latest event. Without a token, `q` must be the full id of a unit.
    """
    wanted = Search(q, chain, state, part_no, declaration, after, limit)
    if not caller.may_list:
        rows, following = await ctx.read(_search_one, ctx.ledger, caller, wanted)
    elif number:
        rows = await ctx.read(find_by_number, ctx.ledger, number, caller.reader, wanted)
        following = rows[-1].item if len(rows) == limit else None
    elif (since, until) == ("0000-00-00", "9999-99-99"):
        rows = await ctx.read(ctx.ledger.search, wanted)
        following = rows[-1].item if len(rows) == limit else None
    else:
        rows, following = await ctx.read(_search_days, ctx.ledger, wanted, since, until)
    described = await ctx.read(describe_rows, ctx.ledger, rows)
    page = answers.Items(items=described, next=following)
    return reply_json(request, page)


@router.get(
    "/parties",
    operation_id="listParties",
    summary="List the parties and their keys",
    responses=answer(answers.Parties),
    response_class=Response,
)
async def parties(
    request: Request,
    ctx: Ctx,
    caller: Caller,
    after: Annotated[str, Query(max_length=80)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Lists parties by ascending id, with the roles for which they are admitted."""
    if not caller.knows_ids:
        raise access_error(caller)
    data = await ctx.read(_parties, ctx.ledger, after, limit)
    return reply_json(request, data)


@router.get(
    "/keys/{kid}",
    operation_id="getKey",
    summary="The party and authority of a key",
    responses=answer(answers.Key),
    response_class=Response,
)
async def key(request: Request, ctx: Ctx, kid: KidPath) -> Response:
    """Returns what a signer writes as `iss` and `auth`. Open to anyone who knows the key id."""
    return reply_json(request, await ctx.read(_identity, ctx.ledger, kid))


def _identity(ledger: LedgerReader, kid: str) -> answers.Key:
    found = find_identity(ledger, kid)
    return answers.Key(kid=kid, issuer=found.issuer, authority=found.authority)


def _read_wanted(data: bytes) -> list[str]:
    try:
        found = _wanted.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedError(
            "request.body", f'expected {{"items": [...]}} with 1 to 1,000 item ids: {error}'
        ) from error
    return list(dict.fromkeys(found.items))


def _search_one(
    ledger: LedgerReader, caller: Rights, wanted: Search
) -> tuple[list[HeadRow], str | None]:
    try:
        parse_item(wanted.id_part)
    except MalformedError as error:
        raise access_error(caller, LIST_READERS) from error
    check_reader(wanted.id_part, caller)
    row = ledger.read_heads((wanted.id_part,)).get(wanted.id_part)
    return ([row], None) if row is not None and matches(row, wanted) else ([], None)


def _search_days(
    ledger: LedgerReader, wanted: Search, since: str, until: str
) -> tuple[list[HeadRow], str | None]:
    """Scans at most `_MAX_SCANNED` rows, so a short page is not necessarily the last."""
    found: list[HeadRow] = []
    after, scanned = wanted.after, 0
    while scanned < _MAX_SCANNED:
        rows = ledger.search(wanted._replace(after=after, limit=100))
        for row in rows:
            scanned += 1
            after = row.item
            (entry,) = ledger.read_entries(row.latest, row.latest + 1)
            if since <= parse_token(entry.body).payload.occurred[:10] <= until:
                found.append(row)
                if len(found) == wanted.limit:
                    return found, after
        if len(rows) < 100:
            return found, None
    return found, after


def _parties(ledger: LedgerReader, after: str, limit: int) -> answers.Parties:
    rows = ledger.search(Search(chain="party", after=after, limit=limit))
    keys: dict[str, list[answers.PartyKey]] = {}
    for row in search_all(ledger, Search(chain="key")):
        key = parse_state(row.state)
        if isinstance(key, KeyState):
            described = answers.PartyKey(
                kid=kid_of(row.item), roles=list(key.roles), state=row.life
            )
            keys.setdefault(key.party, []).append(described)
    found = []
    for row in rows:
        party = parse_state(row.state)
        if isinstance(party, PartyState):
            found.append(
                answers.Party(
                    party=row.item,
                    name=party.name,
                    roles=list(party.roles),
                    prefixes=list(party.prefixes),
                    admitted=party.authority,
                    dismissed=party.ended,
                    keys=keys.get(row.item, []),
                )
            )
    return answers.Parties(parties=found, next=rows[-1].item if len(rows) == limit else None)
