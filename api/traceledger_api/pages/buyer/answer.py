"""The buyer's page as a response: its language, headers and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from traceledger.formats.trust import TRUST_ADDRESS
from traceledger.views.answers import Item
from traceledger_api.notices import Notice
from traceledger_api.pages.assets import FALLBACK, load_assets
from traceledger_api.pages.buyer.page import (
    FIND_HEADERS,
    HEADERS,
    Site,
    render_find,
    render_part,
    render_status,
)
from traceledger_api.pages.buyer.status import describe_status
from traceledger_api.pages.words import Words, choose_language, load_words
from traceledger_api.replies import pack
from traceledger_api.routes.links import PartView

__all__ = ["BuyerPages", "describe_site"]

_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class BuyerPages:
    """Renders the pages of units; `contact` is an e-mail or https address, or empty."""

    url: str
    contact: str = ""

    def part(self, request: Request, view: PartView) -> Response:
        """Renders the page of a unit."""
        page, headers = render_part(
            view.passport,
            view.report,
            self._site(),
            _words_for(request),
            view.scans,
        )
        return _answer(request, page, 200, headers)

    def status(self, request: Request, item: Item, parts: tuple[Item, ...]) -> Response:
        """Renders the page of a unit without a passport; `parts` are its marked parts."""
        status = describe_status(item, parts)
        return _answer(
            request,
            render_status(status, self._site(), _words_for(request)),
            200,
        )

    def find(self, request: Request, notice: Notice | None) -> Response:
        """Renders the page with the field for a number, with a notice if there is one."""
        site, words = self._site(), _words_for(request)
        is_entry = unquote(request.scope["path"]) == f"{site.root}/"
        page = render_find(notice, site, words, keep=is_entry)
        return _answer(request, page, notice.status if notice else 200, FIND_HEADERS)

    def _site(self) -> Site:
        return describe_site(self.url, self.contact)


def describe_site(url: str, contact: str) -> Site:
    """Describes the addresses of a site below the ledger's own address."""
    address, assets = urlsplit(url), load_assets()
    static = f"{address.path}/static/{assets.version}"
    return Site(
        host=address.netloc,
        root=address.path,
        origin=f"{address.scheme}://{address.netloc}",
        static=static,
        passport=f"{address.path}/api/v1/items/{{item}}/passport",
        label=f"{address.path}/api/v1/items/{{item}}/label",
        former=f"{address.path}/api/v1/former/",
        trust=f"{address.path}/{TRUST_ADDRESS}",
        checker=f"{address.path}/verify.html",
        fallback=f"{static}/{FALLBACK}" if assets.has_fallback else "",
        contact=contact,
    )


def _words_for(request: Request) -> Words:
    accepted = request.headers.get("accept-language")
    return load_words(choose_language(request.query_params.get("lang"), accepted))


def _answer(
    request: Request, page: str, status: int, headers: Mapping[str, str] = HEADERS
) -> Response:
    more = {**headers, "Cache-Control": "no-cache"}
    body = pack(request, page.encode(), more)
    return Response(body, status, more, _HTML)
