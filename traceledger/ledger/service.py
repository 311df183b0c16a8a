"""The ledger as a service: one thread writes, many threads submit requests.

Requests wait in a queue. The writer takes all waiting requests, commits them in one transaction and
answers each; it publishes new entries at most once per interval. Single events from many clients
thus share one disk synchronization. The event loop knows when it has no further request at hand, so
a group waits for the loop, never for a timer. The writer makes no proofs: readers make them from a
snapshot of the newest checkpoint, and neither waits for the other.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

from traceledger.errors import BusyError, StorageError, TraceledgerError
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.ledger.writing.intake import Received
from traceledger.ledger.writing.writer import LedgerWriter
from traceledger.views.appended import Logged

__all__ = ["Answer", "Counts", "LedgerService", "Published"]

_GROUP = 2_000  # events in one transaction, unless a single request has more
_ENOUGH = 128  # waiting requests for which the writer begins while the event loop reads others
_STOPPED = frozenset(
    {"ledger.behind", "ledger.checkpoint", "ledger.damaged", "ledger.restored", "witness.ahead"}
)
"""Failures after which the log signs nothing: it may have promised these indexes to others."""
_WAITING = 20_000  # events in the queue, beyond which requests are refused as busy

Deliver = Callable[[Callable[[], None]], object]


class Loop(Protocol):
    """An event loop, as asyncio has it."""

    def call_soon(self, call: Callable[[], None], /) -> object:
        """Schedules a call after everything that is scheduled now."""

    def call_soon_threadsafe(self, call: Callable[[], None], /) -> object:
        """Schedules a call from another thread."""


class Answer(Protocol):
    """The future of a request, which the writer completes."""

    def done(self) -> bool:
        """Reports whether the future was completed or cancelled."""

    def set_result(self, result: Any, /) -> None:
        """Completes with the places of the events, a tuple of `Logged`."""

    def set_exception(self, exception: BaseException, /) -> None:
        """Completes with the error because of which nothing was written."""


class Published(NamedTuple):
    """The newest checkpoint: its size and its note. Size 0 for a log without one."""

    size: int
    note: bytes


class Counts(NamedTuple):
    """The writer's counters since its start, and the number of waiting events."""

    transactions: int
    requests: int
    events: int
    refused: int
    waiting: int


class _Request(NamedTuple):
    events: Sequence[Received]
    answer: Answer


class LedgerService:
    """Owns a ledger's writer from `start` to `stop`."""

    def __init__(
        self,
        writer: LedgerWriter,
        *,
        publish: Callable[[LedgerWriter], bytes],
        interval: float = 1.0,
        follow: bool = False,
        prepare: Callable[[], object] = lambda: None,
        find_contradiction: Callable[[], StorageError | None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Takes ownership of the writer.

        `publish` seals, signs and returns the newest checkpoint; it is called at most once per
        `interval` seconds. With `follow`, it is also called while this process writes nothing,
        because other processes write to the same store. `prepare` builds the map that the first
        seal needs: seconds for a million items, which it takes in a thread of its own.
        `find_contradiction` returns the error after which the log signs nothing, as soon as a
        witness has shown its cause; it is called for each request, from any thread.
        """
        self.origin = writer.origin
        self.clock = writer.clock
        self._writer = writer
        self._publish = publish
        self._interval = interval
        self._follow = follow
        self._prepare = prepare
        self._find_contradiction = find_contradiction
        self._deliver: Deliver = lambda call: call()
        self._defer: Deliver = lambda call: call()
        self._monotonic = monotonic
        self._queue: deque[_Request] = deque()
        self._waiting = 0
        self._submitted = 0
        self._gathering = self._gathered = False
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="writer")
        self._preparation = threading.Thread(target=self._run_preparation, name="map")
        self._prepared = False
        self._listeners: list[Callable[[Published], None]] = []
        self._published = Published(0, b"")
        self._last = -float("inf")
        self._counts = Counts(0, 0, 0, 0, 0)
        self._failure: TraceledgerError | None = None

    @property
    def failure(self) -> TraceledgerError | None:
        """Why the log must sign nothing more, otherwise why publishing failed last."""
        return self._find_contradiction() or self._failure

    @property
    def published(self) -> Published:
        """The newest published checkpoint."""
        return self._published

    @property
    def counts(self) -> Counts:
        """The writer's counters."""
        return self._counts._replace(waiting=self._waiting)

    @property
    def size(self) -> int:
        """The number of written entries."""
        return self._writer.size

    def run_in(self, loop: Loop) -> None:
        """Delivers answers and new checkpoints in the event loop that submits requests.

        Without a loop they are delivered in the writer's thread.
        """
        self._deliver, self._defer = loop.call_soon_threadsafe, loop.call_soon

    def listen(self, listener: Callable[[Published], None]) -> None:
        """Adds a function that is called with every new checkpoint, where answers are delivered."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Publishes entries that an earlier process left unpublished and starts the writer.

        Events are written and acknowledged at once, and published once the map is built.
        """
        self._publish_now()
        if (failure := self.failure) is not None:
            raise failure
        self._preparation.start()
        self._thread.start()

    def stop(self) -> None:
        """Completes the accepted requests, publishes them and closes the writer."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        for thread in (self._thread, self._preparation):
            if thread.ident is not None:
                thread.join()
        self._writer.close()

    def submit(self, events: Sequence[Received], answer: Answer) -> None:
        """Adds a request that `traceledger.ledger.writing.admission` admitted to the queue.

        Raises BusyError `server.busy` or `server.stopping` when the request is not accepted, and
        the failure of a log that signs nothing more.
        """
        self.check()
        with self._wake:
            if self._stopping:
                raise BusyError("server.stopping", "the server is shutting down")
            if self._waiting and self._waiting + len(events) > _WAITING:
                raise BusyError("server.busy", "too many events are waiting to be written")
            self._queue.append(_Request(events, answer))
            self._waiting += len(events)
            self._submitted += 1
            if len(self._queue) >= _ENOUGH:
                self._release()
            if self._gathering:
                return
            self._gathering = True
        self._defer(partial(self._look, 0))

    def receipt(self, logged: Sequence[Logged]) -> bytes:
        """Signs the receipt of written events, unless the log signs nothing more."""
        self.check()
        return self._writer.receipt(logged)

    def check(self) -> None:
        """Raises the failure of a log that signs nothing more, neither receipts nor checkpoints."""
        stop: TraceledgerError | None = self._find_contradiction()  # also if it cannot be read
        if stop is None and (failure := self._failure) is not None and failure.code in _STOPPED:
            stop = failure
        if stop is not None:
            raise StorageError(stop.code, stop.message)

    def _run_preparation(self) -> None:
        try:
            with contextlib.suppress(TraceledgerError):  # publishing reports the same error
                self._prepare()
        finally:
            with self._wake:
                self._prepared = True
                self._wake.notify()

    def _run(self) -> None:
        while (group := self._take()) is not None:
            if group:
                self._commit(group)
            if self._is_due():
                self._publish_now()
        self._publish_now()

    def _look(self, seen: int) -> None:
        """Lets the writer begin once a whole round of the event loop brought no more requests.

        So requests that arrive close together share a commit, and a single one hardly waits. Nor do
        loop and writer pass the interpreter lock to and fro, which costs more than a second core
        gains.
        """
        with self._wake:
            submitted = self._submitted
            if submitted == seen:
                self._gathering = False
                self._release()
                return
        self._defer(partial(self._look, submitted))

    def _release(self) -> None:
        if self._queue and not self._gathered:
            self._gathered = True
            self._wake.notify()

    def _take(self) -> list[_Request] | None:
        """Returns the next group: empty when publishing is due, None at the end."""
        with self._wake:
            while not self._gathered and not self._stopping:
                rest = self._rest()
                if rest is not None and rest <= 0:
                    return []
                self._wake.wait(rest)
            if not self._queue:
                return None
            group = [self._queue.popleft()]
            count = len(group[0].events)
            while self._queue and count + len(self._queue[0].events) <= _GROUP:
                group.append(self._queue.popleft())
                count += len(group[-1].events)
            self._gathered = len(self._queue) > 0
            return group

    def _commit(self, group: list[_Request]) -> None:
        answers: list[tuple[Logged, ...] | BaseException]
        try:
            answers = list(self._append(group))
        except Exception as error:  # noqa: BLE001 - every waiting client must receive an answer
            answers = [error] * len(group)
        failed = sum(isinstance(answer, BaseException) for answer in answers)
        events = sum(len(answer) for answer in answers if not isinstance(answer, BaseException))
        with self._wake:
            self._waiting -= sum(len(request.events) for request in group)
        self._counts = Counts(
            self._counts.transactions + (failed < len(group)),
            self._counts.requests + len(group),
            self._counts.events + events,
            self._counts.refused + failed,
            0,
        )
        self._deliver(lambda: _answer(group, answers))

    def _append(self, group: list[_Request]) -> Sequence[tuple[Logged, ...] | TraceledgerError]:
        self.check()
        return self._writer.append_group([request.events for request in group])

    def _rest(self) -> float | None:
        """Returns the seconds until publishing is due, None if that is not known yet."""
        if not self._prepared:
            return None
        if not (self._writer.is_dirty or self._follow or self.failure):
            return None
        return self._last + self._interval - self._monotonic()

    def _is_due(self) -> bool:
        rest = self._rest()
        return rest is not None and rest <= 0

    def _publish_now(self) -> None:
        self._last = self._monotonic()
        try:
            note = self._publish(self._writer)
        except TraceledgerError as error:
            self._failure = error
            return
        except Exception as error:  # noqa: BLE001 - the writer's thread must survive
            self._failure = StorageError("store.write", f"publishing failed: {error!r}")
            return
        self._failure = None
        size = parse_checkpoint(parse_note(note).text).size
        if size != self._published.size:
            published = self._published = Published(size, note)
            for listener in self._listeners:
                self._deliver(lambda call=listener: call(published))  # type: ignore[misc]  # bound now


def _answer(
    group: Sequence[_Request], answers: Sequence[tuple[Logged, ...] | BaseException]
) -> None:
    for request, answer in zip(group, answers, strict=True):
        if request.answer.done():
            continue  # the client disconnected
        if isinstance(answer, BaseException):
            request.answer.set_exception(answer)
        else:
            request.answer.set_result(answer)
