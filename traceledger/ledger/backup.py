"""Back-ups of a live ledger, and bringing one back without ever contradicting what was published.

A restored ledger may be older than what it published since. It signs nothing until somebody brings
the newest checkpoint that anybody holds, and the database is found to be at least as new.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from traceledger.errors import ConflictError, NotFoundError, StorageError
from traceledger.formats.checkpoint import open_checkpoint
from traceledger.formats.note import NoteVerifier
from traceledger.ledger.home import LOG_KEY, Home
from traceledger.merkle.nodes import StoredTree
from traceledger.storage.files import write_file
from traceledger.storage.sqlite import SqliteStore

__all__ = ["back_up", "confirm_newest", "restore"]

_DATABASE = "ledger.db"
_CONFIG = "traceledger.toml"


def back_up(home: Home, target: Path) -> int:
    """Copies a ledger that may be in use to a new directory; returns the number of entries.

    The database is copied as of one moment; keys stay encrypted. Raises ConflictError
    `backup.exists`, StorageError `store.write`.
    """
    if target.exists() and any(target.iterdir()):
        raise ConflictError("backup.exists", f"{target} is not empty")
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        _copy_database(home.path / _DATABASE, target / _DATABASE)
        shutil.copytree(home.keys.path, target / "keys")
        write_file(target / _CONFIG, (home.path / _CONFIG).read_bytes())
        if home.published.exists():
            write_file(target / home.published.name, home.published.read_bytes())
    except (OSError, sqlite3.Error) as error:
        raise StorageError("store.write", f"{target} cannot be written: {error}") from error
    store = SqliteStore(target / _DATABASE, write=False)
    try:
        return store.size()
    finally:
        store.close()


def restore(source: Path, target: Path) -> Home:
    """Makes a ledger directory from a back-up; it signs nothing until `confirm_newest`.

    Raises NotFoundError `backup.missing`, ConflictError `store.exists`.
    """
    if not (source / _CONFIG).is_file() or not (source / _DATABASE).is_file():
        raise NotFoundError("backup.missing", f"{source} is not a back-up")
    if target.exists() and any(target.iterdir()):
        raise ConflictError("store.exists", f"{target} is not empty")
    try:
        target.mkdir(mode=0o755, parents=True, exist_ok=True)
        # First of all, so that a restore that is cut short leaves nothing that would sign.
        write_file(target / "restored", b"")
        _copy_database(source / _DATABASE, target / _DATABASE)
        shutil.copytree(source / "keys", target / "keys")
        write_file(target / _CONFIG, (source / _CONFIG).read_bytes())
    except (OSError, sqlite3.Error) as error:
        raise StorageError("store.write", f"{target} cannot be written: {error}") from error
    return Home.open(target)


def confirm_newest(home: Home, note: bytes) -> int:
    """Compares a restored ledger with the newest checkpoint that anybody holds, and frees it.

    Returns the checkpoint's size. Raises StorageError `ledger.behind` when the database is older,
    or has another tree at that size: then it must never sign again.
    """
    key = NoteVerifier(home.origin, home.keys.public(LOG_KEY))
    newest = open_checkpoint(note, home.origin, [key]).checkpoint
    store = SqliteStore(home.path / _DATABASE, write=False)
    try:
        size = store.size()
        if size < newest.size or StoredTree(newest.size, store).root != newest.root:
            raise StorageError(
                "ledger.behind",
                f"size {newest.size} was published, the restored database has {size} entries",
            )
    finally:
        store.close()
    write_file(home.published, note)
    home.restored.unlink(missing_ok=True)
    return newest.size


def _copy_database(source: Path, target: Path) -> None:
    """Copies a database as of one moment, also while it is written (SQLite backup API)."""
    reading = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    writing = sqlite3.connect(target)
    try:
        reading.backup(writing)
        # The copy is complete in its one file, whatever the journal mode was.
        writing.execute("PRAGMA journal_mode = DELETE")
    finally:
        writing.close()
        reading.close()
    target.chmod(0o600)
