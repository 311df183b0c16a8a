"""Machines of their own on this one: network, files, processes and host name as on a real host.

A machine is a set of Linux namespaces with a copy of /etc, below one switch that nothing else
reaches. Needs root, as do the namespaces.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

__all__ = ["Machine", "Network", "inside"]

_DOMAIN = "plant.example"
_PREFIX = 24
_NOBODY = "02:00:00:00:00:00"
_CLONE_NEWNET = 0x40000000  # linux/sched.h
_PATH = f"{os.defpath}:/usr/sbin:/usr/local/sbin"
# The first process adopts those whose parent ended. If it ignores their end, the kernel reaps them;
# Patroni waits for good for a server that ended and was not reaped.
_FIRST = """
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print(flush=True)
signal.pause()
"""
_NAMESPACES = ("--net", "--mount", "--uts", "--pid")
# Folders of a machine that it does not share with this one, and keeps when its power is cut.
_OWN = {"etc": "/etc", "lib": "/var/lib", "srv": "/srv"}


class Network:
    """A switch, and the names of the machines that are plugged into it."""

    def __init__(self, folder: Path, addresses: Mapping[str, str]) -> None:
        """Takes the address of each machine by its name, without the domain."""
        self.folder = folder
        self.addresses = addresses
        self._switch = _start(["unshare", "--net"])
        self.run("ip", "link", "add", "switch", "type", "bridge")
        self.run("ip", "link", "set", "switch", "up")

    def run(self, *command: str | Path) -> None:
        """Runs a command where the switch is."""
        _run(["nsenter", f"--target={self._switch.pid}", "--net", *command])

    def plug_in(self, machine: Machine) -> None:
        """Lays a new cable to a machine."""
        end, pid = f"to-{machine.name}", str(machine.pid)
        self.run("ip", "link", "add", end, "type", "veth", "peer", "eth0", "netns", pid)
        self.run("ip", "link", "set", end, "master", "switch", "up")

    def unplug(self, machine: Machine) -> None:
        """Pulls the cable: packets are lost, and nobody is told."""
        self.run("ip", "link", "set", f"to-{machine.name}", "nomaster")

    def plug_back(self, machine: Machine) -> None:
        """Puts the same cable back."""
        self.run("ip", "link", "set", f"to-{machine.name}", "master", "switch")

    def remove_cable(self, machine: Machine) -> None:
        """Removes the cable of a machine whose power is cut."""
        self.run("ip", "link", "delete", f"to-{machine.name}")

    def hosts(self) -> str:
        """The file /etc/hosts of every machine."""
        lines = [f"{at} {name}.{_DOMAIN} {name}" for name, at in self.addresses.items()]
        return "\n".join(["127.0.0.1 localhost", *lines, ""])

    def close(self) -> None:
        """Removes the switch."""
        self._switch.kill()
        self._switch.wait()


class Machine:
    """A machine with files of its own; off until `boot`."""

    def __init__(self, network: Network, name: str) -> None:
        self.name = name
        self.host = f"{name}.{_DOMAIN}"
        self.ip = network.addresses[name]
        self.folder = network.folder / name
        self._network = network
        self._first: subprocess.Popen[bytes] | None = None
        self._programs: list[subprocess.Popen[bytes]] = []
        for place, original in _OWN.items():
            if place == "etc":
                shutil.copytree(original, self.folder / place, symlinks=True)
            else:
                (self.folder / place).mkdir(parents=True)
        self.write("/etc/hosts", network.hosts())
        self.write("/etc/hostname", f"{self.host}\n")

    @property
    def pid(self) -> int:
        """The machine's first process, by its number on this machine."""
        if self._first is None:
            raise AssertionError(f"{self.name} is off")
        children = Path(f"/proc/{self._first.pid}/task/{self._first.pid}/children").read_text()
        return int(children)

    def path(self, place: str) -> Path:
        """Where a file of the machine is on this one."""
        for own, original in _OWN.items():
            if place.startswith(f"{original}/"):
                return self.folder / own / place.removeprefix(f"{original}/")
        raise AssertionError(f"{place} is not the machine's own")

    def write(self, place: str, content: str | bytes, *, user: str = "", mode: int = 0o644) -> None:
        """Writes a file of the machine, which belongs to root or the user."""
        path = self.path(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.touch(mode)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        if user:
            shutil.chown(path, user, user)

    def make_folder(self, place: str, user: str) -> None:
        """Creates an empty folder of the machine that belongs to the user."""
        self.path(place).mkdir(parents=True, mode=0o700)
        shutil.chown(self.path(place), user, user)

    def boot(self) -> None:
        """Turns the machine on and connects it."""
        self._first = _start(["unshare", *_NAMESPACES, "--fork", "--kill-child", "--mount-proc"])
        for own, original in _OWN.items():
            self.run("mount", "--bind", self.folder / own, original)
        self.run("mount", "-t", "tmpfs", "tmpfs", "/run")
        self.run("hostname", self.host)
        self._network.plug_in(self)
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "address", "add", f"{self.ip}/{_PREFIX}", "dev", "eth0")
        self.run("ip", "link", "set", "eth0", "address", _hardware_address(self.ip), "up")

    def cut_power(self) -> None:
        """Ends every process of the machine at once."""
        if self._first is not None:
            self._network.remove_cable(self)
            os.kill(self.pid, signal.SIGKILL)
            for process in (*self._programs, self._first):
                process.wait()
            self._programs.clear()
            self._first = None

    def lose_way_to(self, machines: Sequence[Machine]) -> None:
        """Sends to those machines where nobody is, so that every connection with them is lost."""
        for machine in machines:
            self._set_neighbour(machine, _NOBODY)

    def find_way_to(self, machines: Sequence[Machine]) -> None:
        """Sends to those machines again."""
        for machine in machines:
            self._set_neighbour(machine, _hardware_address(machine.ip))

    def run(self, *command: str | Path) -> str:
        """Runs a command on the machine to its end and returns what it prints."""
        return _run(self._enter(*command))

    def start(
        self, *command: str | Path, user: str = "", variables: Mapping[str, str] | None = None
    ) -> None:
        """Starts a program on the machine, as root or the user; its output goes to a log."""
        name = Path(command[0]).name
        switch = ("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups") if user else ()
        with (self.folder / f"{name}.log").open("ab") as log:
            program = subprocess.Popen(
                self._enter(*switch, *command),
                stdout=log,
                stderr=log,
                env={"PATH": _PATH, "LANG": "C.UTF-8", **(variables or {})},
                start_new_session=True,  # Ctrl-C is for the tests, which then end it
            )
        self._programs.append(program)

    def logs(self) -> str:
        """The end of what each program of the machine logged."""
        return "\n".join(
            f"--- {self.name}: {path.name}\n{path.read_text(errors='replace')[-3000:]}"
            for path in sorted(self.folder.glob("*.log"))
        )

    def _set_neighbour(self, machine: Machine, hardware: str) -> None:
        entry = (machine.ip, "lladdr", hardware, "nud", "permanent", "dev", "eth0")
        self.run("ip", "neighbour", "replace", *entry)

    def _enter(self, *command: str | Path) -> list[str | Path]:
        return ["nsenter", f"--target={self.pid}", *_NAMESPACES, "--wd=/", *command]


def _hardware_address(address: str) -> str:
    """The same after each start, since the others remember it."""
    return ":".join(["02", "00", *(f"{int(part):02x}" for part in address.split("."))])


@contextlib.contextmanager
def inside(machine: Machine) -> Iterator[None]:
    """Lets this thread, and threads that it starts, use the network of a machine."""
    with Path("/proc/thread-self/ns/net").open("rb") as here:
        with Path(f"/proc/{machine.pid}/ns/net").open("rb") as there:
            _set_network(there.fileno())
        try:
            yield
        finally:
            _set_network(here.fileno())


def _set_network(descriptor: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    """Starts the first process of new namespaces, which ends with this one; waits for it."""
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", *command, sys.executable, "-I", "-c", _FIRST],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    if process.stdout is None:
        raise AssertionError("it was asked for")
    with process.stdout as output:
        assert output.readline() == b"\n", "no namespaces: these tests need root"
    return process


def _run(command: Sequence[str | Path]) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PATH": _PATH, "LANG": "C.UTF-8"}
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout
