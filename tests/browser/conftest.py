from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import SmallDemo
from tests.pages.shop import Shop, serving

REPOSITORY = Path(__file__).parents[2]
AXE = REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"
SMALL = 320  # pixels
PATIENCE = 20_000  # milliseconds, on a machine that is busy


@dataclass(slots=True)
class Tab:
    """A page of the browser, and everything that it asked for and complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str, record: str = "proven") -> Page:
        """Opens an address and waits until the record has come out so."""
        self.page.goto(address)
        self.page.wait_for_selector(f'body[data-record="{record}"]')
        return self.page

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()

    def tone(self, selector: str) -> str:
        return self.page.locator(selector).get_attribute("data-tone") or ""

    def end_waiting(self) -> set[float]:
        """Ends the time after which a page says that it does not get on; returns it in ms."""
        found = self.page.wait_for_function(
            """() => {
                const waiting = document.getAnimations()
                    .filter((one) => ["leave", "come"].includes(one.animationName));
                for (const one of waiting) one.finish();
                return waiting.length && waiting.map((one) => one.effect.getTiming().delay);
            }"""
        )
        return set(found.json_value())

    def findings(self) -> list[str]:
        """What axe finds wrong by WCAG 2.2 AA and its own best practices."""
        return find_violations(self.page)

    def small_screen_findings(self) -> list[str]:
        """What axe finds on a small screen, and whether the page scrolls sideways there."""
        return find_on_small_screen(self.page)


def find_violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]


def find_on_small_screen(page: Page) -> list[str]:
    """With letters of their usual size and of twice that size (WCAG 2.2, 1.4.4 and 1.4.10)."""
    page.set_viewport_size({"width": SMALL, "height": 640})
    found = find_violations(page)
    for size in (100, 200):
        page.evaluate(f"document.documentElement.style.fontSize = '{size}%'")
        if page.evaluate("document.documentElement.scrollWidth") > SMALL:
            found.append(f"scrolls sideways with letters of {size} %")
    return found


def barcode_reader(*codes: str) -> str:
    """A script that gives a page a barcode reader, which sees these codes in turn."""
    return f"""
    const codes = {json.dumps(codes)};
    Object.defineProperty(globalThis, "BarcodeDetector", {{ value: class {{
      async detect(picture) {{
        const rawValue = picture.videoWidth && codes.shift();
        return rawValue ? [{{ rawValue }}] : [];
      }}
    }} }});
    """


@pytest.fixture
def new_tab(browser: Browser) -> Iterator[Callable[..., Tab]]:
    contexts = []

    def make(**options: Any) -> Tab:
        size = {"width": 360, "height": 640}
        context = browser.new_context(**{"viewport": size, "locale": "en-US"} | options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        tab = Tab(context.new_page())
        tab.page.on("request", lambda request: tab.requests.append(request.url))
        tab.page.on("console", lambda message: tab.complaints.append(message.text))
        tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        return tab

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def tab(new_tab: Callable[..., Tab]) -> Tab:
    return new_tab()


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def address(shop: Shop) -> Iterator[str]:
    with serving(shop) as address:
        yield address


@pytest.fixture(scope="session")
def service(
    small_demo: SmallDemo, programs: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the service on a copy of the demo's ledger."""
    folder = tmp_path_factory.mktemp("service") / "ledger"
    subprocess.run(["cp", "-r", small_demo.ledger, folder], check=True)
    options: list[str | Path] = [
        "--port",
        "0",
        "--json",
        "--trust",
        small_demo.trust,
        "--log",
        "error",
    ]
    passphrase = small_demo.root / "passphrase"
    command: list[str | Path] = [programs / "traceledger", "serve", "--ledger", folder, *options]
    with subprocess.Popen(
        [*command, "--passphrase-file", passphrase],
        stdout=subprocess.PIPE,
        env={**os.environ, "NO_COLOR": "1"},
    ) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["address"]
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture
def now() -> int:
    return int(time.time())
