"""Examining a ledger's folder: files, log and keys."""

from __future__ import annotations

import contextlib
import shutil
import stat
from collections.abc import Callable, Iterator
from typing import NamedTuple

from traceledger.errors import TraceledgerError
from traceledger.formats.checkpoint import Checkpoint, open_checkpoint
from traceledger.formats.cosignature import split_cosignature
from traceledger.formats.note import NoteVerifier, parse_signatures
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.keeping.scrub import Damage, check_entries
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.planning.keys import LOG_KEY
from traceledger.storage.store import StoreReader

__all__ = ["Finding", "examine"]

_FREE = 1 << 30


class Finding(NamedTuple):
    """The result of a check: its name, whether it passed, and what was found."""

    name: str
    well: bool
    seen: str


def examine(home: Home, clock: Callable[[], float]) -> Iterator[Finding]:
    """Examines a ledger's directory without changing it, the quick checks first.

    Raises StorageError `store.version` for a ledger of another version.
    """
    yield _examine_space(home)
    yield from _examine_keys(home)
    try:
        store = home.open_store()
    except TraceledgerError as error:
        if error.code == "store.version":
            raise  # another version is no damage
        yield Finding("log end", well=False, seen=str(error))
        return
    with contextlib.closing(store):
        yield from _examine_store(home, store, clock)


def _examine_store(home: Home, store: StoreReader, clock: Callable[[], float]) -> Iterator[Finding]:
    try:
        ledger = LedgerReader(store, home.origin, clock=clock)
        yield Finding("log end", well=True, seen=f"{store.size():,} entries, as last signed")
    except TraceledgerError as error:
        yield Finding("log end", well=False, seen=str(error))
        return
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("database file", lambda: _examine_file(store)),
        ("checkpoints", lambda: _examine_checkpoints(home, store)),
        ("entries", lambda: _examine_entries(store)),
        ("map of latest heads", lambda: _examine_map(ledger)),
        ("unpublished", lambda: _examine_unpublished(ledger)),
    )
    for name, check in checks:
        try:
            yield Finding(name, well=True, seen=check())
        except (TraceledgerError, Damage) as error:
            yield Finding(name, well=False, seen=str(error))


def _examine_space(home: Home) -> Finding:
    free = shutil.disk_usage(home.path).free
    return Finding("disk space", well=free > _FREE, seen=f"{free / (1 << 30):.1f} GiB free")


def _examine_keys(home: Home) -> Iterator[Finding]:
    for name in home.keys.names():
        file = home.keys.path / f"{name}.pem"
        if not file.exists():
            yield Finding(f"key {name}", well=True, seen="stored elsewhere")
            continue
        mode = stat.S_IMODE(file.stat().st_mode)
        seen = "readable by others" if mode & 0o077 else "encrypted, readable by its owner only"
        yield Finding(f"key {name}", well=not mode & 0o077, seen=seen)


def _examine_file(store: StoreReader) -> str:
    faults = store.check()
    if faults:
        raise Damage("; ".join(faults[:3]))
    return "intact"


def _examine_checkpoints(home: Home, store: StoreReader) -> str:
    """Checks that every published note opens with the log's key and names the stored tree.

    The form of cosignatures is checked; their signatures are checked by whoever has the witness's
    key.
    """
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


def _examine_entries(store: StoreReader) -> str:
    """Checks entries, tiles and disclosures against the signed roots."""
    size = store.size()
    check_entries(store, size)
    return f"{size:,} hash to the signed roots"


def _examine_map(ledger: LedgerReader) -> str:
    if not ledger.published_size:
        return "nothing has been sealed yet"
    return f"{ledger.snapshot().heads.items:,} items, as last sealed"


def _examine_unpublished(ledger: LedgerReader) -> str:
    published = ledger.published_size
    waiting = ledger.size - published
    return f"{waiting:,} entries are waiting for the next checkpoint" if waiting else "nothing"
