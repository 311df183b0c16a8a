"""The server as a separate process, as users run it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.api.site import PASSPHRASE

__all__ = ["Process", "running_server", "serving", "starting"]


@dataclass(slots=True)
class Process:
    popen: subprocess.Popen[bytes]
    address: str
    log: Path

    @property
    def host(self) -> str:
        return self.address.removeprefix("http://")

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, timeout=60)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(60)

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@contextlib.contextmanager
def serving(folder: Path, *options: str, passphrase: bytes = PASSPHRASE) -> Iterator[Process]:
    """Serves the ledger in `folder` on a free port of this machine, and waits until it is ready."""
    with starting(folder, *options, passphrase=passphrase) as process:
        _wait(process)
        yield process


@contextlib.contextmanager
def starting(folder: Path, *options: str, passphrase: bytes = PASSPHRASE) -> Iterator[Process]:
    """Starts a server, and waits until it has an address."""
    secret = folder.parent / "passphrase"
    secret.write_bytes(passphrase)
    command: tuple[str | Path, ...] = (
        *("serve", "--port", "0", "--ledger", folder, "--passphrase-file", secret),
        *("--rate", "0", "--interval", "0.1", *options),
    )
    with running_server(folder.parent, *command) as process:
        yield process


@contextlib.contextmanager
def running_server(logs: Path, *arguments: str | Path) -> Iterator[Process]:
    """Runs a command that serves, and waits until it has an address."""
    log = logs / f"server-{time.monotonic_ns()}.log"
    command = [sys.executable, "-m", "traceledger_cli", *arguments, "--json"]
    with log.open("wb") as errors:
        popen = subprocess.Popen(
            [str(one) for one in command],
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    assert popen.stdout is not None
    try:
        ready, _, _ = select.select([popen.stdout], [], [], 60)
        line = popen.stdout.readline() if ready else b""
        assert b'"address"' in line, (line, log.read_text())
        yield Process(popen, json.loads(line)["address"], log)
    finally:
        popen.kill()
        popen.wait()
        popen.stdout.close()


def _wait(process: Process) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError), contextlib.closing(process.connect()) as connection:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.05)
    raise AssertionError(process.log.read_text())
