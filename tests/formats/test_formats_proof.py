import pytest
from hypothesis import given
from hypothesis import strategies as st

import traceledger.formats.proof
from tests.formats.worked import (
    COSIGNED,
    SIGNED,
    TEXT,
    changed_bytes,
    insertions,
    refused_as,
    truncations,
)
from traceledger.errors import MalformedError
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.formats.proof import LogProof, format_proof, parse_proof
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.proofs import check_inclusion

HEAD = b"""\
c2sp.org/tlog-proof@v1
index 1
0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=
Zx8UbF5HHooag6PCFM5LqQe486WIjRTMjNPOdbsS75Q=

"""
WORKED = HEAD + COSIGNED
PROOF = LogProof(1, (leaf_hash(b"one"), leaf_hash(b"three")), COSIGNED)
FIRST = b"c2sp.org/tlog-proof@v1\n"


def test_worked_proof() -> None:
    assert format_proof(PROOF) == WORKED
    proof = parse_proof(WORKED)
    assert proof == PROOF
    checkpoint = parse_checkpoint(parse_note(proof.checkpoint).text)
    check_inclusion(1, checkpoint.size, leaf_hash(b"two"), proof.hashes, checkpoint.root)


def test_the_documented_example_is_real() -> None:
    lines = (traceledger.formats.proof.__doc__ or "").splitlines()
    start = next(i for i, text in enumerate(lines) if "tlog-proof@v1" in text)
    example = "".join(text.removeprefix("    ") + "\n" for text in lines[start : start + 10])
    assert example.encode() == HEAD + SIGNED


def test_no_hash_is_needed_for_a_tree_of_one_leaf() -> None:
    proof = LogProof(0, (), SIGNED)
    assert format_proof(proof) == FIRST + b"index 0\n\n" + SIGNED
    assert parse_proof(format_proof(proof)) == proof


@pytest.mark.parametrize("extra", [b"", b"x", b"\x00" * 300])
def test_extra_data_round_trips(extra: bytes) -> None:
    proof = LogProof(1, PROOF.hashes, COSIGNED, extra)
    assert format_proof(proof).startswith(FIRST + b"extra ")
    assert parse_proof(format_proof(proof)) == proof


def test_a_changed_proof_is_refused_or_is_another_proof() -> None:
    for data in (*changed_bytes(WORKED), *truncations(WORKED), *insertions(WORKED)):
        try:
            proof = parse_proof(data)
        except MalformedError:
            continue
        assert proof != PROOF
        assert format_proof(proof) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        WORKED.replace(b"@v1", b"@v2"),
        WORKED.replace(b"index 1", b"index 01"),
        WORKED.replace(b"index 1", b"index -1"),
        WORKED.replace(b"index 1", b"index  1"),
        WORKED.replace(b"index 1", b"index"),
        WORKED.replace(b"index 1\n", b""),
        WORKED.replace(b"index 1\n", b"index 1\nextra AA==\n"),
        WORKED.replace(b"index 1\n", b"extra AA==\nextra AA==\nindex 1\n"),
        WORKED.replace(b"index 1\n", b"extra AB==\nindex 1\n"),
        WORKED.replace(b"index 1\n", b"index 1\nAAAA\n"),
        WORKED.replace(b"ek=\n", b"ek= \n"),
        HEAD[:-1] + COSIGNED,
        FIRST + b"index 1\n" + b"0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=\n" * 64 + b"\n",
    ],
)
def test_refuses_what_is_not_a_proof_file(data: bytes) -> None:
    refused_as("proof.form", lambda: parse_proof(data))


def test_refuses_a_proof_without_a_checkpoint() -> None:
    refused_as("note.form", lambda: parse_proof(HEAD))
    refused_as("note.form", lambda: parse_proof(HEAD + TEXT))
    refused_as("checkpoint.form", lambda: parse_proof(HEAD + COSIGNED.replace(b"\n3\n", b"\n03\n")))


def test_refuses_a_proof_that_is_too_large() -> None:
    refused_as("proof.form", lambda: parse_proof(WORKED + b"a" * (1 << 21)))
    refused_as("proof.form", lambda: format_proof(LogProof(1, (), COSIGNED, bytes(1 << 17))))


def test_refuses_to_format_what_it_would_not_parse() -> None:
    refused_as("proof.form", lambda: format_proof(LogProof(-1, (), COSIGNED)))
    refused_as("proof.form", lambda: format_proof(LogProof(1, (b"short",), COSIGNED)))
    refused_as("note.form", lambda: format_proof(LogProof(1, (), b"")))


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.none() | st.binary(max_size=100),
)
def test_round_trip(index: int, hashes: list[bytes], extra: bytes | None) -> None:
    proof = LogProof(index, tuple(hashes), COSIGNED, extra)
    assert parse_proof(format_proof(proof)) == proof
