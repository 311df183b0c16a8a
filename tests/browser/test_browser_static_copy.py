"""A part's page from a plain file server: it verifies itself, and nothing of the plant answers."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Tab
from tests.conftest import SmallDemo
from tests.plain_server import serving_files


@pytest.fixture(scope="module")
def address(
    small_demo: SmallDemo, programs: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a copy of the demo's ledger with all pages."""
    folder = tmp_path_factory.mktemp("copy") / "www"
    with serving_files(folder) as address:
        places = {"--ledger": small_demo.ledger, "--trust": small_demo.trust, "--url": address}
        options = [str(word) for place in places.items() for word in place]
        subprocess.run(
            [str(programs / "traceledger"), "publish", str(folder), "--pages", *options],
            check=True,
            capture_output=True,
        )
        yield address


@pytest.mark.parametrize(
    ("locale", "verdict"), [("en-US", "Released for sale"), ("zh-CN", "已放行销售")]
)
def test_page_from_a_file_server_verifies_itself_in_the_language_of_the_reader(
    address: str, small_demo: SmallDemo, new_tab: Callable[..., Tab], locale: str, verdict: str
) -> None:
    """The server leads to the folder's index; the page keeps the address of the part."""
    tab = new_tab(locale=locale)
    page = tab.open(f"{address}/{small_demo.unit}")
    assert verdict in tab.text("#verdict")
    assert page.url == f"{address}/{small_demo.unit}"
    assert page.locator("html").get_attribute("lang") == locale.removesuffix("-US")
    assert tab.complaints == []
    assert all(request.startswith(address) for request in tab.requests)
