"""`/api/v1/account`: the bonded account, its figures and what is behind each, its findings."""

from __future__ import annotations

import functools
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from traceledger.audit.arithmetic import list_terms
from traceledger.audit.behind import find_figure
from traceledger.audit.contributions.part import Part
from traceledger.audit.cores import CoreRow
from traceledger.audit.figures import show
from traceledger.audit.findings.finding import Finding
from traceledger.audit.trail import describe_places
from traceledger.errors import BusyError, NotFoundError
from traceledger.identifiers.values import parse_time
from traceledger.ledger.reading.accounts import ACCOUNT_READERS, Wanted, account_reader
from traceledger.ledger.reading.live_account import Computed
from traceledger.ledger.reading.rights import Rights
from traceledger.views.history import Reader
from traceledger_api.account_desk import Computing
from traceledger_api.context import Caller, Context, Ctx, access_error
from traceledger_api.replies import reply

__all__ = ["Scoped", "open_account", "router"]

router = APIRouter(tags=["account"])

_OBJECT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}}
}
_SIZE = Query(ge=0, le=2**53, description="a published size")
To = Annotated[int, _SIZE]
From = Annotated[int, Query(alias="from", ge=1, le=2**53, description="a published size, or 1")]
Book = Annotated[str, Query(max_length=80, description="an account book, by its item id")]
_DATE = "(0[1-9]|[12][0-9])|(0[13-9]|1[0-2])-30|(0[13578]|1[02])-31"
_MOMENT = f"[12][0-9]{{3}}-((0[1-9]|1[0-2])-{_DATE})T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
AsOf = Annotated[
    str, Query(pattern=f"^({_MOMENT})?$", description="the time of ages, as RFC 3339 in UTC")
]
After = Annotated[int, Query(ge=0, le=2**53, description="the number of rows to skip")]
Limit = Annotated[int, Query(ge=1, le=1000)]
_encode = functools.partial(msgspec.json.encode, order="sorted")
_get = functools.partial(router.get, responses=_OBJECT, response_class=Response)


async def _wanted(
    ctx: Ctx, to: To = 0, start: From = 1, book: Book = "", as_of: AsOf = ""
) -> Wanted:
    """Returns the scope that an address names; without a size, that of the newest checkpoint.

    Raises NotFoundError `ledger.unpublished`, MalformedError `value.time`.
    """
    end = to or ctx.service.published.size
    if not end:
        raise NotFoundError("ledger.unpublished", "no checkpoint has been published yet")
    return Wanted(end, start, book, int(parse_time(as_of).timestamp()) if as_of else None)


Scoped = Annotated[Wanted, Depends(_wanted)]


@_get(
    "/account",
    operation_id="getAccount",
    summary="The bonded account",
)
async def account(
    request: Request,
    ctx: Ctx,
    caller: Caller,
    wanted: Scoped,
) -> Response:
    """Returns the JSON of `traceledger audit`, as canonical JSON.

    Its SHA-256 is the hash of the account. Without `to`, it is as of the newest checkpoint.
    """
    _, computed = await _open(ctx, caller, wanted)
    return _reply(request, computed.described)


@_get(
    "/account/figure",
    operation_id="getFigure",
    summary="What a figure sums",
)
async def figure(
    request: Request,
    ctx: Ctx,
    caller: Caller,
    wanted: Scoped,
    *,
    path: Annotated[
        str,
        Query(max_length=200, description="a JSON Pointer", examples=["/open_cores"]),
    ],
    after: After = 0,
    limit: Limit = 100,
) -> Response:
    """Returns a member of the account, and the items and entries of which it is the sum."""
    reader, computed = await _open(ctx, caller, wanted)
    value = find_figure(computed.described, path)
    parts = await ctx.accounts.parts(reader, computed, path)
    page = parts[after : after + limit]
    return _reply(
        request,
        {
            "path": path,
            "value": value,
            "count": len(parts),
            "parts": [_part(part) for part in page],
            "next": after + limit if after + limit < len(parts) else None,
        },
    )


@_get(
    "/account/lines",
    operation_id="getAccountLines",
    summary="The declaration lines of the account",
)
async def lines(
    request: Request,
    ctx: Ctx,
    caller: Caller,
    wanted: Scoped,
) -> Response:
    """Returns the lines in and out of each book, with the path of each in the account."""
    _, computed = await _open(ctx, caller, wanted)
    found = {
        side: [
            {"book": one["book"], "path": f"/books/{number}/{side}/{place}", **line}
            for number, one in enumerate(computed.described["books"])
            for place, line in enumerate(one[side])
        ]
        for side in ("lines_in", "lines_out")
    }
    return _reply(request, found)


@_get(
    "/account/findings",
    operation_id="getAccountFindings",
    summary="The findings of the account",
)
async def findings(
    request: Request,
    ctx: Ctx,
    caller: Caller,
    wanted: Scoped,
    *,
    code: Annotated[str, Query(max_length=10)] = "",
    severity: Annotated[str, Query(pattern="^[HML]?$")] = "",
    after: After = 0,
    limit: Limit = 100,
) -> Response:
    """Returns findings with the indexes of their evidence, the book, and what was computed."""
    _, computed = await _open(ctx, caller, wanted)
    rows = [
        (finding, described)
        for finding, described in zip(
            computed.findings, computed.described["findings"], strict=True
        )
        if code in {"", finding.code} and severity in {"", finding.severity}
    ]

    def read() -> dict[str, Any]:
        page = _page("findings", rows, after, limit)
        return page | {"findings": [_finding(computed, *row) for row in page["findings"]]}

    return _reply(request, await ctx.read(read))


@_get(
    "/account/items",
    operation_id="getAccountItems",
    summary="The cores of the account",
)
async def items(
    request: Request,
    ctx: Ctx,
    caller: Caller,
    wanted: Scoped,
    *,
    line: Annotated[str, Query(max_length=80)] = "",
    fate: Annotated[str, Query(max_length=20)] = "",
    after: After = 0,
    limit: Limit = 100,
) -> Response:
    """Returns cores with their fates, of one line or of all, in the order of the log."""
    _, computed = await _open(ctx, caller, wanted)

    def read() -> list[Any]:
        rows = (row for row in computed.cores if line in {"", row.line})
        return [_core(row) for row in rows if fate in {"", row.fate}]

    return _reply(request, _page("items", await ctx.read(read), after, limit))


async def open_account(
    ctx: Context, caller: Rights, wanted: Wanted
) -> tuple[Reader, Computed | Computing]:
    """Returns the account that a caller may see, or how far its computation is.

    Raises NotAllowedError `access.needed` or `access.role`, StorageError `witness.ahead` for a log
    that signed another history.
    """
    if not caller.kid:
        raise access_error(caller, ACCOUNT_READERS)
    reader = account_reader(caller.reader)
    ctx.check_history()
    return reader, await ctx.accounts.open(reader, wanted)


async def _open(ctx: Context, caller: Rights, wanted: Wanted) -> tuple[Reader, Computed]:
    reader, found = await open_account(ctx, caller, wanted)
    if isinstance(found, Computing):
        raise BusyError("account.computing", f"{found.done} of {found.size} entries were read")
    return reader, found


def _reply(request: Request, data: Any) -> Response:
    return reply(
        request, _encode(data), "application/json", headers={"Vary": "Authorization, Cookie"}
    )


def _page(name: str, rows: list[Any], after: int, limit: int) -> dict[str, Any]:
    following = after + limit if after + limit < len(rows) else None
    return {name: rows[after : after + limit], "count": len(rows), "next": following}


def _part(part: Part) -> dict[str, Any]:
    return {"item": part.item, "value": show(part.value), "entries": describe_places(part.entries)}


def _finding(computed: Computed, finding: Finding, described: dict[str, Any]) -> dict[str, Any]:
    terms = list_terms(computed.account, finding)
    return {
        **described,
        "book": finding.book,
        "entries": [index for index, _ in finding.evidence.places],
        "terms": [{**term._asdict(), "entries": describe_places(term.entries)} for term in terms],
    }


def _core(row: CoreRow) -> dict[str, Any]:
    return {**row._asdict(), "weight": show(row.weight), "open": row.is_open}
