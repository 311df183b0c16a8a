"""Reading from a replica, and from the primary server whatever the replica does not have yet."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence

from traceledger.errors import StorageError, TraceledgerError, UsageError
from traceledger.storage.postgresql import statements
from traceledger.storage.postgresql.connections import Patience
from traceledger.storage.postgresql.store import PostgresStore
from traceledger.storage.rows import Row
from traceledger.storage.seen import Seen
from traceledger.storage.store import ReplicaReads

__all__ = ["ReplicatedStore"]

_PATIENCE = Patience(answer=2, connect=2)
_REST = 5.0  # seconds after a failure during which a replica is not asked again
_LAG = 0.1  # the same for a replica that was behind


class ReplicatedStore(PostgresStore):
    """A reader's store whose statements a replica answers.

    The replica answers only while it has everything that this process has shown before; otherwise,
    and while it does not answer, the primary server does. A statement thus never sees less than an
    earlier one. Rows of all items come from the primary server.
    """

    def __init__(self, address: str, replica: str, *, seen: Seen) -> None:
        """Connects to both; a replica that does not answer now may do so later.

        Raises the errors of `PostgresStore`, and UsageError `store.replica` for another
        database than the primary server's, or its copy on another server.
        """
        super().__init__(address, write=False, seen=seen)
        self._shown = seen
        self._address = replica
        self._replica: PostgresStore | None = None
        self._trusted = False
        self._rested = -math.inf
        self._trying = threading.Lock()
        self._counting = threading.Lock()
        self._reads = ReplicaReads()
        try:
            self._find_replica()
        except StorageError:
            self._rest(_REST)
        except BaseException:
            self.close()
            raise

    @property
    def replica_reads(self) -> ReplicaReads:
        """The counters since the start."""
        return self._reads

    def fetch(self, query: str, values: Sequence[object] = ()) -> list[Row]:
        """Runs a statement of `queries` on the replica if it can answer, otherwise here."""
        found = self._ask_replica(query, values)
        return super().fetch(query, values) if found is None else found

    def close(self) -> None:
        """Closes all connections."""
        if self._replica is not None:
            self._replica.close()
        super().close()

    def _ask_replica(self, query: str, values: Sequence[object]) -> list[Row] | None:
        """Returns the replica's rows, None if it does not answer or is behind."""
        if time.monotonic() < self._rested:
            return None
        if self._trusted:
            return self._try_replica(query, values)
        if not self._trying.acquire(blocking=False):
            return None  # only one thread at a time waits for a replica that may be away
        try:
            return self._try_replica(query, values)
        finally:
            self._trying.release()

    def _try_replica(self, query: str, values: Sequence[object]) -> list[Row] | None:
        needed = self._shown.position
        try:
            replica = self._replica if self._trusted else None
            replica = replica or self._find_replica()
            before, rows, after = replica.fetch_between(query, values, position=statements.FOLLOWED)
        except TraceledgerError:
            self._trusted = False
            self._rest(_REST)
            self._count(failed=1)
            return None
        if min(before, after) < needed:  # the second if it ceased to follow meanwhile
            self._rest(_LAG)
            self._count(behind=1)
            return None
        self._shown.add(after)
        self._count(answered=1)
        return rows

    def _find_replica(self) -> PostgresStore:
        """Returns the replica after it was recognized as a standby of the primary server."""
        if self._replica is None:
            self._replica = PostgresStore(self._address, write=False, patience=_PATIENCE)
        identity = super().fetch(statements.IDENTITY)
        if self._replica.fetch(statements.IDENTITY) != identity:
            raise UsageError(
                "store.replica", "the database for reading is not a standby of the ledger's"
            )
        self._trusted = True
        return self._replica

    def _rest(self, seconds: float) -> None:
        self._rested = time.monotonic() + seconds

    def _count(self, *, answered: int = 0, behind: int = 0, failed: int = 0) -> None:
        with self._counting:
            now = self._reads
            self._reads = ReplicaReads(
                now.answered + answered, now.behind + behind, now.failed + failed
            )
