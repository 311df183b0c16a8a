"""Writing a ledger: the end of the log, the states cached with it, and the next seal.

Several processes may write to one store. One of them wins each transaction; the others find that
the log has grown, load the new entries and prepare again.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from traceledger.errors import (
    ConflictError,
    StorageError,
    TraceledgerError,
)
from traceledger.formats.note import NoteSigner
from traceledger.formats.receipt import LoggedLeaf, Receipt, sign_receipt
from traceledger.ledger.reading.checkpoints import cosigned_note, find_signed
from traceledger.ledger.reading.log_end import LogEnd, check_newest, has_tree, read_log_end
from traceledger.ledger.reading.sealed_maps import SealedMaps
from traceledger.ledger.sealing.sealer import Sealer
from traceledger.ledger.writing.appending import Preparation
from traceledger.ledger.writing.group import Group
from traceledger.ledger.writing.intake import Received
from traceledger.ledger.writing.intake_workers import IntakeWorkers
from traceledger.ledger.writing.lookups import EarlierLookups
from traceledger.ledger.writing.store_world import StoreWorld
from traceledger.merkle.tree import Frontier
from traceledger.rules.authority import find_named_key
from traceledger.rules.state import State
from traceledger.storage.store import Latest, Store
from traceledger.views.appended import Appended, Logged
from traceledger.views.rows import HeadRow

__all__ = ["LedgerWriter"]

_ATTEMPTS = 10  # for each request; a failed attempt was overtaken by another process
T = TypeVar("T")


class LedgerWriter:
    """Appends to a log and publishes it; has one owner at a time in each process.

    `signer` is the log's own key, `clock` returns seconds since 1970. `maps` is shared with the
    readers in this process.
    """

    def __init__(
        self,
        store: Store,
        origin: str,
        *,
        clock: Callable[[], float],
        signer: NoteSigner,
        maps: SealedMaps | None = None,
        workers: int | None = None,
    ) -> None:
        """Opens the log and compares its tree with the newest tree head.

        `workers` is the maximum number of processes that read large requests; None for one per
        core, at most four. Raises StorageError `ledger.damaged` when tree and tree head differ.
        """
        self.origin = origin
        self.clock = clock
        self._store = store
        self._signer = signer
        self._maps = maps or SealedMaps()
        self._intake = IntakeWorkers(workers)
        self._authority: dict[str, State] = {}
        self._unsealed: dict[str, Latest] = {}
        self._end = read_log_end(store, 0)
        self._promised = Frontier()
        self._sealer: Sealer
        self._load()

    @property
    def size(self) -> int:
        """The number of entries known to this writer, including seals."""
        return self._end.size

    @property
    def is_dirty(self) -> bool:
        """Reports whether this writer knows events that no seal covers yet."""
        return bool(self._unsealed)

    def append(self, wires: Sequence[bytes]) -> Appended:
        """Appends a request of events in wire form, all or nothing, durably.

        Raises MalformedError, VerificationError, ConflictError or NotAllowedError when nothing was
        written. Appending the same events again returns the same places.
        """
        with _collecting_later():
            logged = self._repeat(lambda: self._append(wires))
            return Appended(self.receipt(logged), logged)

    def append_group(
        self, requests: Sequence[Sequence[Received]]
    ) -> list[tuple[Logged, ...] | TraceledgerError]:
        """Appends many requests in one transaction, each of them all or nothing.

        Returns for each request the places of its events, or the error because of which none of
        them was written. Raises StorageError when the transaction fails; then the outcome of all
        requests is unknown.
        """
        return self._repeat(lambda: self._append_group(requests))

    def receipt(self, logged: Sequence[Logged]) -> bytes:
        """Signs the receipt of written events; may be called from any thread."""
        leaves = tuple(LoggedLeaf(event.leaf_index, event.leaf) for event in logged)
        return sign_receipt(Receipt(self.origin, leaves), self._signer)

    def publish(self, check: Callable[[], None] = lambda: None) -> bytes:
        """Seals the unsealed entries and returns the newest signed checkpoint, a note.

        Entries that other processes appended are sealed too. `check` raises an error if the log
        must not sign: it is called before each signature, because sealing and reading back take
        time. Raises NotFoundError `ledger.unpublished` for a log without an event, StorageError
        `ledger.damaged` when the entries that are read back differ from those that were written.
        """
        while (note := self._repeat(lambda: self._publish(check))) is None:
            self._sealer.build()
        return note

    def replace_heads(self, rebuild: Callable[[int], Iterable[HeadRow]]) -> None:
        """Replaces the rows of all items with those rebuilt from the log (`keeping.rebuild`).

        `rebuild` receives the size of the log in this writer's turn, in which nobody else writes.
        """
        self._repeat(lambda: self._replace_heads(rebuild))

    def close(self) -> None:
        """Stops the workers and closes the store."""
        self._intake.close()
        self._store.close()

    def _append(self, wires: Sequence[bytes]) -> tuple[Logged, ...]:
        # A copy: late keys are looked up among rows that this request has written and may undo.
        world = StoreWorld(self._store, dict(self._authority))
        chunks = self._intake.read(wires, self.clock(), partial(find_named_key, world))
        past = EarlierLookups(self._store, self._end.size)
        request = Preparation(past, self._end, self._authority, origin=self.origin)
        with self._writing():
            self._store.append_all(request.batches(chunks))
        if request.end.size > self._end.size:
            self._extend(request.end)
            self._authority.update(request.authority)
            self._unsealed.update(_latest(request.heads.values()))
        else:
            self._confirm()
        return request.logged

    def _append_group(
        self, requests: Sequence[Sequence[Received]]
    ) -> list[tuple[Logged, ...] | TraceledgerError]:
        group = Group(self._store, self._end, self._authority, origin=self.origin)
        answers = group.add(requests)
        if any(isinstance(answer, TraceledgerError) for answer in answers):
            self._require_end()
        batch = group.batch
        if batch.entries:
            with self._writing():
                self._store.append(batch)
            self._extend(group.end)
            self._authority = group.authority
            self._unsealed.update(_latest(batch.heads))
        else:
            self._confirm()
        return answers

    def _replace_heads(self, rebuild: Callable[[int], Iterable[HeadRow]]) -> None:
        with self._writing():
            self._store.replace_heads(rebuild(self._end.size), self._end.frontier)
        self._authority = {}

    def _publish(self, check: Callable[[], None]) -> bytes | None:
        """Publishes in turn, unless the map must be built first, for which others would wait."""
        self._catch_up()
        self._sealer.sign(self._signer, check)
        if self._unsealed:
            if not self._sealer.is_ready:
                return None
            with self._writing():
                end = self._sealer.seal(self._end, self._unsealed.values())
            self._extend(end)
            self._unsealed = {}
            self._sealer.sign(self._signer, check)
        return cosigned_note(self._store, find_signed(self._store))

    def _extend(self, end: LogEnd) -> None:
        """Continues from entries that were written durably, which this writer may sign."""
        self._end, self._promised = end, end.frontier

    def _confirm(self) -> None:
        """Ensures that what was read is durable, before receipts for what was written earlier."""
        with self._writing():
            self._store.barrier(self._end.frontier)
        self._promised = self._end.frontier

    def _repeat(self, work: Callable[[], T]) -> T:
        """Does the work in turn, and repeats it when another process has overtaken an attempt.

        Entries that this writer does not know yet may explain a refusal, so the work is repeated
        after a refusal too.
        """
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._attempt(work)
            except StorageError:
                raise
            except TraceledgerError:
                if not self._catch_up() and self._known:
                    raise
        return self._attempt(work)

    def _attempt(self, work: Callable[[], T]) -> T:
        self._refresh()
        with self._store.turn():
            self._catch_up()
            return work()

    def _require_end(self) -> None:
        """Raises ConflictError `store.size` when the log does not end where this writer expects."""
        size = self._store.size()
        if size != self._end.size:
            raise ConflictError(
                "store.size", f"the log has {size} entries, {self._end.size} were expected"
            )

    def _catch_up(self) -> bool:
        """Loads the entries that other processes wrote; reports whether there were any."""
        size = self._store.size()
        if size < self._end.size:
            self._known = False  # the store was replaced with an older copy, or lost a write
        if size <= self._end.size:
            return False
        leaves, unsealed, has_seal = [], dict(self._unsealed), False
        for entry in self._store.read_entries(self._end.size, size):
            leaves.append(entry.leaf)
            if entry.item:
                latest = Latest(entry.item, entry.seq, entry.leaf, entry.leaf_index)
                unsealed[entry.item] = latest
            else:
                unsealed, has_seal = {}, True
        if has_seal:
            self._sealer = Sealer(self._store, self.origin, self._maps)
        self._end, _ = self._end.extended(leaves)
        self._unsealed, self._authority = unsealed, {}
        return True

    def _load(self) -> None:
        """Reads the end of the log, starting with the newest tree head."""
        self._store.barrier()
        # The tree head first: another process may extend the log but never shortens it.
        newest = check_newest(self._store, self.origin, self._signer.verifier)
        self._check_history()
        self._sealer = Sealer(self._store, self.origin, self._maps)
        self._authority, self._unsealed = {}, {}
        self._end = read_log_end(self._store, newest.size if newest else 0)
        self._known = True
        self._catch_up()

    def _check_history(self) -> None:
        """Raises StorageError `ledger.behind` if the log lost what this writer has confirmed.

        What it read and did not confirm may be gone: another process's commit failed.
        """
        if not has_tree(self._store, self._end.frontier):
            self._maps.clear()
        if not has_tree(self._store, self._promised):
            raise StorageError(
                "ledger.behind",
                f"{self._promised.size} entries were confirmed,"
                f" the database has {self._store.size()} or other ones",
            )

    def _refresh(self) -> None:
        if not self._known:
            self._load()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Marks the end of the log as unknown when a write fails midway.

        States that were read during a refused write are forgotten: they may have been undone.
        """
        try:
            yield
        except StorageError as error:
            self._known = False
            if error.code == "store.replaced":
                self._maps.clear()
            raise
        except TraceledgerError:
            self._authority = {}
            raise
        except BaseException:
            self._known = False
            raise


@contextlib.contextmanager
def _collecting_later() -> Iterator[None]:
    """Suspends the collection of garbage: a request creates thousands of objects and no cycles."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _latest(rows: Iterable[HeadRow]) -> Iterator[tuple[str, Latest]]:
    for row in rows:
        yield row.item, Latest(row.item, row.seq, row.head, row.latest)
