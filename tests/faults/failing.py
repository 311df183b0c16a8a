"""Makes one system call of this process fail, as a bad disk does: strace's fault injection.

strace is attached to the thread that calls, and only for the time of the block. The call with the
number `nth` after that returns the error without having been made.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Failure", "failing"]

_MARK = 424_242  # no process has this number: a parent with it shows that strace is at work
_PATIENCE = 20.0  # seconds


@dataclass(slots=True)
class Failure:
    """Whether the call was made often enough to fail; known after the block."""

    happened: bool = False


@contextlib.contextmanager
def failing(call: str, error: str, nth: int, log: Path) -> Iterator[Failure]:
    """Lets the `nth` call of one kind in the block fail with an error (`EIO`).

    `call` is a name (`fsync`), or a slash and the beginning of names (`/^rename`).
    """
    strace = subprocess.Popen(
        [
            *("strace", "-qq", "-o", str(log), "-p", str(threading.get_native_id())),
            *("-e", f"trace={call},getppid", "-e", f"inject={call}:error={error}:when={nth}"),
            *("-e", f"inject=getppid:retval={_MARK}"),
        ],
        stderr=subprocess.PIPE,
    )
    failure = Failure()
    with strace:
        try:
            _wait_for(strace)
            yield failure
        finally:
            strace.terminate()
    failure.happened = f" {error} " in log.read_text()


def _wait_for(strace: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while os.getppid() != _MARK:
        if strace.poll() is not None or time.monotonic() > end:
            said = strace.stderr.read() if strace.poll() is not None and strace.stderr else b""
            raise AssertionError(f"strace cannot be attached: {said.decode()}")
        time.sleep(0.001)
