"""How often a unit's code was opened: counted outside the log, by day, with no personal data.

A copied label verifies as the true one does: the record is genuine, the object may not be. Counts
are shown as they are. A warning comes from a rule, never from a count: codes that were opened
before the unit left the plant, or after its life had ended.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from traceledger.errors import StorageError

__all__ = ["ScanCounter", "Scans"]

_EARLY = frozenset({"ASSEMBLED", "TESTED", "FAILED", "APPROVED", "PACKED"})
_LATE = frozenset({"SCRAPPED", "DISASSEMBLED", "REIMPORTED"})
_AGAIN = 3600.0  # seconds in which the same device at the same place counts once
_REMEMBERED = 50_000
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS scan (
    item TEXT NOT NULL, day TEXT NOT NULL, life TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (item, day, life)
) STRICT, WITHOUT ROWID;
"""
_ADD = (
    "INSERT INTO scan VALUES (?, ?, ?, 1)"
    " ON CONFLICT (item, day, life) DO UPDATE SET count = count + 1"
)


class Scans(NamedTuple):
    """How often, since which day, and which rules of `before_export` and `after_scrap` warn."""

    total: int
    first: date | None
    warnings: tuple[str, ...]


class ScanCounter:
    """The counts in a file of their own; may be used from several threads."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        """Opens or makes the file; raises StorageError `store.write`. `clock` is in seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._salt = secrets.token_bytes(16)
        # Who came lately, as hashes under a salt that dies with the process.
        self._lately: OrderedDict[bytes, float] = OrderedDict()
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise StorageError("store.write", f"{path} cannot be used: {error}") from error

    def count(self, item: str, life: str, visitor: str) -> None:
        """Counts one opening of a unit in that state, once an hour for the same visitor."""
        now = self._clock()
        text = f"{item}\n{visitor}".encode()
        mark = hashlib.blake2b(text, key=self._salt, digest_size=12).digest()
        with self._lock:
            last = self._lately.pop(mark, None)
            self._lately[mark] = now
            if len(self._lately) > _REMEMBERED:
                self._lately.popitem(last=False)
            if last is not None and now - last < _AGAIN:
                return
            day = datetime.fromtimestamp(now, UTC).date().isoformat()
            with contextlib.suppress(sqlite3.Error):  # a count is not worth an error page
                self._connection.execute(_ADD, (item, day, life))

    def read(self, item: str) -> Scans:
        """What was counted for a unit."""
        with self._lock:
            try:
                rows = self._connection.execute(
                    "SELECT day, life, count FROM scan WHERE item = ? ORDER BY day", (item,)
                ).fetchall()
            except sqlite3.Error:
                rows = []
        lives = {life for _, life, _ in rows}
        rules = (("before_export", _EARLY), ("after_scrap", _LATE))
        return Scans(
            total=sum(count for _, _, count in rows),
            first=date.fromisoformat(rows[0][0]) if rows else None,
            warnings=tuple(name for name, states in rules if not lives.isdisjoint(states)),
        )

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()
