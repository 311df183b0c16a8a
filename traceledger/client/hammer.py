"""A load test of a server: writers, writers of duplicates, and readers that check every proof.

Writers hold and release an item each, so every event is legal. Every checkpoint that anyone
receives is compared with the newest one, so two histories cannot be shown to two readers.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Container, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from traceledger.client.remote import RemoteLedger
from traceledger.client.served_log import ServedLog
from traceledger.client.transport import Transport
from traceledger.errors import NotAllowedError, NotFoundError, RemoteError, VerificationError
from traceledger.events.draft import Draft, DraftRef
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.checkpoint import Checkpoint
from traceledger.formats.proof import parse_proof
from traceledger.formats.trust import TrustFile
from traceledger.merkle.nodes import StoredTree
from traceledger.merkle.proofs import root_from_inclusion
from traceledger.planning.signing import Identity, sign_drafts
from traceledger.rules.state import Goods
from traceledger.verify.archive.checkpoints import open_archived

__all__ = ["BOUNDS", "Hammered", "Load", "Tracker", "hammer"]

_RECENT = 1000  # events from which readers and duplicates choose
BOUNDS: Mapping[str, int] = MappingProxyType(
    {
        "process_resident_memory_bytes": 128 << 20,
        "process_open_fds": 64,
        "traceledger_wal_bytes": 64 << 20,
    }
)
"""By how much each figure of a server may grow during a run: caches fill, a log is emptied."""

_PAUSE = 0.05  # seconds of a reader that has nothing to read yet


class Load(NamedTuple):
    """What to do: a writer for each item, readers, the number of events to reach, seconds at most.

    Each writer sends an earlier event again with the probability `duplicates`, and always once the
    chain of its item is full. `bounds` names the server's figures to watch.
    """

    items: Sequence[str]
    readers: int
    goal: int
    seconds: float
    duplicates: float = 0.1
    bounds: Mapping[str, int] = BOUNDS


class Hammered(NamedTuple):
    """The result: what was done; `reached` tells whether the goal was reached in time.

    `server` has the server's memory, open files and write-ahead log, at the start and at the end,
    as far as its metrics state them; `grown` names those that grew by more than their bound.
    """

    reached: bool
    seconds: float
    written: int
    duplicates: int
    proofs: int
    checkpoints: int
    server: Mapping[str, tuple[float, float]]
    grown: tuple[str, ...]


class _Entry(NamedTuple):
    leaf_index: int
    leaf: bytes
    wire: bytes


@dataclass
class Tracker:
    """The newest checkpoint that anyone saw; all others must be states of the same history."""

    trust: TrustFile
    newest: Checkpoint | None = None
    seen: dict[int, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def see(self, note: bytes, transport: Transport) -> Checkpoint:
        """Verifies a note and compares its tree; raises VerificationError `hammer.fork`."""
        found = open_archived(note, "checkpoint", self.trust).opened.checkpoint
        with self.lock:
            known = self.seen.get(found.size)
            if known is None:
                self._compare(found, transport)
                self.seen[found.size] = found.root
            elif known != found.root:
                raise _fork(found.size)
        return found

    def _compare(self, found: Checkpoint, transport: Transport) -> None:
        newest = self.newest or found
        small, large = sorted((newest, found), key=lambda one: one.size)
        if StoredTree(small.size, ServedLog(transport, large)).root != small.root:
            raise _fork(small.size)
        self.newest = large


class _Run:
    def __init__(self, trust: TrustFile, load: Load) -> None:
        self.load = load
        self.tracker = Tracker(trust)
        self.deadline = time.monotonic() + load.seconds
        self.stopped = threading.Event()
        self.recent: list[_Entry] = []
        self.written = self.repeated = self.proofs = 0
        self.lock = threading.Lock()

    def lasts(self) -> bool:
        """Reports whether to go on; stops at the goal or at the end of the time."""
        if time.monotonic() >= self.deadline or self.written >= self.load.goal:
            self.stopped.set()
        return not self.stopped.is_set()

    def choose(self, chance: random.Random) -> _Entry | None:
        with self.lock:
            return chance.choice(self.recent) if self.recent else None

    def record(self, entry: _Entry) -> None:
        with self.lock:
            self.written += 1
            self.recent = [*self.recent[-_RECENT:], entry]


_Task = Callable[[_Run, RemoteLedger, Transport, random.Random], None]


def hammer(
    open_transport: Callable[[], Transport],
    trust: TrustFile,
    signer: SoftwareSigner,
    load: Load,
    *,
    chance: random.Random,
) -> Hammered:
    """Writes and reads until the goal or the end of the time.

    `chance` must be unpredictable and safe for threads, as `random.SystemRandom` is. The key needs
    the role `quality`. Raises VerificationError `hammer.fork`, `hammer.duplicate` or `hammer.proof`
    for a server that contradicts itself, and the server's errors.
    """
    before = _read_metrics(open_transport(), load.bounds)
    run, started = _Run(trust, load), time.monotonic()

    def start(task: _Task) -> None:
        try:
            transport = open_transport()
            with closing(RemoteLedger(transport, trust)) as remote:
                task(run, remote, transport, chance)
        finally:
            run.stopped.set()  # whoever fails ends the run

    tasks: list[_Task] = [_Writer(item, signer).work for item in load.items]
    tasks += [_read] * load.readers
    with ThreadPoolExecutor(len(tasks)) as pool:
        futures = [pool.submit(start, task) for task in tasks]
    for done in futures:
        done.result()
    after = _read_metrics(open_transport(), load.bounds)
    return Hammered(
        run.written >= load.goal,
        time.monotonic() - started,
        run.written,
        run.repeated,
        run.proofs,
        len(run.tracker.seen),
        {name: (before[name], after[name]) for name in sorted(before.keys() & after.keys())},
        tuple(
            name
            for name in sorted(before.keys() & after.keys())
            if after[name] - before[name] > load.bounds[name]
        ),
    )


@dataclass
class _Writer:
    """Holds and releases one item until its chain is full, and sends earlier events again."""

    item: str
    signer: SoftwareSigner
    full: bool = False

    def work(
        self, run: _Run, remote: RemoteLedger, _transport: Transport, chance: random.Random
    ) -> None:
        """Writes until the run ends."""
        identity = remote.identity(self.signer.key.kid)
        while run.lasts():
            repeats = self.full or chance.random() < run.load.duplicates
            earlier = run.choose(chance) if repeats else None
            if earlier is None:
                self._write(run, remote, identity, chance)
                continue
            (again,) = remote.append([earlier.wire]).events
            if again.leaf_index != earlier.leaf_index:
                raise VerificationError(
                    "hammer.duplicate",
                    f"an event of index {earlier.leaf_index} was given {again.leaf_index} as well",
                )
            with run.lock:
                run.repeated += 1

    def _write(
        self, run: _Run, remote: RemoteLedger, identity: Identity, chance: random.Random
    ) -> None:
        draft = _plan(remote, self.item)
        (signed,) = sign_drafts(remote, [draft], self.signer, identity, randbytes=chance.randbytes)
        try:
            (logged,) = remote.append([signed.wire]).events
        except NotAllowedError as error:
            if error.code != "chain.full":
                raise
            self.full = True
            return
        run.record(_Entry(logged.leaf_index, logged.leaf, signed.wire))


def _plan(remote: RemoteLedger, item: str) -> Draft:
    """Drafts the next step of an item: a hold, or the release of the hold that is in force."""
    state = remote.state(item)
    holds = state.holds if isinstance(state, Goods) else ()
    own = next((hold.event for hold in holds if hold.authority == "quality"), None)
    if own is None:
        return Draft(kind="hold", item=item, data={"authority": "quality"})
    return Draft(kind="release", item=item, data={}, refs=(DraftRef("target", item, own),))


def _read(run: _Run, remote: RemoteLedger, transport: Transport, chance: random.Random) -> None:
    """Fetches checkpoints and proofs of events that were acknowledged, and checks them."""
    while run.lasts():
        size = run.tracker.see(remote.checkpoint(), transport).size
        entry = run.choose(chance)
        if entry is None or entry.leaf_index >= size:
            run.stopped.wait(_PAUSE)
            continue
        proof = parse_proof(remote.proof(str(entry.leaf_index)))
        shown = run.tracker.see(proof.checkpoint, transport)
        root = root_from_inclusion(entry.leaf_index, shown.size, entry.leaf, proof.hashes)
        if proof.index != entry.leaf_index or root != shown.root:
            raise VerificationError(
                "hammer.proof", f"the proof of entry {entry.leaf_index} is not that of its event"
            )
        with run.lock:
            run.proofs += 1


def _read_metrics(transport: Transport, watched: Container[str]) -> Mapping[str, float]:
    """Reads what must not keep growing; nothing where a server keeps its metrics to itself."""
    try:
        text = transport.get_bytes("/metrics").decode(errors="replace")
    except (NotFoundError, RemoteError):
        return {}
    finally:
        transport.close()
    lines = (line.split(" ") for line in text.splitlines())
    return {words[0]: float(words[1]) for words in lines if words[0] in watched and len(words) == 2}


def _fork(size: int) -> VerificationError:
    return VerificationError("hammer.fork", f"two trees of size {size:,} were shown")
