"""Back-ups of a live ledger, and restoring them without contradicting published checkpoints.

A restored ledger may be older than the newest checkpoint that the ledger published. It signs
nothing until it has been compared with the newest checkpoints that others hold, and its database is
at least as new. A back-up carries the same mark, so a back-up that is used in place signs nothing
either.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from traceledger.errors import (
    MalformedError,
    NotFoundError,
    StorageError,
    UsageError,
    VerificationError,
)
from traceledger.files.durable import (
    MAX_SETTINGS,
    list_folder,
    make_folder,
    read_file,
    remove_file,
    write_file,
)
from traceledger.files.new_folder import new_folder
from traceledger.files.side_database import copy_side_database
from traceledger.formats.checkpoint import Checkpoint, open_checkpoint
from traceledger.formats.note import MAX_NOTE_SIZE, NoteVerifier
from traceledger.ledger.keeping.former import FormerPassports
from traceledger.ledger.keeping.home import CONFIG, COPIED, DATABASE, RESTORED, Home
from traceledger.ledger.keeping.transfer import transfer
from traceledger.merkle.nodes import StoredTree
from traceledger.planning.keys import LOG_KEY
from traceledger.storage.opening import (
    create_store,
    discard_store,
    load_engine,
    open_store,
    require_vacant,
)
from traceledger.storage.sqlite import copy_database
from traceledger.storage.store import StoreReader

DUMP = "ledger.dump"  # of a ledger in a database, instead of its file

__all__ = ["back_up", "check_evidence", "compare_newest", "confirm_newest", "restore"]


def back_up(home: Home, target: Path) -> int:
    """Copies a ledger that may be in use to a new folder; returns the number of entries.

    The copy of the database is consistent and is read back; keys stay encrypted. The folder appears
    once it is complete. Raises ConflictError `backup.exists`, StorageError `store.write` or
    `ledger.damaged`, and the other errors of `new_folder`.
    """
    with new_folder(target, "backup.exists", mode=0o700) as folder:
        copy = replace(home, path=folder)
        _mark_restored(home, copy)
        size = _save(home, folder)
        _copy_files(home, copy)  # after the database, whose imports name kept passports
        copy.write_settings()
    return size


def restore(source: Path, target: Path, store: str = "", *, dry_run: bool = False) -> Home:
    """Creates a ledger's folder from a back-up; it signs nothing until `confirm_newest`.

    `store` is the address of a database that contains no ledger; without it, a ledger that was in a
    file is restored to a file, one that was in a database to the database that the back-up names.
    So a ledger moves from a file to a database, but not back. With `dry_run`, it is only checked
    that this can be done. What was saved is read back first. Raises NotFoundError `backup.missing`,
    ConflictError `store.exists`, StorageError `store.*`, `ledger.damaged` or `backup.tools`.
    """
    saved = Home.open(source) if (source / CONFIG).is_file() else None
    if saved is None or not (source / (DUMP if saved.store else DATABASE)).is_file():
        raise NotFoundError("backup.missing", f"{source} is not a back-up")
    home = replace(saved, path=target, store=store or saved.store)
    with new_folder(target, "store.exists") as folder:
        copy = replace(home, path=folder)
        if home.store:
            require_vacant(home.store)
        _mark_restored(saved, copy)
        if not saved.store:
            _copy_store(source / DATABASE, folder / DATABASE)
        _copy_files(saved, copy)
        copy.write_settings()
        if saved.store:
            tools = load_engine("tools")
            tools.check(source / DUMP)
            if not dry_run:  # last: a database that was loaded would refuse another attempt
                tools.load(source / DUMP, home.store)
        elif home.store:
            if not dry_run:
                _fill(home.store, folder / DATABASE)
            remove_file(folder / DATABASE)
    return home


def check_evidence(path: Path) -> None:
    """Checks that a file with a checkpoint is not part of a back-up or of a copy of one.

    Their copy of the checkpoint is as old as the back-up, so it does not show that nothing was
    published since. Raises UsageError `backup.evidence`.
    """
    for folder in path.resolve().parents:
        if (folder / CONFIG).exists() and _is_copied(folder / RESTORED):
            raise UsageError("backup.evidence", f"{path} belongs to the back-up in {folder}")


def confirm_newest(home: Home, notes: Sequence[bytes]) -> int:
    """Allows a restored ledger to sign after `compare_newest`; returns the compared size.

    The checkpoints that the database does not cover are kept in the folder as contradictions, so
    that an older one cannot release the ledger later. Raises the errors of `compare_newest` and of
    `lock_writer`.
    """
    # A server of this folder may keep another checkpoint: before the comparison, or after it.
    with home.contradictions.lock():
        checkpoints = _open_notes(home, notes)
        with contextlib.closing(home.open_store()) as store:
            uncovered = [note for found, note in checkpoints if not _is_covered(store, found)]
        for note in uncovered:
            home.contradictions.keep_locked(note)
        size, note = compare_newest(home, notes)
        home.keep_published(note)
        home.contradictions.clear()
        if home.restored.exists():
            remove_file(home.restored)
    return size


def compare_newest(home: Home, notes: Sequence[bytes]) -> tuple[int, bytes]:
    """Compares a restored ledger with the newest checkpoints that others hold; writes nothing.

    `notes` is not empty; each must be signed by the ledger's own key. The folder's own copy of the
    newest checkpoint counts too, and one that an earlier comparison or a witness showed. Returns
    the size of the largest checkpoint and its note. Raises UsageError `backup.confirmed` when the
    ledger needs no comparison, and StorageError `ledger.behind` when the database is older than one
    of them or has another tree at its size; the ledger must then never sign again.
    """
    checkpoints = _open_notes(home, notes)
    with contextlib.closing(home.open_store()) as store:
        for checkpoint, _ in checkpoints:
            if not _is_covered(store, checkpoint):
                raise _behind(store.size(), checkpoint)
    newest, note = _largest(checkpoints)
    return newest.size, note


def _open_notes(home: Home, notes: Sequence[bytes]) -> list[tuple[Checkpoint, bytes]]:
    """Opens the given notes and those in the folder."""
    if not (home.restored.exists() or home.contradictions.exist):
        raise UsageError("backup.confirmed", f"{home.path} is not awaiting a comparison")
    key = NoteVerifier(home.origin, home.keys.public(LOG_KEY))
    opened = [(open_checkpoint(note, home.origin, [key]).checkpoint, note) for note in notes]
    for path in (home.published, *home.contradictions.files):
        if (note := read_file(path, MAX_NOTE_SIZE)) is not None:
            try:
                opened.append((open_checkpoint(note, home.origin, [key]).checkpoint, note))
            except (MalformedError, VerificationError) as error:
                raise error.at(str(path)) from error
    return opened


def _is_copied(mark: Path) -> bool:
    return read_file(mark, MAX_SETTINGS) == COPIED


def _largest(checkpoints: Sequence[tuple[Checkpoint, bytes]]) -> tuple[Checkpoint, bytes]:
    return max(checkpoints, key=lambda opened: opened[0].size)


def _save(home: Home, target: Path) -> int:
    """Copies the store of a ledger to a folder, reads it back and returns its size."""
    if home.store:
        with contextlib.closing(home.open_store()) as store:
            size = store.size()  # the copy, which begins later, has at least these
        load_engine("tools").dump(home.store, target / DUMP)
        return size
    return _copy_store(home.path / DATABASE, target / DATABASE)


def _copy_store(source: Path, target: Path) -> int:
    """Copies a database in a file, reads the copy back and returns its size."""
    copy_database(source, target)
    with contextlib.closing(open_store(target, write=False)) as store:
        if faults := store.check():
            raise StorageError("ledger.damaged", f"the copy of {source}: {faults[0]}")
        return store.size()


def _fill(address: str, source: Path) -> None:
    """Copies a ledger in a file to a database that contains none, or leaves it as it was."""
    create_store(address)
    try:
        with (
            contextlib.closing(open_store(source, write=False)) as saved,
            contextlib.closing(open_store(address, write=True)) as store,
        ):
            transfer(saved, store)
    except BaseException:
        discard_store(address)  # part of a ledger, which would refuse another attempt
        raise


def _mark_restored(source: Home, target: Home) -> None:
    """Marks a copy, before anything else is in it, as a ledger that must be compared first.

    The checkpoints in the folder are copied before the database, which is then at least as new; one
    that is known to be newer remains known.
    """
    write_file(target.restored, COPIED)
    source.contradictions.copy(target.contradictions)
    if (note := read_file(source.published, MAX_NOTE_SIZE)) is not None:
        write_file(target.published, note)


def _copy_files(source: Home, target: Home) -> None:
    """Copies keys, kept passports and samples; without the settings, a folder is no ledger yet."""
    make_folder(target.keys.path, mode=0o700)
    for name in list_folder(source.keys.path):
        if name.endswith((".pem", ".jwk")):
            mode = 0o600 if name.endswith(".pem") else 0o644
            _copy_file(source.keys.path / name, target.keys.path / name, mode)
    former = FormerPassports(target.path)
    for _, passport in FormerPassports(source.path).read_all():
        former.keep(passport)
    if source.samples.is_file():
        copy_side_database(source.samples, target.samples)


def _copy_file(source: Path, target: Path, mode: int) -> None:
    data = read_file(source, MAX_SETTINGS)
    if data is None:
        raise StorageError("file.read", f"{source} no longer exists")
    write_file(target, data, mode=mode)


def _is_covered(store: StoreReader, checkpoint: Checkpoint) -> bool:
    """Reports whether the database contains the tree of this checkpoint."""
    if checkpoint.size > store.size():
        return False
    try:
        return StoredTree(checkpoint.size, store).root == checkpoint.root
    except MalformedError as error:
        raise StorageError("ledger.damaged", f"the restored database: {error}") from error


def _behind(size: int, checkpoint: Checkpoint) -> StorageError:
    return StorageError(
        "ledger.behind",
        f"size {checkpoint.size} was published, but the restored database has {size} entries"
        + (" and another tree" if checkpoint.size <= size else ""),
    )
