"""The key files of a folder: of a ledger, or of a user who signs elsewhere.

::

    NAME.pem    a private key, encrypted
    NAME.jwk    its public half
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from traceledger.errors import ConflictError, MalformedError, NotFoundError, UsageError
from traceledger.events.keys import Jwk, PublicKey, SoftwareSigner, load_jwk
from traceledger.files.durable import MAX_SETTINGS, list_folder, make_folder, read_file, write_file
from traceledger.identifiers.suggestion import suggest

__all__ = ["LOG_KEY", "ROOT_KEY", "Keys"]

LOG_KEY = "log"
ROOT_KEY = "root"

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


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
