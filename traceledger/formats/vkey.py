"""Note keys as a line of text (C2SP signed-note).

A verifier key is `name+hash+key`: the name, the key id in hex, base64 of the type and the key::

    ledger.example/reman+ad331abb+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c

A private key is the same with the seed (RFC 8032) in place of the key, after `PRIVATE+KEY+`. The
type is 0x01 for a log and 0x04 for a witness. Other types are refused, because nothing here can
verify their signatures.
"""

from __future__ import annotations

from traceledger.errors import MalformedError
from traceledger.events.keys import SoftwareSigner, load_ed25519
from traceledger.formats.cosignature import CosignatureVerifier, Cosigner
from traceledger.formats.encoding import decode_base64, encode_base64
from traceledger.formats.note import NoteSigner, NoteVerifier

__all__ = ["format_skey", "format_vkey", "parse_skey", "parse_vkey"]

_CODE = "note.key"
_PRIVATE = "PRIVATE+KEY+"
_SEED_SIZE = 32


def format_vkey(verifier: NoteVerifier | CosignatureVerifier) -> str:
    """Formats a verifier key as `name+hash+key`, inverse of `parse_vkey`."""
    blob = encode_base64(bytes([verifier.KIND]) + verifier.key.raw).decode()
    return f"{verifier.name}+{verifier.key_id.hex()}+{blob}"


def parse_vkey(text: str) -> NoteVerifier | CosignatureVerifier:
    """Parses the verifier key of a log (type 0x01) or a witness (type 0x04).

    Raises MalformedError `note.key`, or `key.form` and `key.weak` for the key itself.
    """
    name, kind, raw = _split(text)
    key = load_ed25519(raw)
    verifier: NoteVerifier | CosignatureVerifier
    if kind == NoteVerifier.KIND:
        verifier = NoteVerifier(name, key)
    elif kind == CosignatureVerifier.KIND:
        verifier = CosignatureVerifier(name, key)
    else:
        raise MalformedError(_CODE, f"{name} has a key of type {kind:#04x}; allowed: 0x01, 0x04")
    if format_vkey(verifier) != text:
        raise MalformedError(_CODE, f"the hash in {text[:80]!r} does not match the key")
    return verifier


def format_skey(signer: NoteSigner | Cosigner, seed: bytes) -> str:
    """Formats a private key derived from a 32-byte seed, inverse of `parse_skey`.

    Raises MalformedError `note.key` if the signer was derived from another seed.
    """
    text = _format_skey(signer, seed)
    parse_skey(text)
    return text


def parse_skey(text: str) -> NoteSigner | Cosigner:
    """Parses the private key of a log (type 0x01) or a witness (type 0x04).

    Raises MalformedError `note.key`, whose message contains no part of the key.
    """
    if not text.startswith(_PRIVATE):
        raise MalformedError(_CODE, f"a private key begins with {_PRIVATE}")
    name, kind, seed = _split(text.removeprefix(_PRIVATE))
    if len(seed) != _SEED_SIZE:
        raise MalformedError(_CODE, f"a private key has {_SEED_SIZE} bytes, {len(seed)} given")
    software = SoftwareSigner.from_seed(seed)
    signer: NoteSigner | Cosigner
    if kind == NoteVerifier.KIND:
        signer = NoteSigner(name, software)
    elif kind == CosignatureVerifier.KIND:
        signer = Cosigner(name, software)
    else:
        raise MalformedError(_CODE, f"{name} has a key of type {kind:#04x}; allowed: 0x01, 0x04")
    if _format_skey(signer, seed) != text:
        raise MalformedError(_CODE, f"the hash in the private key of {name} does not match the key")
    return signer


def _format_skey(signer: NoteSigner | Cosigner, seed: bytes) -> str:
    verifier = signer.verifier
    blob = encode_base64(bytes([verifier.KIND]) + seed).decode()
    return f"{_PRIVATE}{verifier.name}+{verifier.key_id.hex()}+{blob}"


def _split(text: str) -> tuple[str, int, bytes]:
    # The name contains no "+", but base64 may.
    name, _, rest = text.partition("+")
    _, plus, blob = rest.partition("+")
    if not plus or not blob.isascii():
        raise MalformedError(_CODE, "a key has the form name+hash+key")
    try:
        data = decode_base64(blob.encode(), _CODE)
    except MalformedError as error:
        # The message of the other error would reveal the key.
        raise MalformedError(_CODE, f"the key of {name} is not canonical base64") from error
    if not data:
        raise MalformedError(_CODE, f"the key of {name} is empty")
    return name, data[0], data[1:]
