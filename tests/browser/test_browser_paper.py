"""A record on paper: black on white, with its code, and never more than was checked."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image
from starlette.responses import Response

from tests.browser.conftest import Tab
from tests.conftest import SmallDemo
from tests.pages.shop import Shop
from traceledger_api.pages.words import load_words

SAY = load_words("en")

PRINTED = """() => [...document.querySelectorAll("body, main *")]
  .filter((one) => one.getClientRects().length)
  .map((one) => getComputedStyle(one))
  .flatMap((style) => [style.color, style.backgroundColor])"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_is_black_on_white_and_boxes_a_recall(
    shop: Shop, address: str, new_tab: Callable[..., Tab], scheme: str
) -> None:
    """Browsers print no backgrounds: a recall in white on red was nearly invisible."""
    item = shop.new()
    shop.log.add("recall", item, by="importer")
    tab = new_tab(color_scheme=scheme, viewport={"width": 794, "height": 1123})
    tab.open(f"{address}/{shop.show(item)}")
    tab.page.emulate_media(media="print")
    colours = {tuple(map(int, re.findall(r"\d+", one)[:3])) for one in tab.page.evaluate(PRINTED)}
    assert all(len(set(colour)) == 1 for colour in colours), colours
    box = tab.page.locator("#part")
    assert box.evaluate("one => getComputedStyle(one).borderTopWidth") == "3px"
    assert box.locator(".icon").is_visible()
    assert f"{address}/{item}" in tab.text("p.printed")
    assert SAY.texts["page.checked_at"].partition("{")[0] in tab.text("p.printed")
    pages = tab.page.pdf(format="A4").count(b"/Type /Page\n") if scheme == "light" else 1
    assert pages <= 2


def test_paper_has_the_code_and_what_a_claim_needs_however_printing_is_started(
    service: str, small_demo: SmallDemo, tab: Tab
) -> None:
    """With the browser's own command, the paper lacked the code and how to claim."""
    tab.open(f"{service}/{small_demo.unit}")
    is_open = "one => one.open"
    claim = tab.page.locator("#warranty details")
    assert not [url for url in tab.requests if url.endswith("/label")]
    pages = tab.page.pdf(format="A4").count(b"/Type /Page\n")
    assert pages <= 2
    assert not claim.evaluate(is_open)
    tab.page.emulate_media(media="print")
    tab.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert claim.evaluate(is_open)
    image = Image.open(io.BytesIO(tab.page.locator("img.printed").screenshot()))
    (code,) = zxingcpp.read_barcodes(image.convert("L"))
    assert code.text.endswith(f"/{small_demo.unit}")


def test_paper_of_a_record_that_was_not_checked_states_no_check(
    shop: Shop, address: str, tab: Tab
) -> None:
    item = shop.show(shop.new())
    shop.answers[item] = Response(b"<!doctype html>")
    tab.open(f"{address}/{item}", "unchecked")
    tab.page.emulate_media(media="print")
    printed = tab.text("p.printed")
    assert f"{address}/{item}" in printed
    assert SAY.texts["page.checked_at"].partition("{")[0].strip() not in printed
