"""The errors of a scratch file, and the checksums that detect damage."""

from __future__ import annotations

from hashlib import blake2b

from traceledger.errors import UsageError

__all__ = ["CHECKSUM_SIZE", "checksum", "damaged", "other_version"]

CHECKSUM_SIZE = 8
"""In bytes. Checksums detect accidents, not attacks: whoever can write the file can forge them."""


def checksum(*parts: bytes | bytearray | str) -> bytes:
    """Computes the checksum of a row."""
    texts = []
    for part in parts:
        data = part.encode(errors="replace") if isinstance(part, str) else part
        texts += [len(data).to_bytes(8), data]
    return blake2b(b"".join(texts), digest_size=CHECKSUM_SIZE).digest()


def damaged() -> UsageError:
    """Creates the error for a scratch file whose rows are not those that were written."""
    return UsageError("archive.scratch", "the scratch file is damaged")


def other_version() -> UsageError:
    """Creates the error for a scratch file in a form that this version does not read."""
    return UsageError("archive.scratch", "another version wrote the scratch file")
