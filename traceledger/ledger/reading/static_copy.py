"""A static copy: a ledger's public files, for a plain file server or a CDN (docs/spec/copy.md).

Files are written in an order in which a reader finds everything that a checkpoint promises: tiles
and bundles, then notes and pages, then `checkpoint`. A run that stops at any point leaves the copy
of the old checkpoint, and the next run continues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from traceledger.errors import ConflictError, MalformedError, VerificationError
from traceledger.files.static_store import Held, StaticFile, StaticStore
from traceledger.formats.archive import CHECKPOINT, MAX_BUNDLE, checkpoint_path, entries_path
from traceledger.formats.checkpoint import Checkpoint, parse_checkpoint
from traceledger.formats.note import MAX_NOTE_SIZE, parse_note
from traceledger.formats.trust import MAX_TRUST, TRUST_ADDRESS
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.merkle.bundles import format_bundle
from traceledger.merkle.tiles import (
    TILE_WIDTH,
    Tile,
    bundles_of,
    format_tile_path,
    tile_width,
    tiles_of,
)

__all__ = ["Copied", "Pages", "copy_ledger"]

_BYTES = "application/octet-stream"
_TEXT = "text/plain; charset=utf-8"
_RECENT = 20  # cosigned checkpoints that may have gained lines since they were copied

Pages = Callable[[int, int], Iterable[StaticFile]]
"""Makes the files that change from one size of the log to another."""


class Copied(NamedTuple):
    """The result: sizes of the copy before and after, and the number of files written."""

    origin: str
    old: int
    size: int
    files: int


def copy_ledger(
    ledger: LedgerReader,
    store: StaticStore,
    *,
    trust: bytes,
    entries: bool,
    pages: Pages = lambda _old, _size: (),
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Copied:
    """Extends a static copy to the newest checkpoint; the first run creates it.

    `trust` is the trust file to serve. `entries` adds the entry bundles, which reveal a plant's
    business. `on_progress` receives the number of entries copied and the total.

    Raises ConflictError `publish.other` for the copy of another ledger, VerificationError
    `publish.ahead` or `publish.fork` for one that is no earlier state of this ledger, NotFoundError
    `ledger.unpublished`, and the errors of the store.
    """
    with store.lock():
        return _Run(ledger, store).extend(trust, pages, on_progress, entries=entries)


class _Run:
    """One extension of a copy."""

    def __init__(self, ledger: LedgerReader, store: StaticStore) -> None:
        self._ledger = ledger
        self._store = store
        self._note = ledger.checkpoint()
        self._new = parse_checkpoint(parse_note(self._note).text)
        self._held = store.read(CHECKPOINT, MAX_NOTE_SIZE)
        self._old = 0 if self._held is None else self._check_held(self._held)
        self._files = 0

    def extend(
        self,
        trust: bytes,
        pages: Pages,
        on_progress: Callable[[int, int], None],
        *,
        entries: bool,
    ) -> Copied:
        """Writes the files in their order, then removes what they replace."""
        size = self._new.size
        for tile in _missing(tiles_of(size, self._old), self._old):
            data = self._ledger.read_tile(tile.level, tile.index, tile.width)
            self._write(format_tile_path(tile), data, _BYTES, fixed=True)
        if entries:
            self._copy_entries(on_progress)
        self._copy_notes()
        self._update(TRUST_ADDRESS, trust, MAX_TRUST, "application/json")
        for file in pages(self._old, size):
            self._store.write(file)
            self._files += 1
        if self._held is None or self._held.data != self._note:
            file = StaticFile(CHECKPOINT, self._note, _TEXT, fixed=False)
            self._store.exchange(file, self._held)
            self._files += 1
        for path in _superseded(self._old, size):
            for name in self._store.names(path):
                self._store.remove(f"{path}/{name}")
        return Copied(self._ledger.origin, self._old, size, self._files)

    def _check_held(self, held: Held) -> int:
        """Returns the size of the copy, after comparing it with the ledger."""
        found = _parse(held.data)
        if found.origin != self._ledger.origin:
            raise ConflictError("publish.other", f"the target is a copy of {found.origin}")
        if found.size > self._new.size:
            raise VerificationError(
                "publish.ahead",
                f"the copy has {found.size:,} entries, the ledger has published {self._new.size:,}",
            )
        row = self._ledger.read_checkpoint(found.size)
        if row is None or row.root != found.root:
            raise VerificationError(
                "publish.fork",
                f"the ledger has no checkpoint of size {found.size:,} with this root",
            )
        return found.size

    def _copy_entries(self, on_progress: Callable[[int, int], None]) -> None:
        size, old = self._new.size, self._old
        # A copy without entries can gain them later. They are written in order.
        begun = old if self._has_entries(old) else 0
        for bundle in _missing(bundles_of(size, begun), begun):
            start = bundle.index * TILE_WIDTH
            data = format_bundle(self._ledger.read_bodies(start, start + bundle.width))
            self._write(entries_path(bundle.index, bundle.width), data, _BYTES, fixed=True)
            on_progress(start + bundle.width, size)

    def _has_entries(self, size: int) -> bool:
        """Reports whether the copy has the last bundle of a tree of that size."""
        return any(
            self._store.read(entries_path(last.index, last.width), MAX_BUNDLE) is not None
            for last in [*bundles_of(size, max(size - TILE_WIDTH, 0))][-1:]
        )

    def _copy_notes(self) -> None:
        for row in self._ledger.newest_checkpoints(_RECENT, cosigned=True):
            if row.size <= self._old:
                path, note = checkpoint_path(row.size), self._ledger.cosigned(row)
                self._update(path, note, MAX_NOTE_SIZE, _TEXT)
        for row in self._ledger.checkpoints(self._old):
            if row.size <= self._new.size:  # another process may publish meanwhile
                path, note = checkpoint_path(row.size), self._ledger.cosigned(row)
                self._write(path, note, _TEXT, fixed=False)

    def _update(self, path: str, data: bytes, limit: int, media: str) -> None:
        held = self._store.read(path, limit)
        if held is None or held.data != data:
            self._write(path, data, media, fixed=False)

    def _write(self, path: str, data: bytes, media: str, *, fixed: bool) -> None:
        self._store.write(StaticFile(path, data, media, fixed))
        self._files += 1


def _parse(note: bytes) -> Checkpoint:
    try:
        return parse_checkpoint(parse_note(note).text)
    except MalformedError as error:
        raise error.at(CHECKPOINT) from error


def _missing(tiles: Iterable[Tile], old: int) -> Iterator[Tile]:
    """Yields the tiles that a tree of size `old` does not have at the same width."""
    return (tile for tile in tiles if tile_width(tile.level, tile.index, old) < tile.width)


def _superseded(old: int, size: int) -> Iterator[str]:
    """Yields the folders of the old tree's partial tiles and bundles that became full."""
    for tile in (*tiles_of(old, old), *bundles_of(old, old)):
        if tile_width(tile.level, tile.index, size) == TILE_WIDTH:
            yield f"{format_tile_path(Tile(tile.level, tile.index, TILE_WIDTH))}.p"
