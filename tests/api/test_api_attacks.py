"""What strangers do to stop the server leaves room for everyone else."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.attackers import connect, read_status, slow_bodies
from tests.api.process import Process, serving
from tests.api.site import make_home
from tests.world import World

DEFAULT_RATE = ("--rate", "100")


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """One server for all attacks, with the default rate."""
    folder = tmp_path_factory.mktemp("attacks") / "ledger"
    make_home(folder, World())
    with serving(folder, *DEFAULT_RATE) as process:
        yield process


def get(process: Process, path: str) -> int:
    with contextlib.closing(process.connect()) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status


def test_slow_bodies_occupy_no_slot(process: Process) -> None:
    with slow_bodies(process, 600) as connections:
        for path in ("/readyz", "/healthz", "/checkpoint"):
            assert get(process, path) == 200
        time.sleep(1.5)  # by now they are slow, and most are aborted
        connections[0].settimeout(5)
        assert read_status(connections[0]) == 408
        for path in ("/readyz", "/healthz", "/checkpoint"):
            assert get(process, path) == 200


def endless(process: Process, start: bytes, piece: bytes) -> bytes:
    """Sends pieces until the server closes the connection or 4 MiB are sent; returns its answer."""
    with connect(process) as connection:
        connection.sendall(start)
        with contextlib.suppress(ConnectionError):
            for _ in range(4 * 1024 * 1024 // len(piece)):
                connection.sendall(piece)
        with contextlib.suppress(ConnectionError):
            return connection.recv(65_536)
    return b""


CHUNKED = (
    b"POST /api/v1/heads HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"GET /healthz HTTP/1.1\r\nA: ", b"a" * 4096),
        (b"GET /healthz HTTP/1.1\r\n", b"A: b\r\n" * 600),
        (b"GET /" + b"a" * 4096, b"a" * 4096),
        (CHUNKED + b"0\r\n", b"A: b\r\n" * 600),
        (CHUNKED, b"1;" + b"a" * 4096 + b"\r\n[\r\n"),
    ],
    ids=["value", "headers", "path", "trailers", "extensions"],
)
def test_endless_headers_are_bounded_by_bytes(process: Process, start: bytes, piece: bytes) -> None:
    before = time.monotonic()
    answer = endless(process, start, piece)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert time.monotonic() - before < 9  # not by the time for headers, which is 10 s
    assert get(process, "/readyz") == 200


def test_pipeline_ends_with_the_first_request_beyond_the_rate(process: Process) -> None:
    """Defends against long pipelines, whose refusals alone delayed other clients by 3 s."""
    received = b""
    with connect(process, "127.0.0.3") as connection, contextlib.suppress(ConnectionError):
        connection.sendall(b"GET /checkpoint HTTP/1.1\r\nHost: x\r\n\r\n" * 3000)
        while piece := connection.recv(65_536):
            received += piece
    assert received.count(b"HTTP/1.1 200") < 2900
    assert received.count(b"HTTP/1.1 429") <= 1


def test_large_headers_within_the_bound_are_read(process: Process) -> None:
    with connect(process) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 40_000 + b"\r\n\r\n")
        assert read_status(connection) == 200


def test_body_in_small_chunks_is_read_to_its_limit(process: Process) -> None:
    with connect(process) as connection:
        connection.sendall(CHUNKED)
        for _ in range(20_000):
            connection.sendall(b"A\r\n          \r\n")
        connection.sendall(b"0\r\n\r\n")
        assert read_status(connection) == 400  # spaces are no JSON


def send_body(process: Process, body: bytes, kind: str, *, missing: int = 0) -> socket.socket:
    connection = connect(process)
    connection.sendall(
        b"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: %b\r\n"
        b"Content-Length: %d\r\n\r\n" % (kind.encode(), len(body) + missing)
    )
    with contextlib.suppress(ConnectionError):
        connection.sendall(body)
    return connection


MANY_TEXTS = b"[" + b'"ab",' * 6_000_000 + b'"ab"]'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\n" * 32_000_000, "application/x-ndjson"),
        (b"x\n" * 16_000_000, "application/x-ndjson"),
        (MANY_TEXTS, "application/json"),
        (b"[" * 32_000_000, "application/json"),
    ],
    ids=["newlines", "lines", "texts", "brackets"],
)
def test_large_body_costs_little_memory_and_time(process: Process, body: bytes, kind: str) -> None:
    before = reset_peak_memory(process)
    with send_body(process, body, kind) as connection:
        assert read_status(connection) == 400
    assert peak_memory(process) - before < 200 * 1024 * 1024


def test_large_bodies_share_one_budget(process: Process) -> None:
    before = reset_peak_memory(process)
    body = b"[" + b" " * 31_000_000
    with contextlib.ExitStack() as opened:
        statuses = []
        for _ in range(8):
            connection = send_body(process, body, "application/json", missing=1)
            opened.enter_context(connection).settimeout(0.3)
            with contextlib.suppress(TimeoutError):
                statuses.append(read_status(connection))
        # Four fit in the memory for bodies. A refused client may see its connection reset first.
        assert len(statuses) == 4
        assert set(statuses) <= {503, 0}
        assert get(process, "/readyz") == 200
    assert peak_memory(process) - before < 300 * 1024 * 1024


def reset_peak_memory(process: Process) -> int:
    """Makes the server's memory now the largest that it has had, and returns it in bytes."""
    Path(f"/proc/{process.popen.pid}/clear_refs").write_text("5")
    return peak_memory(process)


def peak_memory(process: Process) -> int:
    """Returns the largest memory that the server has had, in bytes."""
    status = Path(f"/proc/{process.popen.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
