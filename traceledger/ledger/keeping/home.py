"""A ledger's directory: its database, its settings and its keys.

::

    ledger.db            all logged events, unless the settings name a database for them
    traceledger.toml     origin, url, store
    keys/NAME.pem        private keys, encrypted; keys/NAME.jwk their public halves
    samples.db           samples drawn in the console, and their signed results
    scans.db, lookup.db  counts of visits, and an index of the log: neither must be kept
    checkpoint           the newest signed checkpoint, to detect an older database
    contradiction/       checkpoints that the log had signed and that its database does not cover
    contradiction.more/  those beside a file `contradiction` of an earlier version
    restored             exists until a restored ledger is compared with published checkpoints
    ledger.lock, checkpoint.lock, contradiction.lock
                         held by the process that writes what has that name
"""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from traceledger.errors import (
    BusyError,
    ConflictError,
    MalformedError,
    NoLedgerError,
    StorageError,
    TraceledgerError,
    UsageError,
)
from traceledger.files.durable import (
    MAX_SETTINGS,
    make_folder,
    path_exists,
    read_file,
    remove_unfinished,
    write_file,
)
from traceledger.files.lock import lock_writer
from traceledger.formats.checkpoint import Checkpoint, parse_checkpoint
from traceledger.formats.encoding import check_origin
from traceledger.formats.note import MAX_NOTE_SIZE, NoteSigner, parse_note
from traceledger.identifiers.digital_link import check_base_url
from traceledger.ledger.keeping.contradictions import Contradictions
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.ledger.writing.writer import LedgerWriter
from traceledger.planning.keys import LOG_KEY, Keys
from traceledger.storage.opening import (
    Place,
    create_store,
    is_address,
    open_replicated,
    open_store,
)
from traceledger.storage.seen import Seen
from traceledger.storage.store import Store, StoreReader

__all__ = ["CONFIG", "COPIED", "DATABASE", "RESTORED", "Home"]

CONFIG = "traceledger.toml"
DATABASE = "ledger.db"
RESTORED = "restored"
COPIED = b"copied\n"
_CONTRADICTION = "contradiction"

_UNFINISHED = 3600.0  # seconds after which a file was left by a process that was killed


class _Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    origin: str
    url: str
    store: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """An existing ledger directory.

    `store` is the address of the database that has the events, empty for the file `ledger.db`.
    """

    path: Path
    origin: str
    url: str
    store: str = ""

    @classmethod
    def create(cls, path: Path, origin: str, url: str, store: str = "") -> Home:
        """Creates the directory with an empty database and no keys.

        Raises ConflictError `store.exists`, MalformedError for the origin or the URL, UsageError
        `store.url` or StorageError for the address of a database.
        """
        check_origin(origin, "ledger.origin")
        check_base_url(url)
        if store and not is_address(store):
            raise UsageError("store.url", "the store is not the address of a PostgreSQL database")
        if (path / CONFIG).exists():
            raise ConflictError("store.exists", f"{path} already contains a ledger")
        make_folder(path)
        home = cls(path, origin, url, store)
        create_store(home.place)
        home.write_settings()
        return home

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
        if config.store and not is_address(config.store):
            raise MalformedError("ledger.config", f"{file}: store is not the address of a database")
        return cls(path, config.origin, check_base_url(config.url), config.store)

    @property
    def place(self) -> Place:
        """Where the events are: a file in the directory, or a database."""
        return self.store or self.path / DATABASE

    @property
    def is_shared(self) -> bool:
        """Reports whether other processes may write to the same store at the same time."""
        return bool(self.store)

    @property
    def keys(self) -> Keys:
        """The ledger's own key files."""
        return Keys(self.path / "keys")

    @property
    def samples(self) -> Path:
        """The path of the samples drawn in the console, which the log does not contain."""
        return self.path / "samples.db"

    @property
    def scans(self) -> Path:
        """The path of the counts of visits to pages."""
        return self.path / "scans.db"

    @property
    def published(self) -> Path:
        """The path of the copy of the newest signed checkpoint."""
        return self.path / "checkpoint"

    @property
    def contradictions(self) -> Contradictions:
        """The checkpoints that the log signed and that its database does not cover."""
        return Contradictions(self.path / _CONTRADICTION)

    @property
    def restored(self) -> Path:
        """The path of the mark of a restored ledger until it is compared with checkpoints.

        It contains `COPIED` in a folder that was copied from a back-up, or that is one; an operator
        who put an older database back creates it empty.
        """
        return self.path / RESTORED

    def write_settings(self) -> None:
        """Writes the settings file, without which the directory is no ledger."""
        settings = {"origin": self.origin, "url": self.url}
        if self.store:
            settings["store"] = self.store
        # A JSON string is a TOML string as well.
        text = "".join(
            f"{name} = {msgspec.json.encode(value).decode()}\n" for name, value in settings.items()
        )
        write_file(self.path / CONFIG, text.encode())

    def open_store(self, seen: Seen | None = None) -> Store:
        """Opens the database for reading, even while another process writes."""
        return open_store(self.place, write=False, seen=seen)

    def open_replicated(self, replica: str, seen: Seen) -> Store:
        """Opens the database for reading, mostly from a replica at that address."""
        return open_replicated(self.place, replica, seen)

    def read(self, clock: Callable[[], float]) -> Ledger:
        """Opens the ledger for reading, even while another process writes."""
        store = self.open_store()
        return _closing_on_error(store, lambda: Ledger(store, self.origin, clock=clock))

    def write(
        self, clock: Callable[[], float], passphrase: bytes, seen: Seen | None = None
    ) -> Ledger:
        """Opens the ledger for writing with its log key; records in `seen` what it writes.

        Raises BusyError `store.busy`, StorageError `ledger.behind` when the database is older than
        a checkpoint that was published from this directory, and the errors of `check_evidence`.
        """
        self.check_evidence()
        signer = NoteSigner(self.origin, self.keys.signer(LOG_KEY, passphrase))
        remove_unfinished(self.path, before=clock() - _UNFINISHED)
        store = open_store(self.place, write=True, seen=seen)

        def open_ledger() -> Ledger:
            self.check_published(store)
            return Ledger(store, self.origin, clock=clock, signer=signer)

        return _closing_on_error(store, open_ledger)

    def open_for_cosignatures(self, clock: Callable[[], float]) -> Ledger:
        """Opens the ledger to add cosignatures, even while another process writes."""
        store = open_store(self.place, write=True, beside=True)
        return _closing_on_error(store, lambda: Ledger(store, self.origin, clock=clock))

    def publish(
        self, writer: Ledger | LedgerWriter, check: Callable[[], None] = lambda: None
    ) -> bytes:
        """Publishes the unpublished entries and copies the checkpoint beside the database.

        While another process replaces the copy, it is left to the next publication. Raises the
        errors of `check_evidence`, because another process may have found the evidence until the
        signature, those of `check`, which is called as often, and StorageError `ledger.checkpoint`
        if the held copy cannot be read.
        """

        def check_all() -> None:
            check()
            self.check_evidence()

        check_all()
        _read_checkpoint(self.published)
        note = writer.publish(check_all)
        with contextlib.suppress(BusyError):  # the checkpoint is signed and durable
            self.keep_published(note)
        return note

    def copy_checkpoint(self, ledger: LedgerReader) -> bytes:
        """Copies the newest checkpoint, with its cosignatures, beside the database."""
        note = ledger.checkpoint()
        self.keep_published(note)
        return note

    def check_evidence(self) -> None:
        """Raises an error if the log must not sign before `restore --newest` has compared it.

        StorageError `ledger.restored` for a ledger that was restored from a back-up, or
        `witness.ahead` for one whose database lacks a checkpoint that the log signed; `file.read`.
        """
        if (error := self.find_evidence()) is not None:
            raise error

    def find_evidence(self) -> StorageError | None:
        """Returns the error that `check_evidence` raises; it costs two look-ups of a name."""
        try:
            if path_exists(f"{self.path}/{RESTORED}"):
                return StorageError("ledger.restored", f"{self.path} was restored from a back-up")
            self.check_contradiction()
        except StorageError as error:
            return error
        return None

    def check_contradiction(self) -> None:
        """Raises StorageError `witness.ahead` while the folder has a contradiction."""
        folder = f"{self.path}/{_CONTRADICTION}"
        if path_exists(folder):
            raise StorageError(
                "witness.ahead",
                f"{folder} has checkpoints that the log signed and does not contain",
            )

    def keep_published(self, note: bytes) -> None:
        """Copies a checkpoint beside the database, never over a larger one (`check_published`).

        Raises StorageError `ledger.checkpoint` if the held copy cannot be read, and BusyError
        `store.busy` while another process that shares the directory replaces it.
        """
        path = self.published
        if read_file(path, MAX_NOTE_SIZE) == note:
            return
        with contextlib.closing(lock_writer(path)):
            held = _read_checkpoint(path)
            if held is None or held.size <= parse_checkpoint(parse_note(note).text).size:
                write_file(path, note)

    def check_published(self, store: StoreReader) -> None:
        """Compares the database with the copy of the newest checkpoint; raises `ledger.behind`."""
        published = _read_checkpoint(self.published)
        if published is None:
            return
        row = store.read_checkpoint(published.size)
        if row is None or row.root != published.root:
            raise StorageError(
                "ledger.behind",
                f"a checkpoint of size {published.size} was published,"
                f" but the database has {store.size()} entries",
            )


def _read_checkpoint(path: Path) -> Checkpoint | None:
    try:
        note = read_file(path, MAX_NOTE_SIZE)
        return None if note is None else parse_checkpoint(parse_note(note).text)
    except MalformedError as error:
        raise StorageError("ledger.checkpoint", f"{path}: {error}") from error


def _closing_on_error(store: Store, open_ledger: Callable[[], Ledger]) -> Ledger:
    try:
        return open_ledger()
    except TraceledgerError:
        store.close()
        raise
