"""Looking a ledger over: files, log, keys and witnesses, each check with what to do about it."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator
from typing import NamedTuple

from traceledger.errors import TraceledgerError
from traceledger.formats.checkpoint import Checkpoint, open_checkpoint
from traceledger.formats.note import NoteVerifier
from traceledger.ledger.home import LOG_KEY, Home
from traceledger.ledger.ledger import Ledger
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.headmap import map_root
from traceledger.merkle.tiles import TILE_WIDTH, completed_tiles
from traceledger.merkle.tree import Frontier

__all__ = ["Finding", "examine"]

_FREE = 1 << 30
_CHUNK = 10_000


class Finding(NamedTuple):
    """One check: what was looked at, whether it is well, and what was seen."""

    name: str
    well: bool
    seen: str


def examine(home: Home, clock: Callable[[], float]) -> Iterator[Finding]:
    """Looks over a ledger's directory without changing anything, the quick checks first."""
    yield _examine_space(home)
    yield from _examine_keys(home)
    try:
        ledger = home.read(clock)
    except TraceledgerError as error:
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
            except TraceledgerError as error:
                yield Finding(name, well=False, seen=str(error))
            except _Damage as damage:
                yield Finding(name, well=False, seen=str(damage))
    finally:
        ledger.close()


class _Damage(Exception):  # noqa: N818 - what a check found, not an error of this program
    """Something in the ledger is not what it must be."""


def _examine_space(home: Home) -> Finding:
    free = shutil.disk_usage(home.path).free
    return Finding("disk space", well=free > _FREE, seen=f"{free / (1 << 30):.1f} GiB free")


def _examine_keys(home: Home) -> Iterator[Finding]:
    for name in home.keys.names():
        mode = stat.S_IMODE((home.keys.path / f"{name}.pem").stat().st_mode)
        seen = "readable by others" if mode & 0o077 else "encrypted, for its owner only"
        yield Finding(f"key {name}", well=not mode & 0o077, seen=seen)


def _examine_file(ledger: Ledger) -> str:
    faults = ledger.store.check()
    if faults:
        raise _Damage("; ".join(faults[:3]))
    return "whole"


def _examine_checkpoints(home: Home, ledger: Ledger) -> str:
    """Every published note opens with the log's key and names the tree that is stored."""
    key = NoteVerifier(home.origin, home.keys.public(LOG_KEY))
    count = 0
    for row in ledger.store.read_checkpoints():
        if not row.note:
            continue
        opened = open_checkpoint(row.note.encode(), home.origin, [key]).checkpoint
        if opened != Checkpoint(home.origin, row.size, row.root):
            raise _Damage(f"the note of size {row.size} is of size {opened.size}")
        count += 1
    return f"{count:,} signed"


def _examine_entries(ledger: Ledger) -> str:
    """Every entry hashes to its leaf, every tile to its entries, every root to what was signed."""
    roots = {row.size: row.root for row in ledger.store.read_checkpoints()}
    frontier = Frontier()
    for start in range(0, ledger.size, _CHUNK):
        stop = min(start + _CHUNK, ledger.size)
        stored = ledger.store.read_leaves(start, stop)
        for number, body in enumerate(ledger.store.read_bodies(start, stop)):
            leaf = leaf_hash(body)
            if stored[number * 32 : number * 32 + 32] != leaf:
                raise _Damage(f"entry {start + number} does not hash to its leaf")
            frontier = frontier.extended([leaf])
            if roots.get(frontier.size, frontier.root) != frontier.root:
                raise _Damage(f"the tree of size {frontier.size} has another root than was signed")
    for tile in completed_tiles(0, ledger.size):
        if tile.level == 0:
            start = tile.index * TILE_WIDTH
            wanted = ledger.store.read_leaves(start, start + TILE_WIDTH)
            if ledger.store.read_tile(0, tile.index, TILE_WIDTH) != wanted:
                raise _Damage(f"tile 0/{tile.index} does not hold the hashes of its entries")
    return f"{ledger.size:,} hash to the roots that were signed"


def _examine_map(ledger: Ledger) -> str:
    leaves = list(ledger.store.read_whole_map())
    if leaves and map_root(leaves) != ledger.sealed_map_root():
        raise _Damage("the map is not the one that the newest seal commits to")
    return f"{len(leaves):,} items, as sealed last"


def _examine_unpublished(ledger: Ledger) -> str:
    waiting = ledger.size - ledger.store.signed_size()
    return f"{waiting:,} entries wait for the next checkpoint" if waiting else "nothing"
