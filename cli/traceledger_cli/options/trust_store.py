"""The user's stored trust files: one for each ledger, in the folder for settings."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from traceledger.errors import ConflictError, MalformedError, NotFoundError
from traceledger.formats.trust import TrustFile, fingerprint, parse_trust
from traceledger.formats.trust_list import is_trust_list
from traceledger_cli.options.file_format import refuse_other_format
from traceledger_cli.options.files import config_folder, read_input, write_stored
from traceledger_cli.options.list_store import choose_ledger

__all__ = ["StoredTrust", "find_trust", "list_trust", "read_trust", "store_trust"]


class StoredTrust(NamedTuple):
    """A stored trust file."""

    path: Path
    trust: TrustFile
    fingerprint: str


def store_trust(data: bytes, *, replace: bool, dry_run: bool) -> Path:
    """Stores a trust file; raises ConflictError `trust.other` if a different one is stored."""
    trust = parse_trust(data)
    path = _path(trust.origin)
    if path.exists() and not replace and read_input(path) != data:
        stored = fingerprint(read_input(path))
        raise ConflictError(
            "trust.other",
            f"the trust file stored for {trust.origin} has the fingerprint {stored};"
            f" the given one has {fingerprint(data)}",
        )
    if not dry_run:
        write_stored(path, data)
    return path


def find_trust(origin: str, item: str = "") -> bytes:
    """Reads the trust file stored for a ledger, otherwise the one that a stored list has.

    For an item, a list chooses the ledger that speaks for it, which may be another than the record
    claims. Raises NotFoundError `trust.unknown`, and what `choose_ledger` raises.
    """
    path = _path(origin)
    if path.exists():
        return read_input(path)
    listed = choose_ledger(origin, item)
    if listed is None:
        raise NotFoundError("trust.unknown", f"no trust file is stored for {origin}")
    return listed.file


def list_trust() -> list[StoredTrust]:
    """Returns all stored trust files, ordered by origin."""
    found = []
    for path in _folder().glob("*.json"):
        data = read_input(path)
        try:
            found.append(StoredTrust(path, parse_trust(data), fingerprint(data)))
        except MalformedError as error:
            raise error.at(str(path)) from error
    return sorted(found, key=lambda stored: stored.trust.origin)


def _folder() -> Path:
    return config_folder() / "trust"


def _path(origin: str) -> Path:
    # An origin may contain slashes and other characters that a file name cannot.
    return _folder() / f"{hashlib.sha256(origin.encode()).hexdigest()[:32]}.json"


def read_trust(path: Path) -> TrustFile:
    """Reads a trust file of the reader's own; raises MalformedError that names the file."""
    data = read_input(path)
    refuse_other_format(data, path, "a trust file")
    if is_trust_list(data):
        raise MalformedError(
            "file.format",
            f"{path} is a trust list, not a trust file",
            hint="Store the list with `traceledger trust add`, then leave out --trust.",
        )
    try:
        return parse_trust(data)
    except MalformedError as error:
        raise error.at(str(path)) from error
