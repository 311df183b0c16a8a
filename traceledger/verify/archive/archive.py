"""Verifying an archive: every byte of a whole ledger, on all cores, resumable.

Bundles are checked in worker processes; one fold over their facts replays the rules, the map of
latest heads, the seals and the tree, in log order. What is not the log's own word is compared with
it: every tile, every published checkpoint, every disclosure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Literal

import msgspec

from traceledger.errors import MalformedError, TraceledgerError, UsageError, VerificationError
from traceledger.events.keys import Jwk
from traceledger.events.token import Event
from traceledger.formats.archive import (
    CHECKPOINT,
    CHECKPOINTS,
    MAX_BUNDLE,
    MAX_DISCLOSURES,
    checkpoint_path,
    disclosures_path,
    entries_path,
)
from traceledger.formats.checkpoint import open_checkpoint
from traceledger.formats.note import MAX_NOTE_SIZE
from traceledger.formats.policy import CosignedCheckpoint, open_cosigned
from traceledger.formats.trust import TrustFile
from traceledger.merkle.edge import CompletedTile, TileEdge
from traceledger.merkle.hashing import HASH_SIZE
from traceledger.merkle.tiles import ENTRIES, TILE_WIDTH, Tile, format_tile_path, tile_width
from traceledger.merkle.tree import Frontier
from traceledger.verify.archive.bundle import (
    BundleTask,
    EntryFacts,
    check_bundle,
    event_of,
    load_key,
)
from traceledger.verify.archive.growth import check_extends
from traceledger.verify.archive.memory import Scratch, StoredReplay
from traceledger.verify.archive.source import ArchiveSource
from traceledger.verify.archive.verdict import ArchiveVerdict, Counts, Illegal, Undisclosed
from traceledger.verify.checkpoint import judge_finality
from traceledger.verify.log import LogReplay

__all__ = ["verify_archive"]

_KEEP_EVERY = 200  # bundles between two marks in the scratch file
_INLINE = 8  # bundles that are not worth starting processes for


def verify_archive(
    source: ArchiveSource,
    trust: TrustFile,
    *,
    now: int,
    workers: int,
    scratch: Path | None = None,
    at_least: bytes | None = None,
    first_use: bool = False,
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> ArchiveVerdict:
    """Verifies a whole archive against a trust file.

    `scratch` is a file that a stopped run leaves and the next one goes on from; `at_least` the note
    of a checkpoint that the auditor holds and that this ledger must extend; `told` hears entries
    done and in all. Raises VerificationError at the first sign of dishonesty or damage, naming
    file, entry and event. Illegal events do not stop it: they are listed and the result refused.
    """
    note = source.read(CHECKPOINT, MAX_NOTE_SIZE)
    try:
        opened = open_cosigned(note, trust.origin, trust.policy)
    except TraceledgerError as error:
        raise VerificationError(error.code, error.message, where=CHECKPOINT) from error
    with ExitStack() as stack:
        memory = Scratch(scratch)
        stack.callback(memory.close)
        run = _Run(source, trust, opened, memory)
        bundles = -(-opened.checkpoint.size // TILE_WIDTH)
        pool = None
        if workers > 1 and bundles - run.done > _INLINE:
            pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
            stack.callback(pool.shutdown, cancel_futures=True)
        for facts in _check_all(run, range(run.done, bundles), pool, workers):
            run.take(facts)
            told(run.replay.size, opened.checkpoint.size)
        verdict = run.finish(now, first_use=first_use)
        if at_least is not None:
            check_extends(source, opened.checkpoint.size, at_least, trust)
        return verdict


def _check_all(
    run: _Run, bundles: range, pool: ProcessPoolExecutor | None, workers: int
) -> Iterator[list[EntryFacts]]:
    """The facts of all bundles in order; workers stay a few bundles ahead of the fold."""
    if pool is None:
        for index in bundles:
            yield check_bundle(run.task(index))
        return
    running: deque[Future[list[EntryFacts]]] = deque()
    for index in bundles:
        running.append(pool.submit(check_bundle, run.task(index)))
        if len(running) > 3 * workers:
            yield running.popleft().result()
    while running:
        yield running.popleft().result()


class _Mark(msgspec.Struct, frozen=True):
    """How far a run came, as it is kept in the scratch file."""

    origin: str
    size: int
    frontier: bytes
    last_seal: int | None
    levels: tuple[bytes, ...]
    counts: Counts
    illegal: tuple[Illegal, ...]
    unknown: int
    keys: dict[str, bytes]
    changed: tuple[str, ...]
    joins: dict[str, str]
    missing: dict[str, tuple[str, ...]]


class _Run:
    """One verification on its way through an archive."""

    def __init__(
        self,
        source: ArchiveSource,
        trust: TrustFile,
        opened: CosignedCheckpoint,
        memory: Scratch,
    ) -> None:
        self._source = source
        self._trust = trust
        self._opened = opened
        self._memory = memory
        self._size = opened.checkpoint.size
        self._disclosed = source.has(disclosures_path(0, tile_width(ENTRIES, 0, self._size)))
        self.replay = LogReplay(trust.origin, StoredReplay(trust.origin, memory), map=memory.map)
        self._edge = TileEdge()
        self._counts = Counts()
        self._illegal: list[Illegal] = []
        self._unknown = 0
        self._keys: dict[str, bytes] = {}
        self._missing: dict[str, tuple[str, ...]] = {}
        self._resume()
        self._roots = self._read_checkpoints()

    @property
    def done(self) -> int:
        """Bundles that are finished."""
        return self.replay.size // TILE_WIDTH

    def task(self, index: int) -> BundleTask:
        """What a worker needs to check a bundle."""
        width = tile_width(ENTRIES, index, self._size)
        disclosures = None
        if self._disclosed:
            disclosures = self._source.read(disclosures_path(index, width), MAX_DISCLOSURES)
        entries = self._source.read(entries_path(index, width), MAX_BUNDLE)
        return BundleTask(index, width, entries, disclosures, dict(self._keys))

    def take(self, facts: list[EntryFacts]) -> None:
        """Folds a bundle's facts in, and compares tiles and checkpoints as they come up."""
        for one in facts:
            if one.seal:
                self.replay.take_seal(one.seal)
                self._counts = self._counts._replace(seals=self._counts.seals + 1)
            else:
                self._take_event(one)
            self._check_root()
        self._edge, tiles = self._edge.extended([one.leaf for one in facts])
        for tile in tiles:
            self._check_tile(tile)
        if self.replay.size % (_KEEP_EVERY * TILE_WIDTH) == 0:
            self._keep()

    def finish(self, now: int, *, first_use: bool) -> ArchiveVerdict:
        """Checks what is open at the end and says what was found."""
        checkpoint = self._opened.checkpoint
        for level, hashes in enumerate(self._edge.levels):
            if hashes:
                index = (self._size >> (8 * level)) // TILE_WIDTH
                tile = Tile(level, index, len(hashes) // HASH_SIZE)
                self._check_tile(CompletedTile(tile, hashes, b""))
        if self.replay.frontier.root != checkpoint.root:
            raise VerificationError(
                "archive.root", "the entries hash to another root", where=CHECKPOINT
            )
        if self.replay.last_seal != checkpoint.size - 1:
            raise VerificationError(
                "seal.missing", "the checkpoint does not end in a seal", where=CHECKPOINT
            )
        self._collect_illegal()
        finality = judge_finality(self._opened, self._trust, now)
        first = ("trust.first-use",) if first_use else ()
        unknown = ("event.kind",) if self._unknown else ()
        codes = (*first, *finality.codes, *unknown)
        result: Literal["verified", "incomplete", "refused"] = "verified"
        if self._illegal:
            result, codes = "refused", ("log.illegal", *codes)
        elif codes:
            result = "incomplete"
        return ArchiveVerdict(
            result=result,
            codes=codes,
            origin=self._trust.origin,
            size=checkpoint.size,
            as_of=finality.as_of,
            cosigners=finality.cosigners,
            counts=self._counts._replace(entries=checkpoint.size, items=len(self.replay.map)),
            illegal=tuple(self._illegal),
            undisclosed=tuple(
                Undisclosed(event, name) for event, names in self._missing.items() for name in names
            ),
            unknown=self._unknown,
        )

    def _take_event(self, one: EntryFacts) -> None:
        event = event_of(one)
        if one.signature is not None:
            self._check_late(event, one.signature)
        self.replay.take_event(event, signature_checked=True)
        counts = self._counts
        self._counts = counts._replace(
            events=counts.events + 1,
            disclosures=counts.disclosures + one.shown,
            undisclosed=counts.undisclosed + len(one.undisclosed),
        )
        self._note_fields(event, one.undisclosed)
        self._unknown += event.kind is None
        granted = _granted_key(event)
        if granted is not None:
            self._keys[granted.kid] = msgspec.json.encode(granted)

    def _note_fields(self, event: Event, undisclosed: tuple[str, ...]) -> None:
        """Keeps the customs fields that are not shown, until an `erase` says why."""
        if self._disclosed and undisclosed:
            self._missing[event.id] = undisclosed
        if event.kind_name == "erase" and event.kind is not None:
            target, fields = event.refs[0].event or "", event.data.fields
            left = tuple(name for name in self._missing.pop(target, ()) if name not in fields)
            if left:
                self._missing[target] = left
            counts = self._counts
            self._counts = counts._replace(erased=counts.erased + len(fields))

    def _check_late(self, event: Event, signature: tuple[bytes, bytes]) -> None:
        """Checks a signature by a key that was granted after the bundle went to its worker."""
        jwk = self._keys.get(event.kid)
        if event.kind_name == "found" and event.kind is not None:
            jwk = msgspec.json.encode(event.data.root_jwk)
        if jwk is None:
            return  # nobody can check it, and the rules forbid the event
        try:
            load_key(jwk).verify(*signature)
        except VerificationError as error:
            raise error.at(f"entry {self.replay.size}, event {event.id}") from error

    def _check_root(self) -> None:
        size = self.replay.size
        root = self._roots.pop(size, None)
        if root is None:
            return
        where = checkpoint_path(size)
        if root != self.replay.frontier.root:
            raise VerificationError("archive.root", "the entries hash to another root", where=where)
        if self.replay.last_seal != size - 1:
            raise VerificationError("seal.missing", "it does not end in a seal", where=where)
        self._counts = self._counts._replace(checkpoints=self._counts.checkpoints + 1)

    def _check_tile(self, wanted: CompletedTile) -> None:
        path = format_tile_path(wanted.tile)
        if self._source.read(path, TILE_WIDTH * HASH_SIZE) != wanted.hashes:
            raise VerificationError(
                "archive.tile", "the tile does not hold the hashes of the entries", where=path
            )

    def _read_checkpoints(self) -> dict[int, bytes]:
        """Opens every published checkpoint; their roots are compared as the fold passes them."""
        log_keys = [log.key for log in self._trust.policy.logs]
        roots = {}
        for name in self._source.names(CHECKPOINTS):
            where = f"{CHECKPOINTS}/{name}"
            note = self._source.read(where, MAX_NOTE_SIZE)
            try:
                checkpoint = open_checkpoint(note, self._trust.origin, log_keys).checkpoint
            except TraceledgerError as error:
                raise VerificationError(error.code, error.message, where=where) from error
            if name != str(checkpoint.size) or checkpoint.size > self._size:
                raise VerificationError(
                    "archive.checkpoint", f"the note is of size {checkpoint.size}", where=where
                )
            roots[checkpoint.size] = checkpoint.root
        if self._size not in roots:
            raise VerificationError(
                "archive.checkpoint", f"no note of size {self._size} is kept", where=CHECKPOINTS
            )
        return {size: root for size, root in roots.items() if size > self.replay.size}

    def _keep(self) -> None:
        self._collect_illegal()
        changed, joins = self.replay.unfinished()
        mark = _Mark(
            origin=self._trust.origin,
            size=self.replay.size,
            frontier=self.replay.frontier.to_bytes(),
            last_seal=self.replay.last_seal,
            levels=self._edge.levels,
            counts=self._counts,
            illegal=tuple(self._illegal),
            unknown=self._unknown,
            keys=self._keys,
            changed=changed,
            joins=joins,
            missing=self._missing,
        )
        self._memory.keep(msgspec.msgpack.encode(mark))

    def _resume(self) -> None:
        data = self._memory.read_mark()
        if data is None:
            return
        try:
            mark = msgspec.msgpack.decode(data, type=_Mark)
            frontier = Frontier.from_bytes(mark.frontier)
        except (msgspec.DecodeError, MalformedError) as error:
            raise UsageError("archive.scratch", f"the scratch file is damaged: {error}") from error
        if mark.origin != self._trust.origin or mark.size > self._size:
            raise UsageError("archive.scratch", "the scratch file is of another archive")
        self.replay.go_on(frontier, mark.last_seal, mark.changed, mark.joins)
        self._edge = TileEdge(mark.size, mark.levels)
        self._counts, self._unknown = mark.counts, mark.unknown
        self._illegal, self._keys = list(mark.illegal), dict(mark.keys)
        self._missing = dict(mark.missing)

    def _collect_illegal(self) -> None:
        world = self.replay.world
        self._illegal += [
            Illegal(one.index, one.event, one.error.code, one.error.message)
            for one in world.illegal
        ]
        world.illegal.clear()


_GRANTING = {"found": "root_jwk", "admit": "admin_jwk", "add_key": "jwk"}


def _granted_key(event: Event) -> Jwk | None:
    """The key that an event registers; its kid is its thumbprint, so it cannot be another's."""
    field = _GRANTING.get(event.kind_name)
    return getattr(event.data, field) if field and event.kind is not None else None
