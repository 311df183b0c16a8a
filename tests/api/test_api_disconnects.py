"""A client that disconnects is no fault of the server: it is counted, and no error is logged."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import socket
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.attackers import connect
from tests.api.process import Process, serving
from tests.api.site import URL, Site, make_home, running
from tests.world import World
from traceledger_api.asgi import App, Scope
from traceledger_api.connection import Connection
from traceledger_api.gate import Gate
from traceledger_api.limits import Limits

NO_LINGER = struct.pack("ii", 1, 0)  # closing resets the connection


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("disconnects") / "ledger"
    make_home(folder, World())
    with serving(folder) as process:
        yield process


def figure(process: Process, name: str) -> float:
    with contextlib.closing(process.connect()) as connection:
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(f"{name} ")))


def wait_for(process: Process, name: str, value: float) -> None:
    end = time.monotonic() + 20
    while figure(process, name) != value:
        assert time.monotonic() < end, figure(process, name)
        time.sleep(0.05)


def wait_until_full(client: socket.socket) -> None:
    """Waits until the server cannot send more: between two responses, no request is in progress."""
    end, before = time.monotonic() + 20, 0
    while (unread := count_unread(client)) == 0 or unread != before:
        assert time.monotonic() < end, unread
        before = unread
        time.sleep(0.2)


def count_unread(client: socket.socket) -> int:
    """Returns the number of bytes that the client could read."""
    return int.from_bytes(fcntl.ioctl(client, termios.FIONREAD, bytes(4)), sys.byteorder)


def test_reset_connection_is_counted_and_no_fault(process: Process) -> None:
    """Of pipelined requests, the one in progress would write to a closed socket."""
    before = figure(process, "traceledger_disconnected_total")
    with connect(process) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        client.sendall(b"GET /verify.html HTTP/1.1\r\nHost: x\r\n\r\n" * 200)
        wait_until_full(client)
        wait_for(process, "traceledger_requests_running", 2)  # the other asks for the figures
    wait_for(process, "traceledger_requests_running", 1)
    assert figure(process, "traceledger_disconnected_total") == before + 1
    assert [line for line in process.lines() if line["level"] in {"error", "critical"}] == []


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path / "ledger", World(), limits=Limits(rate=0, slow_answer=0.05)) as site:
        yield site


async def receive() -> dict[str, Any]:
    await asyncio.sleep(60)
    return {"type": "http.disconnect"}


async def send(_message: Any) -> None:
    """Waits for a client that reads nothing."""
    await asyncio.sleep(60)


async def call(app: App, connection: Connection) -> None:
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": "/checkpoint",
        "raw_path": b"/checkpoint",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [],
        "client": ("192.0.2.1", 1),
        "server": ("x", 80),
        "state": {"connection": connection},
    }
    await app(scope, receive, send)


def faults(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [one for one in caplog.records if one.levelno >= logging.ERROR]


def test_client_that_does_not_read_is_disconnected_and_no_fault(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    ended: list[bool] = []
    connection = Connection(lambda: ended.append(True))
    site.client.run(call(site.client.app, connection))
    assert ended == [True]
    assert connection.lost
    assert faults(caplog) == []


@pytest.mark.parametrize("error", [TimeoutError("store"), KeyError("item")])
def test_fault_stays_visible_when_the_client_is_gone(
    site: Site, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    """A client that leaves must not hide what broke meanwhile."""

    async def fail(_scope: Any, _receive: Any, _send: Any) -> None:
        raise error

    gate = Gate(
        fail, limits=Limits(rate=0), metrics=site.context.metrics, base=URL, large={}, methods={}
    )
    connection = Connection(lambda: None)
    connection.lost = True
    site.client.run(call(gate, connection))
    assert [record.getMessage() for record in faults(caplog)] == ["fault"]
