"""Archives in place of a ledger, for commands that only read."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

from traceledger.formats.archive import CHECKPOINT
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import MAX_NOTE_SIZE, parse_note
from traceledger.verify.archive.source import open_source
from traceledger.views.archive import ArchiveLedger
from traceledger_cli.output import Output
from traceledger_cli.progress import progress

__all__ = ["is_exported", "open_archive"]

_SETTINGS = "traceledger.toml"  # in a ledger's own folder; its module would load the database


def is_exported(path: Path) -> bool:
    """Reports whether a path is an archive: a zip, or a directory that is not a ledger's own."""
    if path.is_dir():
        return (path / CHECKPOINT).is_file() and not (path / _SETTINGS).exists()
    return path.is_file() and zipfile.is_zipfile(path)


def open_archive(path: Path, out: Output) -> ArchiveLedger:
    """Reads an archive into memory, and notes that this does not verify it."""
    source = open_source(path)
    note = parse_note(source.read(CHECKPOINT, MAX_NOTE_SIZE))
    with progress("Reading", parse_checkpoint(note.text).size) as step:
        archive = ArchiveLedger(source, clock=time.time, on_progress=lambda done, _all: step(done))
    out.note(f"Read without verification; to verify: `traceledger verify {path}`.")
    return archive
