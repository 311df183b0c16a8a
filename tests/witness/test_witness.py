"""Witnesses against logs that fork, roll back, hide or forge, and against crashes and damage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.forging import Forger
from tests.passports import CUSTOMS, LOG, NOW, PLAIN
from tests.witness.requests import entries, grow, new_log, new_witness, request
from tests.world import World, make_signer
from traceledger.errors import (
    ConflictError,
    MalformedError,
    StorageError,
    TraceledgerError,
    VerificationError,
)
from traceledger.files.lock import lock_writer
from traceledger.formats.cosignature import check_cosignature
from traceledger.formats.note import NoteSigner, parse_note, parse_signatures, sign_note
from traceledger.formats.receipt import LoggedLeaf, Receipt
from traceledger.formats.witness import WitnessRequest, format_request, parse_request
from traceledger.merkle.hashing import leaf_hash
from traceledger.witness import witness as witness_module
from traceledger.witness.record import read_record
from traceledger.witness.witness import Witness


@pytest.fixture
def log() -> Forger:
    return new_log()


@pytest.fixture
def plain(tmp_path: Path) -> Witness:
    return new_witness(PLAIN, tmp_path / "plain")


@pytest.fixture
def customs(tmp_path: Path) -> Witness:
    return new_witness(CUSTOMS, tmp_path / "customs")


def cosigned_at(log: Forger, answer: bytes, witness: Witness) -> int:
    """Checks a cosignature of the newest checkpoint and returns its time."""
    (line,) = parse_signatures(answer)
    text = parse_note(log.notes[max(log.notes)]).text
    return check_cosignature(text, line, witness.cosigner.verifier).time


def refused(
    code: str, answer: Callable[..., object], *args: object, **options: object
) -> TraceledgerError:
    with pytest.raises(TraceledgerError) as caught:
        answer(*args, **options)
    assert caught.value.code == code, caught.value
    return caught.value


# Append-only


def test_witness_cosigns_a_growing_log(log: Forger, plain: Witness) -> None:
    assert plain.size() == 0
    first = plain.cosign(request(log, 0), NOW)
    assert cosigned_at(log, first, plain) == NOW
    old = plain.size()
    assert old == grow(log) - 2
    assert cosigned_at(log, plain.cosign(request(log, old), NOW + 60), plain) == NOW + 60
    assert plain.size() == max(log.notes)


def test_witness_cosigns_only_from_its_recorded_size(log: Forger, plain: Witness) -> None:
    plain.cosign(request(log, 0), NOW)
    old = plain.size()
    grow(log)
    for other in (0, 1, old - 1, old + 1):
        error = refused("witness.size", plain.cosign, request(log, other), NOW)
        assert isinstance(error, ConflictError)
        assert str(old) in error.message
    assert plain.size() == old


def test_witness_refuses_a_log_that_was_rolled_back(log: Forger, plain: Witness) -> None:
    note = log.notes[max(log.notes)]
    grow(log)
    plain.cosign(request(log, 0), NOW)
    size = plain.size()
    shrunk = format_request(WitnessRequest(size, (), note))
    assert isinstance(refused("merkle.proof", plain.cosign, shrunk, NOW), VerificationError)


def test_witness_refuses_a_fork(log: Forger, plain: Witness) -> None:
    world = World()
    other = Forger(world)
    for _ in range(log.size):
        other.add("set_policy", "policy", by="root")
    other.publish()
    plain.cosign(request(log, 0), NOW)
    old = plain.size()
    assert other.size > old
    refused("merkle.proof", plain.cosign, request(other, old), NOW)
    refused("merkle.proof", plain.cosign, request(other, old, proof=()), NOW)
    assert plain.size() == old


def test_witness_refuses_a_different_tree_of_the_same_size(log: Forger, plain: Witness) -> None:
    plain.cosign(request(log, 0), NOW)
    old = plain.size()
    log.entries[-2] = log.entries[-3]
    log.publish(sealed=False)
    refused("witness.fork", plain.cosign, request(log, old), NOW)


def test_first_request_must_not_contain_a_proof(log: Forger, plain: Witness) -> None:
    refused("merkle.proof", plain.cosign, request(log, 0, proof=(bytes(32),)), NOW)
    assert plain.size() == 0


@pytest.mark.parametrize(
    "note",
    [
        NoteSigner(LOG.name, make_signer("another log")),
        NoteSigner("ledger.example/other", make_signer("log")),
    ],
)
def test_witness_cosigns_for_its_log_only(note: NoteSigner, log: Forger, plain: Witness) -> None:
    text = parse_note(log.notes[max(log.notes)]).text.replace(LOG.name.encode(), note.name.encode())
    forged = request(log, 0, checkpoint=sign_note(text, [note]))
    refused("note.signature", plain.cosign, forged, NOW)


def test_every_changed_byte_of_a_request_is_refused(log: Forger, plain: Witness) -> None:
    plain.cosign(request(log, 0), NOW)
    grow(log)
    good = request(log, plain.size())
    signed = good.index(b"\xe2\x80\x94")
    end = good.index(b"\n", signed) + 1  # the lines of witnesses that follow are not checked
    for place in range(end):
        changed = bytearray(good)
        changed[place] ^= 1
        with pytest.raises((MalformedError, VerificationError, ConflictError)):
            plain.cosign(bytes(changed), NOW)
    plain.cosign(good, NOW)


def test_cosignature_is_never_older_than_the_last_one_when_the_clock_is_set_back(
    log: Forger, plain: Witness
) -> None:
    plain.cosign(request(log, 0), NOW)
    grow(log)
    answer = plain.cosign(request(log, plain.size()), NOW - 5_000)
    assert cosigned_at(log, answer, plain) == NOW


def test_unchanged_checkpoint_is_cosigned_again_with_the_new_time(
    log: Forger, plain: Witness
) -> None:
    plain.cosign(request(log, 0), NOW)
    again = plain.cosign(request(log, plain.size()), NOW + 300)
    assert cosigned_at(log, again, plain) == NOW + 300


# Replaying


def test_replaying_witness_continues_from_its_replay(log: Forger, customs: Witness) -> None:
    customs.cosign_replayed(request(log, 0), entries(log), NOW)
    for _ in range(3):
        old = customs.size()
        grow(log)
        answer = customs.cosign_replayed(request(log, old), entries(log, old), NOW + 9)
        assert cosigned_at(log, answer, customs) == NOW + 9


def test_replaying_witness_refuses_illegal_events(log: Forger, customs: Witness) -> None:
    customs.cosign_replayed(request(log, 0), entries(log), NOW)
    old = customs.size()
    event = log.add("test", "01/09521234543213/21/U0002", by="operator")
    log.publish()
    error = refused(
        "log.illegal", customs.cosign_replayed, request(log, old), entries(log, old), NOW
    )
    assert error.where == f"entry {log.entries.index(event.token)}"
    assert customs.size() == old
    assert new_witness(PLAIN, customs.record.with_name("p")).cosign(request(log, 0), NOW)


def test_replaying_witness_refuses_a_seal_that_hides_an_event(
    log: Forger, customs: Witness
) -> None:
    hidden = log.add("recall", "01/09521234543213/21/U0002", by="approver")
    log.publish(hide=hidden)
    refused("seal.false", customs.cosign_replayed, request(log, 0), entries(log), NOW)


def test_replaying_witness_refuses_a_checkpoint_without_a_seal(
    log: Forger, customs: Witness
) -> None:
    log.add("set_policy", "policy", by="root")
    log.publish(sealed=False)
    refused("seal.missing", customs.cosign_replayed, request(log, 0), entries(log), NOW)


@pytest.mark.parametrize("change", ["none", "short", "shuffled", "shifted"])
def test_replaying_witness_refuses_entries_of_another_tree(
    change: str, log: Forger, customs: Witness
) -> None:
    right = list(entries(log))
    wrong = {
        "none": [],
        "short": right[:-1],
        "shuffled": [right[0], right[2], right[1], *right[3:]],
        "shifted": right[1:],
    }[change]
    with pytest.raises(VerificationError):
        customs.cosign_replayed(request(log, 0), wrong, NOW)
    assert customs.size() == 0
    customs.cosign_replayed(request(log, 0), [*right, b"beyond the requested size"], NOW)


def test_replaying_witness_refuses_a_log_that_lacks_an_event_of_a_receipt(
    log: Forger, customs: Witness
) -> None:
    held = [
        Receipt(LOG.name, (LoggedLeaf(index, leaf_hash(log.entries[index])),)) for index in (3, 20)
    ]
    customs.cosign_replayed(request(log, 0), entries(log), NOW, receipts=held)
    old = customs.size()
    grow(log)
    lost = Receipt(LOG.name, (LoggedLeaf(30, bytes(32)),))
    refused(
        "witness.receipt",
        customs.cosign_replayed,
        request(log, old),
        entries(log, old),
        NOW,
        receipts=[*held, lost],
    )


def test_witness_cannot_switch_between_modes(log: Forger, plain: Witness, customs: Witness) -> None:
    plain.cosign(request(log, 0), NOW)
    customs.cosign_replayed(request(log, 0), entries(log), NOW)
    old = plain.size()
    grow(log)
    refused("witness.kind", plain.cosign_replayed, request(log, old), entries(log, old), NOW)
    refused("witness.kind", customs.cosign, request(log, old), NOW)


# Crashes and damage


def test_request_whose_answer_was_lost_is_cosigned_again(
    log: Forger, plain: Witness, customs: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    first = request(log, 0)
    with monkeypatch.context() as patch:
        patch.setattr(witness_module, "format_signatures", die)
        with pytest.raises(KeyboardInterrupt):
            plain.cosign(first, NOW)
        with pytest.raises(KeyboardInterrupt):
            customs.cosign_replayed(first, entries(log), NOW)
    assert plain.size() == customs.size() == log.size
    assert cosigned_at(log, plain.cosign(first, NOW), plain) == NOW
    again = customs.cosign_replayed(first, entries(log), NOW)
    assert cosigned_at(log, again, customs) == NOW
    old = customs.size()
    grow(log)
    customs.cosign_replayed(request(log, old), entries(log, old), NOW)


def test_every_changed_byte_of_the_record_is_detected(log: Forger, customs: Witness) -> None:
    customs.cosign_replayed(request(log, 0), entries(log), NOW)
    intact = customs.record.read_bytes()
    step = max(len(intact) // 400, 1)
    for place in range(0, len(intact), step):
        changed = bytearray(intact)
        changed[place] ^= 1
        for data in (bytes(changed), intact[:place]):
            customs.record.write_bytes(data)
            assert isinstance(refused("witness.memory", customs.size), StorageError)


def test_record_of_a_different_log_is_refused(log: Forger, plain: Witness) -> None:
    plain.cosign(request(log, 0), NOW)
    other = Witness(PLAIN, replace(LOG.verifier, name="ledger.example/other"), plain.record)
    refused("witness.memory", other.size)


def test_witness_without_its_record_cosigns_nothing(
    log: Forger, plain: Witness, customs: Witness
) -> None:
    for witness in (plain, customs):
        witness.record.unlink()
    refused("witness.memory", plain.cosign, request(log, 0), NOW)
    refused("witness.memory", customs.cosign_replayed, request(log, 0), entries(log), NOW)
    refused("witness.memory", plain.size)


def test_two_processes_do_not_cosign_with_the_same_record(
    log: Forger, plain: Witness, customs: Witness
) -> None:
    with lock_writer(plain.record), lock_writer(customs.record):
        refused("store.busy", plain.cosign, request(log, 0), NOW)
        refused("store.busy", customs.cosign_replayed, request(log, 0), entries(log), NOW)
    assert plain.size() == customs.size() == 0
    plain.cosign(request(log, 0), NOW)


def test_unreadable_record_is_reported(plain: Witness) -> None:
    plain.record.unlink()
    plain.record.mkdir()
    refused("witness.memory", plain.size)


def test_record_contains_the_cosigned_tree(log: Forger, plain: Witness) -> None:
    plain.cosign(request(log, 0), NOW)
    record = read_record(plain.record, LOG.name)
    assert record is not None
    assert (record.size, record.time, record.replayed) == (log.size, NOW, False)


def test_request_survives_parsing_and_formatting(log: Forger, plain: Witness) -> None:
    plain.cosign(request(log, 0), NOW)
    grow(log)
    text = request(log, plain.size())
    assert format_request(parse_request(text)) == text
