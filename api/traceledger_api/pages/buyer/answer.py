"""The buyer's page as a response: its language, headers and files."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from traceledger.views.answers import Item
from traceledger_api.pages.assets import FALLBACK, load_assets
from traceledger_api.pages.buyer.page import (
    HEADERS,
    Site,
    render_part,
    render_status,
    render_unknown,
)
from traceledger_api.pages.buyer.status import describe_status
from traceledger_api.pages.words import Words, choose_language, load_words
from traceledger_api.replies import pack
from traceledger_api.routes.links import PartView

__all__ = ["BuyerPages"]

_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class BuyerPages:
    """Renders the pages of units; `contact` is an e-mail or https address, or empty."""

    url: str
    contact: str = ""

    def part(self, request: Request, view: PartView) -> Response:
        """Renders the page of a unit."""
        page = render_part(
            view.passport, view.report, self._site(), _words_for(request), view.scans
        )
        return _answer(request, page, 200)

    def status(self, request: Request, item: Item, parts: tuple[Item, ...]) -> Response:
        """Renders the page of a unit without a passport; `parts` are its marked parts."""
        status = describe_status(item, parts)
        return _answer(request, render_status(status, self._site(), _words_for(request)), 200)

    def unknown(self, request: Request) -> Response:
        """Renders the page for an unknown unit, with status 404."""
        return _answer(request, render_unknown(self._site(), _words_for(request)), 404)

    def _site(self) -> Site:
        address, assets = urlsplit(self.url), load_assets()
        static = f"{address.path}/static/{assets.version}"
        return Site(
            host=address.netloc,
            static=static,
            passport=f"{address.path}/api/v1/items/{{item}}/passport",
            trust=f"{address.path}/.well-known/traceledger/trust.json",
            checker=f"{address.path}/verify.html",
            fallback=f"{static}/{FALLBACK}" if assets.has_fallback else "",
            contact=self.contact,
        )


def _words_for(request: Request) -> Words:
    accepted = request.headers.get("accept-language")
    return load_words(choose_language(request.query_params.get("lang"), accepted))


def _answer(request: Request, page: str, status: int) -> Response:
    headers = {**HEADERS, "Cache-Control": "no-cache"}
    body = pack(request, page.encode(), headers)
    return Response(body, status, headers, _HTML)
