"""How often a unit's code was opened: counted outside the log, by day, with no personal data.

A copied label verifies as the true one does: the record is genuine, the object may not be. Counts
are shown as they are. A warning comes from a rule, never from a count: codes that were opened
before the unit left the plant, or after its life had ended. Visits of the plant's own people would
warn of nothing, so that only those of strangers count: without an access token, and from outside
the machine and the private networks around it.
"""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import secrets
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from traceledger.errors import StorageError

__all__ = ["ScanCounter", "Scans", "is_outside"]

_EARLY = frozenset({"ASSEMBLED", "TESTED", "FAILED", "APPROVED", "PACKED"})
_LATE = frozenset({"SCRAPPED", "DISASSEMBLED", "REIMPORTED"})
_AGAIN = 3600.0  # seconds in which the same device at the same place counts once
_REMEMBERED = 50_000
_VERSION = 1
_PRAGMAS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
# The first files had this table and no version.
_SCHEMA = f"""
BEGIN;
CREATE TABLE IF NOT EXISTS scan (
    item TEXT NOT NULL, day TEXT NOT NULL, life TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (item, day, life)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = {_VERSION};
COMMIT;
"""
_INSIDE = tuple(
    map(
        ipaddress.ip_network,
        (
            *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
            *("::1/128", "fc00::/7", "fe80::/10"),
        ),
    )
)
_ADD = (
    "INSERT INTO scan VALUES (?, ?, ?, 1)"
    " ON CONFLICT (item, day, life) DO UPDATE SET count = count + 1"
)


class Scans(NamedTuple):
    """How often, since which day, and which rules of `before_export` and `after_scrap` warn."""

    total: int
    first: date | None
    warnings: tuple[str, ...]


class _Visit(NamedTuple):
    at: float
    day: str
    life: str


def is_outside(address: str) -> bool:
    """Reports whether an address is neither this machine's nor one of a private network."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return not any(found in network for network in _INSIDE)


class ScanCounter:
    """The counts in a file of their own; may be used from several threads."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        """Opens or makes the file; `clock` is in seconds.

        Raises StorageError `store.version` for a file of a newer version, `store.write`.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._salt = secrets.token_bytes(16)
        # Who came lately, as hashes under a salt that dies with the process.
        self._lately: OrderedDict[bytes, _Visit] = OrderedDict()
        try:
            self._connection = _open(path)
        except sqlite3.Error as error:
            raise StorageError("store.write", f"{path} cannot be used: {error}") from error

    def count(self, item: str, life: str, visitor: str) -> None:
        """Counts one opening of a unit in that state, once an hour for the same visitor."""
        now = self._clock()
        day = datetime.fromtimestamp(now, UTC).date().isoformat()
        with self._lock:
            mark = self._mark(item, visitor)
            if self._find_lately(mark, now):
                self._lately.move_to_end(mark)
                return
            self._lately[mark] = _Visit(now, day, life)
            if len(self._lately) > _REMEMBERED:
                self._lately.popitem(last=False)
            with contextlib.suppress(sqlite3.Error):  # a count is not worth an error page
                self._connection.execute(_ADD, (item, day, life))

    def read(self, item: str, visitor: str = "") -> Scans:
        """What was counted for a unit, without what this visitor did in the last hour."""
        with self._lock:
            own = self._find_lately(self._mark(item, visitor), self._clock())
            try:
                rows = self._connection.execute(
                    "SELECT day, life, count FROM scan WHERE item = ? ORDER BY day", (item,)
                ).fetchall()
            except sqlite3.Error:
                rows = []
        counts = {(day, life): count for day, life, count in rows}
        if own and (own.day, own.life) in counts:
            counts[own.day, own.life] -= 1
        found = [place for place, count in counts.items() if count]
        lives = {life for _, life in found}
        rules = (("before_export", _EARLY), ("after_scrap", _LATE))
        return Scans(
            total=sum(counts.values()),
            first=date.fromisoformat(found[0][0]) if found else None,
            warnings=tuple(name for name, states in rules if not lives.isdisjoint(states)),
        )

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def _mark(self, item: str, visitor: str) -> bytes:
        text = f"{item}\n{visitor}".encode()
        return hashlib.blake2b(text, key=self._salt, digest_size=12).digest()

    def _find_lately(self, mark: bytes, now: float) -> _Visit | None:
        found = self._lately.get(mark)
        return found if found is not None and now - found.at < _AGAIN else None


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        _check_version(connection, path)
        connection.executescript(_PRAGMAS + _SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        message = f"{path} has version {version}, this program uses {_VERSION}"
        raise StorageError("store.version", message)
