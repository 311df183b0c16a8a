"""Back-ups of a live ledger, and restoring them without contradicting published checkpoints.

A restored ledger may be older than the newest checkpoint that the ledger published. It signs
nothing until it has been compared with the newest checkpoints that others hold, and its database is
at least as new. A back-up carries the same mark, so a back-up that is used in place signs nothing
either.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from traceledger.errors import (
    ConflictError,
    MalformedError,
    NotFoundError,
    StorageError,
    UsageError,
)
from traceledger.files.durable import (
    list_folder,
    make_folder,
    read_file,
    remove_file,
    write_file,
)
from traceledger.formats.checkpoint import Checkpoint, open_checkpoint
from traceledger.formats.note import NoteVerifier
from traceledger.ledger.keeping.home import CONFIG, DATABASE, LOG_KEY, Home
from traceledger.merkle.nodes import StoredTree
from traceledger.storage.sqlite import SqliteStore, copy_database

__all__ = ["back_up", "compare_newest", "confirm_newest", "restore"]


def back_up(home: Home, target: Path) -> int:
    """Copies a ledger that may be in use to a new folder; returns the number of entries.

    The copy of the database is consistent and is read back; keys stay encrypted. Raises
    ConflictError `backup.exists`, StorageError `store.write` or `ledger.damaged`.
    """
    _require_empty(target, "backup.exists")
    # Read before the database, so that the copied database is at least as new.
    published = read_file(home.published)
    copy = Home(target, home.origin, home.url)
    _copy(home, copy, mode=0o700)
    if published is not None:
        write_file(copy.published, published)
    store = SqliteStore(target / DATABASE, write=False)
    try:
        faults = store.check()
        if faults:
            raise StorageError("ledger.damaged", f"the copy in {target}: {faults[0]}")
        return store.size()
    finally:
        store.close()


def restore(source: Path, target: Path) -> Home:
    """Creates a ledger's folder from a back-up; it signs nothing until `confirm_newest`.

    Raises NotFoundError `backup.missing`, ConflictError `store.exists`, StorageError `store.write`.
    """
    if not (source / CONFIG).is_file() or not (source / DATABASE).is_file():
        raise NotFoundError("backup.missing", f"{source} is not a back-up")
    _require_empty(target, "store.exists")
    saved = Home.open(source)
    home = Home(target, saved.origin, saved.url)
    _copy(saved, home, mode=0o755)
    return home


def confirm_newest(home: Home, notes: Sequence[bytes]) -> int:
    """Frees a restored ledger after `compare_newest`; returns and raises the same."""
    size, note = compare_newest(home, notes)
    write_file(home.published, note)
    remove_file(home.restored)
    return size


def compare_newest(home: Home, notes: Sequence[bytes]) -> tuple[int, bytes]:
    """Compares a restored ledger with the newest checkpoints that anybody holds.

    `notes` is not empty; each must be signed by the ledger's own key. Returns the largest with its
    size. Raises UsageError `backup.confirmed` when the ledger waits for no comparison, and
    StorageError `ledger.behind` when the database is older than one of them, or has another tree at
    its size: then it must never sign again.
    """
    if not home.restored.exists():
        raise UsageError("backup.confirmed", f"{home.path} waits for no comparison")
    key = NoteVerifier(home.origin, home.keys.public(LOG_KEY))
    held = [(open_checkpoint(note, home.origin, [key]).checkpoint, note) for note in notes]
    store = SqliteStore(home.path / DATABASE, write=False)
    try:
        for checkpoint, _ in held:
            _check_covered(store, checkpoint)
    finally:
        store.close()
    newest, note = max(held, key=lambda one: one[0].size)
    return newest.size, note


def _copy(source: Home, target: Home, *, mode: int) -> None:
    """Copies database, keys and settings to an empty folder."""
    make_folder(target.path, mode=mode)
    # First, so that an interrupted copy leaves no ledger that could sign.
    write_file(target.restored, b"")
    copy_database(source.path / DATABASE, target.path / DATABASE)
    make_folder(target.keys.path, mode=0o700)
    for name in list_folder(source.keys.path):
        if name.endswith((".pem", ".jwk")):
            mode = 0o600 if name.endswith(".pem") else 0o644
            _copy_file(source.keys.path / name, target.keys.path / name, mode)
    # Last: without it, the folder is neither a ledger nor a back-up.
    _copy_file(source.path / CONFIG, target.path / CONFIG, 0o644)


def _copy_file(source: Path, target: Path, mode: int) -> None:
    data = read_file(source)
    if data is None:
        raise StorageError("file.read", f"{source} no longer exists")
    write_file(target, data, mode=mode)


def _check_covered(store: SqliteStore, newest: Checkpoint) -> None:
    size = store.size()
    try:
        covered = newest.size <= size and StoredTree(newest.size, store).root == newest.root
    except MalformedError as error:
        raise StorageError("ledger.damaged", f"the restored database: {error}") from error
    if not covered:
        raise StorageError(
            "ledger.behind",
            f"size {newest.size} was published, the restored database has {size} entries"
            + (" and another tree" if newest.size <= size else ""),
        )


def _require_empty(target: Path, code: str) -> None:
    if target.exists() and (not target.is_dir() or list_folder(target)):
        raise ConflictError(code, f"{target} already exists and is not an empty folder")
