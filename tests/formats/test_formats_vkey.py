from functools import partial
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.formats.worked import (
    COSIGNER,
    LOG_SIGNER,
    LOG_SKEY,
    LOG_VKEY,
    ORIGIN,
    TEXT,
    WITNESS_VKEY,
    changed_bytes,
    refused_as,
    truncations,
)
from traceledger.errors import MalformedError, UsageError
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.cosignature import Cosigner
from traceledger.formats.encoding import encode_base64
from traceledger.formats.note import NoteSigner
from traceledger.formats.vkey import format_skey, format_vkey, parse_skey, parse_vkey


def vkey(name: str, kind: int, raw: bytes) -> str:
    """Returns a verifier key with a correct hash, whatever else is wrong."""
    blob = bytes([kind]) + raw
    digest = sha256(name.encode() + b"\n" + blob).hexdigest()[:8]
    return f"{name}+{digest}+{encode_base64(blob).decode()}"


LOG_RAW = LOG_SIGNER.signer.key.raw


def test_worked_keys() -> None:
    assert LOG_RAW.hex() == "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
    assert COSIGNER.signer.key.raw.hex() == (
        "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394"
    )
    assert format_vkey(LOG_SIGNER.verifier) == LOG_VKEY == vkey(ORIGIN, 1, LOG_RAW)
    assert format_vkey(COSIGNER.verifier) == WITNESS_VKEY
    assert format_skey(LOG_SIGNER, b"\x01" * 32) == LOG_SKEY
    assert parse_vkey(LOG_VKEY) == LOG_SIGNER.verifier
    assert parse_vkey(WITNESS_VKEY) == COSIGNER.verifier


def test_private_keys_round_trip() -> None:
    log, witness = parse_skey(LOG_SKEY), parse_skey(format_skey(COSIGNER, b"\x02" * 32))
    assert isinstance(log, NoteSigner)
    assert isinstance(witness, Cosigner)
    assert log.verifier == LOG_SIGNER.verifier
    assert log.sign(TEXT) == LOG_SIGNER.sign(TEXT)
    assert witness.verifier == COSIGNER.verifier


@pytest.mark.parametrize("text", [LOG_VKEY, WITNESS_VKEY])
def test_refuses_every_changed_byte_and_every_truncation_of_a_verifier_key(text: str) -> None:
    for data in (*changed_bytes(text.encode()), *truncations(text.encode())):
        with pytest.raises(MalformedError) as caught:
            parse_vkey(data.decode("latin-1"))
        assert caught.value.code in {"note.key", "key.form", "key.weak"}


def test_refuses_every_changed_byte_and_every_truncation_of_a_private_key() -> None:
    for data in (*changed_bytes(LOG_SKEY.encode()), *truncations(LOG_SKEY.encode())):
        refused_as("note.key", partial(parse_skey, data.decode("latin-1")))


def test_no_error_reveals_a_private_key() -> None:
    secret = LOG_SKEY.rpartition("+")[2]
    for wrong in (LOG_SKEY[:-1], LOG_SKEY + "=", LOG_SKEY.replace("ad331abb", "ad331abc")):
        with pytest.raises(MalformedError) as caught:
            parse_skey(wrong)
        assert secret[:16] not in str(caught.value)


@pytest.mark.parametrize("kind", [0, 2, 3, 5, 6, 0xFF])
def test_refuses_key_types_that_nothing_here_verifies(kind: int) -> None:
    refused_as("note.key", lambda: parse_vkey(vkey(ORIGIN, kind, LOG_RAW)))
    seed = f"PRIVATE+KEY+{vkey(ORIGIN, kind, bytes(32))}"
    refused_as("note.key", lambda: parse_skey(seed))


@pytest.mark.parametrize("raw", [b"", LOG_RAW[:-1], LOG_RAW + b"\x00"])
def test_refuses_keys_that_are_not_32_bytes(raw: bytes) -> None:
    refused_as("key.form", lambda: parse_vkey(vkey(ORIGIN, 1, raw)))
    refused_as("note.key", lambda: parse_skey(f"PRIVATE+KEY+{vkey(ORIGIN, 1, raw)}"))


@pytest.mark.parametrize("raw", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32])
def test_refuses_weak_keys_under_which_one_signature_verifies_everything(raw: bytes) -> None:
    refused_as("key.weak", lambda: parse_vkey(vkey(ORIGIN, 1, raw)))
    refused_as("key.weak", lambda: parse_vkey(vkey("w", 4, raw)))


@pytest.mark.parametrize("name", ["", "a b", "a\u00a0b", "a\nb", "a\x00b"])
def test_refuses_names_that_no_note_can_show(name: str) -> None:
    refused_as("note.key", lambda: parse_vkey(vkey(name, 1, LOG_RAW)))


@pytest.mark.parametrize("text", ["", "+", "++", "a+b", "a+b+", LOG_VKEY.replace(ORIGIN, "\udc80")])
def test_refuses_what_is_not_a_key(text: str) -> None:
    refused_as("note.key", lambda: parse_vkey(text))
    refused_as("note.key", lambda: parse_skey("PRIVATE+KEY+" + text))
    refused_as("note.key", lambda: parse_skey(text))


def test_refuses_to_format_a_private_key_of_another_seed() -> None:
    refused_as("note.key", lambda: format_skey(LOG_SIGNER, b"\x03" * 32))


def test_a_key_for_hardware_does_not_sign_notes() -> None:
    signer = SoftwareSigner.from_private(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(UsageError) as caught:
        NoteSigner(ORIGIN, signer).sign(TEXT)
    assert caught.value.code == "key.type"
