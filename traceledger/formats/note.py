"""Signed notes (C2SP signed-note): a text, a blank line, signature lines.

::

    ledger.example/reman
    3
    Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=

    — ledger.example/reman rTMau1NL8vaNxJS1ZUYbhpGpWplwMJLTacCZKhxQX6yiRha2k71/nH+A9hGm6/FMQlYeAk7SbO1ZsE+HreURS+aVCAE=

A signature line is an em dash, a space, the key's name, a space, and base64 of the 4-byte key id
with the signature. The key id covers name, type and key::

    key id = SHA-256(name || LF || type || public key)[:4]

`parse_note` checks only the form; `open_note` verifies. This module signs and verifies
lines of type 0x01, Ed25519 over the text. Lines of other types belong to other modules or, like
0x06 (ML-DSA-44), to unknown keys, whose lines are ignored.
"""  # noqa: E501 - the example is a real line

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar, NamedTuple, Protocol

from traceledger.errors import MalformedError, UsageError, VerificationError
from traceledger.events.keys import PublicKey, Signer
from traceledger.formats.encoding import decode_base64, encode_base64, split_lines
from traceledger.identifiers.excerpt import printable

__all__ = [
    "MAX_NOTE_SIZE",
    "MAX_SIGNATURES",
    "LineVerifier",
    "Note",
    "NoteSigner",
    "NoteVerifier",
    "SignatureLine",
    "add_signatures",
    "check_key_name",
    "check_signature",
    "format_note",
    "format_signatures",
    "key_id",
    "open_note",
    "parse_note",
    "parse_signatures",
    "sign_note",
]

MAX_NOTE_SIZE = 1 << 20
MAX_SIGNATURES = 100

_CODE = "note.form"
_DASH = "— ".encode()
_KEY_ID_SIZE = 4
_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")


class SignatureLine(NamedTuple):
    """A signature line: the key's name, its 4-byte id, and the signature (unverified)."""

    name: str
    key_id: bytes
    signature: bytes


class Note(NamedTuple):
    """A note's text, which ends in LF, and signature lines."""

    text: bytes
    signatures: tuple[SignatureLine, ...]


class LineVerifier(Protocol):
    """A known key under its name, for one type of signature line."""

    @property
    def name(self) -> str:
        """The key's name."""

    @property
    def key_id(self) -> bytes:
        """The 4-byte key id."""

    def verify(self, text: bytes, signature: bytes) -> None:
        """Checks a line's signature; raises VerificationError `note.signature`."""


@dataclass(frozen=True, slots=True)
class NoteVerifier:
    """An Ed25519 key that signs note texts (type 0x01), known by this name."""

    KIND: ClassVar[int] = 0x01
    name: str
    key: PublicKey

    def __post_init__(self) -> None:
        check_key_name(self.name)

    @property
    def key_id(self) -> bytes:
        """The 4-byte key id."""
        return key_id(self.name, self.KIND, self.key)

    def verify(self, text: bytes, signature: bytes) -> None:
        """Checks a 64-byte signature of the text; raises VerificationError `note.signature`."""
        check_signature(self.name, self.key, text, signature)


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A private Ed25519 key that signs note texts (type 0x01) under this name."""

    name: str
    signer: Signer

    @property
    def verifier(self) -> NoteVerifier:
        """The public half."""
        return NoteVerifier(self.name, self.signer.key)

    def sign(self, text: bytes) -> SignatureLine:
        """Signs a note's text."""
        return SignatureLine(self.name, self.verifier.key_id, self.signer.sign(text))


@functools.lru_cache(maxsize=256)
def key_id(name: str, kind: int, key: PublicKey) -> bytes:
    """Computes the 4-byte id of an Ed25519 key for a signature type (C2SP signed-note)."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + key.raw).digest()[:_KEY_ID_SIZE]


@functools.lru_cache(maxsize=256)
def check_key_name(name: str, code: str = "note.key") -> None:
    """Refuses a key name that is empty or contains a space, `+`, or what UTF-8 cannot encode.

    Raises MalformedError under the caller's code.
    """
    if not name or any(c.isspace() or c < " " or c == "+" or _is_surrogate(c) for c in name):
        raise MalformedError(code, f"{name[:64]!r} cannot be the name of a key")


def check_signature(name: str, key: PublicKey, message: bytes, signature: bytes) -> None:
    """Checks an Ed25519 signature; raises VerificationError `note.signature`."""
    try:
        key.verify(message, signature)
    except VerificationError as error:
        raise VerificationError(
            "note.signature", f"the signature line of {name} does not verify"
        ) from error


def format_note(note: Note) -> bytes:
    """Formats a note, inverse of `parse_note`."""
    return note.text + b"\n" + format_signatures(note.signatures)


def parse_note(data: bytes) -> Note:
    """Parses a note of at most 1 MiB and 100 signature lines without verifying anything.

    Raises MalformedError `note.form`.
    """
    if len(data) > MAX_NOTE_SIZE:
        raise MalformedError(_CODE, f"{len(data)} bytes given, {MAX_NOTE_SIZE} allowed")
    text, blank, lines = data.rpartition(b"\n\n")
    if not blank:
        raise MalformedError(_CODE, "no blank line separates the text from signatures")
    text += b"\n"
    _check_text(text)
    return Note(text, parse_signatures(lines))


def format_signatures(lines: Iterable[SignatureLine]) -> bytes:
    """Formats signature lines, inverse of `parse_signatures`."""
    return b"".join(
        _DASH + line.name.encode() + b" " + encode_base64(line.key_id + line.signature) + b"\n"
        for line in lines
    )


def parse_signatures(data: bytes) -> tuple[SignatureLine, ...]:
    """Parses 1 to 100 signature lines without verifying them; raises MalformedError `note.form`."""
    texts = split_lines(data, _CODE, limit=MAX_NOTE_SIZE)
    if len(texts) > MAX_SIGNATURES:
        raise MalformedError(_CODE, f"{len(texts)} signature lines, {MAX_SIGNATURES} allowed")
    return tuple(_parse_signature(text) for text in texts)


def sign_note(text: bytes, signers: Sequence[NoteSigner]) -> bytes:
    """Signs a text that ends in LF with one or more keys and returns the note.

    Raises MalformedError `note.form` if no note can contain the text or its lines.
    """
    _check_text(text)
    lines = tuple(signer.sign(text) for signer in signers)
    _refuse_repeated(lines)
    note = format_note(Note(text, lines))
    if not 1 <= len(lines) <= MAX_SIGNATURES or len(note) > MAX_NOTE_SIZE:
        message = f"{len(lines)} signature lines and {len(note)} bytes do not make a note"
        raise MalformedError(_CODE, message)
    return note


def open_note(data: bytes, verifiers: Iterable[LineVerifier]) -> Note:
    """Verifies a note and returns its text with only the verified lines.

    Lines of unknown keys are ignored. Raises VerificationError `note.signature` if a line of a
    known key does not verify or no known key signed, MalformedError `note.form`, also for two lines
    of a known key, and UsageError `note.key` if two verifiers share name and key id.
    """
    note = parse_note(data)
    known: dict[tuple[str, bytes], LineVerifier] = {}
    for verifier in verifiers:
        if known.setdefault((verifier.name, verifier.key_id), verifier) != verifier:
            raise UsageError("note.key", f"two known keys have the name and id of {verifier.name}")
    verified = tuple(line for line in note.signatures if (line.name, line.key_id) in known)
    _refuse_repeated(verified)
    for line in verified:
        known[line.name, line.key_id].verify(note.text, line.signature)
    if not verified:
        names, signed = (
            ", ".join(sorted({name for name, *_ in keys})) or "none"
            for keys in (known, note.signatures)
        )
        raise VerificationError(
            "note.signature",
            f"no known key signed; known: {names}; signed by: {printable(signed, 200)}",
        )
    return Note(note.text, verified)


def add_signatures(data: bytes, lines: Iterable[SignatureLine]) -> bytes:
    """Adds signature lines to a note; raises MalformedError `note.form` if a key signed twice."""
    note = parse_note(data)
    both = (*note.signatures, *lines)
    _refuse_repeated(both)
    extended = format_note(Note(note.text, both))
    parse_note(extended)
    return extended


def _refuse_repeated(lines: Sequence[SignatureLine]) -> None:
    if len({(line.name, line.key_id) for line in lines}) != len(lines):
        raise MalformedError(_CODE, "two signature lines are by the same key")


def _parse_signature(text: bytes) -> SignatureLine:
    name, space, blob = text.removeprefix(_DASH).partition(b" ")
    if not text.startswith(_DASH) or not space:
        raise MalformedError(_CODE, f"{text[:48]!r} is not a signature line")
    data = decode_base64(blob, _CODE)
    if len(data) <= _KEY_ID_SIZE:
        raise MalformedError(_CODE, f"the signature in {text[:48]!r} is too short")
    try:
        key_name = name.decode()
    except UnicodeDecodeError as error:
        raise MalformedError(_CODE, "the name of a key is not UTF-8") from error
    check_key_name(key_name, _CODE)
    return SignatureLine(key_name, data[:_KEY_ID_SIZE], data[_KEY_ID_SIZE:])


def _is_surrogate(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"


def _check_text(text: bytes) -> None:
    if not text.endswith(b"\n"):
        raise MalformedError(_CODE, "the text does not end in a newline")
    if match := _CONTROL.search(text):
        raise MalformedError(_CODE, f"the text contains the control character {match[0]!r}")
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise MalformedError(_CODE, "the text is not UTF-8") from error
