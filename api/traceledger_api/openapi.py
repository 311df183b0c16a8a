"""The OpenAPI description; its schemas are derived from `traceledger.views.answers`."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from traceledger.formats.problem import Problem
from traceledger.views import answers
from traceledger.views.lineage import Lineage
from traceledger.views.rows import Head
from traceledger_api.problems import PROBLEM

__all__ = ["HEADS", "answer", "body", "describe_app", "json_of"]

HEADS = dict[str, Head | None]
"""Heads by item; null for an item without events."""

_KINDS: tuple[Any, ...] = (
    answers.Appended,
    answers.Checkpoints,
    answers.Event,
    answers.Events,
    answers.History,
    answers.Item,
    answers.Items,
    answers.Key,
    answers.LoginLink,
    answers.Parties,
    answers.Proof,
    answers.ScanCount,
    answers.WantedHeads,
    HEADS,
    Lineage,
    Problem,
)
_SCHEMAS, _COMPONENTS = msgspec.json.schema_components(
    _KINDS, ref_template="#/components/schemas/{name}"
)
_SCHEMA_OF = dict(zip(_KINDS, _SCHEMAS, strict=True))
# Operations whose answer does not depend on the caller.
_OPEN = frozenset({"append", "health", "ready", "metrics", "explainCode", "getSchema"})


def json_of(kind: Any) -> dict[str, Any]:
    """Returns the content of a JSON body of this type."""
    return {"application/json": {"schema": _SCHEMA_OF[kind]}}


def answer(kind: Any) -> dict[int | str, dict[str, Any]]:
    """Returns the `responses` of an operation that returns JSON of this type."""
    return {200: {"content": json_of(kind)}}


def body(kind: Any) -> dict[str, Any]:
    """Returns the `openapi_extra` of an operation that accepts JSON of this type."""
    return {"requestBody": {"required": True, "content": json_of(kind)}}


def describe_app(app: FastAPI) -> dict[str, Any]:
    """Describes the API; the application caches the description."""
    if app.openapi_schema:
        return app.openapi_schema
    found = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    found["components"] = {
        "schemas": _COMPONENTS,
        "securitySchemes": {
            "access": {"type": "http", "scheme": "bearer", "bearerFormat": "tl-access+jwt"}
        },
    }
    problem = {
        "description": "A problem document (RFC 9457).",
        "content": {PROBLEM: {"schema": _SCHEMA_OF[Problem]}},
    }
    for methods in found["paths"].values():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = problem
            if operation["operationId"] not in _OPEN:
                operation["security"] = [{}, {"access": []}]
    app.openapi_schema = found
    return found
