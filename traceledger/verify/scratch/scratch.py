"""What the verification of an archive keeps between entries, in a scratch file instead of memory.

A ledger may have more items than memory has room for, and a run may be stopped: states, the map of
latest heads and what events were live in one SQLite file beside the archive. Rows and mark carry
checksums, so that a damaged file is found out and never turned into a verdict.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from traceledger.errors import StorageError, UsageError
from traceledger.merkle.headmap import MapLeaf, map_key, map_leaf
from traceledger.merkle.headtree import HeadTree, choose_bits
from traceledger.rules.replay import Replay
from traceledger.rules.state import State, Trace, format_state, parse_state

__all__ = ["Scratch", "StoredReplay"]

_APPLICATION = 0x544C5331  # "TLS1": a scratch file of this form and no other database
_CACHED = 4_000  # states in each of two generations
_CHECK = 8
_ID = 43
_STEP = _ID + 4

_PRAGMAS = ("journal_mode = WAL", "synchronous = NORMAL", "cache_size = -8192")
_SCHEMA = (
    "CREATE TABLE mark (id INTEGER PRIMARY KEY CHECK (id = 0), data BLOB NOT NULL)",
    "CREATE TABLE state (item TEXT PRIMARY KEY, data BLOB, trail BLOB, sum BLOB) WITHOUT ROWID",
    "CREATE TABLE map (key BLOB PRIMARY KEY, leaf BLOB NOT NULL) WITHOUT ROWID",
    f"PRAGMA application_id = {_APPLICATION}",
)


class Scratch:
    """The scratch file: one connection, one transaction at a time, ended by `keep`."""

    def __init__(self, path: Path | None) -> None:
        """Opens or makes the file; without a path it is a temporary one that goes on closing.

        Raises UsageError `archive.scratch` for a file that is damaged, another one, or in use.
        """
        self.kept = path is not None
        try:
            # The empty name is SQLite's for a private file that is deleted when it is closed.
            self._connection = sqlite3.connect(path or "", isolation_level=None, timeout=0)
        except sqlite3.Error as error:
            raise _unusable(error) from error
        try:
            self._open()
        except BaseException:
            self._connection.close()
            raise
        self.states = StoredStates(self._connection, summed=self.kept)
        self.map = StoredMap(self._connection, self.states.__len__)

    def read_mark(self) -> bytes | None:
        """What the last `keep` was given; raises UsageError `archive.scratch`."""
        row = self._connection.execute("SELECT data FROM mark").fetchone()
        if row is None:
            return None
        check, mark = row[0][:_CHECK], bytes(row[0][_CHECK:])
        if _checksum(mark) != check:
            raise _damaged()
        return mark

    def keep(self, mark: bytes) -> None:
        """Writes everything, with a mark of how far the run came."""
        self.states.flush()
        self._connection.execute(
            "INSERT OR REPLACE INTO mark VALUES (0, ?)", (_checksum(mark) + mark,)
        )
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN IMMEDIATE")

    def close(self) -> None:
        """Closes the file; what was not kept is gone."""
        self._connection.close()

    @staticmethod
    @contextmanager
    def failing() -> Iterator[None]:
        """Turns what SQLite raises inside into StorageError `archive.scratch`."""
        try:
            yield
        except sqlite3.Error as error:
            raise StorageError("archive.scratch", f"the scratch file failed: {error}") from error

    def _open(self) -> None:
        connection = self._connection
        try:
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            empty = not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if application != _APPLICATION and not (empty and application == 0):
                raise UsageError(
                    "archive.scratch", "the file is something else, not a scratch file"
                )
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("BEGIN IMMEDIATE")
            if empty:
                for statement in _SCHEMA:
                    connection.execute(statement)
            elif connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise _damaged()
        except sqlite3.Error as error:
            raise _unusable(error) from error


class StoredStates(MutableMapping[str, State]):
    """Chains' states by item, and each chain's trail; those used last in memory.

    A trail is 47 bytes an event: its id, and a number for its kind and issuer. What is in
    memory is in two generations: when the young one is full, it becomes the old one. Rows are
    `summed` when another run may read them.
    """

    def __init__(self, connection: sqlite3.Connection, *, summed: bool) -> None:
        self._connection = connection
        self._summed = summed
        self._young: dict[str, _Chain] = {}
        self._old: dict[str, _Chain] = {}
        self._count: int = connection.execute("SELECT count(*) FROM state").fetchone()[0]
        self._stored = self._count > 0
        self._absent = ""  # the item that was looked for last, in vain
        self.traces: list[Trace] = []
        self._codes: dict[Trace, bytes] = {}

    def __getitem__(self, item: str) -> State:
        chain = self._find(item)
        if chain is None:
            raise KeyError(item)
        return chain.state

    def get(self, item: str, default: Any = None) -> Any:
        """The state of an item, or the default; the replay asks for little else."""
        chain = self._young.get(item) or self._find(item)
        return default if chain is None else chain.state

    def __setitem__(self, item: str, state: State) -> None:
        chain = self._find(item)
        if chain is None:
            self._count += 1
            self._absent = ""
            self._young[item] = _Chain(state)
            self._make_room()
        else:
            chain.state = state
            chain.changed = True

    def update(self, changes: Mapping[str, State]) -> None:  # type: ignore[override]
        """Sets the states of several items."""
        for item, state in changes.items():
            self[item] = state

    def __delitem__(self, item: str) -> None:
        raise TypeError("states are not taken back")

    def __iter__(self) -> Iterator[str]:
        self.flush()
        for (item,) in self._connection.execute("SELECT item FROM state ORDER BY item"):
            yield item

    def __len__(self) -> int:
        return self._count

    def restore(self, count: int, traces: Sequence[tuple[str, str]]) -> None:
        """Takes the number of items, and those of kinds and issuers, from a mark.

        Raises UsageError `archive.scratch` when what is stored is not what was written.
        """
        for kind, issuer in traces:
            self._code(Trace(kind, issuer))
        rows = self._connection.execute("SELECT item, data, trail, sum FROM state")
        if self._count != count or any(_checksum(*row[:3]) != row[3] for row in rows):
            raise _damaged()

    def remember(self, item: str, event: bytes, trace: Trace) -> None:
        """Adds an event, by its id, to the trail of an item that has a state."""
        chain = self._find(item)
        if chain is None:
            raise KeyError(item)
        chain.trail += event + (self._codes.get(trace) or self._code(trace))
        chain.changed = True

    def find(self, item: str, event: bytes) -> Trace | None:
        """What an event of a chain was."""
        chain = self._find(item)
        trail = b"" if chain is None else chain.trail
        for place in range(0, len(trail), _STEP):
            if trail.startswith(event, place):
                return self.traces[int.from_bytes(trail[place + _ID : place + _STEP])]
        return None

    def flush(self) -> None:
        """Writes what changed."""
        for generation in (self._young, self._old):
            self._write(generation)

    def _find(self, item: str) -> _Chain | None:
        chain = self._young.get(item)
        if chain is None:
            chain = self._old.pop(item, None)
            if chain is None:
                if not self._stored or item == self._absent:
                    return None
                chain = self._load(item)
                if chain is None:
                    self._absent = item
                    return None
            self._young[item] = chain
            self._make_room()
        return chain

    def _load(self, item: str) -> _Chain | None:
        row = self._connection.execute(
            "SELECT data, trail FROM state WHERE item = ?", (item,)
        ).fetchone()
        if row is None:
            return None
        return _Chain(parse_state(row[0]), row[1], changed=False)

    def _make_room(self) -> None:
        if len(self._young) > _CACHED:
            self._write(self._old)
            self._old, self._young = self._young, {}

    def _write(self, generation: Mapping[str, _Chain]) -> None:
        changed = [(item, chain) for item, chain in generation.items() if chain.changed]
        rows = []
        for item, chain in sorted(changed, key=lambda pair: pair[0]):
            data = format_state(chain.state)
            check = _checksum(item, data, chain.trail) if self._summed else b""
            rows.append((item, data, chain.trail, check))
            chain.changed = False
        self._connection.executemany("INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?)", rows)
        self._stored = self._stored or bool(rows)

    def _code(self, trace: Trace) -> bytes:
        code = self._codes[trace] = len(self.traces).to_bytes(_STEP - _ID)
        self.traces.append(trace)
        return code


class _Chain(msgspec.Struct, gc=False):
    """A chain in memory; there are many, and none is part of a cycle."""

    state: State
    trail: bytes = b""
    changed: bool = True


class StoredMap:
    """The map of latest heads, its leaves in the scratch file; see `traceledger.verify.log`.

    `count` gives the number of items: those that have a state.
    """

    def __init__(self, connection: sqlite3.Connection, count: Callable[[], int]) -> None:
        self._connection = connection
        self._count = count
        self._coming: dict[bytes, bytes] = {}
        self._tree = self._build()

    def __len__(self) -> int:
        return self._count()

    def put(self, item: str, seq: int, head: bytes) -> None:
        """Sets an item's latest position and event id."""
        key = map_key(item)
        self._coming[key] = map_leaf(key, seq, head)

    def root(self) -> bytes:
        """The map root over all items."""
        if self._coming:
            self._connection.executemany(
                "INSERT OR REPLACE INTO map VALUES (?, ?)", sorted(self._coming.items())
            )
            buckets = {self._tree.bucket_of(key) for key in self._coming}
            self._coming = {}
            if choose_bits(self._count()) > self._tree.bits:
                self._tree = self._build()
            else:
                self._tree.update(buckets)
        return self._tree.root

    def _build(self) -> HeadTree:
        # Two bits ahead, so that a growing map is rebuilt only when it is four times as large.
        tree = HeadTree(choose_bits(4 * self._count()), self._read_bucket)
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
        return self._stored.find(item, event.encode())

    def remember(self, item: str, event: str, trace: Trace) -> None:
        """Keeps what an event was, for `trace`."""
        self._stored.remember(item, event.encode(), trace)


def _checksum(*parts: bytes | str) -> bytes:
    texts = []
    for part in parts:
        data = part.encode(errors="replace") if isinstance(part, str) else part
        texts += [len(data).to_bytes(8), data]
    return blake2b(b"".join(texts), digest_size=_CHECK).digest()


def _damaged() -> UsageError:
    return UsageError("archive.scratch", "the scratch file is damaged")


def _unusable(error: sqlite3.Error) -> UsageError:
    return UsageError("archive.scratch", f"the scratch file cannot be used: {error}")
