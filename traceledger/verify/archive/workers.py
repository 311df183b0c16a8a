"""The processes that check bundles, and that end with the one that started them."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process

import msgspec

from traceledger.errors import StorageError, VerificationError
from traceledger.verify.archive.bundle import BundleFacts, BundleTask, check_bundle
from traceledger.verify.archive.run import Run
from traceledger.verify.archive.source import ArchiveSource

__all__ = ["check_all"]

_WORTH = 8  # bundles for which processes are worth their start
_AHEAD = 3  # bundles that each worker may be ahead of the fold

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(BundleFacts).decode


def check_all(run: Run, source: ArchiveSource, workers: int) -> Iterator[BundleFacts]:
    """Checks the bundles that are left, in order, in that many processes or in this one.

    Raises VerificationError for the first bundle that is false, and StorageError `archive.worker`
    when a process ends before its time.
    """
    if workers > 1 and run.bundles - run.done >= _WORTH:
        yield from _check_in_processes(run, source, workers)
        return
    for number in range(run.done, run.bundles):
        try:
            yield check_bundle(source, run.task(number))
        except VerificationError as error:
            raise run.blame(number, error) from error


def _check_in_processes(run: Run, source: ArchiveSource, workers: int) -> Iterator[BundleFacts]:
    waiting: deque[tuple[int, Future[bytes]]] = deque()
    left = iter(range(run.done, run.bundles))
    # Spawned, not forked: the caller may hold a database or threads, which do not survive a fork.
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(source,)
    )
    try:
        while True:
            while len(waiting) < _AHEAD * workers and (number := next(left, None)) is not None:
                with _deaf():
                    waiting.append((number, pool.submit(_check, run.task(number))))
            if not waiting:
                return
            number, future = waiting.popleft()
            try:
                facts = _decode(future.result())
            except VerificationError as error:
                raise run.blame(number, error) from error
            yield facts
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
_held: list[ArchiveSource] = []


def _begin(source: ArchiveSource) -> None:
    """Runs first in a worker process."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Facts have no cycles, and looking for some in them takes time.
    gc.disable()
    _held.append(source)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _check(task: BundleTask) -> bytes:
    return _encode(check_bundle(_held[0], task))
