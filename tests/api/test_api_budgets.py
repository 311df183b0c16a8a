"""Budgets: slow clients and large bodies are bounded, and newcomers are never the ones refused."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api.site import Site, problem_of, running
from tests.world import World
from traceledger_api.asgi import Scope
from traceledger_api.budgets import BodyMemory, RequestSlots, SlowClients
from traceledger_api.limits import Limits


async def wait_for(slow: SlowClients, address: str, ended: list[str], name: str) -> None:
    try:
        async with slow.wait(address, 30):
            await asyncio.sleep(30)
    except TimeoutError:
        ended.append(name)


def aborted(names: list[str], *, each: int, total: int) -> list[str]:
    """Starts slow exchanges, named by address and number; returns those that are aborted."""

    async def run() -> list[str]:
        slow = SlowClients(grace=0, each=each, total=total)
        ended: list[str] = []
        tasks = []
        for name in names:
            tasks.append(asyncio.create_task(wait_for(slow, name[0], ended, name)))
            await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return ended

    return asyncio.run(run())


def test_oldest_slow_exchange_of_an_address_makes_room() -> None:
    assert aborted(["a1", "a2", "b1", "a3", "a4"], each=2, total=9) == ["a1", "a2"]


def test_address_with_the_most_slow_exchanges_makes_room_for_all() -> None:
    assert aborted(["a1", "b1", "b2", "b3", "c1", "d1"], each=9, total=4) == ["b1", "b2"]


def test_client_that_is_quick_enough_is_not_counted() -> None:
    async def run() -> None:
        slow = SlowClients(grace=5, each=1, total=1)
        async with slow.wait("a", 5), slow.wait("a", 5), slow.wait("a", 5):
            await asyncio.sleep(0.05)

    asyncio.run(run())


def test_client_is_not_slow_because_the_server_was_busy() -> None:
    """Defends against honest uploads that a pause of the server's own loop aborted."""

    async def run() -> None:
        slow = SlowClients(grace=0.2, each=0, total=0)
        loop = asyncio.get_running_loop()
        arrived = asyncio.Event()
        loop.call_soon(time.sleep, 0.5)
        loop.call_later(0.3, arrived.set)
        async with slow.wait("a", 30):
            await arrived.wait()

    asyncio.run(run())


def test_time_to_wait_is_bounded_without_competitors() -> None:
    async def run() -> None:
        async with SlowClients(grace=9, each=1, total=1).wait("a", 0.01):
            await asyncio.sleep(5)

    with pytest.raises(TimeoutError):
        asyncio.run(run())


def test_requests_of_one_address_leave_slots_for_the_others() -> None:
    """Defends against 500 connections that each send many requests and take every slot."""
    slots = RequestSlots(each=2, total=3)
    assert [slots.take(address) for address in "aaabb"] == [True, True, False, True, False]
    slots.release("a")
    assert [slots.take(address) for address in "bab"] == [True, False, False]


def test_body_memory_counts_large_bodies_and_is_returned() -> None:
    memory = BodyMemory(100, free=10)
    assert memory.resize(0, 60)
    assert memory.resize(0, 60)
    assert not memory.resize(0, 11)  # nothing is left,
    assert memory.resize(0, 10)  # but a small body needs nothing
    assert memory.resize(60, 0)
    assert memory.resize(0, 60)


@pytest.fixture
def tight(tmp_path: Path) -> Any:
    limits = Limits(rate=0, concurrency=1, body_memory=100_000)
    with running(tmp_path / "ledger", World(), limits=limits) as site:
        yield site


async def call(
    site: Site, path: str, send: Callable[[Any], Awaitable[None]], address: str = "192.0.2.1"
) -> None:
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [],
        "client": (address, 1),
        "server": ("x", 80),
    }
    await site.client.app(scope, asyncio.Event().wait, send)


def test_client_that_does_not_read_occupies_no_slot(tight: Site) -> None:
    async def run() -> None:
        started = asyncio.Event()

        async def never(_message: Any) -> None:
            started.set()
            await asyncio.sleep(60)

        reading = asyncio.create_task(call(tight, "/checkpoint", never))
        await started.wait()
        statuses: list[int] = []

        async def note(message: Any) -> None:
            statuses.extend([message["status"]] if "status" in message else [])

        await call(tight, "/checkpoint", note)
        assert statuses == [200]
        reading.cancel()

    tight.client.run(run())


def test_address_beyond_its_share_is_refused_alone(tmp_path: Path) -> None:
    """Defends against a stranger whose waiting requests made the server refuse everyone."""
    addresses = ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2")
    statuses: list[tuple[str, int]] = []

    async def get(site: Site, address: str) -> None:
        async def note(message: Any) -> None:
            if "status" in message:
                statuses.append((address, message["status"]))

        await call(site, "/checkpoint", note, address=address)

    async def run(site: Site) -> None:
        await asyncio.gather(*(get(site, address) for address in addresses))

    limits = Limits(rate=0, concurrency=4, each=2)
    with running(tmp_path / "ledger", World(), limits=limits) as site:
        site.client.run(run(site))
    assert sorted(statuses) == sorted(zip(addresses, (200, 200, 503, 200), strict=True))


def test_bodies_beyond_the_memory_for_them_are_refused_with_a_time_to_retry(tight: Site) -> None:
    answer = tight.send(b"[" + b" " * 200_000 + b"]")
    assert problem_of(answer) == (503, "server.busy")
    assert answer.headers["retry-after"] == "1"
    assert problem_of(tight.send(b"[" + b" " * 120_000 + b"]")) == (400, "append.count")
