"""Archives of logs that obey nobody: a writer that skips every rule, for tests of the auditor.

    log = Forger(world)                       # what the world holds, not sealed yet
    log.add("recall", unit, by="approver")    # signed and placed right; no rule is asked
    log.publish()                             # sealed, signed, cosigned by both witnesses
    log.publish(map_root=bytes(32))           # or sealed with a lie
    audit(log.files(), log.trust())

`World` goes through the rules, so an honest log grows by `log.follow()` after `world` did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tests.merkle.tiled_tree import TiledTree
from tests.passports import CUSTOMS, LOG, NOW, PLAIN, Log
from tests.world import ORIGIN, World
from traceledger.errors import MalformedError, NotFoundError
from traceledger.events.disclosure import format_wire, split_wire
from traceledger.events.encoding import decode_base64url
from traceledger.events.token import Event, parse_token, sign_token
from traceledger.formats.archive import (
    CHECKPOINT,
    checkpoint_path,
    disclosures_path,
    entries_path,
    format_disclosures,
)
from traceledger.formats.checkpoint import Checkpoint, sign_checkpoint
from traceledger.formats.cosignature import cosign
from traceledger.formats.note import add_signatures, parse_note
from traceledger.formats.seal import Seal, format_seal
from traceledger.formats.trust import TrustFile
from traceledger.merkle.bundles import format_bundle
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.headmap import map_key, map_leaf, map_root
from traceledger.merkle.tiles import bundles_of, format_tile_path, tiles_of
from traceledger.merkle.tree import root_of
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.checker import BundleFacts, Checker
from traceledger.verify.archive.verdict import ArchiveVerdict
from traceledger.verify.archive.workers import CheckBundles
from traceledger.views.history import Reader, visible

__all__ = [
    "CUSTOMS_READER",
    "Files",
    "Forger",
    "MemorySource",
    "audit",
    "counting_late",
    "write_folder",
]

CUSTOMS_READER = Reader(roles=frozenset({"customs"}))
TIMES = (NOW - 60, NOW - 30)

Files = dict[str, bytes]


class Forger(Log):
    """A log whose entries, seals and notes are whatever the test wants."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.entries: list[bytes] = []
        self.shown: list[bytes] = []
        self.notes: dict[int, bytes] = {}
        self.last_seal: int | None = None
        self._followed = len(world.wires)
        for wire, event in zip(self.wires, self.events, strict=True):
            self._enter(wire, event)

    @property
    def size(self) -> int:
        return len(self.entries)

    def follow(self) -> None:
        """Takes over what the world has added."""
        for wire in self.world.wires[self._followed :]:
            self.append(wire)
        self._followed = len(self.world.wires)
        self.actors = dict(self.world.actors)

    def append(self, wire: bytes) -> Event:
        event = super().append(wire)
        self._enter(wire, event)
        return event

    def seal(self, *, hide: Event | None = None, **lies: Any) -> None:
        """Seals what is there; `lies` replace what the seal says, `hide` is left out of the map."""
        heads = {
            event.payload.sub: (event.payload.seq, event.leaf)
            for event in self.events
            if event is not hide
        }
        leaves = [
            (map_key(item), map_leaf(map_key(item), seq, head))
            for item, (seq, head) in heads.items()
        ]
        says: dict[str, Any] = {
            "index": self.size,
            "map_root": map_root(sorted(leaves)),
            "items": len(leaves),
            "previous": self.last_seal,
        }
        self.last_seal = self.size
        self.world.replay.publish(self.size + 1)
        self.enter_raw(format_seal(Seal(**says | lies)))

    def publish(self, *, sealed: bool = True, times: tuple[int, int] = TIMES, **lies: Any) -> int:
        """Seals, signs and cosigns; returns the size. A time of 0 is a witness that is away."""
        if sealed:
            self.seal(**lies)
        root = root_of(leaf_hash(entry) for entry in self.entries)
        self.notes[self.size] = sign(self.size, root, times)
        return self.size

    def disclose_all(self) -> None:
        """Shows all restricted fields, internal ones too."""
        for wire, event in zip(self.wires, self.events, strict=True):
            self.shown[self.entries.index(event.token)] = wire.partition(b"~")[2]

    def restate(self, data: Mapping[str, Any] | None = None, **claims: Any) -> None:
        """Signs the latest event again, with fields and claims that no door would let through."""
        signers = {actor.signer.key.kid: actor.signer for actor in self.actors.values()}
        signed = msgspec.json.decode(decode_base64url(self.entries[-1].split(b".")[1]))
        signed["data"] |= data or {}
        token = sign_token(signed | claims, signers[self.events[-1].kid])
        self.entries[-1], self.events[-1] = token, parse_token(token)
        self.wires[-1] = format_wire(token, split_wire(self.wires[-1])[1])

    def enter_raw(self, entry: bytes, shown: bytes = b"") -> None:
        """Adds an entry, of any form."""
        self.entries.append(entry)
        self.shown.append(shown)

    def files(self, *, disclosed: bool = True) -> Files:
        """The archive of the newest checkpoint, for customs, file by file."""
        size = max(self.notes)
        tree = TiledTree()
        tree.append(leaf_hash(entry) for entry in self.entries[:size])
        files = {CHECKPOINT: self.notes[size]}
        files |= {checkpoint_path(one): note for one, note in self.notes.items()}
        for tile in tiles_of(size):
            files[format_tile_path(tile)] = tree.read_tile(tile.level, tile.index, tile.width)
        for bundle in bundles_of(size):
            part = slice(bundle.index * 256, bundle.index * 256 + bundle.width)
            bodies = format_bundle(self.entries[part])
            files[entries_path(bundle.index, bundle.width)] = bodies
            if disclosed:
                shown = format_disclosures(self.shown[part])
                files[disclosures_path(bundle.index, bundle.width)] = shown
        return files

    def erase_shown(self, event: Event, *fields: str) -> None:
        """Takes the disclosures of an event's fields out, as an erasure does."""
        index = self.entries.index(event.token)
        wire = self.wires[self.events.index(event)]
        kept = [
            part
            for part in visible(event, wire.partition(b"~")[2], CUSTOMS_READER)
            if part.name not in fields
        ]
        self.shown[index] = b"".join(part.text + b"~" for part in kept)

    def _enter(self, wire: bytes, event: Event) -> None:
        token, disclosures = split_wire(wire)
        parts = visible(event, b"~".join(disclosures), CUSTOMS_READER)
        self.enter_raw(token, b"".join(part.text + b"~" for part in parts))


def sign(size: int, root: bytes, times: tuple[int, int] = TIMES) -> bytes:
    """A note of the log, cosigned by both witnesses."""
    note = sign_checkpoint(Checkpoint(ORIGIN, size, root), [LOG])
    lines = [
        cosign(parse_note(note).text, time, by)
        for by, time in zip((PLAIN, CUSTOMS), times, strict=True)
        if time
    ]
    return add_signatures(note, lines) if lines else note


@dataclass(frozen=True, slots=True)
class MemorySource:
    """An archive in memory."""

    files: Mapping[str, bytes] = field(default_factory=dict)

    def read(self, path: str, limit: int) -> bytes:
        if path not in self.files:
            raise NotFoundError("archive.missing", "is not there", where=path)
        if len(self.files[path]) > limit:
            raise MalformedError("archive.file", f"is larger than {limit} bytes", where=path)
        return self.files[path]

    def names(self, folder: str) -> list[str]:
        start = f"{folder}/"
        inside = [name.removeprefix(start) for name in self.files if name.startswith(start)]
        return list(dict.fromkeys(name.partition("/")[0] for name in inside))


def audit(files: Mapping[str, bytes], trust: TrustFile, **options: Any) -> ArchiveVerdict:
    """Verifies an archive in memory, in this process, at the time `NOW`."""
    return verify_archive(MemorySource(files), trust, **{"now": NOW, "workers": 1} | options)


def write_folder(files: Mapping[str, bytes], folder: Path) -> Path:
    """Writes an archive as a directory."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def counting_late(check: CheckBundles, left: list[int]) -> CheckBundles:
    """Checks bundles so, and adds for each how many of its signatures are left to the pass."""

    def count(checker: Checker, first: int, keys: Mapping[str, bytes]) -> Iterator[BundleFacts]:
        for facts in check(checker, first, keys):
            left.append(sum(entry.late is not None for entry in facts.entries))
            yield facts

    return count
