"""Examining a ledger's folder: files, log and keys."""

from __future__ import annotations

import contextlib
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from traceledger.errors import MalformedError, StorageError, TraceledgerError, VerificationError
from traceledger.events.ed25519_engine import choose_engine
from traceledger.files.durable import list_folder
from traceledger.files.side_database import check_side_database
from traceledger.formats.checkpoint import Checkpoint, open_checkpoint
from traceledger.formats.cosignature import split_cosignature
from traceledger.formats.note import NoteVerifier, parse_signatures
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.keeping.rebuild import rebuild
from traceledger.ledger.keeping.scrub import Damage, check_entries
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.planning.keys import LOG_KEY
from traceledger.storage.store import StoreReader

__all__ = ["Finding", "examine"]

Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]

_FREE = 1 << 30
_NOT_COMPARED = "not compared with the log, whose signatures were not checked"
_RESTORE = "Stop writing and restore a back-up."
_REBUILD = "Run `traceledger rebuild`; if the map still differs, restore a back-up."


class Finding(NamedTuple):
    """The result of a check: its name, whether it passed, what was found, and what to do."""

    name: str
    well: bool
    seen: str
    remedy: str = ""


@contextlib.contextmanager
def _silent(_label: str, _total: int) -> Iterator[Callable[[int], None]]:
    yield lambda _done: None


def examine(
    home: Home,
    clock: Callable[[], float],
    *,
    quick: bool = False,
    progress: Progress = _silent,
) -> Iterator[Finding]:
    """Examines a ledger's directory without changing it, the quick checks first.

    `quick` skips the replay of the log with all signatures, and so the comparison of items.
    `progress` receives a label and the number of entries; what it opens receives the number done.
    Raises StorageError `store.version` for a ledger of another version.
    """
    yield _examine_space(home)
    yield Finding("Ed25519", well=True, seen=choose_engine().description)
    yield from _examine_keys(home)
    yield from _examine_side(home)
    try:
        store = home.open_store()
    except TraceledgerError as error:
        if error.code == "store.version":
            raise  # another version is no damage
        yield Finding("log end", well=False, seen=str(error), remedy=_remedy(error))
        return
    with contextlib.closing(store):
        yield from _examine_store(home, store, clock, quick=quick, progress=progress)


def _examine_store(
    home: Home,
    store: StoreReader,
    clock: Callable[[], float],
    *,
    quick: bool,
    progress: Progress,
) -> Iterator[Finding]:
    try:
        ledger = LedgerReader(store, home.origin, clock=clock)
        yield Finding("log end", well=True, seen=f"{store.size():,} entries, as last signed")
    except TraceledgerError as error:
        yield Finding("log end", well=False, seen=str(error), remedy=_remedy(error))
        return
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("database file", lambda: _examine_file(store)),
        ("confirmed writes", lambda: _examine_durability(store)),
        ("checkpoints", lambda: _examine_checkpoints(home, store)),
        ("entries", lambda: _examine_entries(store, progress)),
        ("map of latest heads", lambda: _examine_map(ledger)),
        ("items", lambda: _NOT_COMPARED if quick else _examine_items(ledger, progress)),
        ("unpublished", lambda: _examine_unpublished(ledger)),
    )
    damaged = False
    for name, check in checks:
        if name == "items" and damaged:
            continue  # there is no intact log to compare with
        try:
            yield Finding(name, well=True, seen=check())
        except TraceledgerError as error:
            yield Finding(name, well=False, seen=str(error), remedy=_remedy(error))
        except Damage as error:
            yield Finding(name, well=False, seen=str(error), remedy=_RESTORE)
        else:
            continue
        damaged = damaged or name == "entries"


def _examine_space(home: Home) -> Finding:
    free = shutil.disk_usage(home.path).free
    remedy = "Free some space: without it, the ledger cannot grow."
    return _finding(
        "disk space", f"{free / (1 << 30):.1f} GiB free", "" if free > _FREE else remedy
    )


def _examine_side(home: Home) -> Iterator[Finding]:
    """Checks the files that a server keeps beside the log and that it does not rebuild."""
    for name, path, remedy in (
        ("samples", home.samples, "Stop the server and copy `samples.db` from a back-up."),
        ("visits", home.scans, "Stop the server and delete `scans.db`, which has only counts."),
    ):
        if not path.exists():
            continue
        try:
            yield _finding(name, f"{path.name} is intact, {check_side_database(path):,} bytes")
        except StorageError as error:
            yield _finding(name, str(error), remedy)


def _examine_keys(home: Home) -> Iterator[Finding]:
    folder = home.keys.path
    files = {Path(name) for name in list_folder(folder)}
    names = {file.stem for file in files if file.suffix in {".jwk", ".pem"}}
    for name in sorted(names | {LOG_KEY}):
        private = Path(f"{name}.pem") in files
        if Path(f"{name}.jwk") not in files:
            remedy = f"Restore {folder}/{name}.jwk from a back-up"
            remedy += ", or repeat the command that created the key, with its passphrase."
            yield _finding(f"key {name}", "its public half is missing", remedy)
        elif private:
            file = folder / f"{name}.pem"
            if stat.S_IMODE(file.stat().st_mode) & 0o077:
                yield _finding(f"key {name}", "readable by others", f"Run `chmod 600 {file}`.")
            else:
                yield _finding(f"key {name}", "encrypted, readable by its owner only")
        elif name == LOG_KEY:
            remedy = (
                f"Restore {folder}/{name}.pem from a back-up; without it, the ledger is read-only."
            )
            yield _finding(f"key {name}", "its private half is missing", remedy)
        else:
            yield _finding(f"key {name}", "stored elsewhere")


def _remedy(error: TraceledgerError) -> str:
    """Returns the remedy for an error in stored data, whose own hint may address its sender."""
    if error.code == "map.stale":
        return _REBUILD
    if isinstance(error, MalformedError | VerificationError) or error.code == "ledger.damaged":
        return _RESTORE
    return error.hint


def _finding(name: str, seen: str, remedy: str = "") -> Finding:
    return Finding(name, well=not remedy, seen=seen, remedy=remedy)


def _examine_file(store: StoreReader) -> str:
    faults = store.check()
    if faults:
        raise Damage("; ".join(faults[:3]))
    return "intact"


def _examine_durability(store: StoreReader) -> str:
    store.check_durability()
    return "survive a power cut"


def _examine_checkpoints(home: Home, store: StoreReader) -> str:
    """Checks that every published note opens with the log's key and names the stored tree.

    Only the form of cosignatures is checked; their signatures require the witnesses' keys.
    """
    home.check_contradiction()
    home.check_published(store)
    key = NoteVerifier(home.origin, home.keys.public(LOG_KEY))
    count = 0
    for row in store.read_checkpoints():
        if not row.note:
            continue
        opened = open_checkpoint(row.note.encode(), home.origin, [key]).checkpoint
        if opened != Checkpoint(home.origin, row.size, row.root):
            raise Damage(f"the note of checkpoint {row.size} is not of its tree head")
        for line in store.read_cosignatures(row.size):
            (signature,) = parse_signatures(f"{line.line}\n".encode())
            if (signature.name, split_cosignature(signature.signature)[0]) != line[1:3]:
                raise Damage(f"a cosignature of checkpoint {row.size} is not by {line.witness}")
        count += 1
    return f"{count:,} signed"


def _examine_entries(store: StoreReader, progress: Progress) -> str:
    """Checks entries, tiles and disclosures against the signed roots."""
    size = store.size()
    with progress("Reading", size) as step:
        check_entries(store, size, step)
    return f"{size:,} hash to the signed roots"


def _examine_map(ledger: LedgerReader) -> str:
    if not ledger.published_size:
        return "nothing has been sealed yet"
    return f"{ledger.snapshot().heads.items:,} items, as last sealed"


def _examine_items(ledger: LedgerReader, progress: Progress) -> str:
    """Replays the log and compares the stored rows of all items."""
    with progress("Replaying", ledger.size) as step:
        rebuilt = rebuild(ledger, step)
    if rebuilt.differing:
        raise StorageError(
            "item.stale",
            f"{rebuilt.differing:,} stored rows differ from the log, such as {rebuilt.named[0]}",
        )
    return f"{rebuilt.items:,} rows agree with the log"


def _examine_unpublished(ledger: LedgerReader) -> str:
    published = ledger.published_size
    waiting = ledger.size - published
    return f"{waiting:,} entries are waiting for the next checkpoint" if waiting else "nothing"
