"""Folds that ride on a verification: one pass, and the same stop and resume."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from tests.forging import Files, Forger, audit
from traceledger.errors import UsageError
from traceledger.formats.trust import TrustFile
from traceledger.verify.archive.fold import ReplayedEntry


class Kinds(msgspec.Struct):
    counts: dict[str, int] = {}
    indexes: list[int] = []


class KindFold:
    """Counts the events of each kind."""

    def __init__(self) -> None:
        self.state = Kinds()

    def resume(self, state: Kinds) -> None:
        self.state = state

    def step(self, entry: ReplayedEntry) -> None:
        self.state.indexes.append(entry.index)
        if entry.event is not None:
            kind = entry.event.kind_name
            self.state.counts[kind] = self.state.counts.get(kind, 0) + 1

    def finish(self) -> dict[str, int]:
        return self.state.counts


def stop(_done: int, _all: int) -> None:
    raise KeyboardInterrupt


def test_fold_sees_every_entry_once_over_stops(
    honest: Forger, files: Files, trust: TrustFile, tmp_path: Path
) -> None:
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            audit(
                files,
                trust,
                scratch=tmp_path / "scratch",
                folds={"kinds": KindFold()},
                on_progress=stop,
            )
    fold = KindFold()
    audit(files, trust, scratch=tmp_path / "scratch", folds={"kinds": fold})
    assert fold.state.indexes == list(range(honest.size))
    assert fold.finish() == Counter(event.kind_name for event in honest.events)


def test_fold_that_was_not_there_at_the_start_cannot_join(
    files: Files, trust: TrustFile, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        audit(files, trust, scratch=tmp_path / "scratch", on_progress=stop)
    with pytest.raises(UsageError) as caught:
        audit(files, trust, scratch=tmp_path / "scratch", folds={"kinds": KindFold()})
    assert caught.value.code == "archive.scratch"


def test_fold_cannot_take_the_place_of_a_part(files: Files, trust: TrustFile) -> None:
    fold = KindFold()
    assert audit(files, trust, folds={"keys": fold}).counts.events == sum(fold.finish().values())
