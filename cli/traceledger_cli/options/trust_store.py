"""The trust files that a user keeps: one a ledger, in the folder for settings."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from traceledger.errors import ConflictError, MalformedError, NotFoundError, StorageError
from traceledger.files.durable import write_file
from traceledger.formats.trust import TrustFile, fingerprint, parse_trust
from traceledger_cli.options.files import config_folder, read_input

__all__ = ["Kept", "find_trust", "keep_trust", "list_trust"]


class Kept(NamedTuple):
    """A trust file that is kept."""

    path: Path
    trust: TrustFile
    fingerprint: str


def keep_trust(data: bytes, *, replace: bool, dry_run: bool) -> Path:
    """Keeps a trust file; raises ConflictError `trust.other` when another one is kept."""
    trust = parse_trust(data)
    path = _path(trust.origin)
    if path.exists() and not replace and read_input(path) != data:
        kept = fingerprint(read_input(path))
        raise ConflictError(
            "trust.other",
            f"for {trust.origin} a file is kept with fingerprint {kept};"
            f" this one has {fingerprint(data)}",
        )
    if not dry_run:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError("store.write", f"{path.parent} cannot be made: {error}") from error
        write_file(path, data)
    return path


def find_trust(origin: str) -> bytes:
    """Reads the trust file kept for a ledger; raises NotFoundError `trust.unknown`."""
    path = _path(origin)
    if not path.exists():
        raise NotFoundError("trust.unknown", f"no trust file is kept for {origin}")
    return read_input(path)


def list_trust() -> list[Kept]:
    """All trust files that are kept, by the ledgers' origins."""
    found = []
    for path in _folder().glob("*.json"):
        data = read_input(path)
        try:
            found.append(Kept(path, parse_trust(data), fingerprint(data)))
        except MalformedError as error:
            raise error.at(str(path)) from error
    return sorted(found, key=lambda kept: kept.trust.origin)


def _folder() -> Path:
    return config_folder() / "trust"


def _path(origin: str) -> Path:
    # An origin may hold slashes and anything else that a file's name may not.
    return _folder() / f"{hashlib.sha256(origin.encode()).hexdigest()[:32]}.json"
