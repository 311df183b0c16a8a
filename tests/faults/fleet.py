"""The machines of docs/guide/high-availability.md, with the files of deploy/ as they are.

Three run PostgreSQL under Patroni, three etcd, three serve the ledger; all talk over TLS. What is
different: there is no watchdog device, the servers of the ledger answer without nginx, and units
are started by their commands instead of by systemd.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

from tests.certificates import Authority, Identity
from tests.faults.cluster import DEPLOY, PATRONI
from tests.faults.load import LONGEST, Load
from tests.faults.machines import Machine, Network, inside
from tests.faults.members import HIDDEN, Members
from tests.faults.workload import PASSPHRASE, URL
from tests.postgresql import programs
from tests.world import ORIGIN
from traceledger.ledger.keeping.home import Home

__all__ = ["DatabaseMachine", "EtcdMachine", "Fleet", "ServerMachine", "running_fleet"]

_ADDRESSES = {
    **{f"db{n}": f"192.0.2.1{n}" for n in (1, 2, 3)},
    **{f"etcd{n}": f"192.0.2.2{n}" for n in (1, 2, 3)},
    **{f"ledger{n}": f"192.0.2.3{n}" for n in (1, 2, 3)},
    "office": "192.0.2.41",
}
_LEADER_NAME = "db.plant.example"  # what the ledger expects in the leader's certificate
# As in the guide.
_PATRONICTL = "set -a; . /etc/patroni/passwords; exec /srv/patroni/bin/patronictl -c /etc/patroni"
_USERS = ("SUPERUSER", "REPLICATION", "RESTAPI")
_PORT = 8000


class EtcdMachine(Machine):
    """A member of etcd."""

    def __init__(self, network: Network, name: str, authority: Authority) -> None:
        super().__init__(network, name)
        lines = (DEPLOY / "etcd.env").read_text().splitlines()
        self._variables = dict(
            line.partition("=")[::2]
            if line.startswith("ETCD_INITIAL_CLUSTER=")
            else line.replace("etcd1", name).partition("=")[::2]
            for line in lines
            if not line.startswith("#")
        )
        write_identity(self, "/etc/etcd", authority, authority.issue([self.host]), "etcd")
        self.make_folder("/var/lib/etcd", "etcd")

    def boot(self) -> None:
        """Turns the machine on and starts etcd."""
        super().boot()
        self.start("/usr/bin/etcd", user="etcd", variables=self._variables)


class DatabaseMachine(Machine):
    """A machine with Patroni, which runs PostgreSQL."""

    def __init__(self, network: Network, name: str, authority: Authority) -> None:
        super().__init__(network, name)
        host = (DEPLOY / "patroni-host.yml").read_text().replace("db1", name)
        host = host.replace("/usr/lib/postgresql/15/bin", str(programs()))
        assert "mode: required" in host
        self.write("/etc/patroni/host.yml", host.replace("mode: required", "mode: off"))
        self.write("/etc/patroni/common.yml", (DEPLOY / "patroni.yml").read_bytes())
        self._passwords = {f"PATRONI_{user}_PASSWORD": HIDDEN for user in _USERS}
        lines = (f'{name}="{value}"\n' for name, value in self._passwords.items())
        self.write("/etc/patroni/passwords", "".join(lines), mode=0o600)
        identity = authority.issue([self.host, _LEADER_NAME])
        write_identity(self, "/etc/patroni", authority, identity, "postgres")
        self.make_folder("/var/lib/postgresql", "postgres")
        (self.folder / "srv" / "patroni").mkdir()

    def boot(self) -> None:
        """Turns the machine on and starts Patroni, as its unit does."""
        super().boot()
        self.run("mount", "--bind", PATRONI, "/srv/patroni")
        for folder in ("/run/patroni", "/run/postgresql"):
            self.run("install", "-d", "--owner=postgres", "--group=postgres", folder)
        unit = (DEPLOY / "patroni.service").read_text().splitlines()
        (command,) = (line for line in unit if line.startswith("ExecStart="))
        arguments = command.removeprefix("ExecStart=").split()
        self.start(*arguments, user="postgres", variables=self._passwords)

    def patronictl(self, *arguments: str) -> str:
        """Runs the command with which an operator sees and changes who leads."""
        return self.run("sh", "-c", f'{_PATRONICTL} "$@"', "sh", *arguments)

    def url(self, path: str) -> str:
        """The address of Patroni's own service."""
        return f"http://{self.ip}:8008{path}"

    def address(self, database: str) -> str:
        """The address of a database on this server, for a user who may do everything."""
        options = "sslmode=require&connect_timeout=10"
        return f"postgresql://postgres@{self.ip}/{database}?{options}"


class ServerMachine(Machine):
    """A machine that reaches the leader through HAProxy and may serve the ledger."""

    def __init__(self, network: Network, name: str, authority: Authority) -> None:
        super().__init__(network, name)
        self.write("/etc/haproxy/haproxy.cfg", (DEPLOY / "haproxy.cfg").read_bytes())
        self.write("/srv/traceledger/database-ca.pem", authority.certificate)
        passfile = f"{_LEADER_NAME}:5432:ledger:ledger:{HIDDEN}\n"
        self.write("/srv/traceledger/pgpass", passfile, mode=0o600)
        self.write("/srv/traceledger/passphrase", PASSPHRASE, mode=0o600)

    def store(self, authority: str) -> str:
        """The address of the database on this machine; `authority` is the file of a certificate."""
        options = f"hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={authority}"
        return f"postgresql://ledger@{_LEADER_NAME}/ledger?{options}"

    def boot(self) -> None:
        """Turns the machine on and starts HAProxy, and the ledger's server if there is a ledger."""
        super().boot()
        self.start("/usr/sbin/haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg")
        if self.path("/srv/traceledger/ledger").exists():
            options = ("--passphrase-file", "/srv/traceledger/passphrase", "--rate", "0")
            self.start(
                *(sys.executable, "-m", "traceledger_cli", "serve"),
                *("--ledger", "/srv/traceledger/ledger", "--host", self.ip),
                *("--port", str(_PORT), "--interval", "1", "--log", "warning", *options),
                variables={"PGPASSFILE": "/srv/traceledger/pgpass"},
            )

    def equip(self, home: Home) -> None:
        """Copies the ledger's folder to the machine."""
        ledger = self.path("/srv/traceledger/ledger")
        shutil.copytree(home.path, ledger)
        store = self.store("/srv/traceledger/database-ca.pem")
        Home(ledger, home.origin, home.url, store).write_settings()

    @property
    def url(self) -> str:
        """The address of the ledger's server."""
        return f"http://{self.ip}:{_PORT}"

    @property
    def is_ready(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/readyz", timeout=LONGEST).is_success
        return False


def write_identity(
    machine: Machine, folder: str, authority: Authority, identity: Identity, user: str
) -> None:
    """Writes a machine's certificate and key, and the authority's certificate."""
    machine.write(f"{folder}/ca.pem", authority.certificate)
    machine.write(f"{folder}/host.pem", identity.certificate)
    machine.write(f"{folder}/host-key.pem", identity.key, user=user, mode=0o600)


class Databases(Members[DatabaseMachine]):
    """The machines of the database and of etcd."""

    def __init__(self, network: Network, authority: Authority) -> None:
        self.etcd = [EtcdMachine(network, f"etcd{n}", authority) for n in (1, 2, 3)]
        self.nodes = [DatabaseMachine(network, f"db{n}", authority) for n in (1, 2, 3)]

    def logs(self) -> str:
        """The end of what each program logged."""
        return "\n".join(machine.logs() for machine in [*self.etcd, *self.nodes])


class Fleet(Load):
    """All machines; the test itself is in the office, which has HAProxy and no server."""

    def __init__(
        self, home: Home, network: Network, databases: Databases, servers: Sequence[ServerMachine]
    ) -> None:
        super().__init__(home)
        self.network = network
        self.databases = databases
        self.servers = servers
        for server in servers:
            server.equip(home)
            server.boot()
        self.wait_for(lambda: all(server.is_ready for server in servers))
        self.send_to([server.url for server in servers])

    def logs(self) -> str:
        """The end of what each program logged, and why an event was refused."""
        refusals = [refusal for client in self.clients for refusal in client.refusals[-2:]]
        logs = [server.logs() for server in self.servers]
        return "\n".join([*logs, self.databases.logs(), *refusals])


@contextlib.contextmanager
def running_fleet(folder: Path) -> Iterator[Fleet]:
    """Starts all machines, founds a ledger and lets clients use it."""
    with contextlib.ExitStack() as machines:

        def boot(machine: Machine) -> None:
            machines.callback(machine.cut_power)
            machine.boot()

        network = Network(folder / "machines", _ADDRESSES)
        machines.callback(network.close)
        authority = Authority()
        office = ServerMachine(network, "office", authority)
        databases = Databases(network, authority)
        servers = [ServerMachine(network, f"ledger{n}", authority) for n in (1, 2, 3)]
        for machine in (*databases.etcd, *databases.nodes, office):
            boot(machine)
        for server in servers:
            machines.callback(server.cut_power)
        machines.enter_context(inside(office))
        databases.found_database()
        trusted = office.path("/srv/traceledger/database-ca.pem")
        home = Home.create(folder / "ledger", ORIGIN, URL, office.store(str(trusted)))
        yield Fleet(home, network, databases, servers)
