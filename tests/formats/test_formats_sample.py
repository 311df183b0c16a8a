"""Results of a sample: nobody but the party that drew it can state them, or change them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.samples import SIGNED_AT, STATEMENT, make_statement, sign_statement
from traceledger.errors import MalformedError, TraceledgerError, VerificationError
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.note import NoteSigner, sign_note
from traceledger.formats.sample import (
    RegisteredKey,
    Revocation,
    SignedSample,
    format_sample,
    open_registered,
    open_sample,
    parse_sample,
    read_signed,
)

KEY, OTHER_KEY = (SoftwareSigner.from_seed(bytes([seed] * 32)) for seed in (0, 1))
OFFICER, OTHER = (NoteSigner(key.key.kid, key) for key in (KEY, OTHER_KEY))
NOTE = sign_statement(STATEMENT, KEY)
REGISTERED = {
    OFFICER.name: RegisteredKey("party/customs", KEY.key.jwk),
    OTHER.name: RegisteredKey("party/plant", OTHER_KEY.key.jwk),
}


def find_key(kid: str) -> RegisteredKey | None:
    return REGISTERED.get(kid)


def open_results(
    note: bytes = NOTE, find: Callable[[str], RegisteredKey | None] = find_key
) -> SignedSample:
    return open_registered(note, find, latest=SIGNED_AT, now=SIGNED_AT)


def test_signed_results_are_read_back() -> None:
    signed = make_statement(signed_at=SIGNED_AT)
    assert open_sample(NOTE, OFFICER.verifier) == (signed, OFFICER.name, None)
    assert open_results().statement == signed
    assert (STATEMENT.count("differs"), STATEMENT.examined) == (1, 1)


def test_every_changed_byte_and_every_cut_is_refused() -> None:
    for at in range(len(NOTE)):
        changed = bytearray(NOTE)
        changed[at] ^= 1
        for data in (bytes(changed), NOTE[:at]):
            with pytest.raises(TraceledgerError):
                open_results(data)


@pytest.mark.parametrize(
    ("signers", "reason"),
    [((OTHER,), "drew the sample, a key of"), ((OFFICER, OTHER), "not the only signer")],
)
def test_another_party_states_nothing(signers: tuple[NoteSigner, ...], reason: str) -> None:
    """Defends against a plant that signs the results of customs."""
    statement = make_statement(signed_at=SIGNED_AT)
    note = sign_note(format_sample(statement), signers)
    with pytest.raises(VerificationError) as caught:
        open_results(note)
    assert caught.value.code == "sample.signer"
    assert reason in caught.value.message


@pytest.mark.parametrize(
    ("index", "at", "accepted"),
    [
        (55, SIGNED_AT + 9, False),
        (56, SIGNED_AT + 9, True),
        (56, SIGNED_AT - 300, True),
        (56, SIGNED_AT - 301, False),
    ],
)
def test_key_that_ended_states_nothing_afterwards(index: int, at: int, *, accepted: bool) -> None:
    """A sample of 56 entries was drawn after them, so a key that ended among them was no key."""
    revoked = Revocation(index, at)
    key = RegisteredKey("party/customs", KEY.key.jwk, revoked)
    if accepted:
        assert open_results(find=lambda _kid: key).revoked == revoked
        return
    with pytest.raises(VerificationError) as caught:
        open_results(find=lambda _kid: key)
    assert caught.value.code == "sample.signer"


@pytest.mark.parametrize(
    ("latest", "now", "accepted"),
    [(300, -300, True), (301, 0, False), (0, -301, False)],
)
def test_time_before_the_account_or_in_the_future_is_refused(
    latest: int, now: int, *, accepted: bool
) -> None:
    """A clock may be wrong by 300 seconds, as anywhere else."""
    times = {"latest": SIGNED_AT + latest, "now": SIGNED_AT + now}
    if accepted:
        assert open_registered(NOTE, find_key, **times).kid == OFFICER.name
        return
    with pytest.raises(VerificationError) as caught:
        open_registered(NOTE, find_key, **times)
    assert caught.value.code == "sample.time"


def test_signed_statement_without_a_time_is_refused() -> None:
    note = sign_note(format_sample(STATEMENT), [OFFICER])
    for open_it in (read_signed, open_results):
        with pytest.raises(MalformedError, match="signed_at"):
            open_it(note)


def test_key_that_is_not_registered_states_nothing() -> None:
    with pytest.raises(VerificationError) as caught:
        open_results(find=lambda _kid: None)
    assert caught.value.code == "sample.signer"
    assert "no Ed25519 key that the ledger registers" in caught.value.message


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
