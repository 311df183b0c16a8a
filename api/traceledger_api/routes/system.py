"""Health, readiness, metrics; descriptions of kinds, codes and this API."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from traceledger.codes import CODES
from traceledger.errors import NotFoundError, StorageError
from traceledger.events.catalogue import CATALOGUE
from traceledger_api.context import Ctx
from traceledger_api.reference import make_explanation
from traceledger_api.replies import reply_json

__all__ = ["api", "router"]

router = APIRouter(tags=["system"])
api = APIRouter(tags=["system"])

_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}}
}
_OBJECT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}}
}
_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}}
}
_LOCAL = frozenset({"127.0.0.1", "::1"})


@router.get(
    "/healthz", operation_id="health", summary="Liveness", responses=_TEXT, response_class=Response
)
async def health() -> Response:
    """Responds as long as the process runs."""
    return Response("ok\n", media_type="text/plain", headers={"Cache-Control": "no-store"})


@router.get(
    "/readyz", operation_id="ready", summary="Readiness", responses=_TEXT, response_class=Response
)
async def ready(ctx: Ctx) -> Response:
    """Responds with 503 while the store cannot be read, or the log cannot or must not publish."""
    await ctx.probe(lambda: ctx.primary.size)
    if (failure := ctx.service.failure) is not None:
        raise StorageError(failure.code, failure.message)
    return Response("ready\n", media_type="text/plain", headers={"Cache-Control": "no-store"})


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Metrics for Prometheus",
    responses=_TEXT,
    response_class=Response,
)
async def metrics(request: Request, ctx: Ctx) -> Response:
    """Returns metrics to callers on the same machine only: the figures are confidential.

    A proxy's caller is none of them, whatever address the header states: where any proxy is
    trusted, the caller chooses it.
    """
    address = "" if request.client is None else request.client.host
    if address not in _LOCAL or "x-forwarded-for" in request.headers:
        raise NotFoundError("request.address", "metrics are served on this machine only")
    return Response(
        await ctx.scrape(),
        media_type="text/plain; version=0.0.4; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )


@api.get(
    "/schema/{kind}",
    operation_id="getSchema",
    summary="A kind of event as JSON Schema",
    responses=_OBJECT,
    response_class=Response,
)
async def schema(
    request: Request, kind: Annotated[str, Path(examples=["inspect"], max_length=40)]
) -> Response:
    """Describes the `data` of a draft: all fields, and who may read each."""
    row = CATALOGUE.get(kind)
    if row is None:
        raise NotFoundError(
            "event.kind", f"there is no such kind; the kinds are {', '.join(CATALOGUE)}"
        )
    found = msgspec.json.schema(row.full)
    fields = {
        name: {"visibility": one.visibility, "description": one.description, "unit": one.unit}
        for name, one in row.fields.items()
    }
    described = {**found, "x-kind": kind, "x-roles": row.roles, "x-fields": fields}
    return reply_json(request, described)


@router.get(
    "/problems/{code}",
    operation_id="explainCode",
    summary="What a code means",
    responses=_PAGE,
    response_class=Response,
)
async def explain(code: Annotated[str, Path(examples=["chain.taken"], max_length=80)]) -> Response:
    """Returns a page about a code of an error or a result."""
    found = CODES.get(code)
    if found is None:
        raise NotFoundError("request.address", "there is no such code")
    page, policy = make_explanation(code, found.meaning, found.hint)
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


@api.get(
    "/openapi.json",
    operation_id="getOpenApi",
    summary="This API, as OpenAPI",
    responses=_OBJECT,
    response_class=Response,
)
async def openapi(request: Request) -> Response:
    """Returns the description, which is also in docs/openapi.json."""
    return reply_json(request, request.app.openapi())


@api.get(
    "/docs",
    operation_id="getDocs",
    summary="This API, for people",
    responses=_PAGE,
    response_class=Response,
)
async def docs(request: Request) -> Response:
    """Returns a page generated from the description, without remote content."""
    page, policy = request.app.state.reference
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})
