"""A ledger on a cluster: servers of the product, each on a line of its own, and their clients."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx

from tests.faults.cluster import Cluster, running_cluster, wait_for
from tests.faults.line import Line
from tests.faults.service import Station
from tests.faults.workload import PASSPHRASE, URL
from tests.ledger.bench import clock
from tests.postgresql import free_ports
from tests.world import ORIGIN, World, make_signer
from traceledger.ledger.keeping.home import Home
from traceledger.planning.keys import LOG_KEY

__all__ = ["Site", "running_site"]

_SERVERS = 3
_STATIONS = 6
_PAUSE = 0.2  # seconds between two requests of a client, so that the log stays small
_LONGEST = 120  # seconds for an answer


class Server(threading.Thread):
    """`traceledger serve`, which is started again whenever it ends, as systemd does."""

    def __init__(self, folder: Path, line: Line) -> None:
        super().__init__(daemon=True)
        self.line = line
        (port,) = free_ports(1)
        self.address = f"http://127.0.0.1:{port}"
        self.starts = 0
        self._folder = folder
        self._command: list[str | Path] = [
            *("setpriv", "--pdeathsig", "KILL"),
            *(sys.executable, "-m", "traceledger_cli", "serve", "--ledger", folder / "ledger"),
            *("--passphrase-file", folder / "passphrase", "--port", str(port)),
            *("--rate", "0", "--interval", "1", "--log", "warning"),
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self._done = threading.Event()

    def run(self) -> None:
        with (self._folder / "server.log").open("ab") as log:
            while not self._done.is_set():
                self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
                self.starts += 1
                self._process.wait()
                time.sleep(0.5)

    def kill(self) -> None:
        """Ends the process at once."""
        if self._process is not None:
            self._process.kill()

    def stop(self) -> None:
        """Ends the process, and the thread that starts it."""
        self._done.set()
        self.kill()
        self.join()

    @property
    def is_ready(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.address}/readyz", timeout=_LONGEST).is_success
        return False

    def log(self) -> str:
        """The end of what the process logged."""
        return f"--- {self._folder.name}\n{(self._folder / 'server.log').read_text()[-3000:]}"


class Client(Station):
    """A client that sends each request to any of the servers, until one of them answers."""

    def __init__(self, world: World, number: int, addresses: Sequence[str]) -> None:
        super().__init__(world, number)
        self.refusals: list[str] = []
        self._addresses = addresses
        self._http = httpx.Client(timeout=_LONGEST)

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


class Site:
    """Everything together. `home` is a folder of the ledger that no server uses."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.cluster = cluster
        world = World()
        self.home = Home.create(folder / "ledger", ORIGIN, URL, cluster.address)
        self.home.keys.add(LOG_KEY, make_signer("log"), PASSPHRASE)
        with contextlib.closing(self.home.write(clock, PASSPHRASE)) as ledger:
            ledger.append(world.wires)
            self.home.publish(ledger)
        self.servers = [self._equip(folder / f"server-{n}") for n in range(_SERVERS)]
        addresses = [server.address for server in self.servers]
        self.clients = [Client(world, number, addresses) for number in range(1, _STATIONS + 1)]

    def start(self) -> None:
        """Starts the servers, and the clients when the servers are ready."""
        for server in self.servers:
            server.start()
        self.wait_for(lambda: all(server.is_ready for server in self.servers))
        for client in self.clients:
            client.start()

    def finish(self) -> None:
        """Waits for the answers to what was sent last, and ends clients and servers."""
        for client in self.clients:
            client.finish()
            client.close()
        for server in self.servers:
            server.stop()

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

    def logs(self) -> str:
        refusals = [refusal for client in self.clients for refusal in client.refusals[-2:]]
        logs = [server.log() for server in self.servers]
        return "\n".join([*logs, self.cluster.logs(), *refusals])

    def _equip(self, folder: Path) -> Server:
        """Copies the ledger's folder to a machine of its own."""
        line = Line(self.cluster.port)
        shutil.copytree(self.home.path, folder / "ledger")
        (folder / "passphrase").write_bytes(PASSPHRASE)
        store = self.cluster.address_at(line.port)
        Home(folder / "ledger", ORIGIN, URL, store).write_settings()
        return Server(folder, line)


@contextlib.contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """Starts a cluster, servers and clients."""
    with running_cluster() as cluster:
        site = Site(folder, cluster)
        try:
            site.start()
            yield site
        finally:
            for server in site.servers:
                server.stop()
                server.line.close()
