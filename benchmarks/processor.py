"""Processor time, which other programs on the machine hardly affect, also of a database server."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from traceledger.storage.opening import Place

__all__ = ["Meter"]

_PROCESSES = Path("/proc")
_PARENT, _ENDED = 1, slice(13, 15)  # fields of /proc/PID/stat after the name
_TICK = os.sysconf("SC_CLK_TCK")


class Meter:
    """Measures this process and, for a store in PostgreSQL, all processes of its server.

    The server must run on this machine.
    """

    def __init__(self, place: Place) -> None:
        self._server = 0 if isinstance(place, Path) else _find_server(place)

    def measure(self, work: Callable[[], object]) -> float:
        """Measures the seconds of processor time that the work takes."""
        others = self._served()
        start = time.process_time()
        work()
        own = time.process_time() - start
        return own + self._served() - others

    def _served(self) -> float:
        """Sums the processes of the server: the live ones in nanoseconds, the others in ticks."""
        if not self._server:
            return 0.0
        ended = sum(map(int, _read_stat(self._server)[_ENDED])) / _TICK
        return ended + sum(map(_read_time, [self._server, *_children(self._server)]))


def _find_server(address: str) -> int:
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        if row is None:
            raise SystemExit("the server does not state its process")
        return int(_read_stat(int(row[0]))[_PARENT])


def _children(parent: int) -> list[int]:
    found = []
    for process in _PROCESSES.glob("[0-9]*"):
        fields = _read_stat(int(process.name))
        if fields and int(fields[_PARENT]) == parent:
            found.append(int(process.name))
    return found


def _read_stat(process: int) -> list[str]:
    """Reads the fields after the name of a process; none if it has ended."""
    try:
        return (_PROCESSES / str(process) / "stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []


def _read_time(process: int) -> float:
    """Reads the seconds that a process of one thread has run."""
    try:
        return int((_PROCESSES / str(process) / "schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0
