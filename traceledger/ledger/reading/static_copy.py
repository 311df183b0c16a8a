"""A static copy: a ledger's public files, for a plain file server or a CDN (docs/spec/copy.md).

Files are written in an order in which a reader finds everything that a checkpoint promises: tiles
and bundles, then notes and pages, then `checkpoint`. A run that stops at any point leaves the copy
of the old checkpoint, and the next run continues. `pages` comes last: it is the size of the log up
to which the pages are complete, so a run after others without pages misses none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from traceledger.errors import ConflictError, MalformedError, VerificationError
from traceledger.files.static_store import Held, StaticFile, StaticStore
from traceledger.formats.archive import CHECKPOINT, MAX_BUNDLE, checkpoint_path, entries_path
from traceledger.formats.checkpoint import Checkpoint, parse_checkpoint
from traceledger.formats.note import (
    MAX_NOTE_SIZE,
    LineVerifier,
    add_signatures,
    open_note,
    parse_note,
)
from traceledger.formats.trust import MAX_TRUST, TRUST_ADDRESS, parse_trust
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
from traceledger.storage.store import CheckpointRow

__all__ = ["Copied", "Pages", "copy_ledger"]

_BYTES = "application/octet-stream"
_TEXT = "text/plain; charset=utf-8"
_PAGES = "pages"
_MAX_DIGITS = 19
_TRIES = 8  # of a note that other writers extend
_RECENT = 20  # cosigned checkpoints that may have gained lines since they were copied

Pages = Callable[[int, int], Iterable[StaticFile]]
"""Makes the files that change from one size of the log to another.

Passports are as of the latter; what is not verified may be of a later state of the ledger.
"""


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
    pages: Pages | None = None,
    refresh: bool = False,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Copied:
    """Extends a static copy to the newest checkpoint; the first run creates it.

    `trust` is the trust file to serve. `entries` adds the entry bundles, which reveal a plant's
    business. `pages` adds the pages that changed since the copy last had all of them, with
    `refresh` all pages. `on_progress` receives the number of entries copied and the total.

    Raises ConflictError `publish.other` for the copy of another ledger, VerificationError
    `publish.ahead` or `publish.fork` for one that is no earlier state of this ledger, NotFoundError
    `ledger.unpublished`, and the errors of the store.
    """
    with store.lock():
        run = _Run(ledger, store, trust)
        return run.extend(pages, on_progress, entries=entries, refresh=refresh)


class _Run:
    """One extension of a copy."""

    def __init__(self, ledger: LedgerReader, store: StaticStore, trust: bytes) -> None:
        self._ledger = ledger
        self._store = store
        self._trust = trust
        policy = parse_trust(trust).policy
        self._keys: list[LineVerifier] = [log.key for log in policy.logs]
        self._keys += [witness.key for witness in policy.witnesses]
        self._note = ledger.checkpoint()
        self._new = parse_checkpoint(parse_note(self._note).text)
        self._held = store.read(CHECKPOINT, MAX_NOTE_SIZE)
        self._old = 0 if self._held is None else self._check_held(self._held)
        self._files = 0

    def extend(
        self,
        pages: Pages | None,
        on_progress: Callable[[int, int], None],
        *,
        entries: bool,
        refresh: bool,
    ) -> Copied:
        """Writes the files in their order, then removes what they replace."""
        size = self._new.size
        for tile in _missing(tiles_of(size, self._old), self._old):
            data = self._ledger.read_tile(tile.level, tile.index, tile.width)
            self._write(format_tile_path(tile), data, _BYTES, fixed=True)
        if entries:
            self._copy_entries(on_progress)
        self._copy_notes()
        held = self._store.read(TRUST_ADDRESS, MAX_TRUST)
        if held is None or held.data != self._trust:
            self._write(TRUST_ADDRESS, self._trust, "application/json", fixed=False)
        done = 0 if pages is None or refresh else self._read_pages()
        for file in () if pages is None else pages(done, size):
            self._store.write(file._replace(size=size))
            self._files += 1
        if self._held is None or self._held.data != self._note:
            self._exchange(CHECKPOINT, self._note, self._held)
        if pages is not None and done != size:
            self._write(_PAGES, b"%d\n" % size, _TEXT, fixed=False)
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

    def _read_pages(self) -> int:
        """Returns the size up to which the pages of the copy are complete."""
        held = self._store.read(_PAGES, _MAX_DIGITS + 1)
        done = b"" if held is None else held.data.rstrip(b"\n")
        return int(done) if done.isdigit() and int(done) <= self._old else 0

    def _copy_notes(self) -> None:
        for row in self._ledger.newest_checkpoints(_RECENT, cosigned=True):
            if row.size <= self._old:
                held = self._store.read(checkpoint_path(row.size), MAX_NOTE_SIZE)
                self._copy_note(row, held)
        for row in self._ledger.checkpoints(self._old):
            if row.size <= self._new.size:  # another process may publish meanwhile
                self._copy_note(row, None)

    def _copy_note(self, row: CheckpointRow, held: Held | None) -> None:
        """Writes a note where `held` was read, with the lines that another writer added."""
        path, note = checkpoint_path(row.size), self._ledger.cosigned(row)
        for tries in range(_TRIES, 0, -1):
            data = note if held is None else self._extend(note, held.data)
            if held is not None and held.data == data:
                return
            try:
                self._exchange(path, data, held)
            except ConflictError as error:
                if error.code != "publish.race" or tries == 1:
                    raise
                held = self._store.read(path, MAX_NOTE_SIZE)
            else:
                return

    def _extend(self, note: bytes, held: bytes) -> bytes:
        """Adds the lines of known keys that only the copy has to a note, if they all verify."""
        own = parse_note(note)
        try:
            found = open_note(held, self._keys)
        except (MalformedError, VerificationError):
            return note
        known = {(line.name, line.key_id) for line in own.signatures}
        more = [line for line in found.signatures if (line.name, line.key_id) not in known]
        return add_signatures(note, more) if more and found.text == own.text else note

    def _exchange(self, path: str, data: bytes, held: Held | None) -> None:
        self._store.exchange(StaticFile(path, data, _TEXT, False, self._new.size), held)
        self._files += 1

    def _write(self, path: str, data: bytes, media: str, *, fixed: bool) -> None:
        self._store.write(StaticFile(path, data, media, fixed, self._new.size))
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
