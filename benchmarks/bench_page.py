"""The buyer's page in headless Chromium: from opening the address to the verdict, and its weight.

Needs Chromium at /usr/bin/chromium. The page is served by the service itself on the demo's ledger,
so the network is this machine's own; a phone's adds its own time.
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
# Chromium as root has no sandbox of its own; the rest keeps it from calling home.
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
TIMES = """() => {
  const entries = (kind) => performance.getEntriesByType(kind);
  const at = Object.fromEntries(entries("mark").map((one) => [one.name, one.startTime]));
  const sent = [...entries("resource"), ...entries("navigation")];
  const bytes = sent.reduce((sum, one) => sum + one.encodedBodySize, 0);
  const passport = sent.find((one) => one.name.endsWith("/passport")).decodedBodySize;
  return { total: at.verdict, verify: at.verified - at.loaded, bytes, passport };
}"""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serves the demo's ledger; gives the address of its good unit."""
    made = subprocess.run(
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
        yield f"{json.loads(line)['address']}/{json.loads(made.stdout)['unit']}"
        process.terminate()


def visit(browser: Browser, address: str) -> dict[str, float]:
    """Opens the page with an empty cache."""
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector('body[data-record="proven"]')
    found: dict[str, float] = page.evaluate(TIMES)
    context.close()
    return found


def main() -> None:
    """Measures visits after one that warms up."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        with serving(Path(name) / "demo") as address:
            visits = [visit(browser, address) for _ in range(ROUNDS + 1)][1:]
        version = browser.version
        browser.close()
    print(f"Chromium {version}, {ROUNDS} visits with an empty cache, medians")
    found = {key: median([one[key] for one in visits]) for key in visits[0]}
    report(
        "page",
        [
            ("from opening the address to the verdict", found["total"], "ms"),
            ("of which verification", found["verify"], "ms (bar 200)"),
            ("everything that was sent", found["bytes"] / 1000, "kB (bar 100)"),
            ("of which the passport, as it is", found["passport"] / 1000, "kB (bar 48)"),
        ],
    )


if __name__ == "__main__":
    main()
