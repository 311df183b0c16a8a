"""Signature checks in parallel with the ledger's other work.

Threads do not help: a check is so short that contention for the interpreter lock dominates. The
signatures of a large request are checked in worker processes
(`traceledger.ledger.writing.signature_worker`) while this process parses and folds; those of a
small request are checked here. A failed worker costs time but no check: its unanswered checks are
repeated here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import IO, NamedTuple

import msgspec

from traceledger.errors import TraceledgerError
from traceledger.events.keys import Jwk, PublicKey
from traceledger.events.token import Event, check_signature
from traceledger.files.system import count_cores
from traceledger.ledger.writing.signature_worker import (
    ALL_TRUE,
    CheckRequest,
    read_message,
    write_message,
)

__all__ = ["Failure", "SignatureChecks"]

_CHUNK = 32
_MANY = 256  # events in a request that justify starting workers
_MOST_WORKERS = 4  # a single ledger cannot keep more busy
_PIPE = 1 << 20  # bytes of requests that may wait for a worker


class Failure(NamedTuple):
    """A failed check: the event's place in its request, and the error."""

    number: int
    error: TraceledgerError


class _Check(NamedTuple):
    number: int
    event: Event
    key: PublicKey


class _Worker(NamedTuple):
    process: subprocess.Popen[bytes]
    requests: IO[bytes]
    answers: IO[bytes]


class SignatureChecks:
    """The signature checks of consecutive requests: `begin`, `add` each event, `finish`."""

    def __init__(self, workers: int | None = None) -> None:
        """Starts no process yet; `workers` is their maximum number, 0 or 1 for none."""
        self._most = min(count_cores(), _MOST_WORKERS) if workers is None else workers
        self._workers: list[_Worker] = []
        self._next: Iterable[_Worker] = ()
        self._here: list[_Check] = []
        self._chunk: list[_Check] = []
        self._sent: deque[tuple[_Worker, Sequence[_Check]]] = deque()

    def begin(self, events: int) -> None:
        """Prepares for a request of that many events and discards unfinished checks."""
        while self._sent:
            self._receive()
        self._here, self._chunk = [], []
        if events >= _MANY and self._most > 1 and not self._workers:
            self._workers = [_start_worker() for _ in range(self._most)]
            self._next = cycle(self._workers)

    def add(self, number: int, event: Event, key: PublicKey) -> None:
        """Adds a check; `number` is the event's place in its request."""
        check = _Check(number, event, key)
        if not self._workers or event.kid != key.kid or event.algorithm not in key.algorithms:
            self._here.append(check)  # a worker sees only keys, bytes and signatures
            return
        self._chunk.append(check)
        if len(self._chunk) == _CHUNK:
            self._send()

    def finish(self) -> Failure | None:
        """Waits for all checks; returns the first failure by number, or None."""
        found = [_check_here(self._here), _check_here(self._chunk)]
        while self._sent:
            found.append(self._receive())
        failures = [failure for failure in found if failure]
        return min(failures, default=None, key=lambda failure: failure.number)

    def close(self) -> None:
        """Stops the workers."""
        for worker in self._workers:
            with worker.process:
                worker.process.kill()  # a worker has no state
        self._workers = []

    def _send(self) -> None:
        chunk, self._chunk = self._chunk, []
        worker = next(iter(self._next))
        keys: dict[Jwk, int] = {}
        signatures = [
            (keys.setdefault(key.jwk, len(keys)), event.signed, event.signature)
            for _, event, key in chunk
        ]
        request = msgspec.msgpack.encode(CheckRequest(list(keys), signatures))
        try:
            write_message(worker.requests, request)
        except OSError:
            self._here += chunk
        else:
            self._sent.append((worker, chunk))

    def _receive(self) -> Failure | None:
        worker, chunk = self._sent.popleft()
        try:
            first = msgspec.msgpack.decode(read_message(worker.answers), type=int)
        except (OSError, msgspec.DecodeError):
            first = 0
        return None if first == ALL_TRUE else _check_here(chunk[first:])


def _start_worker() -> _Worker:
    # The worker finds the modules where this process does, and none in the working directory (-P).
    places = os.pathsep.join(place for place in sys.path if place)
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "traceledger.ledger.writing.signature_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pipesize=_PIPE,
        env=os.environ | {"PYTHONPATH": places},
    )
    if process.stdin is None or process.stdout is None:
        raise AssertionError("Popen was called with pipes for both")
    return _Worker(process, process.stdin, process.stdout)


def _check_here(checks: Sequence[_Check]) -> Failure | None:
    for number, event, key in checks:
        try:
            check_signature(event, key)
        except TraceledgerError as error:
            return Failure(number, error)
    return None
