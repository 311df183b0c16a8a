"""The states and trails of chains in a scratch file, and the replay that uses them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any

import msgspec

from traceledger.errors import StorageError
from traceledger.rules.replay import Replay
from traceledger.rules.state import State, Trace, format_state, parse_state
from traceledger.verify.scratch.errors import checksum, damaged, other_version
from traceledger.verify.scratch.seals import StoredSeals

__all__ = ["StoredReplay", "StoredStates"]

_CACHED = 4_000  # states in each of two generations
_FILTER_BITS = 1 << 24  # two megabytes; a million items cause 6 % of needless look-ups
_ID = 43
_STEP = _ID + 4


class StoredStates(MutableMapping[str, State]):
    """The states of chains by item, with each chain's trail; recently used chains are in memory.

    A trail has 47 bytes for each event: its id, and a number for its kind and issuer. The cache has
    two generations: when the young generation is full, it becomes the old one. Rows are `summed`,
    that is, have checksums, if another run may read them. `count` and `traces` are those of the
    stored states.

    Most events of a growing log open an item, so a filter spares looking up items that no row can
    have: a bit is set for the hash of each item written. Rows of an earlier run have no bits; then
    every item is looked up.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        summed: bool,
        count: int = 0,
        traces: Iterable[Trace] = (),
    ) -> None:
        self._connection = connection
        self._summed = summed
        self._young: dict[str, _Chain] = {}
        self._old: dict[str, _Chain] = {}
        self._count = count
        self._written = None if count else bytearray(_FILTER_BITS // 8)
        self._absent = ""  # the last item that was not found
        self._codes: dict[Trace, bytes] = {}
        self.traces: list[Trace] = []
        for trace in traces:
            self._code(trace)

    def __getitem__(self, item: str) -> State:
        chain = self._find(item)
        if chain is None:
            raise KeyError(item)
        return chain.state

    def get(self, item: str, default: Any = None) -> Any:
        """Returns the state of an item, or the default."""
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
        raise TypeError("states cannot be deleted")

    def __iter__(self) -> Iterator[str]:
        self.flush()
        for (item,) in self._connection.execute("SELECT item FROM state ORDER BY item"):
            yield item

    def __len__(self) -> int:
        return self._count

    def stored(self) -> Iterator[tuple[str, State]]:
        """Yields every stored state with its item; damage is what `check` finds."""
        for item, data in self._connection.execute("SELECT item, data FROM state"):
            yield item, self._parse(data)

    def check(self) -> None:
        """Reads every stored state; raises UsageError `archive.scratch` if any is damaged."""
        count = 0
        for row in self._connection.execute("SELECT item, data, trail, sum FROM state"):
            if checksum(*row[:3]) != row[3]:
                raise damaged()
            count += 1
        if count != self._count:
            raise damaged()

    def remember(self, item: str, event: bytes, trace: Trace) -> None:
        """Adds an event, by its id, to the trail of an item that has a state."""
        chain = self._find(item)
        if chain is None:
            raise KeyError(item)
        chain.trail += event + (self._codes.get(trace) or self._code(trace))
        chain.changed = True

    def find(self, item: str, event: bytes) -> Trace | None:
        """Finds the kind and issuer of an event of a chain."""
        chain = self._find(item)
        if chain is None or len(event) != _ID:
            return None
        place = chain.trail.find(event)
        while place % _STEP and place >= 0:  # within two steps, which together look like it
            place = chain.trail.find(event, place + 1)
        code = chain.trail[place + _ID : place + _STEP]
        return None if place < 0 else self.traces[int.from_bytes(code)]

    def flush(self) -> None:
        """Writes the changed chains."""
        for generation in (self._young, self._old):
            self._write(generation)

    def _find(self, item: str) -> _Chain | None:
        chain = self._young.get(item)
        if chain is None:
            chain = self._old.pop(item, None)
            if chain is None:
                if item == self._absent or not self._may_be_stored(item):
                    return None
                chain = self._load(item)
                if chain is None:
                    self._absent = item
                    return None
            self._young[item] = chain
            self._make_room()
        return chain

    def _may_be_stored(self, item: str) -> bool:
        if self._written is None:
            return True
        byte, bit = divmod(hash(item) % _FILTER_BITS, 8)
        return bool(self._written[byte] >> bit & 1)

    def _load(self, item: str) -> _Chain | None:
        row = self._connection.execute(
            "SELECT data, trail, sum FROM state WHERE item = ?", (item,)
        ).fetchone()
        if row is None:
            return None
        if self._summed and checksum(item, *row[:2]) != row[2]:
            raise damaged()
        return _Chain(self._parse(row[0]), bytearray(row[1]), changed=False)

    @staticmethod
    def _parse(data: bytes) -> State:
        try:
            return parse_state(data)
        except StorageError as error:
            raise other_version() from error  # the row is undamaged, so its version differs

    def _make_room(self) -> None:
        if len(self._young) > _CACHED:
            self._write(self._old)
            self._old, self._young = self._young, {}

    def _write(self, generation: Mapping[str, _Chain]) -> None:
        changed = [(item, chain) for item, chain in generation.items() if chain.changed]
        rows = []
        for item, chain in sorted(changed, key=lambda pair: pair[0]):
            data = format_state(chain.state)
            check = checksum(item, data, chain.trail) if self._summed else b""
            rows.append((item, data, chain.trail, check))
            chain.changed = False
            if self._written is not None:
                byte, bit = divmod(hash(item) % _FILTER_BITS, 8)
                self._written[byte] |= 1 << bit
        self._connection.executemany("INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?)", rows)

    def _code(self, trace: Trace) -> bytes:
        code = self._codes[trace] = len(self.traces).to_bytes(_STEP - _ID)
        self.traces.append(trace)
        return code


class _Chain(msgspec.Struct, gc=False):
    """A chain in memory; there are many, and none has cycles."""

    state: State
    trail: bytearray = bytearray()  # each chain has its own, which grows without being copied
    changed: bool = True


class StoredReplay(Replay):
    """A replay whose states, trails and published sizes are in a scratch file."""

    def __init__(self, origin: str, states: StoredStates, seals: StoredSeals) -> None:
        super().__init__(origin, states=states)
        self._stored = states
        self._seals = seals

    def trace(self, item: str, event: str) -> Trace | None:
        """Returns the kind and issuer of an earlier event of a chain, by its id."""
        return self._stored.find(item, event.encode())

    def remember(self, item: str, event: str, trace: Trace) -> None:
        """Records the kind and issuer of an event for `trace`."""
        self._stored.remember(item, event.encode(), trace)

    def is_published(self, size: int) -> bool:
        """Reports whether a seal ended the log at this size."""
        return self._seals.find(size)

    def publish(self, size: int) -> None:
        """Records a size that a seal ended for `is_published`."""
        self._seals.add(size)
