"""Pictures of the buyer's page in every state: python -m tests.browser.gallery FOLDER [STATE...]

For each state and language, pictures at each width in light and dark, and a picture as printed.
Lists what axe finds and which pages scroll sideways, and then ends with exit code 1.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import AXE
from tests.browser.states import STATES, Visit, prepare
from tests.chromium import CHROMIUM, FLAGS
from tests.pages.shop import Shop, serving
from traceledger_api.pages.words import LANGUAGES

WIDTHS = {360: 640, 768: 1024, 1280: 800}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PAPER = 794  # pixels across A4
WIDTH = "document.documentElement.scrollWidth"
FINDINGS = "axe.run().then(({ violations }) => violations.map(({ id }) => id))"


def draw(page: Page, path: Path) -> Iterator[str]:
    """Takes the pictures of an open page; yields what is wrong with it."""
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, media="screen")
            page.screenshot(path=f"{path}-{width}-{scheme}.png", full_page=True)
            if width == min(WIDTHS):
                yield from (f"{scheme}: {finding}" for finding in page.evaluate(FINDINGS))
        if page.evaluate(WIDTH) > width:
            yield f"scrolls sideways at {width} pixels"
    page.set_viewport_size({"width": PAPER, "height": 1123})
    page.emulate_media(media="print")
    page.screenshot(path=f"{path}-print.png", full_page=True)


def open_page(browser: Browser, address: str, visit: Visit, language: str) -> Page:
    """Opens the page of a state, with its verdict."""
    page = browser.new_page()
    page.goto(f"{address}/{visit.item}?lang={language}{visit.fragment}")
    if visit.record:
        page.wait_for_selector(f'body[data-record="{visit.record}"]')
    page.evaluate(AXE.read_text())
    return page


def main(folder: Path, states: list[str]) -> int:
    """Draws the states; returns the exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    shop = Shop()
    visits = prepare(shop)
    wrong = 0
    with serving(shop) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for state in states or STATES:
            for language in LANGUAGES:
                name = f"{state.replace(' ', '-')}-{language}"
                page = open_page(browser, address, visits[state], language)
                for finding in draw(page, folder / name):
                    wrong += 1
                    sys.stdout.write(f"{name}: {finding}\n")
                page.close()
        browser.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
