"""Three PostgreSQL servers under Patroni, with three members of etcd, and HAProxy, on loopback.

The settings are those of deploy/cluster, with other addresses. Patroni is that of
deploy/cluster/patroni.txt, everything else is Debian's. All run as another user if the tests run as
root, which PostgreSQL refuses.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.faults.members import HIDDEN, PATIENCE, Members
from tests.postgresql import as_server_user, free_ports, new_folder, programs, run_as_server_user

__all__ = ["DEPLOY", "PATRONI", "Cluster", "Node", "running_cluster"]

_NAMES = ("n0", "n1", "n2")
_PATH = f"{os.defpath}:/usr/sbin:/usr/local/sbin"  # HAProxy is where only root looks

PATRONI = Path(sys.prefix) / "patroni"  # scripts/install-patroni
DEPLOY = Path(__file__).parents[2] / "deploy" / "cluster"


@dataclass(slots=True)
class Node:
    """One server: Patroni, and PostgreSQL, which Patroni starts and restarts."""

    name: str
    folder: Path
    port: int
    patroni_port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts Patroni, which starts PostgreSQL."""
        self.process = _spawn(
            self.folder / "patroni.log", PATRONI / "bin" / "patroni", self.folder / "settings"
        )

    def kill(self) -> None:
        """Ends Patroni and PostgreSQL at once, as a power cut does."""
        self.patroni.kill()
        self.patroni.wait()
        self.kill_database()

    def kill_database(self) -> None:
        """Ends PostgreSQL at once; Patroni stays."""
        for process in self.database_processes():
            _send(process, signal.SIGKILL)

    def signal(self, number: int, *, database: bool = True) -> None:
        """Sends a signal to Patroni, and with `database` to every process of PostgreSQL."""
        self.patroni.send_signal(number)
        for process in self.database_processes() if database else []:
            _send(process, number)

    def signal_receiver(self, number: int) -> None:
        """Sends a signal to the process that receives what the leader commits, if there is one."""
        for process in self.database_processes():
            if "walreceiver" in _title(process):
                _send(process, number)

    def database_processes(self) -> list[int]:
        """The processes of PostgreSQL, the first one first; empty if it does not run."""
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            first = int((self.data / "postmaster.pid").read_text().split()[0])
            if str(self.data) in _title(first):  # not another program's by now
                children = Path(f"/proc/{first}/task/{first}/children").read_text()
                return [first, *map(int, children.split())]
        return []

    def address(self, database: str) -> str:
        """The address of a database on this server, for a user who may do everything."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}?connect_timeout=10"

    def url(self, path: str) -> str:
        """The address of Patroni's own service."""
        return f"http://127.0.0.1:{self.patroni_port}{path}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def patroni(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            raise AssertionError(f"{self.name} was not started")
        return self.process


@dataclass
class Cluster(Members[Node]):
    """The running programs. `ledger` owns the database `ledger`; `HIDDEN` is every password."""

    folder: Path
    nodes: Sequence[Node]
    port: int
    etcd_ports: Sequence[tuple[int, int]]
    programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The address of the primary server, by HAProxy."""
        return self.address_at(self.port)

    def address_at(self, port: int) -> str:
        """The address of the database at another port of this machine."""
        return f"postgresql://ledger@127.0.0.1:{port}/ledger"

    def switch_over(self) -> None:
        """Asks Patroni for another leader."""
        leader, standby = self.wait_until_whole(), self.standby()
        names = {"leader": leader.name, "candidate": standby.name}
        answer = httpx.post(leader.url("/switchover"), json=names, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text

    def start_etcd(self) -> None:
        """Starts etcd, at first or with what it had."""
        for number in range(len(self.etcd_ports)):
            self.start_etcd_member(number)

    def start_etcd_member(self, number: int) -> None:
        """Starts one member of etcd, at first or with what it had."""
        client, peer = (f"http://127.0.0.1:{port}" for port in self.etcd_ports[number])
        name = f"etcd{number}"
        members = [f"etcd{n}=http://127.0.0.1:{at}" for n, (_, at) in enumerate(self.etcd_ports)]
        self.programs[name] = _spawn(
            self.folder / f"{name}.log",
            *("etcd", "--name", name, "--data-dir", self.folder / name),
            *("--listen-client-urls", client, "--advertise-client-urls", client),
            *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
            *("--initial-cluster", ",".join(members)),
        )

    def kill_etcd(self) -> None:
        """Ends all of etcd at once."""
        for number in range(len(self.etcd_ports)):
            self.kill_etcd_member(number)

    def kill_etcd_member(self, number: int) -> None:
        """Ends one member of etcd at once."""
        self.programs[f"etcd{number}"].kill()
        self.programs[f"etcd{number}"].wait()

    def make_etcd_folders(self) -> None:
        """Creates the folders of etcd's members, empty."""
        for number in range(len(self.etcd_ports)):
            folder = self.folder / f"etcd{number}"
            shutil.rmtree(folder, ignore_errors=True)
            _make_folder(folder)

    def start_proxy(self) -> None:
        """Starts HAProxy."""
        settings = (DEPLOY / "haproxy.cfg").read_text()
        settings = settings.replace("bind 127.0.0.1:5432", f"bind 127.0.0.1:{self.port}")
        for number, node in enumerate(self.nodes, 1):
            settings = settings.replace(
                f"192.0.2.1{number}:5432 check port 8008",
                f"127.0.0.1:{node.port} check port {node.patroni_port}",
            )
        assert "192.0.2" not in settings
        file = self.folder / "haproxy.cfg"
        file.write_text(settings)
        self.programs["haproxy"] = _spawn(self.folder / "haproxy.log", "haproxy", "-db", "-f", file)

    def back_up(self) -> Path:
        """Copies the files of the standby while it runs, and verifies the copy."""
        backup = self.folder / "backup"
        options = ("--username=replicator", "--host=127.0.0.1", f"--port={self.standby().port}")
        more = ("--checkpoint=fast", "--wal-method=stream")
        run_as_server_user(programs() / "pg_basebackup", f"--pgdata={backup}", *options, *more)
        run_as_server_user(programs() / "pg_verifybackup", backup)
        return backup

    def restore(self, backup: Path) -> None:
        """Starts a new cluster from a copy, after everything else was lost."""
        self.kill_etcd()
        self.make_etcd_folders()
        for node in self.nodes:
            node.kill()
            shutil.rmtree(node.data)
        backup.rename(self.nodes[0].data)
        self.start_etcd()
        for node in self.nodes:
            node.start()
            self.leader()  # the first node, before the others copy it
        self.wait_until_whole()

    def stop(self) -> None:
        """Ends everything."""
        for node in self.nodes:
            if node.process is not None:
                node.kill()
        for process in self.programs.values():
            process.kill()
            process.wait()

    def logs(self) -> str:
        """The end of what each program logged."""
        return "\n".join(
            f"--- {path.relative_to(self.folder)}\n{path.read_text(errors='replace')[-3000:]}"
            for path in sorted(self.folder.glob("**/*.log"))
        )


@contextlib.contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Starts a new cluster, waits until it is whole, and creates the database in it."""
    with new_folder() as folder:
        port, *ports = free_ports(13)
        nodes = [
            Node(name, folder / name, at, patroni_at)
            for name, at, patroni_at in zip(_NAMES, ports[:3], ports[3:6], strict=True)
        ]
        etcd_ports = [*zip(ports[6:9], ports[9:], strict=True)]
        cluster = Cluster(folder, nodes, port, etcd_ports)
        try:
            cluster.make_etcd_folders()
            cluster.start_etcd()
            for node in nodes:
                _make_folder(node.folder)
                _configure(node, [client for client, _ in etcd_ports])
                node.start()
            cluster.start_proxy()
            cluster.found_database()
            yield cluster
        finally:
            cluster.stop()


def _configure(node: Node, etcd_ports: Sequence[int]) -> None:
    """Writes the settings of a node: what all have in common, and its own. JSON is YAML."""
    settings = node.folder / "settings"
    settings.mkdir()
    shutil.copy(DEPLOY / "patroni.yml", settings / "common.yml")
    at, patroni_at = f"127.0.0.1:{node.port}", f"127.0.0.1:{node.patroni_port}"
    password = {"password": HIDDEN}
    own = {
        "name": node.name,
        "restapi": {"listen": patroni_at, "connect_address": patroni_at},
        "etcd3": {"hosts": [f"127.0.0.1:{port}" for port in etcd_ports]},
        "postgresql": {
            "listen": at,
            "connect_address": at,
            "data_dir": str(node.data),
            "bin_dir": str(programs()),
            "pgpass": str(node.folder / "pgpass"),
            "parameters": {"unix_socket_directories": str(node.folder), "shared_buffers": "32MB"},
            "authentication": {"superuser": password, "replication": password},
        },
    }
    (settings / "host.yml").write_text(json.dumps(own))


def _spawn(log: Path, program: str | Path, *arguments: str | Path) -> subprocess.Popen[bytes]:
    """Starts a program as the server's user."""
    found = shutil.which(program, path=_PATH)
    assert found, f"{program} is missing, which `make faults` installs"
    with log.open("ab") as output:
        return subprocess.Popen(
            as_server_user(found, *arguments),
            cwd="/",
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for the tests, which then end it
        )


def _make_folder(path: Path) -> None:
    """Makes a folder that belongs to the server's user."""
    path.mkdir(mode=0o700)
    owner = path.parent.stat()
    os.chown(path, owner.st_uid, owner.st_gid)


def _send(process: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


def _title(process: int) -> str:
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{process}/cmdline").read_text()
    return ""
