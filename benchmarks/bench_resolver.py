"""Forwarding links to the parts of other ledgers: processor time of the server for each request.

Two servers of the same ledger know one prefix of another ledger and 4,000 of them. Both receive the
same requests over one connection, in turn; `/healthz` on the second shows what any request costs.
A number in the command line replaces the number of requests in a round.
"""

from __future__ import annotations

import http.client
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.bench_http import make_home, serving_ledger
from benchmarks.reporting import median, processor_time, report
from benchmarks.workload import Plant
from traceledger.identifiers.gs1 import check_digit

PREFIXES = 4_000
REQUESTS = 1_000
ROUNDS = 5


def write_ledgers(path: Path, count: int) -> str:
    """Writes the operator's file with as many prefixes; returns the path of an item of the last."""
    path.write_text(
        "".join(
            f'[[ledger]]\nitems = ["01/096{number:05}"]\nurl = "https://{number}.example"\n'
            for number in range(count)
        )
    )
    digits = f"096{count - 1:05}54321"
    return f"/01/{digits}{check_digit(digits)}/21/7KQ2X4PM9ATRWC"


def newest_child() -> int:
    """Returns the process that this one started last."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()
    return max(map(int, children.split()))


def ask(connection: http.client.HTTPConnection, path: str, status: int, count: int) -> None:
    """Sends requests, one after the other, and asserts the status of each answer."""
    for _ in range(count):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        if answer.status != status:
            raise SystemExit(f"{path}: {answer.status}")


def main(requests: int) -> None:
    """Measures all in turn."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as opened:
        wanted: dict[str, tuple[int, http.client.HTTPConnection, str, int]] = {}
        for count in (1, PREFIXES):
            folder = Path(name) / str(count)
            folder.mkdir()
            plant = Plant.found(folder / "ledger.db")
            plant.ledger.publish()
            plant.ledger.close()
            make_home(folder)
            path = write_ledgers(Path(name) / f"{count}.toml", count)
            options = ("--resolver", str(Path(name) / f"{count}.toml"))
            port = opened.enter_context(serving_ledger(folder, *options))
            connection = http.client.HTTPConnection("127.0.0.1", port)
            wanted[f"forwarded, of {count:,}"] = (newest_child(), connection, path, 307)
        process, connection, _, _ = wanted[f"forwarded, of {PREFIXES:,}"]
        wanted["/healthz"] = (process, connection, "/healthz", 200)
        spent: dict[str, list[float]] = {label: [] for label in wanted}
        for turn in range(ROUNDS + 1):
            for label, (process, connection, path, status) in wanted.items():
                start = processor_time(process)
                ask(connection, path, status, requests)
                if turn:  # the first round warms up
                    spent[label].append((processor_time(process) - start) / requests * 1e6)
    report("resolver", [(label, median(times), "µs a request") for label, times in spent.items()])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS)
