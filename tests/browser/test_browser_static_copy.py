"""Pages from a file server or a bucket verify themselves, and nothing of the plant answers."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Tab
from tests.conftest import SmallDemo
from tests.object_store import ObjectStore, serving_bucket
from tests.plain_server import serving_files
from traceledger_api.pages.words import load_words


def publish(demo: SmallDemo, programs: Path, target: str | Path, address: str) -> None:
    """Publishes the demo's ledger with all pages for a site at that address."""
    places = {"--ledger": demo.ledger, "--trust": demo.trust, "--url": address}
    options = [str(word) for place in places.items() for word in place]
    command = [programs / "traceledger", "publish", target, "--pages", *options]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def folder_site(
    small_demo: SmallDemo, programs: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("copy") / "www"
    with serving_files(folder) as address:
        publish(small_demo, programs, folder, address)
        yield address


@pytest.fixture
def bucket_site(small_demo: SmallDemo, programs: Path, object_store: ObjectStore) -> Iterator[str]:
    with serving_bucket(object_store, "site") as address:
        publish(small_demo, programs, "s3://copies/site", address)
        yield address


def check_page(tab: Tab, address: str, unit: str) -> None:
    """The site leads to the folder's index; the page keeps the address of the part."""
    page = tab.open(f"{address}/{unit}")
    assert page.url == f"{address}/{unit}"
    assert tab.complaints == []
    assert all(request.startswith(address) for request in tab.requests)


def test_page_from_a_file_server_verifies_itself(
    folder_site: str, small_demo: SmallDemo, tab: Tab
) -> None:
    check_page(tab, folder_site, small_demo.unit)
    assert "Released for sale" in tab.text("#verdict")
    label = tab.page.locator("img.printed")
    label.evaluate("(image) => { image.loading = 'eager'; return image.decode(); }")
    assert label.evaluate("(image) => image.naturalWidth") > 0


def test_page_from_a_bucket_verifies_itself_in_the_language_of_the_reader(
    bucket_site: str, small_demo: SmallDemo, new_tab: Callable[..., Tab]
) -> None:
    tab = new_tab(locale="zh-CN")
    check_page(tab, bucket_site, small_demo.unit)
    assert "已放行销售" in tab.text("#verdict")
    assert tab.page.locator("html").get_attribute("lang") == "zh-CN"


def test_typed_number_leads_to_the_page_without_a_program_on_the_site(
    folder_site: str, small_demo: SmallDemo, tab: Tab
) -> None:
    """A buyer types what is on the label; a number that is not here is said to be unknown."""
    gtin, serial = small_demo.unit.split("/")[1::2]
    page = tab.page

    def enter(number: str) -> None:
        page.goto(f"{folder_site}/?lang=de")
        page.get_by_text("Teil prüfen").wait_for()
        page.fill("#number", number)
        page.keyboard.press("Enter")

    for number in (serial.lower(), f"(01){gtin}(21){serial}"):
        enter(number)
        page.wait_for_url(f"{folder_site}/{small_demo.unit}?lang=de")
        page.wait_for_selector('body[data-record="proven"]')
    assert tab.complaints == []
    assert tab.small_screen_findings() == []
    for number, title in (
        (serial[::-1], "find.unknown"),
        (gtin, "find.incomplete"),
        ("8004/09521234C000001", "find.used"),
    ):
        enter(number)
        notice = page.get_by_role("status")
        notice.wait_for()
        assert notice.locator("h1").inner_text() == load_words("de")(f"{title}.title")
