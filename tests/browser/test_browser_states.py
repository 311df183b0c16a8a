"""Every state of a part on a small screen, with large letters, and as axe reads it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import cycle

import pytest

from tests.browser.conftest import Tab
from tests.browser.states import STATES, Visit, prepare
from tests.conftest import SmallDemo
from tests.pages.shop import Shop, serving
from traceledger_api.pages.words import LANGUAGES

SCHEMES = ("light", "dark")
SCREENS = 4 * 640  # pixels, of a phone 360 wide
HEIGHT = "document.documentElement.scrollHeight"
OPEN_ALL = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[str, dict[str, Visit]]]:
    """The address of a shop with a part in each state, and the visits."""
    shop = Shop()
    visits = prepare(shop)
    with serving(shop) as address:
        yield address, visits


@pytest.mark.parametrize(
    ("state", "language", "scheme"),
    list(zip(STATES, cycle(LANGUAGES), cycle(SCHEMES), strict=False)),
)
def test_state_fits_small_screens_with_large_letters_and_axe_finds_nothing(
    site: tuple[str, dict[str, Visit]],
    new_tab: Callable[..., Tab],
    state: str,
    language: str,
    scheme: str,
) -> None:
    """Each state has its own texts, and one long word can make a page scroll sideways."""
    address, visits = site
    item, fragment, record = visits[state]
    tab = new_tab(color_scheme=scheme, viewport={"width": 360, "height": 640})
    link = f"{address}/{item}?lang={language}{fragment}"
    if record:
        tab.open(link, record)
    else:
        tab.page.goto(link)
    assert tab.page.evaluate(HEIGHT) <= SCREENS
    tab.page.evaluate(OPEN_ALL)
    assert tab.small_screen_findings() == []


@pytest.mark.parametrize("language", ["de", "ru"])
def test_recalled_part_with_a_full_record_fits_four_screens_with_its_contents(
    service: str, small_demo: SmallDemo, tab: Tab, language: str
) -> None:
    """A reader on a phone gives up before a page of ten screens ends."""
    told = json.loads((small_demo.root / "recalled.json").read_bytes())
    tab.open(f"{service}/{told['item']}?lang={language}")
    assert tab.page.evaluate(HEIGHT) <= SCREENS
    link = tab.page.locator(".contents a[href='#story']")
    link.click()
    assert tab.page.locator("#story ol").first.is_visible()
