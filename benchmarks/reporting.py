"""Timing and reports as a table and JSON; imports nothing that is measured."""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

__all__ = ["clocked", "median", "own_peak", "own_size", "processor_time", "report"]


def clocked(work: Callable[[], object]) -> float:
    """Measures the seconds that the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median(values: Iterator[float] | Sequence[float]) -> float:
    """Returns the median, which a slow run on a busy machine does not affect."""
    return statistics.median(values)


def processor_time(process: int) -> float:
    """Returns the seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def own_peak() -> int:
    """Returns this process's largest resident size so far, in bytes.

    getrusage would include the size of the parent process at the time of the fork.
    """
    return _read_size("VmHWM")


def own_size() -> int:
    """Returns this process's resident size, in bytes."""
    return _read_size("VmRSS")


def _read_size(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    match = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    if match is None:
        raise SystemExit("the memory of a process is available on Linux only")
    return 1024 * int(match[1])


def report(name: str, rows: Sequence[tuple[str, float, str]]) -> None:
    """Prints a table, then the same as one line of JSON with the machine's description."""
    width = max(len(label) for label, _, _ in rows)
    for label, value, unit in rows:
        print(f"{label:<{width}}  {value:10.3f}  {unit}")
    machine = {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "system": platform.system(),
    }
    figures = {label: round(value, 4) for label, value, _ in rows}
    json.dump({"benchmark": name, "machine": machine, "figures": figures}, sys.stdout)
    print()
