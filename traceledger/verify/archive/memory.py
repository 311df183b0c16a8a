"""What the verification of an archive keeps between entries, in a scratch file instead of memory.

A ledger may have more items than memory has room for, and a run may be stopped: states, the map of
latest heads and what events were live in one SQLite file beside the archive. It is worth nothing to
anybody else, so it is written without syncing; a file that was cut short is thrown away.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, MutableMapping, Sequence
from pathlib import Path

from traceledger.errors import MalformedError
from traceledger.events.encoding import decode_base64url
from traceledger.merkle.headmap import MapLeaf, map_key, map_leaf
from traceledger.merkle.headtree import HeadTree, choose_bits
from traceledger.rules.replay import Replay
from traceledger.rules.state import State, Trace, format_state, parse_state

__all__ = ["Scratch", "StoredReplay"]

_CACHED = 50_000

_LEAF = 32
_STEP = _LEAF + 2

_SCHEMA = """
CREATE TABLE IF NOT EXISTS mark (id INTEGER PRIMARY KEY CHECK (id = 0), data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS trace (code INTEGER PRIMARY KEY, kind TEXT, issuer TEXT);
CREATE TABLE IF NOT EXISTS state (
    item TEXT PRIMARY KEY, data BLOB NOT NULL, trail BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS map (key BLOB PRIMARY KEY, leaf BLOB NOT NULL) WITHOUT ROWID;
"""


class Scratch:
    """The scratch file: one connection, one transaction at a time, ended by `keep`."""

    def __init__(self, path: Path | None) -> None:
        """Opens or makes the file; None keeps everything in memory."""
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = OFF", "cache_size = -65536"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(_SCHEMA)
        self._connection.execute("BEGIN")
        self.states = StoredStates(self._connection)
        self.map = StoredMap(self._connection)

    def read_mark(self) -> bytes | None:
        """What the last `keep` was given."""
        row = self._connection.execute("SELECT data FROM mark").fetchone()
        return row[0] if row else None

    def keep(self, mark: bytes) -> None:
        """Writes everything, with a mark of how far the run came."""
        self.states.flush()
        self._connection.execute("INSERT OR REPLACE INTO mark VALUES (0, ?)", (mark,))
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN")

    def close(self) -> None:
        """Closes the file; what was not kept is gone."""
        self._connection.close()


class StoredStates(MutableMapping[str, State]):
    """Chains' states by item, and each chain's trail; the latest used ones in memory.

    A trail is 34 bytes an event: its leaf hash, and a number for its kind and issuer.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._cache: dict[str, State] = {}
        self._trails: dict[str, bytes] = {}
        self._changed: set[str] = set()
        rows = connection.execute("SELECT kind, issuer, code FROM trace")
        self._codes = {Trace(kind, issuer): code for kind, issuer, code in rows}
        self._traces = {code: trace for trace, code in self._codes.items()}

    def __getitem__(self, item: str) -> State:
        state = self._cache.get(item)
        return self._load(item) if state is None else state

    def __setitem__(self, item: str, state: State) -> None:
        if item not in self._trails and self.get(item) is None:
            self._trails[item] = b""
        self._cache[item] = state
        self._changed.add(item)
        if len(self._cache) > _CACHED:
            self.flush()
            self._cache.clear()
            self._trails.clear()

    def __delitem__(self, item: str) -> None:
        raise TypeError("states are not taken back")

    def __iter__(self) -> Iterator[str]:
        self.flush()
        for (item,) in self._connection.execute("SELECT item FROM state ORDER BY item"):
            yield item

    def __len__(self) -> int:
        self.flush()
        count: int = self._connection.execute("SELECT count(*) FROM state").fetchone()[0]
        return count

    def remember(self, item: str, event: str, trace: Trace) -> None:
        """Adds an event to the trail of an item that has a state."""
        code = self._codes.get(trace)
        if code is None:
            code = self._codes[trace] = len(self._codes)
            self._traces[code] = trace
            self._connection.execute("INSERT INTO trace VALUES (?, ?, ?)", (code, *trace))
        if item not in self._trails:
            self._load(item)
        self._trails[item] += decode_base64url(event.encode()) + code.to_bytes(2)
        self._changed.add(item)

    def find(self, item: str, event: str) -> Trace | None:
        """What an event of a chain was."""
        if self.get(item) is None:
            return None
        try:
            leaf = decode_base64url(event.encode())
        except MalformedError:
            return None
        trail = self._trails[item]
        for place in range(0, len(trail), _STEP):
            if trail[place : place + _LEAF] == leaf:
                return self._traces[int.from_bytes(trail[place + _LEAF : place + _STEP])]
        return None

    def flush(self) -> None:
        """Writes what changed."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO state VALUES (?, ?, ?)",
            [
                (item, format_state(self._cache[item]), self._trails[item])
                for item in sorted(self._changed)
            ],
        )
        self._changed.clear()

    def _load(self, item: str) -> State:
        row = self._connection.execute(
            "SELECT data, trail FROM state WHERE item = ?", (item,)
        ).fetchone()
        if row is None:
            raise KeyError(item)
        state = self._cache[item] = parse_state(row[0])
        self._trails[item] = row[1]
        return state


class StoredMap:
    """The map of latest heads, its leaves in the scratch file; see `traceledger.verify.log`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._items: int = connection.execute("SELECT count(*) FROM map").fetchone()[0]
        self._coming: dict[bytes, bytes] = {}
        self._tree = self._build()

    def __len__(self) -> int:
        return self._items

    def put(self, item: str, seq: int, head: bytes) -> None:
        """Sets an item's latest position and event id."""
        key = map_key(item)
        if key not in self._coming:
            known = self._connection.execute("SELECT 1 FROM map WHERE key = ?", (key,))
            self._items += known.fetchone() is None
        self._coming[key] = map_leaf(key, seq, head)

    def root(self) -> bytes:
        """The map root over all items."""
        if self._coming:
            self._connection.executemany(
                "INSERT OR REPLACE INTO map VALUES (?, ?)", sorted(self._coming.items())
            )
            buckets = {self._tree.bucket_of(key) for key in self._coming}
            self._coming = {}
            if choose_bits(self._items) > self._tree.bits:
                self._tree = self._build()
            else:
                self._tree.update(buckets)
        return self._tree.root

    def _build(self) -> HeadTree:
        # Two bits ahead, so that a growing map is rebuilt only when it is four times as large.
        tree = HeadTree(choose_bits(4 * self._items), self._read_bucket)
        tree.load(self._connection.execute("SELECT key, leaf FROM map ORDER BY key"))
        return tree

    def _read_bucket(self, bucket: int) -> Sequence[MapLeaf]:
        return self._connection.execute(
            "SELECT key, leaf FROM map WHERE key BETWEEN ? AND ? ORDER BY key",
            self._tree.bucket_bounds(bucket),
        ).fetchall()


class StoredReplay(Replay):
    """A replay whose states and trails are in a scratch file."""

    def __init__(self, origin: str, scratch: Scratch) -> None:
        super().__init__(origin, states=scratch.states)
        self._stored = scratch.states

    def trace(self, item: str, event: str) -> Trace | None:
        """What an earlier event of a chain was, by its id."""
        return self._stored.find(item, event)

    def remember(self, item: str, event: str, trace: Trace) -> None:
        """Keeps what an event was, for `trace`."""
        self._stored.remember(item, event, trace)
