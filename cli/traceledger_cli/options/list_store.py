"""The user's stored trust lists: the newest of each authority, in the folder for settings."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from traceledger.errors import (
    ConflictError,
    MalformedError,
    NotFoundError,
    UsageError,
    VerificationError,
)
from traceledger.formats.trust_list import (
    ListedLedger,
    SignedTrustList,
    TrustList,
    open_trust_list,
    parse_trust_list,
)
from traceledger_cli.options.files import config_folder, read_input, write_stored

__all__ = ["add_list", "choose_ledger", "list_lists", "update_list"]


def add_list(data: bytes, key: str, *, replace: bool, dry_run: bool) -> TrustList:
    """Stores a list by the fingerprint of its authority's key.

    Raises what `open_trust_list` raises, ConflictError `trust-list.other` for a name that is stored
    with another key, unless `replace` is set.
    """
    found = open_trust_list(data, key, now=_now())
    stored = _read(_path(found.name))
    if stored is not None and parse_trust_list(stored).fingerprint != key:
        if not replace:
            known = parse_trust_list(stored).fingerprint
            raise ConflictError(
                "trust-list.other",
                f"the list stored for {found.name} is by the key {known}, this one by {key}",
            )
        stored = None
    return _accept(data, key, stored, dry_run=dry_run)


def update_list(data: bytes, *, dry_run: bool) -> TrustList:
    """Replaces the stored list of that name by a newer one of the same key.

    Raises what `open_trust_list` raises, NotFoundError `trust-list.unknown`, and VerificationError
    `trust-list.fork` for another list of the stored number.
    """
    name = parse_trust_list(data).trust_list.name
    stored = _read(_path(name))
    if stored is None:
        raise NotFoundError("trust-list.unknown", f"no list {name} is stored")
    return _accept(data, parse_trust_list(stored).fingerprint, stored, dry_run=dry_run)


def list_lists() -> list[SignedTrustList]:
    """Returns all stored lists, ordered by name."""
    return [signed for signed, _ in _read_all()]


def choose_ledger(origin: str, item: str) -> ListedLedger | None:
    """Chooses a ledger in the stored lists: the one that speaks for an item, or the one named.

    Raises UsageError with the code of a list that has the ledger but no longer counts, if no other
    list has it, and NotFoundError `trust-list.item` if there are lists but none covers the item.
    """
    found: list[ListedLedger] = []
    faults: list[UsageError] = []
    stored = _read_all()
    for one, data in stored:
        listed = one.trust_list
        ledger = listed.choose(item, origin) if item else listed.find(origin)
        if ledger is None:
            continue
        try:
            open_trust_list(data, one.fingerprint, now=_now())
        except VerificationError as error:
            faults.append(UsageError(error.code, error.message, where=listed.name))
        else:
            found.append(ledger)
    if found:
        return next((ledger for ledger in found if ledger.origin == origin), found[0])
    if faults:
        raise faults[0]
    if item and stored:
        names = ", ".join(one.trust_list.name for one, _ in stored)
        raise NotFoundError("trust-list.item", f"no ledger of {names} covers {item}")
    return None


def _read_all() -> list[tuple[SignedTrustList, bytes]]:
    found = []
    for path in _folder().glob("*.json"):
        data = read_input(path)
        try:
            found.append((parse_trust_list(data), data))
        except MalformedError as error:
            raise error.at(str(path)) from error
    return sorted(found, key=lambda one: one[0].trust_list.name)


def _accept(data: bytes, key: str, stored: bytes | None, *, dry_run: bool) -> TrustList:
    known = 0 if stored is None else parse_trust_list(stored).trust_list.sequence
    found = open_trust_list(data, key, now=_now(), since=known)
    if found.sequence == known and data != stored:
        raise VerificationError(
            "trust-list.fork", f"another list of {found.name} with the number {known} is stored"
        )
    if not dry_run:
        write_stored(_path(found.name), data)
    return found


def _now() -> int:
    return int(time.time())


def _read(path: Path) -> bytes | None:
    return read_input(path) if path.exists() else None


def _folder() -> Path:
    return config_folder() / "trust-lists"


def _path(name: str) -> Path:
    # A name may contain slashes and other characters that a file name cannot.
    return _folder() / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"
