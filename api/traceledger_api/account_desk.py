"""Accounts for requests: computed in threads of their own, awaited for a moment, never repeated.

A request waits at most `_PATIENCE` seconds. The computation goes on without it, and later requests
for the same account find it done, or learn how many entries have been read.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from traceledger.audit.behind import find_parts, start_of_path
from traceledger.audit.contributions.part import Part
from traceledger.errors import BusyError
from traceledger.ledger.reading.accounts import Accounts, Wanted
from traceledger.ledger.reading.live_account import Computed
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.ledger.reading.recent import Recent
from traceledger.views.history import Reader

__all__ = ["AccountDesk", "Computing"]

_PATIENCE = 2.0  # seconds that a request waits before it answers how far the computation is
_WAITING = 16  # computations in progress, beyond which further ones are refused
_FIGURES = 64  # figures whose parts are kept


class Computing(NamedTuple):
    """How far a computation is: entries read, and entries to read."""

    done: int
    size: int


class AccountDesk:
    """Computes accounts of a ledger; `trusted` are the ids of the admissions that attest."""

    def __init__(self, ledger: LedgerReader, trusted: tuple[str, ...]) -> None:
        self.accounts = Accounts(ledger, trusted)
        self._thread = ThreadPoolExecutor(1, "account")
        self._tasks: dict[tuple[Reader, Wanted], asyncio.Future[Computed]] = {}
        self._parts: Recent[tuple[Reader, str], tuple[Computed, list[Part]]] = Recent(_FIGURES)
        self._progress: dict[tuple[Reader, Wanted], Computing] = {}

    async def open(self, reader: Reader, wanted: Wanted) -> Computed | Computing:
        """Returns an account, or how far its computation is.

        Raises NotFoundError `ledger.unpublished` or `item.unknown`, UsageError `account.period`,
        BusyError `server.busy`.
        """
        ready = self.accounts.ready(reader, wanted)
        if ready is not None:
            return ready
        key = reader, wanted
        task = self._tasks.get(key)
        if task is None:
            if len(self._tasks) >= _WAITING:
                raise BusyError("server.busy", "too many accounts are being computed")
            loop = asyncio.get_running_loop()
            task = loop.run_in_executor(self._thread, self._compute, reader, wanted)
            self._tasks[key] = task
            task.add_done_callback(lambda _task: self._forget(key))
        await asyncio.wait({task}, timeout=_PATIENCE)
        if task.done():
            return task.result()
        return self._progress.get(key, Computing(0, wanted.end))

    async def parts(self, reader: Reader, computed: Computed, path: str) -> list[Part]:
        """Returns the parts of a figure; raises NotFoundError `account.figure`."""
        key = reader, path
        kept = self._parts.get(key)
        if kept is not None and kept[0] is computed:
            return kept[1]
        loop = asyncio.get_running_loop()
        parts = await loop.run_in_executor(self._thread, self._find_parts, reader, computed, path)
        self._parts.put(key, (computed, parts))
        return parts

    def close(self) -> None:
        """Ends the thread; computations that have not begun are dropped."""
        self._thread.shutdown(cancel_futures=True)

    def _compute(self, reader: Reader, wanted: Wanted) -> Computed:
        self.accounts.check(wanted)

        def note(done: int, size: int) -> None:
            self._progress[reader, wanted] = Computing(done, size)

        return self.accounts.open(reader, wanted, note)

    def _find_parts(self, reader: Reader, computed: Computed, path: str) -> list[Part]:
        account, described = computed.account, computed.described
        begins = start_of_path(account, described, path)
        before = self.accounts.before(reader, computed, begins)
        return find_parts(account, described, path, before.account if before else None)

    def _forget(self, key: tuple[Reader, Wanted]) -> None:
        self._tasks.pop(key, None)
        self._progress.pop(key, None)
