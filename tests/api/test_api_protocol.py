from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from traceledger_api.protocol import JoiningTransport


class Counted(asyncio.Transport):
    """A real transport, of which the writes are counted."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self.writes = 0
        self._transport = transport

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes += 1
        self._transport.write(data)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._transport.close()


async def receive(respond: Callable[[asyncio.Transport], None]) -> tuple[bytes, int]:
    """Returns what a client receives until the end, and in how many writes it was sent."""
    ours, theirs = socket.socketpair()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
    counted = Counted(transport)
    reader, writer = await asyncio.open_connection(sock=theirs)
    respond(JoiningTransport(counted, loop))
    await asyncio.sleep(0)
    transport.close()
    received = await reader.read()
    writer.close()
    return received, counted.writes


@pytest.mark.parametrize(
    ("parts", "writes"),
    [([b"head"], 1), ([b"head", b""], 1), ([b"head", b"body"], 1), ([b"head", b"a", b"b"], 2)],
)
def test_headers_are_sent_with_the_body_and_without_one(parts: list[bytes], writes: int) -> None:
    def respond(transport: asyncio.Transport) -> None:
        for part in parts:
            transport.write(part)

    assert asyncio.run(receive(respond)) == (b"".join(parts), writes)


def test_closing_sends_waiting_headers() -> None:
    def respond(transport: asyncio.Transport) -> None:
        transport.write(b"head")
        transport.close()

    assert asyncio.run(receive(respond)) == (b"head", 1)
