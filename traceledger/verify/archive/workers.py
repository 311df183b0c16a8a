"""The processes that check bundles, and that end with the one that started them."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process

import msgspec

from traceledger.errors import StorageError
from traceledger.verify.archive.checker import BundleFacts, Checker

__all__ = ["check_all"]

_WORTH = 8  # bundles for which processes are worth their start
_AHEAD = 3  # bundles that each worker may be ahead of the fold

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(BundleFacts).decode


def check_all(
    checker: Checker, first: int, keys: Mapping[str, bytes], workers: int
) -> Iterator[BundleFacts]:
    """Checks the bundles from `first` on, in order, in that many processes or in this one.

    `keys` may grow meanwhile. Raises VerificationError for the first bundle that is false, and
    StorageError `archive.worker` when a process ends before its time.
    """
    numbers = range(first, checker.bundles)
    if workers > 1 and len(numbers) >= _WORTH:
        yield from _check_in_processes(checker, numbers, keys, workers)
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
                with _deaf():
                    waiting.append(pool.submit(_check, number, dict(keys)))
            if not waiting:
                return
            yield _decode(waiting.popleft().result())
    except BrokenProcessPool as error:
        raise StorageError("archive.worker", "a process that checked bundles ended") from error
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _deaf() -> Iterator[None]:
    """Holds back stops from the keyboard; processes that are started inside never hear them.

    Such a stop reaches every process, and the one that waits for the others acts on it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# What a worker process holds; it serves one verification only.
_held: list[Checker] = []


def _begin(checker: Checker) -> None:
    """Runs first in a worker process."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Facts have no cycles, and looking for some in them takes time.
    gc.disable()
    _held.append(checker)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _check(number: int, keys: Mapping[str, bytes]) -> bytes:
    return _encode(_held[0].check(number, keys))
