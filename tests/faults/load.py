"""Clients of a ledger on several servers, and what its log must contain in the end."""

from __future__ import annotations

import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Self

import httpx

from tests.faults.members import AnyMember, Members, wait_for
from tests.faults.promises import check_ledger, opened
from tests.faults.service import Station
from tests.faults.test_faults_kills import check_once, said_by
from tests.faults.workload import PASSPHRASE
from tests.ledger.bench import clock
from tests.world import World, make_signer
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.keeping.rebuild import rebuild
from traceledger.merkle.proofs import check_consistency, prove_consistency
from traceledger.planning.keys import LOG_KEY

__all__ = ["LONGEST", "Load"]

_STATIONS = 6
_PAUSE = 0.2  # seconds between two requests of a client, so that the log stays small
LONGEST = 120  # seconds for an answer


class Client(Station):
    """A client that sends each request to any of the servers, until one of them answers."""

    def __init__(self, world: World, number: int, addresses: Sequence[str]) -> None:
        super().__init__(world, number)
        self.refusals: list[str] = []
        self._addresses = addresses
        self._http = httpx.Client(timeout=LONGEST)

    def ask(self, wires: list[bytes]) -> tuple[bytes, bytes]:
        address = self._chance.choice(self._addresses)
        time.sleep(_PAUSE)
        try:
            events = [wire.decode() for wire in wires]
            answer = self._http.post(f"{address}/api/v1/events", json=events)
        except httpx.TransportError as error:
            self.lost += not isinstance(error, httpx.ConnectError)
            raise ConnectionError(str(error)) from error
        if answer.is_server_error:
            self.lost += 1
            raise ConnectionError(answer.text)
        if not answer.is_success:
            self.refusals.append(answer.text)  # it is sent again all the same
            raise ConnectionError(answer.text)
        return answer.json()["receipt"].encode(), self._read_checkpoint(address)

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def _read_checkpoint(self, address: str) -> bytes:
        with contextlib.suppress(httpx.TransportError):
            answer = self._http.get(f"{address}/checkpoint")
            if answer.is_success:
                return answer.content
        return b""


class Load(ABC):
    """A new ledger and its clients. `home` is a folder of the ledger that no server uses."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.world = World()
        self.clients: list[Client] = []
        home.keys.add(LOG_KEY, make_signer("log"), PASSPHRASE)
        with contextlib.closing(home.write(clock, PASSPHRASE)) as ledger:
            ledger.append(self.world.wires)
            home.publish(ledger)

    @abstractmethod
    def logs(self) -> str:
        """The end of what each program logged."""

    def send_to(self, addresses: Sequence[str]) -> None:
        """Starts the clients."""
        numbers = range(1, _STATIONS + 1)
        self.clients = [Client(self.world, number, addresses) for number in numbers]
        for client in self.clients:
            client.start()

    def finish(self) -> None:
        """Waits for the answers to what was sent last, and ends the clients."""
        for client in self.clients:
            client.finish()
            client.close()
        assert [client.refusals for client in self.clients] == [[]] * len(self.clients)

    def check(self) -> tuple[tuple[int, bytes], int]:
        """Holds the log against what clients were answered.

        Returns its size and root, and the number of checkpoints that clients saw.
        """
        said = said_by([*self.clients])
        assert len(said.tried) == len(said.receipts)
        notes = {note for client in self.clients for note in client.notes if note}
        seen = sorted({opened(note) for note in notes}, key=lambda checkpoint: checkpoint.size)
        with contextlib.closing(self.home.write(clock, PASSPHRASE)) as ledger:
            self.home.publish(ledger)
            roots = check_ledger(self.home, said)
            check_once(ledger, said)
            assert [roots[one.size] for one in seen] == [one.root for one in seen]
            with contextlib.closing(self.home.open_store()) as store:
                for old, new in pairwise(seen):
                    proof = prove_consistency(old.size, new.size, store)
                    check_consistency(old.size, new.size, old.root, new.root, proof)
            assert not rebuild(ledger).differing
            return (ledger.size, roots[ledger.size]), len(seen)

    def outlast(
        self, faults: Sequence[Callable[[Self], None]], members: Members[AnyMember]
    ) -> dict[str, int]:
        """Lets the faults happen one after the other, and holds the log against all answers.

        After each, the cluster must become whole and answer again; in the end, all members must
        have the same log. Returns what was counted.
        """
        for fault in faults:
            self.wait_for_answers()
            fault(self)
            members.wait_until_whole()
            self.wait_for_answers()
        self.finish()
        end, checkpoints = self.check()
        self.wait_for(lambda: members.ends() == [end] * len(members.nodes))
        return {
            "faults": len(faults),
            "answers": self.answers,
            "sent_again": self.lost,
            "checkpoints": checkpoints,
            "lost": 0,
            "doubled": 0,
            "contradictions": 0,
        }

    @property
    def answers(self) -> int:
        return sum(len(client.receipts) for client in self.clients)

    @property
    def lost(self) -> int:
        """How many requests had no answer, or that of a failure."""
        return sum(client.lost for client in self.clients)

    def wait_for_answers(self, more: int = 20) -> None:
        """Waits until the clients together got that many more answers."""
        wanted = self.answers + more
        self.wait_for(lambda: self.answers >= wanted)

    def wait_for_losses(self, more: int = 1) -> None:
        """Waits until that many more requests had no answer."""
        wanted = self.lost + more
        self.wait_for(lambda: self.lost >= wanted)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        def check() -> bool:
            # A refused event is sent again and again, so the test would wait for good.
            assert not any(client.refusals for client in self.clients), self.logs()
            return condition()

        wait_for(check, self.logs)
