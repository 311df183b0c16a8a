"""A witness's folder: whom it witnesses, its key, and what it remembers.

::

    witness.toml     its name and the log's key
    key.pem          its private key, encrypted
    memory           the largest tree it cosigned; never restore an older copy of it
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from traceledger.errors import ConflictError, MalformedError, NotFoundError, StorageError
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.cosignature import Cosigner
from traceledger.formats.note import NoteVerifier, check_key_name
from traceledger.formats.vkey import format_vkey, parse_vkey
from traceledger.storage.files import write_file
from traceledger.witness.witness import Witness

__all__ = ["Desk"]

_CONFIG, _KEY, _MEMORY = "witness.toml", "key.pem", "memory"


class _Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    log: str


@dataclass(frozen=True, slots=True)
class Desk:
    """A witness's folder that exists."""

    path: Path
    name: str
    log_key: NoteVerifier

    @classmethod
    def create(
        cls, path: Path, name: str, log_key: NoteVerifier, signer: SoftwareSigner, passphrase: bytes
    ) -> Desk:
        """Makes the folder; raises ConflictError `witness.exists`, MalformedError `note.key`."""
        check_key_name(name)
        if (path / _CONFIG).exists():
            raise ConflictError("witness.exists", f"{path} holds a witness already")
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError("store.write", f"{path} cannot be made: {error}") from error
        write_file(path / _KEY, signer.to_pem(passphrase), mode=0o600)
        config = f'name = "{name}"\nlog = "{format_vkey(log_key)}"\n'
        write_file(path / _CONFIG, config.encode())
        return cls(path, name, log_key)

    @classmethod
    def open(cls, path: Path) -> Desk:
        """Reads the folder; raises NotFoundError `witness.none` or MalformedError."""
        try:
            text = (path / _CONFIG).read_text(encoding="utf-8")
            config = msgspec.convert(tomllib.loads(text), _Config)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotFoundError("witness.none", f"there is no witness at {path}") from error
        except (OSError, ValueError) as error:
            raise MalformedError("witness.config", f"{path / _CONFIG}: {error}") from error
        key = parse_vkey(config.log)
        if not isinstance(key, NoteVerifier):
            raise MalformedError("witness.config", f"{config.log} is not the key of a log")
        return cls(path, config.name, key)

    def witness(self, passphrase: bytes) -> Witness:
        """Opens the witness; raises UsageError `key.passphrase`."""
        try:
            pem = (self.path / _KEY).read_bytes()
        except OSError as error:
            raise StorageError("file.read", f"{self.path / _KEY}: {error}") from error
        signer = SoftwareSigner.from_pem(pem, passphrase)
        return Witness(Cosigner(self.name, signer), self.log_key, self.path / _MEMORY)
