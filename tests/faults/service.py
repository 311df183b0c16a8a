"""A ledger that serves several clients from one process, to be killed at any moment.

The clients live in the process of the test: each sends requests over a socket, one after the other,
and a request whose answer did not come is sent again, to the next process.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import random
import threading
import time
from multiprocessing.connection import Client, Connection, Listener, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import msgspec

from tests.faults.workload import PASSPHRASE, Plant
from tests.ledger.bench import clock, import_drafts
from tests.world import LINE_IN, ORIGIN, START, World
from traceledger.events.disclosure import split_wire
from traceledger.events.draft import Draft, DraftRef, Place, sign_draft
from traceledger.events.token import parse_token
from traceledger.ledger.home import Home

__all__ = ["Service", "Station"]

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.faults.service"])
_EACH = 5  # requests between two checkpoints


class Service:
    """A plant whose ledger is served by a process that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.plant = Plant(folder)
        self.plant.found()
        self.address = str(folder / "socket")
        self._process: ForkServerProcess | None = None

    def start(self, *, wait: bool = True) -> None:
        """Starts a process; with `wait` until it listens."""
        Path(self.address).unlink(missing_ok=True)
        process = _CONTEXT.Process(target=_serve, args=(self.plant.home.path, self.address))
        process.start()
        self._process = process
        while wait and not Path(self.address).exists():
            if not process.is_alive():
                raise AssertionError(f"the service ended with {process.exitcode}")
            time.sleep(0.001)

    def kill(self) -> None:
        """Kills the process and waits for its end."""
        if self._process is None:
            raise AssertionError("nothing runs")
        self._process.kill()
        self._process.join()
        self._process.close()
        self._process = None


class Station(threading.Thread):
    """A client: it imports cores, receives some of them, and keeps every answer."""

    def __init__(self, service: Service, number: int) -> None:
        super().__init__()
        self.requests: list[list[bytes]] = []
        self.receipts: list[bytes] = []
        self.notes: list[bytes] = []
        self.lost = 0  # answers that did not come
        self._address = service.address
        self._world = service.plant.world
        self._chance = random.Random(number)
        self._first = number * 100_000
        self._sent: list[tuple[str, str]] = []
        self._done = threading.Event()

    def finish(self) -> None:
        """Ends after the answer to the request that is under way."""
        self._done.set()
        self.join()

    def run(self) -> None:
        connection: Connection | None = None
        while not self._done.is_set():
            wires = self._next_request()
            self.requests.append(wires)
            while True:
                try:
                    connection = connection or Client(self._address, family="AF_UNIX")
                    connection.send_bytes(msgspec.msgpack.encode(wires))
                    receipt, note = msgspec.msgpack.decode(connection.recv_bytes())
                    break
                except (OSError, EOFError):
                    self.lost += connection is not None
                    connection = None
                    time.sleep(0.005)
            self.receipts.append(receipt)
            self.notes.append(note)
        if connection is not None:
            connection.close()

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
    door = listener._listener._socket  # type: ignore[attr-defined]
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
