"""Checking the bundles of an archive on the workers of a Dask cluster.

A task checks a run of bundles without the rest of the log and returns their facts; the pass that
folds them, in log order, stays in this process. Dask repeats the tasks of a worker that ends, so
that costs time only. The workers read the archive themselves, at the same path, and are trusted
like this program.
"""

from __future__ import annotations

import contextlib
import functools
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError

from distributed import Client, Future, KilledWorker

from traceledger.errors import RemoteError, StorageError, UsageError
from traceledger.files.installation import find_installation
from traceledger.verify.archive.checker import BundleFacts, Checker, decode_facts, encode_facts
from traceledger.verify.archive.workers import CheckBundles

__all__ = ["checking_on"]

_RUN = 16  # bundles in a task: about 4,096 events, a second of work
_AHEAD = 3  # tasks by which each thread of a worker may be ahead of the pass
_PATIENCE = 10  # seconds until an address without a scheduler is given up


@contextlib.contextmanager
def checking_on(address: str, *, run: int = _RUN) -> Iterator[CheckBundles]:
    """Connects to a scheduler, such as `tcp://10.0.0.5:8786`; yields what `verify_archive` takes.

    `run` is the number of bundles in a task. Raises RemoteError `cluster.unreachable` or
    `cluster.empty`, and UsageError `cluster.program` for workers with another version, also for one
    that joins later.
    """
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise RemoteError(
            "cluster.unreachable", f"no scheduler answers at {address}: {error}"
        ) from error
    with client:
        own = find_installation().digest
        _check_programs(client, address, own)
        yield functools.partial(_check_all, client, run=run, own=own)


def _check_programs(client: Client, address: str, own: str) -> None:
    """Compares the program of each worker with this one: a different one may judge differently."""
    with _naming_a_lack():
        found: Mapping[str, str] = client.run(_read_digest)
    if not found:
        raise RemoteError("cluster.empty", f"the cluster at {address} has no workers")
    for worker, digest in sorted(found.items()):
        _check_program(worker, digest, own)


def _check_program(worker: str, digest: str, own: str) -> None:
    if digest != own:
        raise UsageError("cluster.program", f"{worker} has {digest}, this program is {own}")


@contextlib.contextmanager
def _naming_a_lack() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise UsageError("cluster.program", f"a worker lacks the program: {error}") from error


def _check_all(
    client: Client,
    checker: Checker,
    first: int,
    keys: Mapping[str, bytes],
    *,
    run: int,
    own: str,
) -> Iterator[BundleFacts]:
    """Checks the bundles from `first` on, in order (`CheckBundles`).

    The first one is checked here: it has the keys of most events, and what a worker checks without
    the key is left to the pass.
    """
    if first < checker.bundles:
        yield checker.check(first, keys)
    limit = _AHEAD * max(1, sum(client.nthreads().values()))
    starts = iter(range(first + 1, checker.bundles, run))
    waiting: deque[Future[list[bytes]]] = deque()
    while True:
        while len(waiting) < limit and (start := next(starts, None)) is not None:
            stop = min(start + run, checker.bundles)
            # Each task is its own: Dask would take equal ones for one and keep its result.
            task = client.submit(_check_run, checker, start, stop, dict(keys), own, pure=False)
            waiting.append(task)
        if not waiting:
            return
        try:
            with _naming_a_lack():
                done = waiting.popleft().result()
        except (KilledWorker, CancelledError, OSError) as error:
            raise StorageError("archive.worker", f"the cluster gave up a task: {error}") from error
        yield from map(decode_facts, done)


def _check_run(
    checker: Checker, start: int, stop: int, keys: Mapping[str, bytes], own: str
) -> list[bytes]:
    """Checks bundles on a worker, which may have joined after the programs were compared."""
    _check_program("a worker that joined", _read_digest(), own)
    return [encode_facts(checker.check(number, keys)) for number in range(start, stop)]


@functools.cache
def _read_digest() -> str:
    """Returns the digest of the program's files on a worker."""
    return find_installation().digest
