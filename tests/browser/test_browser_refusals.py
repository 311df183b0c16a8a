"""Pages that stand in for another: nobody sees them every day, and they matter when they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from starlette.requests import Request

from tests.browser.conftest import Tab
from tests.world import ORIGIN
from traceledger.errors import NotAllowedError, StorageError
from traceledger_api.pages.assets import load_assets
from traceledger_api.pages.buyer.page import Site, render_missing, render_status
from traceledger_api.pages.buyer.status import Status
from traceledger_api.pages.customs.render import respond_page
from traceledger_api.pages.customs.visit import Addresses
from traceledger_api.pages.customs.words import load_console_words
from traceledger_api.pages.words import LANGUAGES, load_words

SITE = Site(
    "id.example", static=f"/static/{load_assets().version}", contact="https://maker.example"
)
NOTE = {"name": "own", "size": 1234, "root": "A" * 43 + "="}
CONSOLE: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("refused", {"notes": [NOTE], "error": StorageError("ledger.damaged", "entry 20 was changed")}),
    (
        "refused",
        {
            "notes": [NOTE, {**NOTE, "name": "shown"}],
            "error": StorageError("witness.ahead", f"{'W' * 90} has a checkpoint of size 1234"),
        },
    ),
    ("error", {"error": NotAllowedError("access.role", f"{'W' * 90} reads no account")}),
    ("error", {"error": StorageError("store.busy", "another process writes")}),
    ("computing", {"done": 1_234, "size": 1_234_567, "visit": None}),
    *(
        (
            "login",
            {
                "origin": ORIGIN,
                "problem": problem,
                "code": code,
                "next": "/items",
                "url": f"https://{'w' * 90}.example",
                "seconds": 300,
            },
        )
        for problem, code in (("", ""), ("", "a" * 43), ("link", ""))
    ),
)


def render_console(template: str, values: Mapping[str, Any], language: str) -> str:
    scope = {"type": "http", "path": "/customs", "query_string": b"", "headers": []}
    words = load_console_words(language)
    page = respond_page(Request(scope), template, words, Addresses("", language), values)
    return bytes(page.body).decode()


def show(tab: Tab, address: str, page: str) -> None:
    """Shows a page as if the server had answered with it; what it loads comes from the server."""
    place = f"{address}/shown"
    tab.page.route(place, lambda route: route.fulfill(body=page, content_type="text/html"))
    tab.page.goto(place)
    tab.page.unroute(place)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_the_console_without_an_account_fit_and_have_no_findings(
    address: str, new_tab: Callable[..., Tab], scheme: str
) -> None:
    tab = new_tab(color_scheme=scheme)
    for number, (template, values) in enumerate(CONSOLE):
        language = ("en", "zh-CN")[(number + (scheme == "dark")) % 2]
        show(tab, address, render_console(template, values, language))
        assert tab.small_screen_findings() == [], (template, values)
    assert tab.complaints == []


def test_pages_of_buyers_without_a_record_fit_and_have_no_findings(
    address: str, new_tab: Callable[..., Tab]
) -> None:
    recalls = [{"contact": "quality@maker.example", "campaign": "W" * 60}]
    item = f"01/09521234543213/21/{'W' * 20}"
    status = Status(item, "recalled", "stop", tuple(recalls))
    pages = [render_status(status, SITE, load_words(language)) for language in LANGUAGES]
    pages.append(render_missing(SITE, [load_words(language) for language in LANGUAGES]))
    tab = new_tab()
    for number, page in enumerate(pages):
        tab.page.emulate_media(color_scheme=("light", "dark")[number % 2])
        show(tab, address, page)
        assert tab.small_screen_findings() == [], number
    assert tab.complaints == []
