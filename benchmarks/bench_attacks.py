"""What honest clients feel while strangers attack a server with its default settings and no proxy.

During each attack, an honest client checks readiness, fetches a passport and appends an event, each
over a new connection, in turn. The bar is 1 s for the slowest response. A request that fails counts
as one that took for ever. Where nginx or Caddy is installed, the slow bodies are also sent through
its example configuration.
"""

from __future__ import annotations

import http.client
import math
import multiprocessing
import tempfile
import time
from pathlib import Path

from benchmarks.attacks import ATTACKS, Target, untrusting
from benchmarks.bench_http import make_home, serving_ledger
from benchmarks.bench_passport import BOOK, LINE, draft, make_unit
from benchmarks.proxies import installed, serving_proxy
from benchmarks.reporting import report
from benchmarks.workload import ORIGIN, Plant
from traceledger.events.draft import DraftRef
from traceledger.ledger.ledger import Ledger
from traceledger.storage.opening import open_store

SECONDS = 12.0
UNIT = "01/09521234543213/21/7KQ2X4PM9ATRWC"
EVENTS = 10_000


def prepare(folder: Path) -> tuple[Plant, list[bytes]]:
    """Founds a ledger with a unit; returns it with the events that strangers may know."""
    plant = Plant.found(folder / "ledger.db")
    make_home(folder)
    plant.ledger.append(plant.sign([draft("open_book", BOOK)]))
    plant.ledger.append(plant.sign([draft("declare_out", LINE, DraftRef("book", BOOK))]))
    (core,) = plant.cores(1)
    make_unit(plant, core, UNIT)
    known = plant.imports(EVENTS)
    plant.ledger.append(known)
    plant.ledger.publish()
    plant.ledger.close()
    plant.ledger = Ledger(open_store(plant.place, write=False), ORIGIN, clock=time.time)
    return plant, known


def clock_request(target: Target, method: str, path: str, body: str | None = None) -> float:
    """Measures the seconds until a response is read; infinite unless it is a success."""
    start = time.perf_counter()
    address = ("127.0.0.1", target.port)
    connection = (
        http.client.HTTPSConnection(*address, timeout=30, context=untrusting())
        if target.tls
        else http.client.HTTPConnection(*address, timeout=30)
    )
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        return math.inf
    finally:
        connection.close()
    return time.perf_counter() - start if response.status == 200 else math.inf


def measure(name: str, target: Target, events: list[bytes]) -> list[tuple[str, float, str]]:
    """Measures the slowest honest responses during an attack."""
    attacker = multiprocessing.get_context("spawn").Process(target=ATTACKS[name], args=(target,))
    slowest = dict.fromkeys(("readiness", "passport", "append"), 0.0)
    clock_request(target, "GET", f"/api/v1/items/{UNIT}/passport")  # builds the map
    attacker.start()
    end = time.monotonic() + target.seconds
    while time.monotonic() < end:
        body = f'["{events.pop().decode()}"]'
        seconds = {
            "readiness": clock_request(target, "GET", "/readyz"),
            "passport": clock_request(target, "GET", f"/api/v1/items/{UNIT}/passport"),
            "append": clock_request(target, "POST", "/api/v1/events", body),
        }
        slowest = {key: max(slowest[key], value) for key, value in seconds.items()}
        time.sleep(0.05)
    attacker.join()
    return [(f"{name}: {key}", value, "s at most (bar 1)") for key, value in slowest.items()]


def main() -> None:
    """Runs every attack in turn, each against a new server."""
    rows = []
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        plant, known = prepare(folder)
        for name in ATTACKS:
            events = plant.imports(300)
            with serving_ledger(folder, rate=None) as port:
                rows += measure(name, Target(port, UNIT, known, SECONDS), events)
        for proxy in installed():
            events = plant.imports(300)
            with (
                serving_ledger(folder, rate=None) as server,
                serving_proxy(proxy, folder / proxy, server) as port,
            ):
                target = Target(port, UNIT, known, SECONDS, tls=True)
                found = measure("slow bodies", target, events)
                rows += [(f"{proxy}, {label}", value, unit) for label, value, unit in found]
        plant.ledger.close()
    report("attacks", rows)


if __name__ == "__main__":
    main()
