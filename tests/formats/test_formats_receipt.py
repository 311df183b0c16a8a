import pytest
from hypothesis import given
from hypothesis import strategies as st

import traceledger.formats.receipt
from tests.formats.worked import (
    LOG_SIGNER,
    ORIGIN,
    STRANGER,
    changed_bytes,
    insertions,
    parsed_or_refused,
    refused,
    refused_as,
    truncations,
)
from traceledger.errors import UsageError, VerificationError
from traceledger.formats.checkpoint import open_checkpoint
from traceledger.formats.encoding import MAX_INTEGER
from traceledger.formats.note import NoteSigner, sign_note
from traceledger.formats.receipt import (
    LoggedLeaf,
    Receipt,
    format_receipt,
    open_receipt,
    parse_receipt,
    sign_receipt,
)
from traceledger.merkle.hashing import leaf_hash

RECEIPT = Receipt(
    ORIGIN, (LoggedLeaf(4711, leaf_hash(b"one")), LoggedLeaf(4712, leaf_hash(b"two")))
)
TEXT = b"""\
traceledger/receipt/v1
ledger.example/reman
4711 0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=
4712 qxq38Hx8j+Dv9LpvqlPH5EEukaWZFT6KpOAb7s5beCU=
"""
SIGNED = sign_receipt(RECEIPT, LOG_SIGNER)
LOG_KEYS = [LOG_SIGNER.verifier]


def open_worked(data: bytes) -> Receipt:
    return open_receipt(data, ORIGIN, LOG_KEYS)


def test_receipt_round_trips() -> None:
    assert format_receipt(RECEIPT) == TEXT
    assert parse_receipt(TEXT) == RECEIPT
    assert open_worked(SIGNED) == RECEIPT


def test_the_documented_example_is_real() -> None:
    lines = (traceledger.formats.receipt.__doc__ or "").splitlines()
    start = next(i for i, text in enumerate(lines) if "receipt/v1" in text)
    example = "".join(text.removeprefix("    ") + "\n" for text in lines[start : start + 4])
    assert example.encode() == TEXT


def test_rejects_every_changed_byte_truncation_and_inserted_byte() -> None:
    for data in (*changed_bytes(SIGNED), *truncations(SIGNED), *insertions(SIGNED)):
        refused(open_worked, data)


def test_a_receipt_is_not_a_checkpoint_and_a_checkpoint_is_not_a_receipt() -> None:
    refused(lambda data: open_checkpoint(data, ORIGIN, LOG_KEYS), SIGNED)
    checkpoint = TEXT.replace(b"traceledger/receipt/v1\n", b"")
    refused_as("receipt.form", lambda: open_worked(sign_note(checkpoint, [LOG_SIGNER])))


def test_another_log_cannot_sign_receipts_for_this_one() -> None:
    other = NoteSigner("other.example/log", STRANGER)
    data = sign_note(TEXT, [other])
    for origin in (ORIGIN, other.name):
        with pytest.raises(VerificationError) as caught:
            open_receipt(data, origin, [*LOG_KEYS, other.verifier])
        assert caught.value.code == "note.signature"
    with pytest.raises(UsageError) as misused:
        sign_receipt(RECEIPT, other)
    assert misused.value.code == "note.key"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/v1", b"/v2"),
        (b"ledger.example/reman\n", b""),
        (b"ledger.example/reman", b"two words"),
        (b"ledger.example/reman", b"traceledger/receipt/v1"),
        (b"ledger.example/reman", b"\xff"),
        (b"4711 ", b"04711 "),
        (b"4711 ", b"4711  "),
        (b"4711 ", b"4711\t"),
        (b"4711 ", b" "),
        (b"4711 ", b""),
        (b"4711 ", b"-4711 "),
        (b"4711 ", b"9223372036854775808 "),
        (b"ek=", b"el="),
        (b"ek=", b"ek"),
        (b"ek=", b"ek= "),
        (b"ek=\n", b"ek=\n\n"),
        (b"\n", b"\r\n"),
        (b"CU=\n", b"CU="),
        (b"CU=\n", b"CU=\n\n"),
        (TEXT, b""),
        (TEXT, b"traceledger/receipt/v1\nledger.example/reman\n"),
    ],
)
def test_refuses_what_is_not_a_receipt(old: bytes, new: bytes) -> None:
    refused_as("receipt.form", lambda: parse_receipt(TEXT.replace(old, new)))


@pytest.mark.parametrize(
    "receipt",
    [
        Receipt(ORIGIN, ()),
        Receipt("a b", RECEIPT.leaves),
        Receipt(ORIGIN, (LoggedLeaf(-1, bytes(32)),)),
        Receipt(ORIGIN, (LoggedLeaf(1, bytes(31)),)),
    ],
)
def test_refuses_to_sign_what_it_would_not_parse(receipt: Receipt) -> None:
    refused_as("receipt.form", lambda: format_receipt(receipt))


def test_a_retry_gets_old_and_new_indexes_in_the_order_of_the_request() -> None:
    leaves = (RECEIPT.leaves[1], RECEIPT.leaves[0], RECEIPT.leaves[1])
    receipt = Receipt(ORIGIN, leaves)
    assert open_worked(sign_receipt(receipt, LOG_SIGNER)).leaves == leaves


LEAVES = st.builds(LoggedLeaf, st.integers(0, MAX_INTEGER), st.binary(min_size=32, max_size=32))


@given(st.lists(LEAVES, min_size=1, max_size=20))
def test_round_trip(leaves: list[LoggedLeaf]) -> None:
    receipt = Receipt(ORIGIN, tuple(leaves))
    assert parse_receipt(format_receipt(receipt)) == receipt


@given(st.binary(max_size=100) | st.lists(st.binary(max_size=60)).map(b"\n".join))
def test_refuses_noise(data: bytes) -> None:
    for text in (data, b"traceledger/receipt/v1\nlog\n" + data):
        receipt = parsed_or_refused("receipt.form", parse_receipt, text)
        if receipt is not None:
            assert format_receipt(receipt) == text
