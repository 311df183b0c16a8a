"""What strangers do to stop a server, each as a function that runs for some seconds.

An attacker has an address of its own on this machine, so the limits for each address are its own.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["ATTACKS", "Target", "untrusting"]

ADDRESS = "127.0.0.2"
CONNECTIONS = 600  # more than the server has slots
STREAMS = 24  # clients that send large bodies
LARGE = 31_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """The server or its proxy, what a stranger knows of it, and for how long to attack it."""

    port: int
    unit: str
    tokens: Sequence[bytes]
    seconds: float
    tls: bool = False


def slow_bodies(target: Target) -> None:
    """Requests that each send one byte of a body, renewed as they are ended."""
    hold(target, post_head(100) + b"[")


def slow_heads(target: Target) -> None:
    """Requests that send a part of their headers, renewed as they are ended."""
    hold(target, b"GET /healthz HTT")


def unread_responses(target: Target) -> None:
    """Requests for a passport whose response is never read."""
    request = f"GET /api/v1/items/{target.unit}/passport HTTP/1.1\r\nHost: x\r\n\r\n"
    hold(target, request.encode() * 20)


def labels(target: Target) -> None:
    """Requests for the label that costs most."""
    path = f"/api/v1/items/{target.unit}/label?format=zpl&dpi=600&error_correction=H"
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()

    def send(connection: socket.socket) -> None:
        connection.sendall(request)
        while connection.recv(65_536):
            pass

    repeat(target, send, clients=STREAMS)


def endless_headers(target: Target) -> None:
    """Headers without an end."""

    def send(connection: socket.socket) -> None:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nA: ")
        while True:
            connection.sendall(b"a" * 65_536)

    repeat(target, send, clients=8)


def newlines(target: Target) -> None:
    """Bodies of blank lines."""
    post(target, b"\n" * LARGE, "application/x-ndjson")


def short_texts(target: Target) -> None:
    """Bodies of millions of short JSON texts."""
    post(target, b"[" + b'"ab",' * (LARGE // 5) + b'"ab"]', "application/json")


def large_bodies(target: Target) -> None:
    """Large bodies that lack their last byte."""

    def send(connection: socket.socket) -> None:
        connection.sendall(post_head(LARGE + 1) + b" " * LARGE)
        connection.recv(4096)

    repeat(target, send, clients=STREAMS)


def copies(target: Target) -> None:
    """Ten thousand copies of one public event in each request."""
    post(target, b"\n".join([target.tokens[-1]] * 10_000), _NDJSON)


def replays(target: Target) -> None:
    """Ten thousand public events in each request."""
    post(target, b"\n".join(target.tokens), _NDJSON)


def questions(target: Target) -> None:
    """Public events, then one without a valid signature, in each request."""
    first, last = target.tokens[0], target.tokens[-1]
    changed = last.replace(b".", b".A", 1)
    post(target, b"\n".join([*target.tokens[:500], first, changed]), _NDJSON)


ATTACKS: Mapping[str, Callable[[Target], None]] = {
    name.__name__.replace("_", " "): name
    for name in (
        slow_bodies,
        slow_heads,
        unread_responses,
        labels,
        endless_headers,
        newlines,
        short_texts,
        large_bodies,
        copies,
        replays,
        questions,
    )
}
_NDJSON = "application/x-ndjson"


def connect(target: Target) -> socket.socket:
    """Connects from the attacker's address."""
    connection = socket.create_connection(("127.0.0.1", target.port), 30, (ADDRESS, 0))
    return untrusting().wrap_socket(connection) if target.tls else connection


def untrusting() -> ssl.SSLContext:
    """Makes a context for TLS that checks no certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def post_head(length: int, kind: str = "application/json") -> bytes:
    """Formats the headers of a request to append."""
    return (
        f"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


def hold(target: Target, data: bytes) -> None:
    """Keeps as many connections open that have sent only this, and read nothing."""
    end = time.monotonic() + target.seconds
    held: list[socket.socket] = []
    while time.monotonic() < end:
        held = [connection for connection in held if not is_closed(connection)]
        for _ in range(min(60, CONNECTIONS - len(held))):
            connection = connect(target)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            connection.sendall(data)
            held.append(connection)
        time.sleep(0.2)


def is_closed(connection: socket.socket) -> bool:
    """Reports whether the server ended a connection, without reading from it."""
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as plain:  # below TLS
            return plain.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def post(target: Target, body: bytes, kind: str) -> None:
    """Posts a body from many clients, again and again."""

    def send(connection: socket.socket) -> None:
        connection.sendall(post_head(len(body), kind) + body)
        connection.recv(4096)

    repeat(target, send, clients=STREAMS)


def repeat(target: Target, send: Callable[[socket.socket], None], *, clients: int) -> None:
    """Has many clients connect and send until the time is over."""
    end = time.monotonic() + target.seconds

    def work() -> None:
        while time.monotonic() < end:
            with contextlib.suppress(OSError), connect(target) as connection:
                connection.settimeout(max(0.1, end - time.monotonic()))
                send(connection)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
