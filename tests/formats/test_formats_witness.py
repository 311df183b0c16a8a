"""The worked request of C2SP tlog-witness: parsed, formatted, and answered to the byte."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest

from tests.formats.worked import (
    COSIGN_TIME,
    COSIGNED,
    COSIGNER,
    LOG_SIGNER,
    ORIGIN,
    SIGNED,
    WITNESS,
    WITNESS_LINE,
    changed_bytes,
    truncations,
)
from traceledger.errors import ConflictError, MalformedError, TraceledgerError
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.checkpoint import Checkpoint, sign_checkpoint
from traceledger.formats.witness import (
    WitnessRequest,
    format_monitoring_path,
    format_request,
    parse_request,
)
from traceledger.witness.home import WitnessHome
from traceledger.witness.record import Record, write_record
from traceledger.witness.witness import Witness

LEAF_THREE = b64decode("Zx8UbF5HHooag6PCFM5LqQe486WIjRTMjNPOdbsS75Q=")
ROOT_TWO = b64decode("T1X2GdkhUjV3iyufF9b0kVsWFxIU0VI4EpNml2Teci4=")
REQUEST = b"old 2\nZx8UbF5HHooag6PCFM5LqQe486WIjRTMjNPOdbsS75Q=\n\n" + SIGNED


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    memory = tmp_path / "memory"
    write_record(memory, ORIGIN, Record(2, ROOT_TWO, COSIGN_TIME - 1, replayed=False))
    return Witness(COSIGNER, LOG_SIGNER.verifier, memory)


def test_worked_request_is_parsed_and_formatted_again() -> None:
    request = WitnessRequest(2, (LEAF_THREE,), SIGNED)
    assert parse_request(REQUEST) == request
    assert format_request(request) == REQUEST


def test_worked_monitoring_path() -> None:
    assert format_monitoring_path(ORIGIN) == (
        "ab392816ee2177070546fb54e6df64d17c47ee81ab1b16643ed53ba4bdcf72ad/checkpoint"
    )


def test_a_desk_serves_the_worked_checkpoint_to_everyone(tmp_path: Path) -> None:
    signer = SoftwareSigner.from_seed(b"\x02" * 32)
    desk = WitnessHome.create(tmp_path / "desk", WITNESS, LOG_SIGNER.verifier, signer, b"secret")
    desk.publish(REQUEST, WITNESS_LINE)
    shown = tmp_path / "desk" / "public" / format_monitoring_path(ORIGIN)
    assert shown.read_bytes() == COSIGNED
    assert shown.stat().st_mode & 0o004


def test_worked_request_gets_the_worked_answer(witness: Witness) -> None:
    assert witness.cosign(REQUEST, COSIGN_TIME) == WITNESS_LINE
    assert witness.size() == 3


def test_a_lost_answer_is_repeated_but_nothing_older(witness: Witness) -> None:
    witness.cosign(REQUEST, COSIGN_TIME)
    assert witness.cosign(REQUEST, COSIGN_TIME) == WITNESS_LINE
    older = sign_checkpoint(Checkpoint(ORIGIN, 2, ROOT_TWO), [LOG_SIGNER])
    with pytest.raises(ConflictError, match="3"):
        witness.cosign(format_request(WitnessRequest(0, (), older)), COSIGN_TIME)


def test_no_request_with_a_changed_byte_gets_the_answer(witness: Witness) -> None:
    for changed in changed_bytes(REQUEST):
        with pytest.raises(TraceledgerError):
            witness.cosign(changed, COSIGN_TIME)
    assert witness.size() == 2


def test_no_part_of_the_request_gets_the_answer(witness: Witness) -> None:
    for piece in truncations(REQUEST):
        with pytest.raises(TraceledgerError):
            witness.cosign(piece, COSIGN_TIME)
    assert witness.size() == 2


@pytest.mark.parametrize(
    "request_text",
    [
        b"",
        b"old 02\n\n" + SIGNED,
        b"old -1\n\n" + SIGNED,
        b"old 2\n" + SIGNED,
        b"old 2\r\n\r\n" + SIGNED,
        b"old 0\n" + b"Zx8UbF5HHooag6PCFM5LqQe486WIjRTMjNPOdbsS75Q=\n" * 64 + b"\n" + SIGNED,
        b"old 2\nZx8U\n\n" + SIGNED,
    ],
)
def test_malformed_requests_are_refused(request_text: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_request(request_text)
