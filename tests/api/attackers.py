"""Strangers who try to stop the server, from an address of their own on this machine."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from tests.api.process import Process

__all__ = ["connect", "half_a_request", "read_status", "slow_bodies"]

STRANGER = "127.0.0.2"


def connect(process: Process, address: str = STRANGER) -> socket.socket:
    """Connects to the server from an address of this machine."""
    host, _, port = process.host.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=30, source_address=(address, 0))


def half_a_request(length: int = 100, path: str = "/api/v1/events") -> bytes:
    """Returns the headers of a request with a body, and the first byte of that body."""
    return (
        b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n[" % (path.encode(), length)
    )


def read_status(connection: socket.socket) -> int:
    """Reads the status of a response, 0 if the connection closes without one."""
    with contextlib.suppress(ConnectionError):
        line = connection.makefile("rb").readline()
        return int(line.split()[1]) if line else 0
    return 0


@contextlib.contextmanager
def slow_bodies(process: Process, count: int) -> Iterator[list[socket.socket]]:
    """Holds that many requests whose bodies never arrive."""
    with contextlib.ExitStack() as opened:
        connections = [opened.enter_context(connect(process)) for _ in range(count)]
        for connection in connections:
            connection.sendall(half_a_request())
        yield connections
