"""Cosignatures by ML-DSA-44 (C2SP tlog-cosignature, type 0x06): even valid ones are ignored."""

from __future__ import annotations

from base64 import b64decode
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from tests.formats.worked import (
    COSIGN_TIME,
    COSIGNED,
    COSIGNER,
    LOG_SIGNER,
    ORIGIN,
    TEXT,
    WITNESS,
)
from traceledger.formats.note import LineVerifier, SignatureLine, add_signatures, open_note

MESSAGE = bytes.fromhex(
    "737562747265652f76310a00"
    "12 637573746f6d732e6578616d706c652f7731 000000006553f100"
    "14 6c65646765722e6578616d706c652f72656d616e 0000000000000000 0000000000000003"
    "5aac771c899ac292e74bf1afe2e6e302f8b55883b2d1bf197b46a6bea6dabca9"
)


def text(value: str) -> bytes:
    return len(value).to_bytes(1) + value.encode()


def test_a_valid_line_over_the_worked_message_is_ignored() -> None:
    origin, size, root = TEXT.decode().splitlines()
    covered = (0).to_bytes(8) + int(size).to_bytes(8) + b64decode(root)
    time = COSIGN_TIME.to_bytes(8)
    message = b"subtree/v1\n\0" + text(WITNESS) + time + text(origin) + covered
    assert (message, origin) == (MESSAGE, ORIGIN)
    key = MLDSA44PrivateKey.from_seed_bytes(b"\x03" * 32)
    public, signature = key.public_key(), key.sign(message)
    public.verify(signature, MESSAGE)
    named = WITNESS.encode() + b"\n\x06" + public.public_bytes_raw()
    line = SignatureLine(WITNESS, sha256(named).digest()[:4], time + signature)
    keys: list[LineVerifier] = [LOG_SIGNER.verifier, COSIGNER.verifier]
    assert open_note(add_signatures(COSIGNED, [line]), keys) == open_note(COSIGNED, keys)
