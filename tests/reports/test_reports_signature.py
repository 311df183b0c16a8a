"""The signature of a report names its signer, and fails for another file or key."""

from __future__ import annotations

import pytest

from traceledger.errors import MalformedError, TraceledgerError, VerificationError
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.note import NoteSigner, sign_note
from traceledger.reports.signature import open_signed_report, sign_report

ACCOUNT = {"from_size": 1, "to_size": 56}
OFFICER = NoteSigner("customs.example/officer", SoftwareSigner.from_seed(bytes(32)))
OTHER = NoteSigner("customs.example/officer", SoftwareSigner.from_seed(bytes([1] * 32)))
REPORT = b"<!doctype html>"
NOTE = sign_report(REPORT, ACCOUNT, "ledger.example/cq-1", OFFICER)


def test_signature_states_what_the_report_is_about() -> None:
    signed = open_signed_report(NOTE, REPORT, OFFICER.verifier)
    assert (signed.signer, signed.origin) == ("customs.example/officer", "ledger.example/cq-1")
    assert (signed.from_size, signed.to_size, len(signed.account)) == (1, 56, 64)


@pytest.mark.parametrize("at", range(len(REPORT)))
def test_changed_report_is_refused(at: int) -> None:
    changed = bytearray(REPORT)
    changed[at] ^= 1
    with pytest.raises(VerificationError) as caught:
        open_signed_report(NOTE, bytes(changed), OFFICER.verifier)
    assert caught.value.code == "report.changed"


def test_another_key_of_the_same_name_is_refused() -> None:
    with pytest.raises(VerificationError) as caught:
        open_signed_report(NOTE, REPORT, OTHER.verifier)
    assert caught.value.code == "note.signature"


def test_every_changed_byte_of_the_note_is_refused() -> None:
    for at in range(len(NOTE)):
        changed = bytearray(NOTE)
        changed[at] ^= 1
        with pytest.raises(TraceledgerError):
            open_signed_report(bytes(changed), REPORT, OFFICER.verifier)


def test_checkpoint_is_no_signature_of_a_report() -> None:
    """The same key may sign other notes; none of them must pass for a report."""
    note = sign_note(b"ledger.example/cq-1\n1\nAAAA\n", [OFFICER])
    with pytest.raises(MalformedError) as caught:
        open_signed_report(note, REPORT, OFFICER.verifier)
    assert caught.value.code == "report.form"
