"""The buyer's page in headless Chromium: time to the verdict, bytes on the wire, layout shift.

Needs Chromium at /usr/bin/chromium. The service itself serves the page from the demo's ledger on
this machine, first as fast as it can, then as to a phone: over 9 Mbit/s, with a processor that is
slowed 4 times.
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
PHONE = {"offline": False, "latency": 0, "downloadThroughput": 9e6 / 8, "uploadThroughput": 9e6 / 8}
SLOWDOWN = 4
OTHERS = ("ru", "ar")  # the languages whose texts take most bytes
STANDING = {"expression": "document.body?.dataset.record ?? ''"}
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
  const sum = (name) => sent.reduce((total, entry) => total + entry[name], 0);
  const [bytes, whole] = [sum("encodedBodySize"), sum("transferSize")];
  const passport = sent.find((entry) => entry.name.endsWith("/passport")).decodedBodySize;
  const times = { total: at.verdict, verify: at.verified - at.loaded, bytes, whole, passport };
  return new Promise((resolve) => {
    let shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve({ ...times, shift }), 500);
  });
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


def visit(browser: Browser, address: str, *, phone: bool, language: str) -> dict[str, float]:
    """Opens the page with an empty cache and returns its timings."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, locale=language)
    page = context.new_page()
    session = context.new_cdp_session(page)
    if phone:
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", PHONE)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    page.goto(address)
    # Playwright's own way to wait would run its scripts in the page during the measurement.
    while session.send("Runtime.evaluate", STANDING)["result"]["value"] != "proven":
        page.wait_for_timeout(100)
    times: dict[str, float] = page.evaluate(TIMES)
    context.close()
    return times


def measure(
    browser: Browser, address: str, *, phone: bool = False, language: str = "en"
) -> dict[str, float]:
    """Returns the medians of all visits after a warm-up."""
    rounds = ROUNDS if language == "en" else 1  # only English is timed
    visits = [visit(browser, address, phone=phone, language=language) for _ in range(rounds + 1)][
        1:
    ]
    return {key: median([one[key] for one in visits]) for key in visits[0]}


def main() -> None:
    """Measures visits on this machine and as on a phone."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        with serving(Path(name) / "demo") as address:
            fast = measure(browser, address)
            others = {one: measure(browser, address, language=one)["whole"] for one in OTHERS}
            slow = measure(browser, address, phone=True)
        version = browser.version
        browser.close()
    print(f"Chromium {version}, {ROUNDS} visits with an empty cache, medians")
    report(
        "page",
        [
            ("from navigation to the verdict", fast["total"], "ms"),
            ("of which verification", fast["verify"], "ms (bar 200)"),
            ("the verdict at 9 Mbit/s, processor slowed 4 times", slow["total"], "ms (bar 1500)"),
            ("layout shift there", slow["shift"], "(bar 0.02)"),
            ("all bytes sent, with headers", fast["whole"] / 1000, "kB (bar 100)"),
            *((f"the same in {one}", size / 1000, "kB (bar 100)") for one, size in others.items()),
            ("without headers", fast["bytes"] / 1000, "kB"),
            ("of which the passport, uncompressed", fast["passport"] / 1000, "kB (bar 48)"),
        ],
    )


if __name__ == "__main__":
    main()
