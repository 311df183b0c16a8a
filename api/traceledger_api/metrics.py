"""Metrics of one server in the format of Prometheus."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, wait

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from traceledger.errors import StorageError
from traceledger.ledger.cosigning import Cosigning
from traceledger.ledger.service import LedgerService
from traceledger.storage.store import StoreReader

__all__ = ["Metrics", "ReplicaMetrics", "WalMetrics", "WitnessMetrics", "WriterMetrics"]

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """Counts requests by route, and reads other counters on each scrape."""

    def __init__(self, *others: Collector) -> None:
        self._registry = CollectorRegistry()
        self._labelled: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._requests = Counter(
            "traceledger_requests",
            "Requests by method, route and status.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "traceledger_request_seconds",
            "Time to the end of the response, by route.",
            ("route",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._refused = Counter(
            "traceledger_refused", "Errors by code.", ("code",), registry=self._registry
        )
        self._disconnected = Counter(
            "traceledger_disconnected",
            "Requests whose connection ended before the response did.",
            registry=self._registry,
        )
        self._running = 0
        running = Gauge(
            "traceledger_requests_running", "Requests in progress.", registry=self._registry
        )
        running.set_function(lambda: self._running)
        ProcessCollector(registry=self._registry)
        for other in others:
            self._registry.register(other)

    def begin(self) -> None:
        """Records the start of a request."""
        self._running += 1

    def end(
        self,
        method: str,
        route: str,
        status: int,
        seconds: float,
        code: str,
        *,
        disconnected: bool,
    ) -> None:
        """Records the end of a request; `code` is that of its error, or empty."""
        self._running -= 1
        counter, histogram = self._find(method, route, status)
        counter.inc()
        histogram.observe(seconds)
        if code:
            self._refused.labels(code).inc()
        if disconnected:
            self._disconnected.inc()

    def _find(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        """Returns the two metrics of a request; the library checks their labels each time."""
        found = self._labelled.get((method, route, status))
        if found is None:
            found = self._requests.labels(method, route, status), self._seconds.labels(route)
            self._labelled[method, route, status] = found
        return found

    def text(self) -> bytes:
        """Returns all metrics in the text format of Prometheus."""
        return generate_latest(self._registry)


class WriterMetrics(Collector):
    """The counters of a ledger's writer."""

    def __init__(self, service: LedgerService) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """Yields the writer's counters and the length of its queue."""
        counts = self._service.counts
        for name, text, value in (
            ("traceledger_transactions", "Transactions written.", counts.transactions),
            ("traceledger_append_requests", "Requests to append.", counts.requests),
            ("traceledger_events", "Events appended.", counts.events),
            ("traceledger_append_refused", "Requests refused by the writer.", counts.refused),
        ):
            yield CounterMetricFamily(name, text, value)
        for name, text, value in (
            ("traceledger_waiting_events", "Events in the queue of the writer.", counts.waiting),
            ("traceledger_log_size", "Entries in the log.", self._service.size),
            (
                "traceledger_published_size",
                "Size of the newest checkpoint.",
                self._service.published.size,
            ),
            (
                "traceledger_healthy",
                "1 unless publishing fails or a witness contradicts.",
                int(self._service.failure is None),
            ),
        ):
            yield GaugeMetricFamily(name, text, value)


class WalMetrics(Collector):
    """How much of its write-ahead log the database keeps, as `read` returns it in `threads`.

    A question that was not answered within `deadline` seconds is not asked again until it was:
    the other metrics matter most while the database is away.
    """

    def __init__(
        self, read: Callable[[], int | None], threads: Executor, *, deadline: float = 1.0
    ) -> None:
        self._read = read
        self._threads = threads
        self._deadline = deadline
        self._asked: Future[int | None] | None = None

    def collect(self) -> Iterator[Metric]:
        """Yields the size; nothing without a log, or while the database does not answer."""
        asked = self._asked or self._threads.submit(self._read)
        self._asked = None if wait([asked], self._deadline).done else asked
        with contextlib.suppress(StorageError):
            size = None if self._asked else asked.result()
            if size is not None:
                yield GaugeMetricFamily(
                    "traceledger_wal_bytes", "Bytes of the write-ahead log that are kept.", size
                )


class ReplicaMetrics(Collector):
    """How a replica answered, where there is one."""

    def __init__(self, store: StoreReader) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        """Yields the number of statements by what became of them; nothing without a replica."""
        reads = self._store.replica_reads
        if reads is None:
            return
        family = CounterMetricFamily(
            "traceledger_replica_reads",
            "Statements answered by the replica, and those that it was behind or failed to answer.",
            labels=["result"],
        )
        for result, value in reads._asdict().items():
            family.add_metric([result], value)
        yield family


class WitnessMetrics(Collector):
    """What each witness cosigned last, and whether it answered the latest request."""

    def __init__(self, cosigning: Cosigning) -> None:
        self._cosigning = cosigning

    def collect(self) -> Iterator[Metric]:
        """Yields a value of each witness."""
        states = self._cosigning.states
        for name, text, values in (
            ("size", "Size that the witness cosigned last.", [state.size for state in states]),
            ("time_seconds", "Time of its cosignature.", [state.time for state in states]),
            ("healthy", "1 unless it failed.", [int(state.error is None) for state in states]),
        ):
            family = GaugeMetricFamily(f"traceledger_witness_{name}", text, labels=["witness"])
            for state, value in zip(states, values, strict=True):
                family.add_metric([state.name], value)
            yield family
