"""The way in without a code, in a browser: with the keyboard, with a camera, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Tab, barcode_reader
from tests.conftest import SmallDemo
from traceledger.identifiers import group_serial
from traceledger_api.pages.words import LANGUAGES, load_words

SAY = load_words("en")
NewTab = Callable[..., Tab]
MISTAKE = "(01)09521234543214(21)7KQ2X4PM9ATRWC"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_entry_page_and_mistakes_fit_and_have_no_findings(
    service: str, new_tab: NewTab, language: str, scheme: str
) -> None:
    tab = new_tab(locale=language, color_scheme=scheme)
    for path in ("/", f"/?number={MISTAKE}", f"/?number={'W' * 300}", "/no/such/page"):
        tab.page.goto(f"{service}{path}")
        assert tab.page.locator("html").get_attribute("lang") == language
        assert tab.small_screen_findings() == []


@pytest.mark.parametrize("javascript", [True, False])
def test_serial_as_on_the_label_opens_the_part(
    service: str, small_demo: SmallDemo, new_tab: NewTab, *, javascript: bool
) -> None:
    serial = small_demo.unit.rpartition("/")[2]
    tab = new_tab(java_script_enabled=javascript)
    tab.page.goto(f"{service}/")
    tab.page.locator("#number").fill(group_serial(serial).lower())
    with tab.page.expect_navigation():
        tab.page.keyboard.press("Enter")
    assert tab.page.url.startswith(f"{service}/{small_demo.unit}")
    assert not tab.page.locator("#camera").is_visible()


def test_language_is_kept_from_the_field_to_the_part(
    service: str, small_demo: SmallDemo, tab: Tab
) -> None:
    tab.page.goto(f"{service}/?number={MISTAKE}&lang=ru")
    tab.page.locator(".languages summary").click()
    with tab.page.expect_navigation():
        tab.page.locator('.languages a[lang="de"]').click()
    say = load_words("de")
    assert tab.text("h1") == say("find.check-digit.title")
    assert tab.page.locator("#number").input_value() == MISTAKE
    tab.page.locator("#number").fill(small_demo.unit)
    with tab.page.expect_navigation():
        tab.page.keyboard.press("Enter")
    assert tab.page.locator("html").get_attribute("lang") == "de"


def test_offered_number_is_a_link(service: str, tab: Tab) -> None:
    tab.page.goto(f"{service}/?number={MISTAKE}")
    with tab.page.expect_navigation():
        tab.page.locator(".entered a").click()
    assert tab.page.url == f"{service}/01/09521234543213/21/7KQ2X4PM9ATRWC"
    assert tab.text("h1") == SAY("find.unknown.title")


def test_camera_reads_the_code_of_a_label(
    service: str, small_demo: SmallDemo, new_tab: NewTab
) -> None:
    tab = new_tab(permissions=["camera"])
    tab.page.add_init_script(barcode_reader("", f"https://id.example/{small_demo.unit}#v1.abc"))
    tab.page.goto(f"{service}/")
    with tab.page.expect_navigation(url=f"**/{small_demo.unit}*"):
        tab.page.locator("#camera").click()
    assert all(url.startswith((service, "blob:")) for url in tab.requests)


def test_camera_that_is_refused_leaves_the_field(service: str, tab: Tab) -> None:
    refuse = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('no'));"
    tab.page.add_init_script(barcode_reader() + refuse)
    tab.page.goto(f"{service}/")
    tab.page.locator("#camera").click()
    tab.page.get_by_text(SAY("find.camera.refused")).wait_for()
    assert not tab.page.locator("#view").is_visible()
    assert tab.page.locator("#number").is_editable()


def test_scanning_stops_when_asked(service: str, new_tab: NewTab) -> None:
    tab = new_tab(permissions=["camera"])
    tab.page.add_init_script(barcode_reader())
    tab.page.goto(f"{service}/")
    button = tab.page.locator("#camera")
    button.click()
    tab.page.get_by_role("button", name=SAY("find.camera.stop")).wait_for()
    button.click()
    assert not tab.page.locator("#view").is_visible()
    assert button.inner_text() == SAY("find.camera")
