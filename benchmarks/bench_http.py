"""Appending over HTTP: batches against the hand-written loop, single events against bare inserts.

The bare endpoint uses the same framework and server. It checks nothing: it inserts the body of each
request into SQLite (WAL, `synchronous=FULL`) as one row with its own commit. Both receive requests
from the same client over as many connections, in alternation. With `--store postgres`, the ledger
is in a PostgreSQL database; loop and bare endpoint remain on SQLite.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
import uvloop
from fastapi import FastAPI, Request

from benchmarks.bench_append import Loop
from benchmarks.openssl import with_openssl
from benchmarks.reporting import clocked, median, report
from benchmarks.stores import add_store_option, new_places
from benchmarks.workload import ORIGIN, Plant
from traceledger.events.disclosure import split_wire
from traceledger.events.keys import SoftwareSigner
from traceledger.events.token import parse_token
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.ledger import Ledger
from traceledger.planning.keys import Keys
from traceledger.storage.opening import open_store

BATCH = 500
BATCHES = 8
CLIENTS = 32
SINGLES = 3_000
ROUNDS = 5
PASSPHRASE = "bench"  # noqa: S105 - of a ledger that exists for a minute


def bare_app() -> FastAPI:
    """Builds the service with an endpoint that only inserts."""
    connection = sqlite3.connect(os.environ["BARE_DB"], isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, body BLOB);"
    )
    app = FastAPI()

    @app.post("/api/v1/events")
    async def insert(request: Request) -> dict[str, int | None]:
        body = await request.body()
        connection.execute("BEGIN IMMEDIATE")
        cursor = connection.execute("INSERT INTO row (body) VALUES (?)", (body,))
        connection.execute("COMMIT")
        return {"index": cursor.lastrowid}

    return app


def make_home(folder: Path, address: str = "") -> None:
    """Writes a ledger's settings and the log's key; `address` is that of a database."""
    Home(folder, ORIGIN, "https://id.example", address).write_settings()
    key = SoftwareSigner.from_seed(b"log".ljust(32))
    Keys(folder / "keys").add("log", key, PASSPHRASE.encode())


@contextlib.contextmanager
def serving_ledger(folder: Path, *options: str, rate: int | None = 0) -> Iterator[int]:
    """Serves the ledger in the folder; yields the port. `rate` is as usual if it is None."""
    secret = folder / "passphrase"
    secret.write_text(PASSPHRASE)
    command = [
        *(sys.executable, "-m", "traceledger_cli", "serve", "--json", "--port", "0"),
        *("--ledger", str(folder), "--passphrase-file", str(secret)),
        *("--log", "warning"),
        *(() if rate is None else ("--rate", str(rate))),
        *options,
    ]
    with _process(command, {}) as process:
        line = process.stdout.readline() if process.stdout else b""
        port = int(msgspec.json.decode(line)["address"].rpartition(":")[2])
        _wait(port)
        yield port


@contextlib.contextmanager
def serving_bare(folder: Path) -> Iterator[int]:
    """Serves the bare endpoint with the same server; yields the port."""
    port = 18_431
    command = [
        *(sys.executable, "-m", "uvicorn", "--factory", "benchmarks.bench_http:bare_app"),
        *("--port", str(port), "--loop", "uvloop", "--http", "httptools"),
        *("--log-level", "warning", "--no-access-log"),
    ]
    with _process(command, {"BARE_DB": str(folder / "bare.db")}):
        _wait(port)
        yield port


async def send(port: int, bodies: Sequence[bytes], clients: int) -> None:
    """Posts every body, over one connection per client."""
    pending = iter(bodies)

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for body in pending:
            writer.write(
                b"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(head.decode())
            _, _, rest = head.lower().partition(b"content-length: ")
            await reader.readexactly(int(rest.partition(b"\r\n")[0]))
        writer.close()

    await asyncio.gather(*(work() for _ in range(clients)))


def clock_sending(port: int, bodies: Sequence[bytes], clients: int) -> float:
    """Measures the seconds to post all bodies."""
    return clocked(partial(uvloop.run, send(port, bodies, clients)))


def measure_batches(plant: Plant, loop: Loop, port: int) -> list[tuple[str, float, str]]:
    """Posts batches from two clients; the loop appends the same events in this process."""
    times: dict[str, list[float]] = {"loop": [], "http": []}
    for number in range(ROUNDS + 1):
        batches = [plant.imports(BATCH) for _ in range(BATCHES)]
        bodies = [_body(wires) for wires in batches]
        parsed = [[parse_token(split_wire(wire)[0]) for wire in wires] for wires in batches]
        rests = [
            [wire[len(event.token) + 1 :] for wire, event in zip(*pair, strict=True)]
            for pair in zip(batches, parsed, strict=True)
        ]
        seconds = {
            "loop": sum(
                clocked(partial(loop.append, *pair)) for pair in zip(parsed, rests, strict=True)
            ),
            "http": clock_sending(port, bodies, 2),
        }
        if number:  # the first round warms up
            for name, value in seconds.items():
                times[name].append(value / BATCH / BATCHES * 1e6)
    ratios = [base / http for base, http in zip(times["loop"], times["http"], strict=True)]
    return [
        ("batches of 500: loop", median(times["loop"]), "µs per event"),
        ("batches of 500: HTTP", median(times["http"]), "µs per event"),
        ("batches of 500: ratio to the loop", median(ratios), "(bar 0.7)"),
    ]


def measure_singles(plant: Plant, port: int, bare: int) -> list[tuple[str, float, str]]:
    """Posts one event per request to the ledger and to the bare endpoint."""
    times: dict[str, list[float]] = {"bare": [], "ledger": []}
    for number in range(ROUNDS + 1):
        bodies = [_body([wire]) for wire in plant.imports(SINGLES)]
        seconds = {
            "bare": clock_sending(bare, bodies, CLIENTS),
            "ledger": clock_sending(port, bodies, CLIENTS),
        }
        if number:
            for name, value in seconds.items():
                times[name].append(value / SINGLES * 1e6)
    ratios = [base / ledger for base, ledger in zip(times["bare"], times["ledger"], strict=True)]
    return [
        ("single events: bare insert", median(times["bare"]), "µs per request"),
        ("single events: ledger", median(times["ledger"]), "µs per request"),
        ("single events: ratio to bare inserts", median(ratios), "(bar 0.8)"),
    ]


def main() -> None:
    """Measures batches and single events."""
    options = argparse.ArgumentParser(description="Measures appending over HTTP.")
    add_store_option(options)
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        new_places(given.store, Path(name)) as new_place,
    ):
        folder = Path(name)
        place = new_place()
        plant = Plant.found(place)
        make_home(folder, "" if isinstance(place, Path) else place)
        plant.ledger.publish()
        plant.ledger.close()  # the server writes now; this process only signs
        store = open_store(plant.place, write=False)
        plant.ledger = Ledger(store, ORIGIN, clock=time.time)
        loop = Loop(folder, with_openssl(plant.station.key))
        with serving_ledger(folder) as port, serving_bare(folder) as bare:
            rows = measure_batches(plant, loop, port) + measure_singles(plant, port, bare)
        loop.close()
    report(f"http, {given.store}", rows)


def _body(wires: Sequence[bytes]) -> bytes:
    return msgspec.json.encode([wire.decode() for wire in wires])


@contextlib.contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": ".", **environment}
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)
        if process.stdout:
            process.stdout.close()


def _wait(port: int) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError):
            uvloop.run(_connect(port))
            return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


async def _connect(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


if __name__ == "__main__":
    main()
