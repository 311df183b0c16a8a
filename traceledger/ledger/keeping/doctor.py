"""Looking a ledger over: files, log, keys and witnesses, each check with what to do about it."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator
from typing import NamedTuple

from traceledger.errors import TraceledgerError
from traceledger.formats.checkpoint import Checkpoint, open_checkpoint
from traceledger.formats.cosignature import split_cosignature
from traceledger.formats.note import NoteVerifier, parse_signatures
from traceledger.ledger.keeping.home import LOG_KEY, Home
from traceledger.ledger.keeping.scrub import Damage, check_entries
from traceledger.ledger.ledger import Ledger

__all__ = ["Finding", "examine"]

_FREE = 1 << 30


class Finding(NamedTuple):
    """One check: what was looked at, whether it is well, and what was seen."""

    name: str
    well: bool
    seen: str


def examine(home: Home, clock: Callable[[], float]) -> Iterator[Finding]:
    """Looks over a ledger's directory without changing anything, the quick checks first.

    Raises StorageError `store.version` for a ledger of another version.
    """
    yield _examine_space(home)
    yield from _examine_keys(home)
    try:
        ledger = home.read(clock)
    except TraceledgerError as error:
        if error.code == "store.version":
            raise  # nothing is wrong with a ledger of another version
        yield Finding("log end", well=False, seen=str(error))
        return
    try:
        yield Finding("log end", well=True, seen=f"{ledger.size:,} entries, as signed last")
        for name, check in (
            ("database file", _examine_file),
            ("checkpoints", lambda found: _examine_checkpoints(home, found)),
            ("entries", _examine_entries),
            ("map of latest heads", _examine_map),
            ("unpublished", _examine_unpublished),
        ):
            try:
                yield Finding(name, well=True, seen=check(ledger))
            except (TraceledgerError, Damage) as error:
                yield Finding(name, well=False, seen=str(error))
    finally:
        ledger.close()


def _examine_space(home: Home) -> Finding:
    free = shutil.disk_usage(home.path).free
    return Finding("disk space", well=free > _FREE, seen=f"{free / (1 << 30):.1f} GiB free")


def _examine_keys(home: Home) -> Iterator[Finding]:
    for name in home.keys.names():
        file = home.keys.path / f"{name}.pem"
        if not file.exists():
            yield Finding(f"key {name}", well=True, seen="kept elsewhere")
            continue
        mode = stat.S_IMODE(file.stat().st_mode)
        seen = "readable by others" if mode & 0o077 else "encrypted, for its owner only"
        yield Finding(f"key {name}", well=not mode & 0o077, seen=seen)


def _examine_file(ledger: Ledger) -> str:
    faults = ledger.store.check()
    if faults:
        raise Damage("; ".join(faults[:3]))
    return "whole"


def _examine_checkpoints(home: Home, ledger: Ledger) -> str:
    """Every published note opens with the log's key and names the tree that is stored.

    Cosignatures are of their checkpoint by form; whether they are true, their verifiers see.
    """
    home.check_published(ledger.store)
    key = NoteVerifier(home.origin, home.keys.public(LOG_KEY))
    count = 0
    for row in ledger.store.read_checkpoints():
        if not row.note:
            continue
        opened = open_checkpoint(row.note.encode(), home.origin, [key]).checkpoint
        if opened != Checkpoint(home.origin, row.size, row.root):
            raise Damage(f"the note of size {row.size} is of size {opened.size}")
        for line in ledger.store.read_cosignatures(row.size):
            (signature,) = parse_signatures(f"{line.line}\n".encode())
            if (signature.name, split_cosignature(signature.signature)[0]) != line[1:3]:
                raise Damage(f"a cosignature of size {row.size} is not by {line.witness}")
        count += 1
    return f"{count:,} signed"


def _examine_entries(ledger: Ledger) -> str:
    """Every entry, tile and disclosure is what was signed."""
    size = ledger.size
    check_entries(ledger.store, size)
    return f"{size:,} hash to the roots that were signed"


def _examine_map(ledger: Ledger) -> str:
    size = ledger.store.signed_size()
    if not size:
        return "nothing was sealed yet"
    return f"{ledger.map_at(size).items:,} items, as sealed last"


def _examine_unpublished(ledger: Ledger) -> str:
    waiting = ledger.size - ledger.store.signed_size()
    return f"{waiting:,} entries wait for the next checkpoint" if waiting else "nothing"
