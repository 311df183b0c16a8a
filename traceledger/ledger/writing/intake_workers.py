"""Reading the events of a large request in worker processes.

Threads do not help: each step is so short that contention for the interpreter lock dominates. The
workers (`traceledger.ledger.writing.intake_worker`) parse events and check their signatures while
this process folds and writes earlier ones. They only vouch for events: what did not pass in a
worker, or was sent to one that failed, is read again here, where errors are raised.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from typing import IO, NamedTuple

import msgspec

from traceledger.errors import TraceledgerError, UsageError
from traceledger.events.disclosure import MAX_WIRE
from traceledger.events.keys import Jwk
from traceledger.events.token import read_kid
from traceledger.files.system import count_cores
from traceledger.ledger.writing.intake import Received, read_wire
from traceledger.ledger.writing.intake_worker import (
    IntakeRequest,
    PackedReceived,
    decode_answer,
    read_message,
    unpack_received,
    write_message,
)
from traceledger.views.appended import MAX_EVENTS

__all__ = ["MANY", "IntakeWorkers"]

MANY = 256
"""The number of events in a request from which worker processes read them."""

_CHUNK = 64  # events in a message
_CHUNK_SIZE = MAX_WIRE  # bytes of the events in a message
_PIPE = 1 << 20  # bytes that a pipe to a worker holds, where the system allows
# Messages to a worker that it has not answered. They fit into the pipe, so sending never waits for
# a worker that itself waits until its answer is read.
_AHEAD = 4 if sys.platform == "linux" else 1
_MOST_WORKERS = 4  # a single ledger cannot keep more busy

FindKey = Callable[[str], Jwk | None]
"""Finds a key of the ledger by its kid."""


class _Worker(NamedTuple):
    process: subprocess.Popen[bytes]
    requests: IO[bytes]
    answers: IO[bytes]


class _Sent(NamedTuple):
    """Events without an answer yet; without a worker if they could not be sent to one."""

    wires: Sequence[bytes]
    worker: _Worker | None


class IntakeWorkers:
    """Reads requests one after another; has one owner at a time."""

    def __init__(self, workers: int | None = None) -> None:
        """Starts no process yet; `workers` is their maximum number, 0 or 1 for none."""
        self._most = min(count_cores(), _MOST_WORKERS) if workers is None else workers
        self._workers: list[_Worker] = []
        self._sent: deque[_Sent] = deque()

    def read(
        self, wires: Sequence[bytes], now: float, find_key: FindKey, *, warn: bool = False
    ) -> Iterator[list[Received]]:
        """Yields the events of a request in order, a few at a time; see `read_wire`.

        A worker also checks the signature if `find_key` finds the key; other events are not
        `checked`. Raises UsageError `append.count`, and the errors of `read_wire`, which name the
        first malformed event.
        """
        if not 1 <= len(wires) <= MAX_EVENTS:
            raise UsageError(
                "append.count", f"{len(wires)} events given, 1 to {MAX_EVENTS} allowed"
            )
        if len(wires) < MANY or self._most < 2:
            yield [_read_here(wire, at, now, warn=warn) for at, wire in enumerate(wires, 1)]
            return
        self._prepare()
        number = 1
        for chunk, answer in self._exchange(wires, now, find_key, warn=warn):
            yield [
                unpack_received(packed, wire, at)
                if packed
                else _read_here(wire, at, now, warn=warn)
                for at, (wire, packed) in enumerate(zip(chunk, answer, strict=True), number)
            ]
            number += len(chunk)

    def close(self) -> None:
        """Stops the workers."""
        for worker in self._workers:
            with worker.process:
                worker.process.kill()  # a worker has no state
        self._workers = []

    def _prepare(self) -> None:
        """Starts the workers, again if one ended; discards answers to a request given up."""
        while self._sent:
            self._receive()
        if any(worker.process.poll() is not None for worker in self._workers):
            self.close()
        if not self._workers:
            self._workers = [_start_worker() for _ in range(self._most)]

    def _exchange(
        self, wires: Sequence[bytes], now: float, find_key: FindKey, *, warn: bool
    ) -> Iterator[tuple[Sequence[bytes], _Answer]]:
        workers = cycle(self._workers)
        for chunk in _split(wires):
            full = len(self._sent) == _AHEAD * len(self._workers)
            answered = [self._receive()] if full else []
            # A plant has few keys: their headers repeat byte for byte.
            headers = {wire[: wire.find(b".") + 1] for wire in chunk}
            kids = {kid for header in headers if (kid := read_kid(header)) is not None}
            keys = {kid: key for kid in kids if (key := find_key(kid)) is not None}
            self._send(next(workers), IntakeRequest(now, warn, keys, chunk))
            yield from answered
        while self._sent:
            yield self._receive()

    def _send(self, worker: _Worker, request: IntakeRequest) -> None:
        fits = all(len(wire) <= MAX_WIRE for wire in request.wires)
        try:
            if fits:
                write_message(worker.requests, _encode(request))
        except OSError:
            fits = False
        self._sent.append(_Sent(request.wires, worker if fits else None))

    def _receive(self) -> tuple[Sequence[bytes], _Answer]:
        """Receives the next answer; of a worker that failed, one that vouches for nothing."""
        wires, worker = self._sent.popleft()
        if worker is not None:
            with contextlib.suppress(OSError, msgspec.DecodeError):
                return wires, decode_answer(read_message(worker.answers))
        return wires, [None] * len(wires)


_Answer = Sequence[PackedReceived | None]
_encode = msgspec.msgpack.Encoder().encode


def _split(wires: Sequence[bytes]) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    size = 0
    for wire in wires:
        size += len(wire)
        if len(chunk) == _CHUNK or (chunk and size > _CHUNK_SIZE):
            yield chunk
            chunk, size = [], len(wire)
        chunk.append(wire)
    yield chunk


def _read_here(wire: bytes, number: int, now: float, *, warn: bool) -> Received:
    try:
        return read_wire(wire, now, number=number, warn=warn)
    except TraceledgerError as error:
        raise error.at(f"event {number}") from error


def _start_worker() -> _Worker:
    # The worker finds the modules where this process does, and none in the working directory (-P).
    places = os.pathsep.join(place for place in sys.path if place)
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "traceledger.ledger.writing.intake_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pipesize=_PIPE,
        env=os.environ | {"PYTHONPATH": places},
    )
    if process.stdin is None or process.stdout is None:
        raise AssertionError("Popen was called with pipes for both")
    return _Worker(process, process.stdin, process.stdout)
