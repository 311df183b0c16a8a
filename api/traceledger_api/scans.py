"""How often a unit's code was opened: counted outside the log, by day, without personal data.

A copied label verifies as the original does: the record is genuine, the object may not be. Counts
are shown as they are. A warning follows from a rule, never from a count: the code was opened before
the unit left the plant, or after its life had ended. Visits by the plant's own staff would warn of
nothing, so only visits by strangers count: without an access token, and from outside this machine
and private networks. Nor is a visit what no person has opened: a HEAD request, a prefetch, the
preview of a link in a chat, the scanner of a mail server. Browsers declare a navigation in the
headers `Sec-Fetch-…` (W3C Fetch Metadata), and such programs do not.
"""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import re
import secrets
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from traceledger.files.side_database import open_side_database
from traceledger_api.rate_limit import network_of

__all__ = ["ScanCounter", "Scans", "is_navigation", "is_outside"]

_EARLY = frozenset({"ASSEMBLED", "TESTED", "FAILED", "APPROVED", "PACKED"})
_LATE = frozenset({"SCRAPPED", "DISASSEMBLED", "REIMPORTED"})
_WINDOW = 3600.0  # seconds in which repeated visits by one visitor count once
_MAX_RECENT = 50_000
_VERSION = 1
# The first version had this table and no version number.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS scan (
    item TEXT NOT NULL, day TEXT NOT NULL, life TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (item, day, life)
) STRICT, WITHOUT ROWID;
"""
_INSIDE = tuple(
    map(
        ipaddress.ip_network,
        (
            *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
            "100.64.0.0/10",  # shared addresses (RFC 6598), also those of private overlay networks
            *("::1/128", "fc00::/7", "fe80::/10"),
        ),
    )
)
# Programs with a complete browser inside.
_ROBOT = re.compile(r"(?i)bot\b|crawl|spider|headless|preview|facebookexternalhit|whatsapp")
_ADD = (
    "INSERT INTO scan VALUES (?, ?, ?, 1)"
    " ON CONFLICT (item, day, life) DO UPDATE SET count = count + 1"
)


class Scans(NamedTuple):
    """The count, the first day, and the warnings: `before_export`, `after_scrap`."""

    total: int
    first: date | None
    warnings: tuple[str, ...]


class _Visit(NamedTuple):
    at: float
    day: str
    life: str


def is_outside(address: str) -> bool:
    """Reports whether an address is neither of this machine nor of a private network."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return not any(found in network for network in _INSIDE)


def is_navigation(headers: Mapping[str, str]) -> bool:
    """Reports whether a person opened the address in a browser, by the headers of a GET request."""
    purposes = (headers.get(name, "") for name in ("sec-purpose", "purpose", "x-moz"))
    return (
        headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
        and not any(purposes)
        and _ROBOT.search(headers.get("user-agent", "")) is None
    )


class ScanCounter:
    """The counts, in a separate file; may be used from several threads."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        """Opens or creates the file; `clock` returns seconds since 1970.

        Raises StorageError `store.write`, or `store.version` for a file of a newer version.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._salt = secrets.token_bytes(16)
        # Recent visitors, as hashes under a salt that is discarded with the process.
        self._recent: OrderedDict[bytes, _Visit] = OrderedDict()
        self._connection = open_side_database(path, _SCHEMA, _VERSION, durable=False)

    def count(self, item: str, life: str, visitor: str) -> None:
        """Counts a visit to a unit in that state, once an hour for the same visitor.

        `visitor` is an address; all addresses of an IPv6 /64 are one visitor.
        """
        now = self._clock()
        day = datetime.fromtimestamp(now, UTC).date().isoformat()
        with self._lock:
            mark = self._mark(item, visitor)
            if self._find_recent(mark, now):
                self._recent.move_to_end(mark)
                return
            self._recent[mark] = _Visit(now, day, life)
            if len(self._recent) > _MAX_RECENT:
                self._recent.popitem(last=False)
            with contextlib.suppress(sqlite3.Error):  # a lost count is better than an error page
                self._connection.execute(_ADD, (item, day, life))

    def read(self, item: str, visitor: str = "") -> Scans:
        """Returns the counts of a unit, without this visitor's own visit in the last hour."""
        with self._lock:
            own = self._find_recent(self._mark(item, visitor), self._clock())
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
        text = f"{item}\n{network_of(visitor)}".encode()
        return hashlib.blake2b(text, key=self._salt, digest_size=12).digest()

    def _find_recent(self, mark: bytes, now: float) -> _Visit | None:
        found = self._recent.get(mark)
        return found if found is not None and now - found.at < _WINDOW else None
