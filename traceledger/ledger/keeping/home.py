"""A ledger's directory: its database, its settings and its keys.

::

    ledger.db            all logged events
    traceledger.toml     origin, url
    keys/NAME.pem        private keys, encrypted; keys/NAME.jwk their public halves
    checkpoint           the newest signed checkpoint, to detect an older database
    restored             exists until a restored ledger is compared with published checkpoints
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from traceledger.errors import (
    ConflictError,
    MalformedError,
    NoLedgerError,
    NotFoundError,
    StorageError,
    TraceledgerError,
    UsageError,
)
from traceledger.events.keys import Jwk, PublicKey, SoftwareSigner, load_jwk
from traceledger.files.durable import MAX_SETTINGS, list_folder, make_folder, read_file, write_file
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.encoding import check_origin
from traceledger.formats.note import MAX_NOTE_SIZE, NoteSigner, parse_note
from traceledger.identifiers.digital_link import check_base_url
from traceledger.identifiers.suggestion import suggest
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.ledger.writing.writer import LedgerWriter
from traceledger.storage.sqlite import SqliteStore
from traceledger.storage.store import StoreReader

__all__ = ["CONFIG", "DATABASE", "LOG_KEY", "RESTORED", "ROOT_KEY", "Home", "Keys"]

CONFIG = "traceledger.toml"
DATABASE = "ledger.db"
RESTORED = "restored"

LOG_KEY = "log"
ROOT_KEY = "root"

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class _Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    origin: str
    url: str


@dataclass(frozen=True, slots=True)
class Keys:
    """The key files of a directory; public halves can be read without a passphrase."""

    path: Path

    def names(self) -> tuple[str, ...]:
        """Returns the names of all keys, also of those whose private half is stored elsewhere."""
        files = map(Path, list_folder(self.path))
        return tuple(file.stem for file in files if file.suffix == ".jwk")

    def add(self, name: str, signer: SoftwareSigner, passphrase: bytes) -> SoftwareSigner:
        """Writes a key, encrypted, and returns the key that now has the name.

        If an earlier attempt was interrupted before it wrote the public half, that key is completed
        and returned instead; `passphrase` must be its passphrase. Raises UsageError `key.name` or
        `key.passphrase`, ConflictError `key.exists`.
        """
        if not _NAME.fullmatch(name):
            raise UsageError("key.name", f"{name!r} is not a valid key name")
        if not passphrase:
            raise UsageError("key.passphrase", "the passphrase is empty")
        if self._file(name, "jwk").exists():
            raise ConflictError("key.exists", f"{self.path} already has a key {name}")
        make_folder(self.path, mode=0o700)
        if not self._file(name, "pem").exists():
            write_file(self._file(name, "pem"), signer.to_pem(passphrase), mode=0o600)
        # Nothing is signed with a key that its file and passphrase do not open.
        signer = self.signer(name, passphrase)
        write_file(self._file(name, "jwk"), msgspec.json.encode(signer.key.jwk) + b"\n")
        return signer

    def public(self, name: str) -> PublicKey:
        """Reads the public half; raises NotFoundError `key.missing`."""
        data = self._read(name, "jwk")
        try:
            return load_jwk(msgspec.json.decode(data, type=Jwk))
        except msgspec.DecodeError as error:
            raise MalformedError("key.form", f"{name}.jwk: {error}") from error

    def signer(self, name: str, passphrase: bytes) -> SoftwareSigner:
        """Opens a key; raises NotFoundError `key.missing` or UsageError `key.passphrase`."""
        pem = self._read(name, "pem")
        try:
            return SoftwareSigner.from_pem(pem, passphrase)
        except UsageError as error:
            raise error.at(str(self._file(name, "pem"))) from error

    def _file(self, name: str, kind: str) -> Path:
        return self.path / f"{name}.{kind}"

    def _read(self, name: str, kind: str) -> bytes:
        if not _NAME.fullmatch(name):
            raise UsageError("key.name", f"{name!r} is not a valid key name")
        data = read_file(self._file(name, kind), MAX_SETTINGS)
        if data is None:
            available = ", ".join(self.names()) or "none"
            raise NotFoundError(
                "key.missing",
                f"{self.path} has no key {name}{suggest(name, self.names())}; available keys:"
                f" {available}",
            )
        return data


@dataclass(frozen=True, slots=True)
class Home:
    """An existing ledger directory."""

    path: Path
    origin: str
    url: str

    @classmethod
    def create(cls, path: Path, origin: str, url: str) -> Home:
        """Creates the directory with an empty database and no keys.

        Raises ConflictError `store.exists`, MalformedError for the origin or the URL.
        """
        check_origin(origin, "ledger.origin")
        check_base_url(url)
        if (path / CONFIG).exists():
            raise ConflictError("store.exists", f"{path} already contains a ledger")
        make_folder(path)
        SqliteStore.create(path / DATABASE).close()
        # A JSON string is a TOML string as well.
        config = b"origin = %b\nurl = %b\n" % tuple(map(msgspec.json.encode, (origin, url)))
        write_file(path / CONFIG, config)
        return cls(path, origin, url)

    @classmethod
    def open(cls, path: Path) -> Home:
        """Reads the settings; raises NoLedgerError `store.none` or MalformedError."""
        file = path / CONFIG
        data = read_file(file, MAX_SETTINGS)
        if data is None:
            raise NoLedgerError("store.none", f"there is no ledger at {path}")
        try:
            config = msgspec.convert(tomllib.loads(data.decode()), _Config)
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise MalformedError("ledger.config", f"{file}: {error}") from error
        check_origin(config.origin, "ledger.config")
        return cls(path, config.origin, check_base_url(config.url))

    @property
    def keys(self) -> Keys:
        """The ledger's own key files."""
        return Keys(self.path / "keys")

    @property
    def published(self) -> Path:
        """The path of the copy of the newest signed checkpoint."""
        return self.path / "checkpoint"

    @property
    def restored(self) -> Path:
        """The path of the mark of a restored ledger until it is compared with checkpoints.

        It contains the largest checkpoint that was found to be newer than the database.
        """
        return self.path / RESTORED

    def open_store(self) -> SqliteStore:
        """Opens the database for reading, even while another process writes."""
        return SqliteStore(self.path / DATABASE, write=False)

    def read(self, clock: Callable[[], float]) -> Ledger:
        """Opens the ledger for reading, even while another process writes."""
        store = self.open_store()
        return _closing_on_error(store, lambda: Ledger(store, self.origin, clock=clock))

    def write(self, clock: Callable[[], float], passphrase: bytes) -> Ledger:
        """Opens the ledger for writing with its log key.

        Raises BusyError `store.busy`, StorageError `ledger.behind` when the database is older than
        a checkpoint that was published from this directory, or `ledger.restored` when it was
        restored from a back-up and not yet compared with published checkpoints.
        """
        if self.restored.exists():
            raise StorageError("ledger.restored", f"{self.path} was restored from a back-up")
        signer = NoteSigner(self.origin, self.keys.signer(LOG_KEY, passphrase))
        store = SqliteStore(self.path / DATABASE, write=True)

        def open_ledger() -> Ledger:
            self.check_published(store)
            return Ledger(store, self.origin, clock=clock, signer=signer)

        return _closing_on_error(store, open_ledger)

    def open_for_cosignatures(self, clock: Callable[[], float]) -> Ledger:
        """Opens the ledger to add cosignatures, even while another process writes."""
        store = SqliteStore(self.path / DATABASE, write=True, beside=True)
        return _closing_on_error(store, lambda: Ledger(store, self.origin, clock=clock))

    def publish(self, writer: Ledger | LedgerWriter) -> bytes:
        """Publishes the unpublished entries and copies the checkpoint beside the database."""
        note = writer.publish()
        write_file(self.published, note)
        return note

    def copy_checkpoint(self, ledger: LedgerReader) -> bytes:
        """Copies the newest checkpoint, with its cosignatures, beside the database."""
        note = ledger.checkpoint()
        write_file(self.published, note)
        return note

    def check_published(self, store: StoreReader) -> None:
        """Compares the database with the copy of the newest checkpoint; raises `ledger.behind`."""
        note = read_file(self.published, MAX_NOTE_SIZE)
        if note is None:
            return
        published = parse_checkpoint(parse_note(note).text)
        row = store.read_checkpoint(published.size)
        if row is None or row.root != published.root:
            raise StorageError(
                "ledger.behind",
                f"a checkpoint of size {published.size} was published,"
                f" but the database has {store.size()} entries",
            )


def _closing_on_error(store: SqliteStore, open_ledger: Callable[[], Ledger]) -> Ledger:
    try:
        return open_ledger()
    except TraceledgerError:
        store.close()
        raise
