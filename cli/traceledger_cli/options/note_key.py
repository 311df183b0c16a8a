"""Opening a key file that signs notes, outside a ledger."""

from __future__ import annotations

from pathlib import Path

from traceledger.errors import UsageError
from traceledger.formats.note import NoteSigner
from traceledger.planning.keys import Keys
from traceledger_cli.options.passphrases import find_passphrase

__all__ = ["open_note_key"]


def open_note_key(file: Path, name: str, passphrase_file: Path | None) -> NoteSigner:
    """Opens an Ed25519 key under the name that its signatures have; asks for its passphrase.

    An empty name is the id under which ledgers register the key.

    Raises UsageError `key.type` or `key.passphrase`, NotFoundError `key.missing`.
    """
    passphrase = find_passphrase(passphrase_file, f"the key {file}")
    signer = Keys(file.parent).signer(file.stem, passphrase)
    if signer.key.jwk.kty != "OKP":
        raise UsageError("key.type", f"{file} is no Ed25519 key")
    return NoteSigner(name or signer.key.kid, signer)
