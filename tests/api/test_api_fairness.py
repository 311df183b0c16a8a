"""Clients take turns for the threads of the server, however many requests one of them sends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

import pytest

from traceledger_api.fair_slots import CLIENT, FairSlots


def served(requests: Sequence[str], *, total: int, each: int) -> list[str]:
    """Sends requests, named by client and number, at once; returns them as they get a slot."""

    async def run() -> list[str]:
        slots = FairSlots(total, each=each)
        order: list[str] = []

        async def request(name: str) -> None:
            CLIENT.set(name[0])
            async with slots.hold():
                order.append(name)
                await asyncio.sleep(0.005)

        await asyncio.gather(*map(request, requests))
        return order

    return asyncio.run(run())


def test_client_waits_for_one_request_of_each_other_client() -> None:
    requests = [*(f"a{number}" for number in range(50)), "b0", "c0", "b1"]
    order = served(requests, total=1, each=1)
    assert order[:6] == ["a0", "a1", "b0", "c0", "a2", "b1"]
    assert len(order) == len(requests)


def test_client_never_holds_more_than_its_share() -> None:
    order = served(["a0", "a1", "a2", "a3", "b0", "b1", "b2"], total=4, each=2)
    assert order[:4] == ["a0", "a1", "b0", "b1"]


def test_request_that_is_given_up_leaves_no_gap() -> None:
    async def run() -> None:
        slots = FairSlots(1, each=1)

        async def request() -> None:
            async with slots.hold():
                await asyncio.sleep(0.01)

        tasks = [asyncio.create_task(request()) for _ in range(20)]
        await asyncio.sleep(0.005)
        for number in (0, 1, 2, 7, 19):
            tasks[number].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(1), slots.hold():
            pass

    asyncio.run(run())


def test_cancellation_that_meets_the_slot_returns_it() -> None:
    async def run() -> None:
        slots = FairSlots(1, each=1)
        async with contextlib.AsyncExitStack() as held:
            await held.enter_async_context(slots.hold())
            waiting = asyncio.create_task(_hold(slots))
            await asyncio.sleep(0)
        waiting.cancel()  # its turn came in the same step
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with asyncio.timeout(1), slots.hold():
            pass

    asyncio.run(run())


async def _hold(slots: FairSlots) -> None:
    async with slots.hold():
        await asyncio.sleep(5)
