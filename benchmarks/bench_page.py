"""The buyer's page in headless Chromium: time from navigation to the verdict, and bytes sent.

Needs Chromium at /usr/bin/chromium. The service itself serves the page from the demo's ledger on
this machine; a phone's network adds its own time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.reporting import median, report

ROUNDS = 15
PROGRAM = [sys.executable, "-m", "traceledger_cli"]
# Chromium has no sandbox as root; the other flags disable its background traffic.
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
TIMES = """() => {
  const entries = (kind) => performance.getEntriesByType(kind);
  const at = Object.fromEntries(entries("mark").map((mark) => [mark.name, mark.startTime]));
  const sent = [...entries("resource"), ...entries("navigation")];
  const bytes = sent.reduce((sum, entry) => sum + entry.encodedBodySize, 0);
  const passport = sent.find((entry) => entry.name.endsWith("/passport")).decodedBodySize;
  return { total: at.verdict, verify: at.verified - at.loaded, bytes, passport };
}"""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serves the demo's ledger; yields the address of its good unit."""
    demo = subprocess.run(
        [*PROGRAM, "demo", str(folder), "--cores", "40", "--json"], capture_output=True, check=True
    )
    options = [
        "--trust",
        str(folder / "trust.json"),
        "--passphrase-file",
        str(folder / "passphrase"),
    ]
    command = [*PROGRAM, "serve", "--ledger", str(folder / "ledger"), *options, "--rate", "0"]
    with subprocess.Popen(
        [*command, "--port", "0", "--json", "--log", "error"], stdout=subprocess.PIPE
    ) as process:
        line = process.stdout.readline() if process.stdout else b""
        yield f"{json.loads(line)['address']}/{json.loads(demo.stdout)['unit']}"
        process.terminate()


def visit(browser: Browser, address: str) -> dict[str, float]:
    """Opens the page with an empty cache and returns its timings."""
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector('body[data-record="proven"]')
    times: dict[str, float] = page.evaluate(TIMES)
    context.close()
    return times


def main() -> None:
    """Measures visits after a warm-up."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        with serving(Path(name) / "demo") as address:
            visits = [visit(browser, address) for _ in range(ROUNDS + 1)][1:]
        version = browser.version
        browser.close()
    print(f"Chromium {version}, {ROUNDS} visits with an empty cache, medians")
    times = {key: median([visit[key] for visit in visits]) for key in visits[0]}
    report(
        "page",
        [
            ("from navigation to the verdict", times["total"], "ms"),
            ("of which verification", times["verify"], "ms (bar 200)"),
            ("all bytes sent", times["bytes"] / 1000, "kB (bar 100)"),
            ("of which the passport, uncompressed", times["passport"] / 1000, "kB (bar 48)"),
        ],
    )


if __name__ == "__main__":
    main()
