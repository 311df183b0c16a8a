"""A ledger on a cluster: servers of the product, each on a line of its own, and their clients."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.faults.cluster import Cluster, running_cluster
from tests.faults.line import Line
from tests.faults.load import LONGEST, Load
from tests.faults.workload import PASSPHRASE, URL
from tests.postgresql import free_ports
from tests.world import ORIGIN
from traceledger.ledger.keeping.home import Home

__all__ = ["Site", "running_site"]

_SERVERS = 3


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
            return httpx.get(f"{self.address}/readyz", timeout=LONGEST).is_success
        return False

    def log(self) -> str:
        """The end of what the process logged."""
        return f"--- {self._folder.name}\n{(self._folder / 'server.log').read_text()[-3000:]}"


class Site(Load):
    """Everything together, on one machine."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        super().__init__(Home.create(folder / "ledger", ORIGIN, URL, cluster.address))
        self.cluster = cluster
        self.servers = [self._equip(folder / f"server-{n}") for n in range(_SERVERS)]

    def start(self) -> None:
        """Starts the servers, and the clients when the servers are ready."""
        for server in self.servers:
            server.start()
        self.wait_for(lambda: all(server.is_ready for server in self.servers))
        self.send_to([server.address for server in self.servers])

    def finish(self) -> None:
        """Ends the clients, then the servers, as before a restore."""
        super().finish()
        for server in self.servers:
            server.stop()

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
