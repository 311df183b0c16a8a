"""Results of a sample: nobody but the party that drew it can state them, or change them."""

from __future__ import annotations

import pytest

from traceledger.errors import MalformedError, TraceledgerError, VerificationError
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.note import NoteSigner, sign_note
from traceledger.formats.sample import (
    RegisteredKey,
    SampleRow,
    SampleStatement,
    format_sample,
    open_registered,
    open_sample,
    parse_sample,
    sign_sample,
)

KEY, OTHER_KEY = (SoftwareSigner.from_seed(bytes([seed] * 32)) for seed in (0, 1))
OFFICER, OTHER = (NoteSigner(key.key.kid, key) for key in (KEY, OTHER_KEY))
STATEMENT = SampleStatement(
    origin="ledger.example/cq-1",
    party="party/customs",
    number=3,
    revision=1,
    from_size=1,
    to_size=56,
    account="a" * 64,
    fate="open",
    frame=9,
    size=2,
    seed="b" * 64,
    results=(
        SampleRow(item="8004/9521234C000001", result="differs", remark="箱号不符 ≠ 12"),
        SampleRow(item="8004/9521234C000002"),
    ),
)
NOTE = sign_sample(STATEMENT, OFFICER)
REGISTERED = {
    OFFICER.name: RegisteredKey("party/customs", KEY.key.jwk),
    OTHER.name: RegisteredKey("party/plant", OTHER_KEY.key.jwk),
}


def find_key(kid: str) -> RegisteredKey | None:
    return REGISTERED.get(kid)


def test_signed_results_are_read_back() -> None:
    assert open_sample(NOTE, OFFICER.verifier) == (STATEMENT, OFFICER.name, None)
    assert open_registered(NOTE, find_key).statement == STATEMENT
    assert (STATEMENT.count("differs"), STATEMENT.examined) == (1, 1)


def test_every_changed_byte_and_every_cut_is_refused() -> None:
    for at in range(len(NOTE)):
        changed = bytearray(NOTE)
        changed[at] ^= 1
        for data in (bytes(changed), NOTE[:at]):
            with pytest.raises(TraceledgerError):
                open_registered(data, find_key)


@pytest.mark.parametrize("signers", [(OTHER,), (OFFICER, OTHER)])
def test_another_party_states_nothing(signers: tuple[NoteSigner, ...]) -> None:
    """Defends against a plant that signs the results of customs."""
    note = sign_note(format_sample(STATEMENT), signers)
    with pytest.raises(VerificationError) as caught:
        open_registered(note, find_key)
    assert caught.value.code == "sample.signer"


@pytest.mark.parametrize(("revoked", "accepted"), [(55, False), (56, True)])
def test_key_that_ended_states_nothing_afterwards(revoked: int, *, accepted: bool) -> None:
    """A sample of 56 entries was drawn after them, so a key that ended among them was no key."""
    key = RegisteredKey("party/customs", KEY.key.jwk, revoked)
    if accepted:
        assert open_registered(NOTE, lambda _kid: key) == (STATEMENT, OFFICER.name, revoked)
        return
    with pytest.raises(VerificationError) as caught:
        open_registered(NOTE, lambda _kid: key)
    assert caught.value.code == "sample.signer"


def test_key_that_is_not_registered_states_nothing() -> None:
    with pytest.raises(VerificationError) as caught:
        open_registered(NOTE, lambda _kid: None)
    assert caught.value.code == "sample.signer"


@pytest.mark.parametrize(
    "text",
    [
        b'{"frame":0}',
        format_sample(STATEMENT)[22:-1].replace(b'"frame":9', b'"frame": 9'),
        format_sample(STATEMENT)[22:-1].replace(b'"differs"', b'"perfect"'),
        format_sample(STATEMENT)[22:-1].replace(b"12", b"\\u0007"),
        # What is shown before it is signed must not hide or move anything on a terminal.
        format_sample(STATEMENT)[22:-1].replace(b"C000002", b"\\u001b[8mhid\\ninjected"),
        format_sample(STATEMENT)[22:-1].replace(b"C000002", b"  found"),
        format_sample(STATEMENT)[22:-1].replace(b"party/customs", b"party/\\u202ecustoms"),
        format_sample(STATEMENT)[22:-1].replace(b'"open"', b'"op\\nen"'),
        b"[" * 100_000,
    ],
)
def test_other_forms_are_refused(text: bytes) -> None:
    """Two readers must never read different results in one file."""
    assert format_sample(STATEMENT).startswith(b"traceledger/sample/v1\n")
    for data in (b"traceledger/sample/v1\n" + text + b"\n", text, b""):
        with pytest.raises(MalformedError) as caught:
            parse_sample(data)
        assert caught.value.code == "sample.form"
