"""Real browser engines. Each function starts an engine, opens pages in it, and ends it.

A visit is the address of a page and a JavaScript expression, whose value (or that of its promise)
is returned as JSON holds it. Nothing depends on a display or on the home of the user.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from selenium import webdriver
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.chromium import CHROMIUM, FLAGS

__all__ = ["BROWSERS", "Visit"]

Visit = tuple[str, str]
"""An address and an expression."""

START = 60  # seconds, on a machine that is busy
END = 10  # seconds
PATIENCE = 300  # seconds for all visits
BRIDGE = Path(__file__).parent / "firefox.mjs"


def visit_chromium(visits: Sequence[Visit]) -> list[Any]:
    """Opens pages in Debian's Chromium, through Playwright."""
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for address, expression in visits:
            page = browser.new_page()
            page.goto(address)
            found.append(page.evaluate(expression))
            page.close()
        browser.close()
    return found


def visit_firefox(visits: Sequence[Visit]) -> list[Any]:
    """Opens pages in Debian's Firefox, through puppeteer over WebDriver BiDi."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        command = ["firefox-esr", "--headless", "--profile", name, "--remote-debugging-port", "0"]
        with _running(command, _environment(home)):
            server = json.loads(_wait_for(home / "WebDriverBiDiServer.json"))
            socket = f"ws://{server['ws_host']}:{server['ws_port']}/session"
            run = subprocess.run(
                ["node", BRIDGE, socket],
                input=json.dumps(visits),
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
    assert run.returncode == 0, run.stderr
    found: list[Any] = json.loads(run.stdout)
    return found


def visit_webkit(visits: Sequence[Visit]) -> list[Any]:
    """Opens pages in the browser of Debian's WebKitGTK, through selenium."""
    found = []
    with _display() as display, _webdriver(display) as service, _session(service) as driver:
        driver.set_page_load_timeout(START)
        driver.set_script_timeout(PATIENCE)
        for address, expression in visits:
            driver.get(address)
            answer = driver.execute_async_script(_with_callback(expression))
            assert "error" not in answer, answer["error"]
            found.append(answer["value"])
    return found


BROWSERS: dict[str, Callable[[Sequence[Visit]], list[Any]]] = {
    "chromium": visit_chromium,
    "firefox": visit_firefox,
    "webkit": visit_webkit,
}
"""How to open pages, by the name of the engine."""


def _session(service: Service) -> webdriver.Remote:
    options = Options()
    options.binary_location = str(next(Path("/usr").glob("lib/*/webkit*gtk-*/MiniBrowser")))
    options.add_argument("--automation")
    connection = RemoteConnection(client_config=ClientConfig(service.service_url, timeout=PATIENCE))
    return webdriver.Remote(connection, options=options)


def _with_callback(expression: str) -> str:
    """A script that passes the expression's value to the callback of WebDriver."""
    return (
        "const answer = arguments[arguments.length - 1];"
        f"(async () => ({expression}))().then((value) => answer({{ value }}),"
        "(error) => answer({ error: String(error) }));"
    )


def _environment(home: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(home), **more}


@contextlib.contextmanager
def _running(
    command: Sequence[str], environment: dict[str, str], **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a program, and ends it with all that it has started."""
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **options,
    ) as process:
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[Any]) -> None:
    """Ends a process that leads a group, then whatever of the group remains."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.terminate()
        process.wait(END)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _wait_for(path: Path) -> str:
    """The text of a file that a program writes once it is ready."""
    deadline = time.monotonic() + START
    while not path.exists() or not path.read_text():
        assert time.monotonic() < deadline, f"there is no {path.name} after {START} s"
        time.sleep(0.05)
    return path.read_text()


@contextlib.contextmanager
def _display() -> Iterator[str]:
    """The name of an X display that nobody sees, the first free number."""
    with tempfile.TemporaryDirectory() as name:
        ready, written = os.pipe()
        command = ["Xvfb", "-displayfd", str(written), "-screen", "0", "1280x1024x24"]
        with _running(command, _environment(Path(name)), pass_fds=[written]):
            os.close(written)
            with os.fdopen(ready, "rb") as file:
                assert select.select([file], [], [], START)[0], f"no display after {START} s"
                yield f":{file.readline().decode().strip()}"


@contextlib.contextmanager
def _webdriver(display: str) -> Iterator[Service]:
    with tempfile.TemporaryDirectory() as name:
        service = Service(
            executable_path=str(shutil.which("WebKitWebDriver")),
            env=_environment(Path(name), DISPLAY=display),
            popen_kw={"start_new_session": True},
        )
        service.start()
        try:
            yield service
        finally:
            service.stop()
            _end(service.process)
