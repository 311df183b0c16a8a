"""The pass over an archive: bundles are replayed and passed to folds, in log order.

Each part of the pass has one state. A mark in the scratch file stores these states in addition to
the replay's own rows, so that a stopped run resumes with all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from traceledger.errors import TraceledgerError, UsageError, VerificationError
from traceledger.formats.archive import DISCLOSURES, disclosures_path, entries_path
from traceledger.formats.trust import TrustFile
from traceledger.merkle.tiles import TILE_WIDTH
from traceledger.verify.archive.checker import BundleFacts, Checker
from traceledger.verify.archive.checkpoints import SignedNote, without_proven
from traceledger.verify.archive.disclosed import DisclosureFold
from traceledger.verify.archive.entry import Entry, EntryFacts, check_entry
from traceledger.verify.archive.fold import Fold, ReplayedEntry, Resumable
from traceledger.verify.archive.known_keys import KeyFold
from traceledger.verify.archive.published import CheckpointFold
from traceledger.verify.archive.replay import ArchiveReplay
from traceledger.verify.archive.source import ArchiveSource
from traceledger.verify.archive.tree import SourceTiles, UpperTiles
from traceledger.verify.archive.verdict import ArchiveVerdict, Counts, Undisclosed
from traceledger.verify.checkpoint import judge_finality
from traceledger.verify.scratch.errors import other_version
from traceledger.verify.scratch.scratch import Scratch

__all__ = ["Folds", "Verification"]

# A fold that takes turns with the rules entry by entry finds its code and data no longer in the
# processor's cache; so does one that waits for too many entries.
_TOGETHER = 32  # entries
_FORM = 6  # of the mark; a run cannot resume from another form

Folds = Mapping[str, Fold[Any, Any]]
"""Folds that share the pass, by the names under which their states are stored."""


class _Mark(msgspec.Struct, frozen=True):
    """The archive of a stopped run and the state of each part, by name.

    `root` is the root of the tree over the entries replayed.
    """

    form: int
    origin: str
    disclosed: bool
    root: bytes
    states: dict[str, bytes]


class Verification:
    """A verification in progress, of an archive up to a signed checkpoint."""

    def __init__(
        self,
        source: ArchiveSource,
        trust: TrustFile,
        note: SignedNote,
        scratch: Scratch,
        folds: Folds,
    ) -> None:
        """Begins at the start, or where the run of the scratch file stopped.

        Raises UsageError `archive.scratch` for a scratch file of another archive.
        """
        checkpoint = note.opened.checkpoint
        disclosed = bool(source.names(DISCLOSURES))
        self.checker = Checker(
            source, checkpoint.size, checkpoint.root, disclosed, valued=bool(folds)
        )
        self._trust = trust
        self._note = note
        self._scratch = scratch
        self._tiles = SourceTiles(source, checkpoint.size)
        self._replay = ArchiveReplay(trust, scratch)
        self._upper = UpperTiles(self._tiles)
        self._keys = KeyFold()
        self._disclosures = DisclosureFold(disclosed=disclosed)
        self._checkpoints = CheckpointFold(source, trust, self._tiles)
        self._checks = (self._keys, self._disclosures, self._checkpoints)
        self._folds = tuple(folds.values())
        self._parts: dict[str, Resumable[Any]] = {
            "replay": self._replay,
            "tiles": self._upper,
            "keys": self._keys,
            "disclosures": self._disclosures,
            "checkpoints": self._checkpoints,
            **{f"fold {name}": fold for name, fold in folds.items()},
        }
        self._between_bundles = True
        if scratch.progress is not None:
            scratch.check()
            self._resume(scratch.progress)

    @property
    def size(self) -> int:
        """The number of finished entries."""
        return self._replay.state.log.size

    @property
    def done(self) -> int:
        """The number of finished bundles."""
        return -(-self.size // TILE_WIDTH)

    @property
    def keys(self) -> Mapping[str, bytes]:
        """The public keys known so far as JWKs, by kid; grows during the pass."""
        return self._keys.state.jwks

    def take(self, facts: BundleFacts) -> None:
        """Processes the next bundle; raises VerificationError with file, entry and event."""
        self._between_bundles = False
        width = len(facts.entries)
        try:
            for start in range(0, width, _TOGETHER):
                entries = self._replay_all(facts.entries[start : start + _TOGETHER], width)
                for fold in self._folds:
                    for entry in entries:
                        fold.step(entry)
        except TraceledgerError as error:
            path = entries_path(facts.number, width)
            if error.where.startswith((path, disclosures_path(facts.number, width))):
                raise
            raise error.at(path) from error
        if facts.root:
            self._upper.add(facts.root)
        self._between_bundles = True

    def _replay_all(self, given: Sequence[EntryFacts], width: int) -> list[ReplayedEntry]:
        """Replays entries and runs the checks that later entries may depend on."""
        replay, checks = self._replay.step, [fold.step for fold in self._checks]
        entries = []
        for facts in given:
            late = facts.late
            entry = replay(self._check_late(late, width) if late else facts)
            for check in checks:
                check(entry)
            entries.append(entry)
        return entries

    def finish(self, now: int, *, first_use: bool) -> ArchiveVerdict:
        """Runs the checks at the end of the log and returns the verdict."""
        size = self.checker.size
        self._upper.finish(self.checker.root)
        judge = self._replay.finish(size)
        self._check_until()
        published = self._checkpoints.finish()
        disclosed = self._disclosures.finish()
        finality = judge_finality(self._note.opened, without_proven(self._trust, size), now)
        first = ("trust.first-use",) if first_use else ()
        codes = (*first, *finality.codes, *sorted(judge.codes))
        result: Literal["verified", "incomplete", "refused"] = "verified"
        if judge.illegal:
            result, codes = "refused", ("log.illegal", *codes)
        elif codes:
            result = "incomplete"
        return ArchiveVerdict(
            result=result,
            codes=codes,
            origin=self._trust.origin,
            size=size,
            as_of=finality.as_of,
            cosigners=finality.cosigners,
            counts=Counts(
                entries=size,
                events=disclosed.events,
                seals=published.seals,
                items=self._replay.items,
                checkpoints=published.checkpoints,
                disclosures=disclosed.shown,
                erased=disclosed.erased,
                undisclosed=disclosed.undisclosed,
                unchecked=judge.unchecked,
                unknown_lines=self._note.unknown + published.unknown_lines,
            ),
            illegal=tuple(judge.illegal),
            undisclosed=tuple(
                Undisclosed(event, name)
                for event, names in disclosed.missing.items()
                for name in names
            ),
        )

    def _check_late(self, entry: Entry, width: int) -> EntryFacts:
        valued = self.checker.valued
        return check_entry(entry, self.keys, last=True, width=width, valued=valued)

    def keep(self) -> None:
        """Stores the progress in the scratch file, if this is between two full bundles."""
        if not self._scratch.kept or not self._between_bundles or self.size % TILE_WIDTH:
            return
        mark = _Mark(
            form=_FORM,
            origin=self._trust.origin,
            disclosed=self.checker.disclosed,
            root=self._tiles.root(self.size),
            states={name: msgspec.msgpack.encode(part.state) for name, part in self._parts.items()},
        )
        self._scratch.keep(msgspec.msgpack.encode(mark))

    def _resume(self, progress: bytes) -> None:
        try:
            mark = msgspec.msgpack.decode(progress, type=_Mark)
            if mark.form != _FORM or mark.states.keys() != self._parts.keys():
                raise UsageError(
                    "archive.scratch", "the scratch file belongs to another verification"
                )
            for name, part in self._parts.items():
                part.resume(msgspec.msgpack.decode(mark.states[name], type=type(part.state)))
        except msgspec.DecodeError as error:
            raise other_version() from error
        same = (mark.origin, mark.disclosed) == (self._trust.origin, self.checker.disclosed)
        if not same or self.size > self.checker.size or self._tiles.root(self.size) != mark.root:
            raise UsageError("archive.scratch", "the scratch file belongs to another archive")

    def _check_until(self) -> None:
        """Checks that the tree has the roots at which the validity of replaced keys ends.

        Raises VerificationError `archive.root`.
        """
        for key in self._trust.until:
            if key.size <= self.checker.size and self._tiles.root(key.size) != key.root:
                raise VerificationError(
                    "archive.root",
                    f"the trust file states another root at size {key.size}",
                    where="until",
                )
