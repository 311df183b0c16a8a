"""The worker processes that check bundles, and that end with their parent process."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process

from traceledger.errors import StorageError
from traceledger.files.system import interrupts_blocked
from traceledger.verify.archive.checker import BundleFacts, Checker, decode_facts, encode_facts

__all__ = ["CheckBundles", "check_all"]

_WORTH = 8  # bundles from which starting processes pays off
_AHEAD = 3  # bundles by which each worker may be ahead of the pass

CheckBundles = Callable[[Checker, int, Mapping[str, bytes]], Iterator[BundleFacts]]
"""Checks the bundles from a number on, in order, with the keys known so far, which may grow."""


def check_all(
    checker: Checker, first: int, keys: Mapping[str, bytes], workers: int
) -> Iterator[BundleFacts]:
    """Checks the bundles from `first` on, in order, in that many processes or in this process.

    `keys` may grow meanwhile. Raises VerificationError for the first false bundle, and StorageError
    `archive.worker` when a worker ends unexpectedly.
    """
    numbers = range(first, checker.bundles)
    if workers > 1 and len(numbers) >= _WORTH:
        # It has the keys of most events, and what is checked without its key is left to the pass.
        yield checker.check(first, keys)
        yield from _check_in_processes(checker, numbers[1:], keys, workers)
        return
    for number in numbers:
        yield checker.check(number, keys)


def _check_in_processes(
    checker: Checker, numbers: Iterable[int], keys: Mapping[str, bytes], workers: int
) -> Iterator[BundleFacts]:
    waiting: deque[Future[bytes]] = deque()
    left = iter(numbers)
    # Spawned, not forked: the caller may hold a database or threads, which do not survive a fork.
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(checker,)
    )
    try:
        while True:
            while len(waiting) < _AHEAD * workers and (number := next(left, None)) is not None:
                with interrupts_blocked():
                    waiting.append(pool.submit(_check, number, dict(keys)))
            if not waiting:
                return
            yield decode_facts(waiting.popleft().result())
    except BrokenProcessPool as error:
        raise StorageError("archive.worker", "a worker process ended unexpectedly") from error
    finally:
        pool.shutdown(cancel_futures=True)


# The checker of a worker process, which serves a single verification.
_held: list[Checker] = []


def _begin(checker: Checker) -> None:
    """Initializes a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where it could not be blocked
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Facts have no cycles, so collecting garbage only takes time.
    gc.disable()
    _held.append(checker)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _check(number: int, keys: Mapping[str, bytes]) -> bytes:
    return encode_facts(_held[0].check(number, keys))
