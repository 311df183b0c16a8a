"""A witness's folder: its log, its key and its record.

::

    witness.toml     the witness's name and the log's key
    key.pem          the witness's private key, encrypted
    memory           the record of the largest cosigned tree; never restore an older copy
    memory.replay    the replay of the log, if the witness replays
    receipts/        receipts for the party's own events, which the log must contain after an hour
    evidence/        checkpoints that contradict the cosigned ones, each beside the cosigned one
    public/          the newest cosigned checkpoint, for a web server (C2SP tlog-witness)
"""

from __future__ import annotations

import contextlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from traceledger.errors import (
    MalformedError,
    NotFoundError,
    StorageError,
    UsageError,
    VerificationError,
)
from traceledger.events.keys import SoftwareSigner
from traceledger.files.durable import (
    MAX_SETTINGS,
    list_folder,
    make_folder,
    path_exists,
    read_file,
    remove_file,
    remove_folder,
    write_file,
)
from traceledger.files.new_folder import new_folder
from traceledger.formats.checkpoint import Checkpoint, parse_checkpoint
from traceledger.formats.cosignature import Cosigner
from traceledger.formats.note import (
    MAX_NOTE_SIZE,
    NoteVerifier,
    add_signatures,
    check_key_name,
    format_note,
    open_note,
    parse_note,
    parse_signatures,
)
from traceledger.formats.receipt import Receipt, open_receipt
from traceledger.formats.vkey import format_vkey, parse_vkey
from traceledger.formats.witness import format_monitoring_path, parse_request
from traceledger.witness.record import create_record
from traceledger.witness.witness import Witness

__all__ = ["MAX_EVIDENCE", "WitnessHome"]

_CONFIG, _KEY, _RECORD = "witness.toml", "key.pem", "memory"
_PUBLIC, _EVIDENCE, _RECEIPTS = "public", "evidence", "receipts"
_UNPROVEN = "unproven"  # marks evidence that proves nothing by itself
_GRACE = 3600  # seconds in which the log must publish an event that it promised
MAX_EVIDENCE = 1_000


class _Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    log: str


@dataclass(frozen=True, slots=True)
class WitnessHome:
    """An existing witness's folder."""

    path: Path
    name: str
    log_key: NoteVerifier

    @classmethod
    def create(
        cls, path: Path, name: str, log_key: NoteVerifier, signer: SoftwareSigner, passphrase: bytes
    ) -> WitnessHome:
        """Creates the folder, and opens the key once; the folder appears once it is complete.

        Raises ConflictError `witness.exists`, MalformedError `note.key`, and the other errors of
        `new_folder`.
        """
        check_key_name(name)
        with new_folder(path, "witness.exists", mode=0o700) as folder:
            write_file(folder / _KEY, signer.to_pem(passphrase), mode=0o600)
            create_record(folder / _RECORD, log_key.name)
            config = f'name = "{name}"\nlog = "{format_vkey(log_key)}"\n'
            write_file(folder / _CONFIG, config.encode())
            # Nothing is cosigned with a key that does not open.
            cls(folder, name, log_key).witness(passphrase)
        return cls(path, name, log_key)

    @classmethod
    def open(cls, path: Path) -> WitnessHome:
        """Reads the folder; raises NotFoundError `witness.none` or MalformedError."""
        data = read_file(path / _CONFIG, MAX_SETTINGS)
        if data is None:
            raise NotFoundError("witness.none", f"there is no witness at {path}")
        try:
            config = msgspec.convert(tomllib.loads(data.decode()), _Config)
        except ValueError as error:
            raise MalformedError("witness.config", f"{path / _CONFIG}: {error}") from error
        key = parse_vkey(config.log)
        if not isinstance(key, NoteVerifier):
            raise MalformedError("witness.config", f"{config.log} is not the key of a log")
        return cls(path, config.name, key)

    def witness(self, passphrase: bytes) -> Witness:
        """Opens the witness; raises UsageError `key.passphrase`."""
        pem = read_file(self.path / _KEY, MAX_SETTINGS)
        if pem is None:
            raise StorageError("file.read", f"{self.path / _KEY} does not exist")
        try:
            signer = SoftwareSigner.from_pem(pem, passphrase)
        except UsageError as error:
            raise error.at(str(self.path / _KEY)) from error
        return Witness(Cosigner(self.name, signer), self.log_key, self.path / _RECORD)

    def publish(self, request: bytes, answer: bytes) -> None:
        """Writes the cosigned checkpoint to the public folder.

        `request` is the request that `Witness.cosign` received, `answer` the bytes that it
        returned. The checkpoint has the log's line and these: anyone can add lines of strangers to
        a request, and a hundred of them make a note unreadable. Whoever submitted this tree with a
        false proof before left no evidence. Raises StorageError `store.write`.
        """
        note = open_note(parse_request(request).checkpoint, [self.log_key])
        cosigned = add_signatures(format_note(note), parse_signatures(answer))
        make_folder(self._published.parent)
        write_file(self._published, cosigned)
        folder = self._evidence_of(parse_checkpoint(note.text))
        with contextlib.suppress(StorageError):  # false evidence that stays does no harm
            if path_exists(str(folder / _UNPROVEN)):
                remove_folder(folder)

    def receipts(self, now: float) -> tuple[Receipt, ...]:
        """Opens the receipts in `receipts/` that have been there for an hour, by the files' times.

        `now` is in seconds since 1970. Raises StorageError `file.read`, also for a file that is no
        receipt of the log.
        """
        folder = self.path / _RECEIPTS
        found = []
        for name in list_folder(folder):
            path = folder / name
            try:
                if path.stat().st_mtime > now - _GRACE:
                    continue
                data = read_file(path, MAX_NOTE_SIZE) or b""
                found.append(open_receipt(data, self.log_key.name, [self.log_key]))
            except (OSError, MalformedError, VerificationError) as error:
                raise StorageError("file.read", f"{path}: {error}") from error
        return tuple(found)

    @property
    def published(self) -> bytes | None:
        """The checkpoint that this witness cosigned last, with its cosignature."""
        return read_file(self._published, MAX_NOTE_SIZE)

    def keep_evidence(self, request: bytes, error: VerificationError) -> Path | None:
        """Keeps the checkpoint of a refused request beside the one cosigned last.

        The log must have signed it. Returns the folder; raises StorageError `store.write`. A second
        tree of the size cosigned last proves a fork, and stays. Anyone may submit any signed
        checkpoint with a false proof: the tree cosigned last is no evidence, and of more than a
        thousand checkpoints, those without a proof that were submitted least recently are removed.
        """
        note, cosigned = parse_request(request).checkpoint, self.published
        text = parse_note(note).text
        if cosigned is not None and parse_note(cosigned).text == text:
            return None
        shown = parse_checkpoint(text)
        folder = self._evidence_of(shown)
        proves, mark = error.code == "witness.fork", folder / _UNPROVEN
        if not proves:
            if path_exists(str(folder / "shown")) and not path_exists(str(mark)):
                return folder  # it proved a fork before
            if not path_exists(str(folder)) and not self._make_room():
                return None
        make_folder(folder)
        if not proves:
            write_file(mark, error.code.encode())
        write_file(folder / "shown", note)
        if cosigned is not None:
            write_file(folder / "cosigned", cosigned)
        if proves and path_exists(str(mark)):
            remove_file(mark)
        return folder

    def _make_room(self) -> bool:
        """Removes evidence without a proof, the oldest first, until there is room for more."""
        folders = [self.path / _EVIDENCE / name for name in list_folder(self.path / _EVIDENCE)]
        surplus = len(folders) + 1 - MAX_EVIDENCE
        if surplus <= 0:
            return True
        marks = [folder / _UNPROVEN for folder in folders if path_exists(str(folder / _UNPROVEN))]
        try:
            oldest = sorted(marks, key=lambda mark: mark.stat().st_mtime_ns)[:surplus]
        except OSError as error:
            raise StorageError("store.write", f"{folders[0].parent}: {error.strerror}") from error
        for mark in oldest:
            remove_folder(mark.parent)
        return len(oldest) == surplus

    def _evidence_of(self, tree: Checkpoint) -> Path:
        return self.path / _EVIDENCE / f"{tree.size}-{tree.root.hex()[:16]}"

    @property
    def _published(self) -> Path:
        return self.path / _PUBLIC / format_monitoring_path(self.log_key.name)
