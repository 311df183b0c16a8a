"""The fold over an archive's bundles, in log order: rules, map, seals, tree, checkpoints."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal

import msgspec

from traceledger.errors import MalformedError, TraceledgerError, UsageError, VerificationError
from traceledger.events.keys import Jwk
from traceledger.events.packed import unpack_event
from traceledger.events.token import Event
from traceledger.formats.archive import (
    CHECKPOINT,
    CHECKPOINTS,
    DISCLOSURES,
    checkpoint_path,
    disclosures_path,
    entries_path,
)
from traceledger.formats.encoding import parse_decimal
from traceledger.formats.trust import TrustFile
from traceledger.identifiers.excerpt import excerpt
from traceledger.merkle.tiles import TILE_WIDTH
from traceledger.verify.archive.bundle import BundleFacts, BundleTask
from traceledger.verify.archive.checkpoints import (
    SignedNote,
    check_log_key,
    read_note,
    without_proven,
)
from traceledger.verify.archive.entry import EntryFacts, check_entry
from traceledger.verify.archive.judge import Judge
from traceledger.verify.archive.scratch import Scratch, StoredReplay
from traceledger.verify.archive.source import ArchiveSource
from traceledger.verify.archive.tree import SourceTiles, UpperTiles, check_tile
from traceledger.verify.archive.verdict import ArchiveVerdict, Counts, Illegal, Undisclosed
from traceledger.verify.checkpoint import judge_finality
from traceledger.verify.log import LogReplay

__all__ = ["Run"]

_FORM = 1  # of the mark; another form cannot be gone on from
_GRANTING = {"found": "root_jwk", "admit": "admin_jwk", "add_key": "jwk"}


@dataclass(slots=True)
class _Tally:
    events: int = 0
    disclosures: int = 0
    erased: int = 0
    undisclosed: int = 0


class _Mark(msgspec.Struct, frozen=True):
    """How far a run came, as it is kept in the scratch file."""

    form: int
    origin: str
    disclosed: bool
    size: int
    root: bytes
    items: int
    map_root: bytes
    last_seal: int | None
    levels: tuple[bytes, ...]
    seals: bytes
    tally: _Tally
    illegal: tuple[Illegal, ...]
    unchecked: int
    codes: tuple[str, ...]
    doubtful: tuple[str, ...]
    keys: dict[str, bytes]
    changed: tuple[str, ...]
    joins: dict[str, str]
    missing: dict[str, tuple[str, ...]]
    traces: tuple[tuple[str, str], ...]


class Run:
    """One verification on its way through an archive, up to a signed checkpoint.

    `steady` tells that the run stands between two bundles, where it can be kept.
    """

    def __init__(
        self,
        source: ArchiveSource,
        trust: TrustFile,
        note: SignedNote,
        scratch: Scratch,
    ) -> None:
        """Begins at the start, or where the scratch file's run stopped.

        Raises UsageError `archive.scratch` for a scratch file of another archive.
        """
        self.steady = True
        self.replay = LogReplay(trust.origin, StoredReplay(trust.origin, scratch), map=scratch.map)
        self._source = source
        self._trust = trust
        self._note = note
        self._scratch = scratch
        self._size = note.opened.checkpoint.size
        self._root = note.opened.checkpoint.root
        self._tiles = SourceTiles(source, self._size)
        self._upper = UpperTiles(self._tiles)
        self._disclosed = bool(source.names(DISCLOSURES))
        self._judge = Judge()
        self._tally = _Tally()
        self._seals = array("Q")
        self._keys: dict[str, bytes] = {}
        self._missing: dict[str, tuple[str, ...]] = {}
        self._resume()

    @property
    def done(self) -> int:
        """Bundles that are finished."""
        return -(-self.replay.size // TILE_WIDTH)

    @property
    def bundles(self) -> int:
        """Bundles in all."""
        return -(-self._size // TILE_WIDTH)

    def task(self, number: int) -> BundleTask:
        """What a worker needs to know to check a bundle."""
        return BundleTask(number, self._size, self._disclosed, dict(self._keys))

    def blame(self, number: int, error: VerificationError) -> VerificationError:
        """Decides between a bundle that is not that of its tile, and the tile."""
        if error.code == "archive.bundle":
            try:
                check_tile(self._tiles, number, self._size, self._root)
            except VerificationError as other:
                return other
        return error

    def take(self, facts: BundleFacts) -> None:
        """Folds the next bundle's facts in; raises VerificationError at file, entry and event."""
        self.steady = False
        width = len(facts.entries)
        try:
            for one in facts.entries:
                self._take(one, width)
        except TraceledgerError as error:
            path = entries_path(facts.number, width)
            if error.where.startswith((path, disclosures_path(facts.number, width))):
                raise
            raise error.at(path) from error
        if facts.root:
            self._upper.add(facts.root)
        self.steady = True

    def finish(self, now: int, *, first_use: bool) -> ArchiveVerdict:
        """Checks what is open at the end and says what was found."""
        self._upper.finish(self._size, self._root)
        if self.replay.last_seal != self._size - 1:
            raise VerificationError(
                "seal.missing", "the checkpoint does not end in a seal", where=CHECKPOINT
            )
        self._check_until()
        trust = without_proven(self._trust, self._size)
        checkpoints, unknown_lines = self._check_checkpoints()
        finality = judge_finality(self._note.opened, trust, now)
        first = ("trust.first-use",) if first_use else ()
        codes = (*first, *finality.codes, *sorted(self._judge.codes))
        result: Literal["verified", "incomplete", "refused"] = "verified"
        if self._judge.illegal:
            result, codes = "refused", ("log.illegal", *codes)
        elif codes:
            result = "incomplete"
        return ArchiveVerdict(
            result=result,
            codes=codes,
            origin=self._trust.origin,
            size=self._size,
            as_of=finality.as_of,
            cosigners=finality.cosigners,
            counts=Counts(
                entries=self._size,
                events=self._tally.events,
                seals=len(self._seals),
                items=len(self.replay.map),
                checkpoints=checkpoints,
                disclosures=self._tally.disclosures,
                erased=self._tally.erased,
                undisclosed=self._tally.undisclosed,
                unchecked=self._judge.unchecked,
                unknown_lines=unknown_lines,
            ),
            illegal=tuple(self._judge.illegal),
            undisclosed=tuple(
                Undisclosed(event, name) for event, names in self._missing.items() for name in names
            ),
        )

    def keep(self) -> None:
        """Writes to the scratch file how far this came, if it stands where that can be done."""
        if not self._scratch.kept or not self.steady or self.replay.size % TILE_WIDTH:
            return
        changed, joins = self.replay.unfinished()
        judge = self._judge
        mark = _Mark(
            form=_FORM,
            origin=self._trust.origin,
            disclosed=self._disclosed,
            size=self.replay.size,
            root=self._tiles.root(self.replay.size),
            items=len(self.replay.map),
            map_root=self.replay.map.root(),
            last_seal=self.replay.last_seal,
            levels=self._upper.levels,
            seals=self._seals.tobytes(),
            tally=self._tally,
            illegal=tuple(judge.illegal),
            unchecked=judge.unchecked,
            codes=tuple(judge.codes),
            doubtful=tuple(judge.doubtful),
            keys=self._keys,
            changed=changed,
            joins=joins,
            missing=self._missing,
            traces=tuple(self._scratch.states.traces),
        )
        self._scratch.keep(msgspec.msgpack.encode(mark))

    def _resume(self) -> None:
        data = self._scratch.read_mark()
        if data is None:
            return
        try:
            mark = msgspec.msgpack.decode(data, type=_Mark)
        except msgspec.DecodeError as error:
            raise UsageError("archive.scratch", "another version wrote the scratch file") from error
        if mark.form != _FORM:
            raise UsageError("archive.scratch", "another version wrote the scratch file")
        same = mark.origin == self._trust.origin and mark.disclosed == self._disclosed
        if not same or mark.size > self._size or self._tiles.root(mark.size) != mark.root:
            raise UsageError("archive.scratch", "the scratch file is of another archive")
        self._scratch.states.restore(mark.items, mark.traces)
        if self.replay.map.root() != mark.map_root:
            raise UsageError("archive.scratch", "the scratch file is damaged")
        self.replay.go_on(mark.size, mark.last_seal, mark.changed, mark.joins)
        self._upper = UpperTiles(self._tiles, mark.size // TILE_WIDTH, mark.levels)
        self._seals.frombytes(mark.seals)
        self._tally = mark.tally
        self._judge = Judge(mark.illegal, mark.unchecked, mark.codes, mark.doubtful)
        self._keys, self._missing = dict(mark.keys), dict(mark.missing)

    def _take(self, facts: EntryFacts, width: int) -> None:
        if facts.late is not None:
            facts = check_entry(facts.late, self._keys, last=True, width=width)
        if facts.event is None:
            self._take_seal(facts.seal)
        else:
            self._take_event(unpack_event(facts.event), facts)

    def _take_seal(self, seal: bytes) -> None:
        index, world = self.replay.size, self.replay.world
        parts = world.joins.half_done()
        self.replay.take_seal(seal)
        self._seals.append(index)
        while world.illegal:
            self._judge.judge_joins(index, parts, world.illegal.pop().error)

    def _take_event(self, event: Event, facts: EntryFacts) -> None:
        index, illegal = self.replay.size, self.replay.world.illegal
        if index == 0 and event.id != self._trust.founding:
            raise VerificationError(
                "trust.founding",
                f"the ledger was founded by another event than {self._trust.founding}",
                where=f"entry 0, event {event.id}",
            )
        self._judge.watch(event)
        self.replay.take_event(event, signature_checked=True)
        self._tally.events += 1
        self._tally.disclosures += facts.shown
        if facts.undisclosed:
            self._tally.undisclosed += len(facts.undisclosed)
            if self._disclosed:
                self._missing[event.id] = facts.undisclosed
        if illegal:
            self._judge.judge(index, event, illegal.pop().error)
        elif event.kind_name in _GRANTING:
            granted: Jwk = getattr(event.data, _GRANTING[event.kind_name])
            self._keys[granted.kid] = msgspec.json.encode(granted)
        elif event.kind_name == "erase":
            self._erase(event.refs[0].event or "", event.data.fields)

    def _erase(self, target: str, fields: tuple[str, ...]) -> None:
        """Takes note that customs fields are not shown because they were erased."""
        self._tally.erased += len(fields)
        missing = self._missing.pop(target, ())
        left = tuple(name for name in missing if name not in fields)
        self._tally.undisclosed -= len(missing) - len(left)
        if left:
            self._missing[target] = left

    def _check_until(self) -> None:
        """Checks that the tree has the roots up to which the trust file lets replaced keys count.

        Raises VerificationError `archive.root`.
        """
        for one in self._trust.until:
            if one.size <= self._size and self._tiles.root(one.size) != one.root:
                raise VerificationError(
                    "archive.root",
                    f"the trust file says that the ledger had another root at size {one.size}",
                    where="until",
                )

    def _check_checkpoints(self) -> tuple[int, int]:
        """Checks that each seal's checkpoint is kept and signed over this tree.

        Returns the number of checkpoints, and that of unknown lines on them.
        """
        names = set(self._source.names(CHECKPOINTS))
        unknown = self._note.unknown
        for name in sorted(names, key=lambda name: (len(name), name)):
            path = f"{CHECKPOINTS}/{name}"
            try:
                size = parse_decimal(name.encode(errors="replace"), "archive.checkpoint")
            except MalformedError as error:
                raise VerificationError(
                    "archive.checkpoint", f"{excerpt(name)} is no size", where=CHECKPOINTS
                ) from error
            note = read_note(self._source, path, self._trust)
            checkpoint = note.opened.checkpoint
            if checkpoint.size != size or size > self._size:
                raise VerificationError(
                    "archive.checkpoint", f"the note is of size {checkpoint.size}", where=path
                )
            if self._tiles.root(size) != checkpoint.root:
                raise VerificationError(
                    "archive.root", "the entries hash to another root", where=path
                )
            if not self._is_sealed(size):
                raise VerificationError("seal.missing", "it does not end in a seal", where=path)
            check_log_key(note, without_proven(self._trust, size), path)
            unknown += note.unknown
        for seal in self._seals if len(names) < len(self._seals) else ():
            path = checkpoint_path(seal + 1)
            if str(seal + 1) not in names:
                raise VerificationError("archive.missing", "is not there", where=path)
        return len(names), unknown

    def _is_sealed(self, size: int) -> bool:
        place = bisect_left(self._seals, size - 1)
        return place < len(self._seals) and self._seals[place] == size - 1
