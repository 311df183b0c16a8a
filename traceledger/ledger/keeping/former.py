"""Passports of parts that came from other ledgers, kept in the ledger's folder for its readers.

An `import` names such a passport by its SHA-256, so a file needs no other name and is never
replaced. Whoever reads one verifies it (docs/spec/passport.md, check 14).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from traceledger.errors import ConflictError
from traceledger.events.disclosure import split_wire
from traceledger.files.durable import list_folder, make_folder, read_file, write_file
from traceledger.formats.passport import MAX_PASSPORT, parse_passport

__all__ = ["FormerPassports"]

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FormerPassports:
    """The folder `former` of a ledger's folder."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "former"

    def keep(self, passport: bytes) -> str:
        """Keeps a passport with public fields, and returns its SHA-256 in hex.

        Raises MalformedError for what is no passport, and ConflictError `former.private` for one
        that discloses restricted fields, which every reader of the ledger would see.
        """
        for chain in parse_passport(passport).chains:
            if any(split_wire(event)[1] for event in chain.events):
                raise ConflictError(
                    "former.private", "the passport discloses restricted fields", where=chain.item
                )
        digest = sha256(passport).hexdigest()
        make_folder(self._folder)
        write_file(self._folder / digest, passport)
        return digest

    def read(self, digest: str) -> bytes | None:
        """Reads the passport with a SHA-256 in hex; None if it is not kept here."""
        return read_file(self._folder / digest, MAX_PASSPORT) if _DIGEST.fullmatch(digest) else None

    def read_all(self) -> Iterator[tuple[str, bytes]]:
        """Yields each passport after its SHA-256."""
        for name in list_folder(self._folder):
            if (passport := self.read(name)) is not None:
                yield name, passport
