"""The API's reference page, in a browser: contents that lead somewhere, and nothing too wide."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import SMALL, Tab

NewTab = Callable[..., Tab]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_reference_has_no_findings_and_fits(service: str, new_tab: NewTab, scheme: str) -> None:
    tab = new_tab(color_scheme=scheme)
    tab.page.goto(f"{service}/api/v1/docs")
    for width in (1280, 768, SMALL):
        tab.page.set_viewport_size({"width": width, "height": 800})
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
        lines = tab.page.locator("main p").evaluate_all(
            "all => Math.max(...all.map((one) => one.getBoundingClientRect().width"
            " / parseFloat(getComputedStyle(one).fontSize)))"
        )
        assert lines <= 42  # em: about 80 characters
        if width != SMALL:
            assert tab.findings() == [], width
    assert tab.small_screen_findings() == []
    assert tab.complaints == []


def test_contents_lead_to_every_operation(service: str, tab: Tab) -> None:
    tab.page.goto(f"{service}/api/v1/docs")
    links = tab.page.locator("nav a").evaluate_all("all => all.map((one) => one.hash)")
    articles = tab.page.locator("main article").evaluate_all(
        "all => all.map((one) => `#${one.id}`)"
    )
    assert sorted(links) == sorted(set(articles))
    tab.page.locator('nav a[href="#getItem"]').click()
    assert tab.page.url.endswith("#getItem")


def test_no_markup_of_the_source_is_shown(service: str, tab: Tab) -> None:
    tab.page.goto(f"{service}/api/v1/docs")
    assert "`" not in tab.text("body")
    tab.page.goto(f"{service}/problems/access.needed")
    assert "`" not in tab.text("body")
    assert tab.page.locator("code").count()
    assert tab.small_screen_findings() == []
    assert tab.complaints == []
