"""The real server: uvicorn in a separate process, on a free port of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import random
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.process import Process, serving, starting
from tests.api.site import NOW, PASSPHRASE, make_home
from tests.ledger.bench import LOG
from tests.world import LINE_IN, ORIGIN, World
from traceledger.formats.access_token import sign_access
from traceledger.formats.receipt import open_receipt
from traceledger.ledger.keeping.home import Home

API = "/api/v1"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def folder(tmp_path: Path, world: World) -> Path:
    make_home(tmp_path / "ledger", world)
    return tmp_path / "ledger"


@pytest.fixture
def process(folder: Path) -> Iterator[Process]:
    with serving(folder) as process:
        yield process


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """One server for all tests that try to break it, so each finds the damage of those before."""
    folder = tmp_path_factory.mktemp("lasting") / "ledger"
    make_home(folder, World())
    with serving(folder) as process:
        yield process


def imports(world: World, count: int, start: int = 0) -> list[bytes]:
    return [
        world.sign("import", f"8004/9521234S{number:06}", refs=(("declaration", LINE_IN),))
        for number in range(start, start + count)
    ]


def token(world: World, by: str) -> str:
    actor = world.actors[by]
    return sign_access(
        actor.signer,
        origin=ORIGIN,
        issuer=actor.iss,
        authority=actor.auth,
        now=int(time.time()),
        nonce=bytes(16),
    ).decode()


async def post_all(
    process: Process, wires: list[bytes], *, clients: int
) -> list[tuple[bytes, httpx.Response | None]]:
    """Posts each event in a separate request, from many clients at once."""
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(base_url=process.address, limits=limits, timeout=60) as client:

        async def post(wire: bytes) -> tuple[bytes, httpx.Response | None]:
            try:
                answer = await client.post(f"{API}/events", json=[wire.decode()])
            except httpx.HTTPError:
                return wire, None
            return wire, answer

        return await asyncio.gather(*(post(wire) for wire in wires))


def figure(process: Process, name: str) -> float:
    connection = process.connect()
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith(f"{name} ")))


def test_hundreds_of_clients_share_commits(process: Process, world: World) -> None:
    waiting, places = imports(world, 400), set[int]()
    while waiting:  # the test's time limit ends this
        answers = asyncio.run(post_all(process, waiting, clients=200))
        waiting = []
        for wire, answer in answers:
            if answer is not None and answer.status_code == 200:
                places.add(answer.json()["events"][0]["index"])
            else:
                # On a busy machine the test itself sends too slowly, and repeats as clients do.
                assert answer is None or answer.json()["code"] in {"request.slow", "server.busy"}
                waiting.append(wire)
    assert len(places) == 400
    assert figure(process, "traceledger_events_total") == 400
    # How many share a commit depends on the machine: faster commits leave fewer requests waiting.
    assert figure(process, "traceledger_transactions_total") < 400


def test_term_finishes_what_was_accepted(process: Process, folder: Path, world: World) -> None:
    wires = imports(world, 300)

    async def run() -> list[tuple[bytes, httpx.Response | None]]:
        # Await an answer first, so the server is at work when it receives the signal.
        first = await post_all(process, wires[:1], clients=1)
        posting = asyncio.ensure_future(post_all(process, wires[1:], clients=50))
        await asyncio.sleep(0.15)
        process.popen.send_signal(signal.SIGTERM)
        return first + await posting

    answers = asyncio.run(run())
    assert process.popen.wait(60) == 0
    written = check_ledger(folder, answers)
    assert written
    with contextlib.closing(Home.open(folder).read(lambda: float(NOW))) as ledger:
        assert ledger.published_size == ledger.size  # everything is published


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_during_startup_ends_the_server(folder: Path, number: int) -> None:
    """A server that missed the signal would run until it is killed."""
    for delay in (0.0, 0.05, 0.2, 0.4):
        with starting(folder) as process:
            time.sleep(delay)
            assert process.stop(number) in {0, -number, 128 + number}


@pytest.mark.parametrize("seed", range(3))
def test_kill_during_load_loses_nothing_acknowledged(folder: Path, world: World, seed: int) -> None:
    wires = imports(world, 400)
    delay = random.Random(seed).uniform(0.05, 0.4)
    with serving(folder) as process:

        async def run() -> list[tuple[bytes, httpx.Response | None]]:
            posting = asyncio.ensure_future(post_all(process, wires, clients=40))
            await asyncio.sleep(delay)
            process.popen.kill()
            return await posting

        answers = asyncio.run(run())
    check_ledger(folder, answers)
    with serving(
        folder
    ) as process:  # the restarted server gives the same answer for written events
        again = asyncio.run(post_all(process, wires, clients=40))
    assert all(one is not None and one.status_code == 200 for _, one in again)
    check_ledger(folder, [*answers, *again])


def check_ledger(folder: Path, answers: list[tuple[bytes, httpx.Response | None]]) -> int:
    """Compares every acknowledged event and its receipt with the log."""
    acknowledged = 0
    with contextlib.closing(Home.open(folder).write(lambda: float(NOW), PASSPHRASE)) as ledger:
        for wire, answer in answers:
            if answer is None or answer.status_code != 200:
                continue
            acknowledged += 1
            receipt = open_receipt(answer.json()["receipt"].encode(), ORIGIN, [LOG.verifier])
            (leaf,) = receipt.leaves
            (entry,) = ledger.read_entries(leaf.index, leaf.index + 1)
            assert entry.leaf == leaf.hash
            assert entry.body == wire.split(b"~")[0]
        ledger.publish()
    with contextlib.closing(Home.open(folder).open_store()) as store:
        assert not store.check()
    return acknowledged


def read_stream(
    process: Process, bearer: str, wanted: int, **headers: str
) -> list[tuple[int, str, Any]]:
    """Reads that many messages of the stream: id, event, data."""
    found: list[tuple[int, str, Any]] = []
    with contextlib.closing(process.connect()) as connection:
        query = headers.pop("query", "")
        given = {"Authorization": f"Bearer {bearer}", **headers}
        connection.request("GET", f"{API}/stream{query}", headers=given)
        answer = connection.getresponse()
        assert answer.status == 200
        message: dict[str, str] = {}
        while len(found) < wanted:
            line = answer.readline().decode().rstrip("\n")
            if line:
                name, _, value = line.partition(": ")
                message[name] = value
            elif "data" in message:
                found.append((int(message["id"]), message["event"], json.loads(message["data"])))
                message = {}
    return found


def test_stream_resumes_by_index(process: Process, world: World) -> None:
    size = len(world.wires)
    start = read_stream(process, token(world, "customs"), size + 1, query="?after=-1")
    assert [index for index, _, _ in start] == list(range(size + 1))
    assert [kind for _, kind, _ in start] == ["event"] * size + ["checkpoint"]
    last = start[-1][0]
    asyncio.run(post_all(process, imports(world, 5), clients=1))
    headers = {"Last-Event-ID": str(last)}
    more = read_stream(process, token(world, "customs"), 6, **headers)
    assert [index for index, kind, _ in more if kind == "event"][:1] == [last + 1]
    assert [index for index, _, _ in more] == sorted({index for index, _, _ in more})
    events = [data for _, kind, data in more if kind == "event"]
    assert all("unit_value" in one["data"] for one in events if one["kind"] == "import")


def test_stream_ends_when_the_server_does(process: Process, world: World) -> None:
    with contextlib.closing(process.connect()) as connection:
        bearer = {"Authorization": f"Bearer {token(world, 'customs')}"}
        connection.request("GET", f"{API}/stream", headers=bearer)
        answer = connection.getresponse()
        assert answer.readline() == b": welcome\n"
        assert process.stop() == 0
        answer.read()


def raw(process: Process, data: bytes) -> bytes:
    host, _, port = process.host.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(data)
        found = b""
        while chunk := connection.recv(65536):
            found += chunk
    return found


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (b"/tile/../checkpoint", 404),
        (b"/tile/0/../../checkpoint", 404),
        (b"/tile/%2e%2e/checkpoint", 404),
        (b"/../../../../etc/passwd", 404),
        (b"/api/v1/items/../../etc/passwd", 404),
        (b"/01/../8004/x", 400),
        (b"//01/09521234543213/21/A", 404),
        (b"/01/09521234543213/21/A%2f..%2f..", 404),
        (b"/" + b"a" * 20_000, 404),
        (b"/%ff%fe", 404),
    ],
)
def test_path_traversal_reaches_no_file(lasting: Process, path: bytes, status: int) -> None:
    answer = raw(lasting, b"GET %b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path)
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer[:200]
    assert b"root:" not in answer


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nA" + b"a" * 200_000 + b": b\r\n\r\n",
        b"NONSENSE\r\n\r\n",
    ],
)
def test_malformed_http_is_refused_and_the_server_stays_up(
    lasting: Process, request_: bytes
) -> None:
    with contextlib.suppress(ConnectionError, TimeoutError):
        assert b" 200 " not in raw(lasting, request_).split(b"\r\n")[0]
    assert figure(lasting, "traceledger_healthy") == 1


def test_slow_clients_are_disconnected_and_delay_no_others(folder: Path, world: World) -> None:
    with serving(folder) as process:
        host, _, port = process.host.rpartition(":")
        slow = [socket.create_connection((host, int(port))) for _ in range(100)]
        for number, connection in enumerate(slow):
            connection.sendall(b"GET /healthz HT" if number % 2 else b"")
        answers = asyncio.run(post_all(process, imports(world, 20), clients=5))
        assert all(one is not None and one.status_code == 200 for _, one in answers)
        for connection in slow:
            connection.settimeout(30)
            assert connection.recv(100) == b""  # the server closed it
            connection.close()


def test_endless_chunked_body_is_refused_at_the_limit(lasting: Process) -> None:
    connection = lasting.connect()
    connection.putrequest("POST", f"{API}/heads")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    with contextlib.suppress(ConnectionError, BrokenPipeError):
        for _ in range(40):
            connection.send(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
    with contextlib.suppress(ConnectionError, http.client.HTTPException):
        assert connection.getresponse().status == 413
    connection.close()
    assert figure(lasting, "traceledger_healthy") == 1


def test_every_log_line_is_json(process: Process, world: World) -> None:
    asyncio.run(post_all(process, imports(world, 2), clients=1))
    assert process.stop() == 0
    lines = process.lines()
    requests = [line for line in lines if line["event"] == "request" and line["method"] == "POST"]
    assert [line["status"] for line in requests] == [200, 200]
    assert len({line["request_id"] for line in requests}) == 2
    assert all(line.keys() >= {"time", "level", "event"} for line in lines)


def test_only_one_server_writes_to_a_ledger(process: Process, folder: Path) -> None:
    with pytest.raises(AssertionError, match=r"store\.busy|another process"), serving(folder):
        pass
    assert figure(process, "traceledger_healthy") == 1


def test_http_11_connections_are_kept_alive(lasting: Process) -> None:
    with contextlib.closing(lasting.connect()) as connection:
        for _ in range(3):
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            assert (answer.status, answer.version, answer.read()) == (200, 11, b"ok\n")
