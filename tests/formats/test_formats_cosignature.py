import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.worked import (
    COSIGN_TIME,
    COSIGNED,
    COSIGNER,
    LOG_SIGNER,
    SIGNED,
    STRANGER,
    TEXT,
    WITNESS,
    WITNESS_LINE,
    changed_bytes,
    insertions,
    refused,
    refused_as,
    truncations,
)
from traceledger.formats.cosignature import (
    Cosignature,
    CosignatureVerifier,
    check_cosignature,
    cosign,
    cosigned_message,
    split_cosignature,
)
from traceledger.formats.encoding import MAX_INTEGER
from traceledger.formats.note import (
    NoteSigner,
    SignatureLine,
    add_signatures,
    format_signatures,
    open_note,
    parse_signatures,
)

VERIFIER = COSIGNER.verifier
(LINE,) = parse_signatures(WITNESS_LINE)


def check(data: bytes) -> Cosignature:
    (line,) = parse_signatures(data)
    return check_cosignature(TEXT, line, VERIFIER)


def test_worked_cosignature() -> None:
    line = cosign(TEXT, COSIGN_TIME, COSIGNER)
    assert format_signatures([line]) == WITNESS_LINE
    assert add_signatures(SIGNED, [line]) == COSIGNED
    assert check(WITNESS_LINE) == Cosignature(WITNESS, COSIGN_TIME)
    assert cosigned_message(TEXT, COSIGN_TIME) == b"cosignature/v1\ntime 1700000000\n" + TEXT


def test_rejects_every_changed_byte_truncation_and_inserted_byte() -> None:
    for data in (
        *changed_bytes(WITNESS_LINE),
        *truncations(WITNESS_LINE),
        *insertions(WITNESS_LINE),
    ):
        refused(check, data)


def test_rejects_a_cosignature_of_every_changed_checkpoint() -> None:
    for text in (*changed_bytes(TEXT), *truncations(TEXT)):
        refused(lambda text: check_cosignature(text, LINE, VERIFIER), text)


def test_rejects_a_time_that_was_not_signed() -> None:
    later = (COSIGN_TIME + 1).to_bytes(8) + LINE.signature[8:]
    changed = LINE._replace(signature=later)
    refused_as("note.signature", lambda: check_cosignature(TEXT, changed, VERIFIER))


def test_rejects_the_line_of_another_witness() -> None:
    other = CosignatureVerifier(WITNESS, STRANGER.key)
    refused_as("note.signature", lambda: check_cosignature(TEXT, LINE, other))
    renamed = CosignatureVerifier("customs.example/w2", VERIFIER.key)
    refused_as("note.signature", lambda: check_cosignature(TEXT, LINE, renamed))


def test_a_note_signature_by_the_same_key_is_not_a_cosignature() -> None:
    plain = NoteSigner(WITNESS, COSIGNER.signer).sign(TEXT)
    assert plain.key_id != VERIFIER.key_id
    posing = SignatureLine(WITNESS, VERIFIER.key_id, bytes(8) + plain.signature)
    refused_as("cosignature.form", lambda: check_cosignature(TEXT, posing, VERIFIER))
    posing = SignatureLine(WITNESS, VERIFIER.key_id, (1).to_bytes(8) + plain.signature)
    refused_as("note.signature", lambda: check_cosignature(TEXT, posing, VERIFIER))


@pytest.mark.parametrize("length", [0, 8, 64, 71, 73])
def test_refuses_cosignatures_that_are_not_72_bytes(length: int) -> None:
    refused_as("cosignature.form", lambda: split_cosignature(bytes(length)))
    line = LINE._replace(signature=bytes(length))
    refused_as("cosignature.form", lambda: check_cosignature(TEXT, line, VERIFIER))


@pytest.mark.parametrize("time", [0, -1, MAX_INTEGER + 1, 2**64 - 1])
def test_refuses_times_out_of_range(time: int) -> None:
    refused_as("cosignature.form", lambda: cosign(TEXT, time, COSIGNER))


def test_refuses_a_time_out_of_range_even_if_signed() -> None:
    time = 2**63
    signature = COSIGNER.signer.sign(b"cosignature/v1\ntime %d\n" % time + TEXT)
    line = LINE._replace(signature=time.to_bytes(8) + signature)
    refused_as("cosignature.form", lambda: check_cosignature(TEXT, line, VERIFIER))


@pytest.mark.parametrize("text", [b"", b"hello\n", TEXT + b"extension\n", TEXT[:-1]])
def test_cosigns_checkpoints_only(text: bytes) -> None:
    refused_as("checkpoint.form", lambda: cosign(text, COSIGN_TIME, COSIGNER))


@given(st.integers(1, MAX_INTEGER))
def test_any_time_round_trips(time: int) -> None:
    line = cosign(TEXT, time, COSIGNER)
    assert check_cosignature(TEXT, line, VERIFIER) == (WITNESS, time)
    note = add_signatures(SIGNED, [line])
    assert open_note(note, [LOG_SIGNER.verifier, VERIFIER]).signatures[1] == line
