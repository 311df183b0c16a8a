"""Passports of parts that came from other ledgers, by the SHA-256 that their `import` names."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from traceledger.errors import NotFoundError
from traceledger_api.context import Ctx
from traceledger_api.replies import IMMUTABLE, PASSPORT, reply

__all__ = ["router"]

router = APIRouter(tags=["items"])


@router.get(
    "/former/{digest}",
    operation_id="getFormerPassport",
    summary="The passport of an earlier life in another ledger",
    responses={200: {"content": {PASSPORT: {"schema": {"type": "object"}}}}},
    response_class=Response,
)
async def former(
    request: Request,
    ctx: Ctx,
    digest: Annotated[str, Path(description="SHA-256 in hex", pattern="^[0-9a-f]{64}$")],
) -> Response:
    """Returns a passport that the operator keeps here; verify it by that ledger's trust file."""
    passport = await ctx.read(ctx.former.read, digest)
    if passport is None:
        raise NotFoundError("former.unknown", f"no passport with SHA-256 {digest} is kept here")
    return reply(request, passport, PASSPORT, cache=IMMUTABLE)
