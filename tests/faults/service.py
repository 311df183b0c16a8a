"""A ledger that serves several clients from one process, to be killed at any moment.

The clients live in the process of the test: each sends requests over a socket, one after the other,
and a request whose answer did not come is sent again, to the next process.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from multiprocessing.connection import Client, Connection, Listener, wait
from pathlib import Path
from typing import Any

import msgspec

from tests.faults.workload import PASSPHRASE, Plant
from tests.ledger.bench import clock, import_drafts
from tests.world import LINE_IN, ORIGIN, START, World
from traceledger.events.disclosure import split_wire
from traceledger.events.draft import Draft, DraftRef, Place, sign_draft
from traceledger.events.token import parse_token
from traceledger.ledger.keeping.home import Home

__all__ = ["Service", "SocketStation", "Station"]

_EACH = 5  # requests between two checkpoints
_PATIENCE = 20.0  # seconds until a process must listen


class Service:
    """A plant whose ledger is served by a process that can be killed and started again.

    A helper that has everything loaded forks that process, so that a start takes no time.
    """

    def __init__(self, folder: Path) -> None:
        self.plant = Plant(folder)
        self.plant.found()
        self.address = str(folder / "socket")
        self._helper = subprocess.Popen(
            [sys.executable, __file__, self.plant.home.path, self.address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._process = 0

    def start(self, *, wait: bool = True) -> None:
        """Starts a process; with `wait` until it listens."""
        Path(self.address).unlink(missing_ok=True)
        self._process = self._ask("start")
        end = time.monotonic() + _PATIENCE
        while wait and not Path(self.address).exists():
            if time.monotonic() > end:
                raise AssertionError("it does not listen")
            time.sleep(0.001)

    def kill(self) -> None:
        """Kills the process and waits for its end."""
        os.kill(self._process, signal.SIGKILL)
        if self._ask("reap") != -signal.SIGKILL:
            raise AssertionError("it ended before it was killed")

    def close(self) -> None:
        """Ends the helper."""
        with self._helper as helper:
            helper.kill()

    def _ask(self, what: str) -> int:
        if self._helper.stdin is None or self._helper.stdout is None:
            raise AssertionError("both were asked for")
        print(what, file=self._helper.stdin, flush=True)
        return int(self._helper.stdout.readline())


class Station(threading.Thread, ABC):
    """A client: it imports cores, receives some of them, and keeps every answer.

    A request whose answer did not come is sent again; `ask` decides where.
    """

    def __init__(self, world: World, number: int) -> None:
        super().__init__(daemon=True)
        self.requests: list[list[bytes]] = []
        self.receipts: list[bytes] = []
        self.notes: list[bytes] = []
        self.lost = 0  # answers that did not come
        self._world = world
        self._chance = random.Random(number)
        self._first = number * 100_000
        self._sent: list[tuple[str, str]] = []
        self._done = threading.Event()

    @abstractmethod
    def ask(self, wires: list[bytes]) -> tuple[bytes, bytes]:
        """Sends a request once and returns its receipt and a checkpoint.

        Raises OSError or EOFError if no answer came.
        """

    def finish(self) -> None:
        """Ends after the answer to the request that is under way."""
        self._done.set()
        self.join()

    def run(self) -> None:
        while not self._done.is_set():
            wires = self._next_request()
            self.requests.append(wires)
            while len(self.receipts) < len(self.requests):
                try:
                    receipt, note = self.ask(wires)
                except (OSError, EOFError):
                    time.sleep(0.005)
                else:
                    self.notes.append(note)
                    self.receipts.append(receipt)

    def _next_request(self) -> list[bytes]:
        """Imports of new cores, and the receipt of those that were sent last."""
        wires = []
        received = [
            (Draft(kind="receive", item=item, data=_RECEIVED), "operator", 1, event)
            for item, event in self._sent
        ]
        self._sent = []
        declaration = DraftRef("declaration", LINE_IN, _first_event(self._world, LINE_IN))
        for draft in import_drafts(self._chance.randrange(1, 5), first=self._first):
            self._first += 1
            draft = msgspec.structs.replace(draft, refs=(declaration,))  # noqa: PLW2901 - completed
            wire = self._sign(draft, "importer", 0, self._world.events[0].id)
            self._sent.append((draft.item, parse_token(split_wire(wire)[0]).id))
            wires.append(wire)
        return [self._sign(*one) for one in received] + wires

    def _sign(self, draft: Draft, by: str, seq: int, prev: str) -> bytes:
        actor = self._world.actors[by]
        place = Place(aud=ORIGIN, iss=actor.iss, auth=actor.auth, seq=seq, prev=prev, iat=START)
        return sign_draft(draft, place, actor.signer, self._chance.randbytes)


class SocketStation(Station):
    """A client of a `Service`."""

    def __init__(self, service: Service, number: int) -> None:
        super().__init__(service.plant.world, number)
        self._address = service.address
        self._connection: Connection | None = None

    def ask(self, wires: list[bytes]) -> tuple[bytes, bytes]:
        connected = self._connection is not None
        try:
            self._connection = self._connection or Client(self._address, family="AF_UNIX")
            connected = True
            self._connection.send_bytes(msgspec.msgpack.encode(wires))
            receipt, note = msgspec.msgpack.decode(self._connection.recv_bytes())
        except (OSError, EOFError):
            self._connection = None
            self.lost += connected
            raise
        return receipt, note


_RECEIVED: dict[str, Any] = {"result": "ok", "condition": "as removed"}


def _first_event(world: World, item: str) -> str:
    return next(event.id for event in world.events if event.payload.sub == item)


def _serve(path: Path, address: str) -> None:
    """Answers requests until it is killed; publishes now and then."""
    home = Home.open(path)
    ledger = home.write(clock, PASSPHRASE)
    note = home.publish(ledger)
    listener = Listener(address, family="AF_UNIX", backlog=64)
    # The listener's socket is not public, but it has a descriptor that can be waited for.
    door = listener._listener._socket  # type: ignore[attr-defined]  # as said above
    clients: list[Connection] = []
    served = 0
    while True:
        for ready in wait([door, *clients]):
            if not isinstance(ready, Connection):
                clients.append(listener.accept())
                continue
            try:
                wires = msgspec.msgpack.decode(ready.recv_bytes(), type=list[bytes])
            except (EOFError, OSError):
                clients.remove(ready)
                continue
            receipt = ledger.append(wires).receipt
            served += 1
            if served % _EACH == 0:
                note = home.publish(ledger)
            with contextlib.suppress(OSError):
                ready.send_bytes(msgspec.msgpack.encode((receipt, note)))


def _help(path: Path, address: str) -> None:
    """Starts a process for each line `start`, and waits for its end for each line `reap`."""
    child = 0
    for line in sys.stdin:
        if line == "start\n":
            child = os.fork()
            if child == 0:
                try:
                    _serve(path, address)
                finally:
                    os._exit(1)
            answer = child
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(answer, flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    _help(Path(sys.argv[1]), sys.argv[2])
