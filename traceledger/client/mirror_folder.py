"""The folder of a mirror: files that are written once, notes that gain lines, and evidence.

::

    checkpoint, checkpoints/, tile/, disclosures/, trust.json, README.txt    the archive
    mirror.lock                          held by the process that extends the mirror
    evidence/<size>-<root>/              a history that contradicts the mirror: its `checkpoint`
                                         and the tiles that prove it
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from contextlib import suppress
from pathlib import Path

from traceledger.errors import ConflictError, MalformedError, VerificationError
from traceledger.files.durable import list_folder, make_folder, read_file, remove_file, write_file
from traceledger.files.installation import find_installation
from traceledger.formats.archive import (
    CHECKPOINT,
    CHECKPOINTS,
    DISCLOSURES,
    MAX_DISCLOSURES,
    README,
    TRUST,
    checkpoint_path,
    disclosures_path,
    entries_path,
    format_readme,
)
from traceledger.formats.checkpoint import Checkpoint
from traceledger.formats.cosignature import split_cosignature
from traceledger.formats.note import (
    MAX_NOTE_SIZE,
    MAX_SIGNATURES,
    Note,
    SignatureLine,
    format_note,
    parse_note,
)
from traceledger.formats.trust import MAX_TRUST
from traceledger.merkle.tiles import (
    ENTRIES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    format_tile_path,
    tile_width,
)
from traceledger.verify.archive.source import FolderSource

__all__ = ["MirrorFolder"]

_LOCK = "mirror.lock"
_EVIDENCE = "evidence"
_TILES = "tile"


class MirrorFolder:
    """An existing or new mirror; the caller holds the lock of the file `lock`."""

    def __init__(self, path: Path) -> None:
        """Creates the folder unless it exists.

        Raises ConflictError `archive.exists` for a folder with anything but a mirror or an archive.
        """
        if path.exists() and not path.is_dir():
            raise ConflictError("archive.exists", f"{path} is not a directory")
        names = set(list_folder(path))
        if names and _LOCK not in names and not {CHECKPOINT, _TILES} <= names:
            raise ConflictError("archive.exists", f"{path} contains other files than a mirror")
        make_folder(path)
        self.path = path
        self.source = FolderSource(path)

    @property
    def lock(self) -> Path:
        """The file whose writer lock protects the folder."""
        return self.path / _LOCK

    @property
    def note(self) -> bytes | None:
        """The note of the checkpoint up to which the mirror is complete."""
        return read_file(self.path / CHECKPOINT, MAX_NOTE_SIZE)

    @property
    def trust(self) -> bytes | None:
        """The trust file that the server sent when the mirror was created."""
        return read_file(self.path / TRUST, MAX_TRUST)

    def has_disclosures(self) -> bool:
        """Reports whether the mirror contains disclosures."""
        return bool(self.source.names(DISCLOSURES))

    def has_checkpoint(self, size: int) -> bool:
        """Reports whether the mirror contains the checkpoint of that size."""
        return self.has(checkpoint_path(size))

    def has(self, path: str) -> bool:
        """Reports whether a file exists."""
        return (self.path / path).exists()

    def read(self, path: str, limit: int) -> bytes | None:
        """Reads a file of at most `limit` bytes, None if it does not exist."""
        return read_file(self.path / path, limit)

    def add(self, path: str, data: bytes) -> None:
        """Writes a new file; raises VerificationError `mirror.file` if it exists with other bytes.

        An equal file is unchanged.
        """
        held = self.read(path, MAX_DISCLOSURES)
        if held is None:
            place = self.path / path
            make_folder(place.parent)
            write_file(place, data, alone=True)
        elif held != data:
            raise VerificationError(
                "mirror.file", "does not contain the bytes of the log", where=str(self.path / path)
            )

    def describe(self, trust: bytes) -> None:
        """Writes what an archive contains for its readers, unless it is there."""
        program = find_installation()
        readme = format_readme(program.distribution, program.version, program.digest)
        for path, data in ((README, readme), (TRUST, trust)):
            if not self.has(path):
                self.add(path, data)

    def add_note(self, size: int, note: bytes, known: Container[tuple[str, bytes]]) -> bytes:
        """Keeps a published checkpoint; a note of the same tree keeps the lines of both.

        Returns the kept note. For a key that signed both, it has the newer line. Lines of `known`
        keys, by name and id, come first: of those of strangers, it has as many as a note may.
        """
        path = self.path / checkpoint_path(size)
        held = read_file(path, MAX_NOTE_SIZE)
        kept = note if held is None else _join(held, note, known)
        if kept != held:
            make_folder(self.path / CHECKPOINTS)
            write_file(path, kept, alone=True)
        return kept

    def complete(self, note: bytes, old: int, size: int) -> None:
        """Makes this the mirror's checkpoint, then removes the partial tiles that it supersedes."""
        if note != self.note:
            write_file(self.path / CHECKPOINT, note, alone=True)
        for level in range(ENTRIES, (size.bit_length() - 1) // TILE_HEIGHT + 1):
            shift = TILE_HEIGHT * max(level, 0)
            for index in range((old >> shift) // TILE_WIDTH, (size >> shift) // TILE_WIDTH + 1):
                self._drop_partial(level, index, size)

    def add_evidence(self, checkpoint: Checkpoint, note: bytes, tiles: Mapping[str, bytes]) -> Path:
        """Keeps a contradicting checkpoint and tiles of its tree; returns their folder."""
        folder = self.path / _EVIDENCE / f"{checkpoint.size}-{checkpoint.root.hex()[:16]}"
        for path, data in {CHECKPOINT: note, **tiles}.items():
            make_folder((folder / path).parent)
            write_file(folder / path, data, alone=True)
        return folder

    def _drop_partial(self, level: int, index: int, size: int) -> None:
        width = tile_width(level, index, size)
        keep = str(width) if width < TILE_WIDTH else ""
        paths = [format_tile_path(Tile(level, index, TILE_WIDTH))]
        if level == ENTRIES:
            paths = [entries_path(index, TILE_WIDTH), disclosures_path(index, TILE_WIDTH)]
        for path in paths:
            folder = self.path / f"{path}.p"
            for name in list_folder(folder):
                if name != keep:
                    remove_file(folder / name)
            if not keep:
                with suppress(OSError):
                    folder.rmdir()


def _join(held: bytes, new: bytes, known: Container[tuple[str, bytes]]) -> bytes:
    note, before = parse_note(new), parse_note(held)
    if note.text != before.text:
        return held
    newest: dict[tuple[str, bytes], SignatureLine] = {}
    for line in (*note.signatures, *before.signatures):
        key = line.name, line.key_id
        newest[key] = max(newest.get(key, line), line, key=_time)
    lines = sorted(newest.values(), key=lambda line: (line.name, line.key_id) not in known)
    del lines[MAX_SIGNATURES:]
    while len(joined := format_note(Note(note.text, tuple(lines)))) > MAX_NOTE_SIZE:
        lines.pop()
    return joined


def _time(line: SignatureLine) -> int:
    """The time that a cosignature states, in seconds since 1970; 0 for another signature."""
    try:
        return split_cosignature(line.signature)[0]
    except MalformedError:
        return 0
