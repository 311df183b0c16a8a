"""Cosignatures (C2SP tlog-cosignature, type 0x04): a witness saw this checkpoint at this time.

The signature in the note's line is a time, POSIX seconds as 8 bytes, big-endian, and 64 bytes of
Ed25519 over::

    cosignature/v1
    time 1700000000
    ledger.example/reman
    3
    Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=

It states that at that time this was the largest consistent tree of that origin that the witness had
seen. It does not cover the witness's name, so a key serves one witness and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from traceledger.errors import MalformedError, VerificationError
from traceledger.events.keys import PublicKey, Signer
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.encoding import MAX_INTEGER
from traceledger.formats.note import SignatureLine, check_key_name, check_signature, key_id

__all__ = [
    "Cosignature",
    "CosignatureVerifier",
    "Cosigner",
    "check_cosignature",
    "cosign",
    "cosigned_message",
    "split_cosignature",
]

_CODE = "cosignature.form"
_TIME_SIZE = 8
_SIZE = _TIME_SIZE + 64


class Cosignature(NamedTuple):
    """Who cosigned, by the name of the key, and when, in POSIX seconds."""

    name: str
    time: int


@dataclass(frozen=True, slots=True)
class CosignatureVerifier:
    """A witness's Ed25519 key (type 0x04), known by this name."""

    KIND: ClassVar[int] = 0x04
    name: str
    key: PublicKey

    def __post_init__(self) -> None:
        check_key_name(self.name)

    @property
    def key_id(self) -> bytes:
        """The 4-byte key id."""
        return key_id(self.name, self.KIND, self.key)

    def verify(self, text: bytes, signature: bytes) -> None:
        """Checks a cosignature of the checkpoint text.

        Raises VerificationError `note.signature` or MalformedError `cosignature.form`.
        """
        time, bare = split_cosignature(signature)
        check_signature(self.name, self.key, cosigned_message(text, time), bare)


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness's private Ed25519 key (type 0x04) under its name."""

    name: str
    signer: Signer

    @property
    def verifier(self) -> CosignatureVerifier:
        """The public half."""
        return CosignatureVerifier(self.name, self.signer.key)


def cosign(text: bytes, time: int, cosigner: Cosigner) -> SignatureLine:
    """Cosigns the text of a checkpoint at a time in POSIX seconds, inverse of `check_cosignature`.

    The caller must have checked that the tree is consistent with all that the witness cosigned
    before, and must have recorded it durably. Raises MalformedError `checkpoint.form` or
    `cosignature.form`.
    """
    parse_checkpoint(text)
    signature = cosigner.signer.sign(cosigned_message(text, time))
    return SignatureLine(
        cosigner.name, cosigner.verifier.key_id, time.to_bytes(_TIME_SIZE) + signature
    )


def check_cosignature(
    text: bytes, line: SignatureLine, verifier: CosignatureVerifier
) -> Cosignature:
    """Checks that the line is this witness's cosignature of the checkpoint text.

    Raises VerificationError `note.signature` or MalformedError `cosignature.form`.
    """
    if (line.name, line.key_id) != (verifier.name, verifier.key_id):
        raise VerificationError("note.signature", f"the line is not signed by {verifier.name}")
    verifier.verify(text, line.signature)
    return Cosignature(line.name, split_cosignature(line.signature)[0])


def cosigned_message(text: bytes, time: int) -> bytes:
    """Builds what a cosignature signs; raises MalformedError `cosignature.form` for a bad time."""
    if not 0 < time <= MAX_INTEGER:
        raise MalformedError(_CODE, f"{time} is not a time from 1 to {MAX_INTEGER}")
    return b"cosignature/v1\ntime %d\n" % time + text


def split_cosignature(signature: bytes) -> tuple[int, bytes]:
    """Splits a line's signature into the time and the 64 bytes of Ed25519, both unverified.

    Raises MalformedError `cosignature.form`.
    """
    if len(signature) != _SIZE:
        raise MalformedError(_CODE, f"a cosignature has {_SIZE} bytes, {len(signature)} given")
    return int.from_bytes(signature[:_TIME_SIZE]), signature[_TIME_SIZE:]
