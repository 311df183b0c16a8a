"""The pages as HTML, escaped by Jinja, without inline script or style."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from traceledger_api.pages.assets import load_assets
from traceledger_api.pages.customs.figures import group
from traceledger_api.pages.customs.visit import Addresses
from traceledger_api.pages.customs.words import LANGUAGES, ConsoleWords
from traceledger_api.replies import pack

__all__ = ["HEADERS", "respond_page"]

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            " connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "private, no-store",
        "Vary": "Accept-Language, Cookie",
    }
)
"""The headers of every page: no inline script or style, nothing remote, no frames, no cache."""


def respond_page(
    request: Request,
    template: str,
    words: ConsoleWords,
    at: Addresses,
    values: Mapping[str, Any],
    *,
    status: int = 200,
) -> Response:
    """Renders a page as a response."""
    static = f"{at.root}/static/{load_assets().version}"
    path = request.scope["path"]
    keep = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in {"lang", "code"}
    ]
    page = (
        _templates()
        .get_template(f"customs/{template}.html")
        .render(
            t=words,
            at=at,
            static=static,
            languages=LANGUAGES,
            keep=keep,
            page_path=at.root + path,
            **values,
        )
    )
    headers = dict(HEADERS)
    body = pack(request, page.encode(), headers)
    return Response(body, status, headers, "text/html; charset=utf-8")


@functools.cache
def _templates() -> Environment:
    found = Environment(
        loader=PackageLoader("traceledger_api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["group"] = lambda value: group(str(value))
    return found
