"""What differs between operating systems: flags for opening files, processor cores, interrupts.

A ledger runs on POSIX. What reads, `verify` and `audit` among others, also runs on Windows.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["NO_LINKS", "NO_WAIT", "count_cores", "interrupts_blocked", "syncs_folders"]

NO_WAIT: int = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""Opening a named pipe does not wait for a writer; Windows has no such pipes in folders."""
NO_LINKS: int = getattr(os, "O_NOFOLLOW", 0)
"""Opening a symbolic link fails; 0 where the system cannot express this."""
syncs_folders = os.name == "posix"
"""Whether a folder can be opened and synced; NTFS journals its folders itself."""


def count_cores() -> int:
    """Returns the number of cores that this process may use, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Blocks SIGINT, also in the processes that are started inside, where the system can.

    A keyboard interrupt reaches every process of the group; only the parent acts on it.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
