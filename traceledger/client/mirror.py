"""A mirror: a copy of a served ledger in a folder, with the layout of an archive, that grows.

No file of the folder is replaced except `checkpoint`, which is written last. So a mirror that was
interrupted at any point is still the archive of its last checkpoint, and the next run continues:
it fetches only the files that are missing. A file that is newer than that checkpoint was written by
an interrupted run and is compared with the tree again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from traceledger.client.mirror_folder import MirrorFolder
from traceledger.client.served_log import ServedLog
from traceledger.client.transport import Transport, convert_answer
from traceledger.errors import (
    MalformedError,
    NotAllowedError,
    RemoteError,
    StorageError,
    VerificationError,
)
from traceledger.events.disclosure import open_disclosures
from traceledger.events.token import parse_token
from traceledger.files.lock import lock_writer
from traceledger.formats.archive import (
    CHECKPOINT,
    MAX_BUNDLE,
    MAX_DISCLOSURES,
    checkpoint_path,
    disclosures_path,
    entries_path,
    parse_disclosures,
)
from traceledger.formats.checkpoint import Checkpoint
from traceledger.formats.seal import is_seal
from traceledger.formats.trust import TrustFile
from traceledger.merkle.bundles import parse_bundle
from traceledger.merkle.nodes import StoredTree
from traceledger.merkle.tiles import (
    TILE_WIDTH,
    Tile,
    bundles_of,
    format_tile_path,
    tile_width,
    tiles_of,
)
from traceledger.verify.archive.checkpoints import open_archived
from traceledger.verify.archive.tree import SourceTiles
from traceledger.views import answers

__all__ = ["Mirrored", "mirror_ledger"]

_API = "/api/v1"
_PAGE = 1000  # checkpoints in one answer


class Mirrored(NamedTuple):
    """The result: sizes before and after, and whether the mirror contains disclosures."""

    origin: str
    old: int
    size: int
    disclosed: bool


def mirror_ledger(
    transport: Transport,
    folder: Path,
    trust: TrustFile,
    *,
    own_trust: bytes,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Mirrored:
    """Creates or extends a mirror in a folder, up to the server's newest checkpoint.

    `trust` names the keys of the log; `own_trust` is the server's own trust file, which a new
    mirror contains as a convenience. `on_progress` receives the number of entries done and the
    total. The mirror contains what the caller's access token may read.

    Raises VerificationError `mirror.fork` or `mirror.shrunk` if the log does not extend the mirror;
    what it signed is then in `evidence`, and the mirror is unchanged. Raises VerificationError
    `mirror.tile`, `mirror.bundle`, `mirror.disclosures`, `mirror.file` or `note.signature`,
    ConflictError `archive.exists`, BusyError `store.busy`, StorageError, and the server's errors.
    """
    place = MirrorFolder(folder)
    with lock_writer(place.lock):
        run = _Run(transport, place, trust)
        run.check_history()
        place.describe(own_trust)
        return run.extend(on_progress)


class _Run:
    """One extension of a mirror, to the checkpoint that the server shows."""

    def __init__(self, transport: Transport, folder: MirrorFolder, trust: TrustFile) -> None:
        self._transport = transport
        self._folder = folder
        self._trust = trust
        held = folder.note
        self._held = None if held is None else self._open(held, str(folder.path / CHECKPOINT))
        self._note = transport.get_bytes("/checkpoint")
        self._new = self._open(self._note, f"{transport.url}/checkpoint")

    @property
    def _old(self) -> int:
        return self._held.size if self._held else 0

    def check_history(self) -> None:
        """Compares the shown checkpoint with the mirror's; keeps it as evidence if they differ."""
        held, new = self._held, self._new
        if held is not None and new.size < held.size:
            root = SourceTiles(self._folder.source, held.size).root(new.size)
            if root == new.root:
                raise VerificationError(
                    "mirror.shrunk",
                    f"the server shows size {new.size:,}, the mirror has {held.size:,}",
                    where=self._keep_evidence(new, self._note, {}),
                )
            self._accuse(new, self._note, {})
        if held is not None and new.size == held.size and new.root != held.root:
            self._accuse(new, self._note, {})
        self._log = ServedLog(self._transport, new)
        if held is not None:
            recorded = _Recorder(self._log)
            if StoredTree(held.size, recorded).root != held.root:
                edge = self._log.partial_tiles()
                self._accuse(new, self._note, {**edge, **recorded.tiles})

    def extend(self, on_progress: Callable[[int, int], None]) -> Mirrored:
        """Fetches the files that are missing, then makes the shown checkpoint the mirror's."""
        size, disclosed = self._new.size, self._finds_disclosures()
        for tile in tiles_of(size):
            path = format_tile_path(tile)
            if tile.level and not (self._covers(tile) and self._folder.has(path)):
                self._folder.add(path, self._log.tile(tile.level, tile.index))
        for bundle in bundles_of(size):
            self._keep_bundle(bundle)
            if disclosed:
                self._keep_disclosures(bundle)
            on_progress(bundle.index * TILE_WIDTH + bundle.width, size)
        self._keep_checkpoints()
        kept = self._folder.add_note(size, self._note, self._trust.policy.signers)
        self._folder.complete(kept, self._old, size)
        return Mirrored(self._trust.origin, self._old, size, disclosed)

    def _covers(self, tile: Tile) -> bool:
        """Reports whether the mirror's own checkpoint covers a tile, which is then complete."""
        return tile_width(tile.level, tile.index, self._old) == tile.width

    def _keep_bundle(self, bundle: Tile) -> None:
        """Ensures that the mirror has a bundle and the tile of its hashes."""
        path = entries_path(bundle.index, bundle.width)
        leaves = format_tile_path(Tile(0, bundle.index, bundle.width))
        if self._covers(bundle) and self._folder.has(path) and self._folder.has(leaves):
            return
        data = self._folder.read(path, MAX_BUNDLE)
        if data is None:
            checked = self._log.fetch_bundle(bundle.index)
        else:
            try:
                checked = self._log.check_bundle(bundle.index, data)
            except VerificationError as error:
                where = str(self._folder.path / path)
                raise VerificationError("mirror.file", error.message, where=where) from error
        # The tile comes last: where both exist, the bundle is complete.
        self._folder.add(path, checked.data)
        self._folder.add(leaves, checked.hashes)

    def _keep_disclosures(self, bundle: Tile) -> None:
        """Ensures that the mirror has the disclosures of a bundle, which it has already."""
        path = disclosures_path(bundle.index, bundle.width)
        if self._covers(bundle) and self._folder.has(path):
            return
        entries = entries_path(bundle.index, bundle.width)
        bodies = parse_bundle(self._folder.read(entries, MAX_BUNDLE) or b"", bundle.width)
        held = self._folder.read(path, MAX_DISCLOSURES)
        if held is None:
            data = self._fetch_disclosures(bundle)
            _check_disclosures(bodies, data, "mirror.disclosures", path)
            self._folder.add(path, data)
        else:
            _check_disclosures(bodies, held, "mirror.file", str(self._folder.path / path))

    def _finds_disclosures(self) -> bool:
        """Reports whether the mirror is to contain disclosures: if the caller may read them."""
        first = next(bundles_of(self._new.size), None)
        if first is None or self._folder.has_disclosures():
            return first is not None
        try:
            self._fetch_disclosures(first)
        except (NotAllowedError, RemoteError) as error:
            if error.code not in {"access.needed", "access.role", "remote.missing"}:
                raise
            return False
        return True

    def _fetch_disclosures(self, bundle: Tile) -> bytes:
        path = disclosures_path(bundle.index, bundle.width)
        return self._transport.get_bytes(f"{_API}/{path}")

    def _keep_checkpoints(self) -> None:
        """Keeps the published checkpoints, from the newest of the mirror on."""
        signers = self._trust.policy.signers
        known = self._old if self._folder.has(checkpoint_path(self._old)) else 0
        tiles = SourceTiles(self._folder.source, self._new.size)
        for size, note in self._list_checkpoints(max(known - 1, 0)):
            if size > self._new.size:
                break
            found = self._open(note, f"{self._transport.url}, checkpoint {size}")
            if found.size != size:
                # Nobody signed under which size a note is listed, so this is no fork of the log.
                raise RemoteError("remote.answer", f"checkpoint {found.size} is listed as {size}")
            if tiles.root(size) != found.root:
                self._accuse(found, note, {})
            self._folder.add_note(size, note, signers)
        for size in self._sealed_sizes(known):
            if not self._folder.has_checkpoint(size):
                raise RemoteError("remote.answer", f"checkpoint {size} is not listed")

    def _list_checkpoints(self, after: int) -> Iterator[tuple[int, bytes]]:
        """Yields sizes and notes: a server lists them, a static copy has a file for each seal."""
        try:
            page = self._transport.get(f"{_API}/checkpoints", after=after, limit=_PAGE)
        except RemoteError as error:
            if error.code != "remote.missing":
                raise
            for size in self._sealed_sizes(after):
                yield size, self._transport.get_bytes(f"/{checkpoint_path(size)}")
            return
        while True:
            found: answers.Checkpoints = convert_answer(page, answers.Checkpoints)
            before = after
            for shown in found.checkpoints:
                if shown.size <= after:
                    raise RemoteError("remote.answer", f"checkpoint {shown.size} follows {after}")
                yield shown.size, shown.note.encode()
                after = shown.size
            if found.next is None or after >= self._new.size:
                return
            if before == after or found.next != after:
                # Each page must list something, or a server could keep a mirror busy for ever.
                raise RemoteError("remote.answer", f"page {found.next} follows {after}")
            page = self._transport.get(f"{_API}/checkpoints", after=after, limit=_PAGE)

    def _sealed_sizes(self, after: int) -> Iterator[int]:
        """Yields the sizes above `after` whose last leaf is a seal of the mirror."""
        for bundle in bundles_of(self._new.size, after):
            data = self._folder.read(entries_path(bundle.index, bundle.width), MAX_BUNDLE) or b""
            start = bundle.index * TILE_WIDTH
            for size, entry in enumerate(parse_bundle(data, bundle.width), start + 1):
                if size > after and is_seal(entry):
                    yield size

    def _open(self, note: bytes, where: str) -> Checkpoint:
        return open_archived(note, where, self._trust).opened.checkpoint

    def _accuse(self, shown: Checkpoint, note: bytes, tiles: dict[str, bytes]) -> NoReturn:
        size = min(self._old, shown.size)
        raise VerificationError(
            "mirror.fork",
            f"at size {size:,}, the log signed another history than that of the mirror",
            where=self._keep_evidence(shown, note, tiles),
        )

    def _keep_evidence(self, shown: Checkpoint, note: bytes, tiles: dict[str, bytes]) -> str:
        """Returns the folder of the evidence; a full disk must not hide what was found."""
        try:
            return str(self._folder.add_evidence(shown, note, tiles))
        except StorageError as error:
            return f"the evidence was not kept: {error.message}"


def _check_disclosures(bodies: Sequence[bytes], data: bytes, code: str, where: str) -> None:
    """Compares disclosures with the digests in their events; raises VerificationError `code`."""
    for body, shown in zip(bodies, parse_disclosures(data, len(bodies)), strict=True):
        try:
            if shown:  # a seal, which is no token, has none
                open_disclosures(parse_token(body), shown, complete=False)
        except (MalformedError, VerificationError) as error:
            raise VerificationError(code, error.message, where=where) from error


class _Recorder:
    """Remembers the tiles that were read, which prove the result."""

    def __init__(self, log: ServedLog) -> None:
        self._log = log
        self.tiles: dict[str, bytes] = {}

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Reads the first hashes of a tile."""
        hashes = self._log.read_tile(level, index, width)
        whole = Tile(level, index, tile_width(level, index, self._log.size))
        self.tiles[format_tile_path(whole)] = self._log.tile(level, index)
        return hashes
