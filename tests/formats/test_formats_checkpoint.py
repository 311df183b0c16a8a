import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.worked import (
    COSIGNED,
    COSIGNER,
    LOG_SIGNER,
    ORIGIN,
    SIGNED,
    STRANGER,
    TEXT,
    changed_bytes,
    insertions,
    parsed_or_refused,
    refused,
    refused_as,
    truncations,
)
from traceledger.errors import UsageError, VerificationError
from traceledger.formats.checkpoint import (
    Checkpoint,
    format_checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from traceledger.formats.encoding import decode_hash
from traceledger.formats.note import NoteSigner, NoteVerifier, sign_note
from traceledger.merkle.hashing import EMPTY_ROOT, leaf_hash
from traceledger.merkle.proofs import check_consistency
from traceledger.merkle.tree import MAX_TREE_SIZE, root_of

LEAVES = [leaf_hash(entry) for entry in (b"one", b"two", b"three")]
CHECKPOINT = Checkpoint(ORIGIN, 3, root_of(LEAVES))
LOG_KEYS = [LOG_SIGNER.verifier]
ROOT_LINE = b"Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=\n"
EMPTY_LINE = b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"


def open_worked(data: bytes) -> Checkpoint:
    return open_checkpoint(data, ORIGIN, LOG_KEYS).checkpoint


def test_worked_checkpoint() -> None:
    assert format_checkpoint(CHECKPOINT) == TEXT
    assert parse_checkpoint(TEXT) == CHECKPOINT
    assert sign_checkpoint(CHECKPOINT, [LOG_SIGNER]) == SIGNED
    assert open_worked(SIGNED) == CHECKPOINT
    assert len(COSIGNED) == 315


def test_worked_witness_request() -> None:
    # C2SP tlog-witness: the old size, the consistency proof, a blank line, the checkpoint.
    request = b"old 2\nZx8UbF5HHooag6PCFM5LqQe486WIjRTMjNPOdbsS75Q=\n\n" + SIGNED
    head, _, note = request.partition(b"\n\n")
    old, *proof = head.split(b"\n")
    new = open_worked(note)
    hashes = [decode_hash(line, "proof.form") for line in proof]
    assert hashes == [LEAVES[2]]
    assert old == b"old 2"
    check_consistency(2, new.size, root_of(LEAVES[:2]), new.root, hashes)


def test_only_verified_lines_are_kept() -> None:
    assert len(open_checkpoint(COSIGNED, ORIGIN, LOG_KEYS).note.signatures) == 1
    whole = open_checkpoint(COSIGNED, ORIGIN, LOG_KEYS, [COSIGNER.verifier])
    assert len(whole.note.signatures) == 2


def test_rejects_every_changed_byte() -> None:
    for data in changed_bytes(SIGNED):
        refused(open_worked, data)


def test_rejects_every_truncation() -> None:
    for data in truncations(SIGNED):
        refused(open_worked, data)


def test_rejects_every_inserted_byte() -> None:
    for data in insertions(SIGNED):
        refused(open_worked, data)


def test_a_witness_alone_cannot_sign_a_checkpoint() -> None:
    text, _, lines = COSIGNED.partition(b"\n\n")
    witnessed = text + b"\n\n" + lines.partition(b"\n")[2]
    with pytest.raises(VerificationError) as caught:
        open_checkpoint(witnessed, ORIGIN, LOG_KEYS, [COSIGNER.verifier])
    assert caught.value.code == "note.signature"


def test_another_log_cannot_sign_for_this_one() -> None:
    other = NoteSigner("other.example/log", STRANGER)
    data = sign_note(TEXT, [other])
    for origin in (ORIGIN, other.name):
        with pytest.raises(VerificationError) as caught:
            open_checkpoint(data, origin, [*LOG_KEYS, other.verifier])
        assert caught.value.code == "note.signature"


def test_a_key_under_another_name_signs_nothing() -> None:
    renamed = NoteVerifier("other.example/log", LOG_SIGNER.signer.key)
    with pytest.raises(VerificationError):
        open_checkpoint(SIGNED, ORIGIN, [renamed])


def test_signs_only_for_its_own_origin() -> None:
    with pytest.raises(UsageError) as caught:
        sign_checkpoint(CHECKPOINT, [LOG_SIGNER, NoteSigner("other.example/log", STRANGER)])
    assert caught.value.code == "note.key"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n\n\n",
        TEXT[:-1],
        TEXT + b"extension\n",
        TEXT + b"\n",
        TEXT.replace(b"\n", b"\r\n"),
        b"\n3\n" + ROOT_LINE,
        b"two words\n3\n" + ROOT_LINE,
        b"a+b\n3\n" + ROOT_LINE,
        b"caf\xc3\xa9\n3\n" + ROOT_LINE,
        b"\xff\n3\n" + ROOT_LINE,
        b"x" * 256 + b"\n3\n" + ROOT_LINE,
        b"x" * 600 + b"\n3\n" + ROOT_LINE,
        b"traceledger/receipt/v1\n3\n" + ROOT_LINE,
        b"cosignature/v1\n3\n" + ROOT_LINE,
        b"log\n03\n" + ROOT_LINE,
        b"log\n+3\n" + ROOT_LINE,
        b"log\n-3\n" + ROOT_LINE,
        b"log\n\n" + ROOT_LINE,
        b"log\n 3\n" + ROOT_LINE,
        b"log\n9223372036854775808\n" + ROOT_LINE,
        b"log\n3\n\n",
        b"log\n3\nAAAA\n",
        b"log\n3\n" + ROOT_LINE[:-2] + b"\n",
        b"log\n3\n" + ROOT_LINE.replace(b"Kk=", b"Kl="),
        b"log\n0\n" + ROOT_LINE,
    ],
)
def test_refuses_what_is_not_a_checkpoint(text: bytes) -> None:
    refused_as("checkpoint.form", lambda: parse_checkpoint(text))


def test_refuses_an_extension_line_even_if_the_log_signed_it() -> None:
    refused_as("checkpoint.form", lambda: open_worked(sign_note(TEXT + b"more\n", [LOG_SIGNER])))


def test_the_empty_tree_has_one_root() -> None:
    empty = parse_checkpoint(b"log\n0\n" + EMPTY_LINE)
    assert empty == Checkpoint("log", 0, EMPTY_ROOT)
    refused_as("checkpoint.form", lambda: format_checkpoint(Checkpoint("log", 0, bytes(32))))


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("a\n1", 3, bytes(32)),
        Checkpoint("\udc80", 3, bytes(32)),
        Checkpoint("log", -1, bytes(32)),
        Checkpoint("log", MAX_TREE_SIZE + 1, bytes(32)),
        Checkpoint("log", 3, bytes(31)),
    ],
)
def test_refuses_to_format_what_it_would_not_parse(checkpoint: Checkpoint) -> None:
    refused_as("checkpoint.form", lambda: format_checkpoint(checkpoint))


ORIGINS = st.from_regex(r"[a-z0-9./-]{1,40}", fullmatch=True)


@given(ORIGINS, st.integers(1, MAX_TREE_SIZE), st.binary(min_size=32, max_size=32))
def test_round_trip(origin: str, size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin, size, root)
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


@given(st.binary(max_size=80) | st.lists(st.binary(max_size=44)).map(b"\n".join))
def test_parsed_bytes_round_trip_or_are_refused(data: bytes) -> None:
    checkpoint = parsed_or_refused("checkpoint.form", parse_checkpoint, data)
    if checkpoint is not None:
        assert format_checkpoint(checkpoint) == data
