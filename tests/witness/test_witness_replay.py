"""The replay beside the record: the cost of a request, and no false cosignature after a crash."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from tests.forging import Forger
from tests.passports import CUSTOMS, LOG, NOW, PLAIN
from tests.witness import killed
from tests.witness.requests import entries, grow, new_log, new_witness, request
from tests.world import World
from traceledger.errors import ConflictError, StorageError, TraceledgerError, VerificationError
from traceledger.events.token import parse_token
from traceledger.formats.cosignature import check_cosignature
from traceledger.formats.note import parse_note, parse_signatures
from traceledger.formats.receipt import LoggedLeaf, Receipt
from traceledger.formats.seal import is_seal
from traceledger.merkle.bundles import parse_bundle
from traceledger.merkle.hashing import leaf_hash
from traceledger.verify.scratch.errors import checksum
from traceledger.verify.scratch.scratch import Scratch
from traceledger.witness import record as record_module
from traceledger.witness.record import read_record
from traceledger.witness.replay import WitnessReplay
from traceledger.witness.witness import Witness

REPOSITORY = Path(__file__).parents[2]
DATA = Path(__file__).parent / "data"


@pytest.fixture
def log() -> Forger:
    return new_log()


@pytest.fixture
def customs(log: Forger, tmp_path: Path) -> Witness:
    """A replaying witness of the log's first checkpoint."""
    witness = new_witness(CUSTOMS, tmp_path / "memory")
    witness.cosign_replayed(request(log, 0), entries(log), NOW)
    return witness


def submit(witness: Witness, log: Forger, old: int) -> None:
    """Requests and checks a cosignature of the newest checkpoint, with the entries from `old`."""
    answer = witness.cosign_replayed(request(log, old), entries(log, old), NOW)
    (line,) = parse_signatures(answer)
    text = parse_note(log.notes[max(log.notes)]).text
    check_cosignature(text, line, witness.cosigner.verifier)
    assert witness.size() == max(log.notes)


def refused(code: str, call: Callable[..., object], *args: object) -> TraceledgerError:
    with pytest.raises(TraceledgerError) as caught:
        call(*args)
    assert caught.value.code == code, caught.value
    return caught.value


def fork(log: Forger) -> Forger:
    """A log of the same size with a different history after the first checkpoint."""
    other = new_log()
    assert other.notes.keys() <= log.notes.keys()
    while other.size < log.size - 1:
        other.add("recall", "01/09521234543213/21/U0002", by="approver")
    other.publish()
    assert other.size == log.size
    return other


@contextmanager
def database(witness: Witness) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(witness.replay)) as connection, connection:
        yield connection


# The cost of a request


def test_request_reads_only_the_states_of_its_items(log: Forger, customs: Witness) -> None:
    """The states of all other items are deleted from the replay, and the request succeeds."""
    old = log.size
    event = log.add("set_policy", "policy", by="root")
    log.publish()
    touched = {"ledger", "policy", f"key/{event.kid}"}
    with database(customs) as connection:
        (before,) = connection.execute("SELECT count(*) FROM state").fetchone()
        marks = ", ".join("?" * len(touched))
        connection.execute(f"DELETE FROM state WHERE item NOT IN ({marks})", [*touched])  # noqa: S608 - marks only
        (left,) = connection.execute("SELECT count(*) FROM state").fetchone()
        assert left <= len(touched) < before
    submit(customs, log, old)


def test_record_does_not_grow_with_the_replay(log: Forger, customs: Witness) -> None:
    small = customs.record.stat().st_size
    old = log.size
    for _ in range(40):
        log.world.core("IN_PROCESS")
    log.follow()
    log.publish()
    submit(customs, log, old)
    assert customs.record.stat().st_size <= small + 16


def test_check_writes_nothing(log: Forger, customs: Witness, tmp_path: Path) -> None:
    old = log.size
    grow(log)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    customs.check_replayed(request(log, old), entries(log, old))
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    other = new_witness(CUSTOMS, tmp_path / "other")
    other.check_replayed(request(log, 0), entries(log))
    assert not other.replay.exists()
    plain = new_witness(PLAIN, tmp_path / "plain")
    plain.check(request(log, 0))
    assert (other.size(), plain.size()) == (0, 0)


def test_check_refuses_the_same_requests_as_cosigning(log: Forger, customs: Witness) -> None:
    old = log.size
    log.add("test", "01/09521234543213/21/U0002", by="operator")
    log.publish()
    refused("log.illegal", customs.check_replayed, request(log, old), entries(log, old))
    refused("witness.kind", customs.check, request(log, old))


# Receipts


def test_receipts_of_old_and_new_entries_are_compared_with_the_log(
    log: Forger, customs: Witness
) -> None:
    while log.size < 600:
        log.world.core("IN_PROCESS")
        log.follow()
    log.publish()
    held = [
        Receipt(LOG.name, (LoggedLeaf(index, leaf_hash(log.entries[index])),))
        for index in (0, 3, 255, 256, log.size - 2)
    ]
    old = customs.size()
    customs.cosign_replayed(request(log, old), entries(log, old), NOW, receipts=held)
    old = customs.size()
    grow(log)
    elsewhere = Receipt(LOG.name, (LoggedLeaf(4, leaf_hash(log.entries[3])),))
    beyond = Receipt(LOG.name, (LoggedLeaf(log.size, leaf_hash(log.entries[3])),))
    for broken in (elsewhere, beyond):
        with pytest.raises(VerificationError) as caught:
            customs.cosign_replayed(
                request(log, old), entries(log, old), NOW, receipts=[*held, broken]
            )
        assert caught.value.code == "witness.receipt"
    customs.cosign_replayed(request(log, old), entries(log, old), NOW, receipts=held)


# Killed witnesses and failed writes


@pytest.mark.parametrize("when", ["before", "between", "after"])
def test_killed_witness_cosigns_no_fork_and_continues(
    when: str, log: Forger, tmp_path: Path
) -> None:
    run = subprocess.run(
        [sys.executable, killed.__file__, when, tmp_path / "memory"],
        cwd=REPOSITORY,
        env={"PYTHONPATH": str(REPOSITORY)},
        check=False,
    )
    assert run.returncode == -signal.SIGKILL
    customs = Witness(CUSTOMS, LOG.verifier, tmp_path / "memory")
    old = log.size
    grow(log)
    cosigned = customs.size()
    assert cosigned == (old if when == "before" else log.size)
    other = fork(log)
    if when != "before":
        for since in {0, old}:
            asked = (request(other, since), entries(other, since), NOW)
            with pytest.raises((VerificationError, ConflictError)):
                customs.cosign_replayed(*asked)
        grow(other, "recall", "01/09521234543213/21/U0002", "approver")
        for since in (0, old, cosigned):
            asked = (request(other, since), entries(other, since), NOW)
            with pytest.raises((VerificationError, ConflictError)):
                customs.cosign_replayed(*asked)
    submit(customs, log, old)
    grow(log)
    submit(customs, log, customs.size())


def test_replay_that_could_not_be_written_catches_up(
    log: Forger, customs: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    first = log.size
    second = grow(log)
    with monkeypatch.context() as patch:
        patch.setattr(WitnessReplay, "keep", fail)
        refused("witness.replay", submit, customs, log, first)
    assert customs.size() == second
    grow(log)
    error = refused("witness.size", submit, customs, log, second)
    assert isinstance(error, ConflictError)
    assert str(first) in error.message
    submit(customs, log, first)


def test_failure_to_write_the_record_changes_nothing(
    log: Forger, customs: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise StorageError("store.write", "No space left on device")

    old = log.size
    grow(log)
    with monkeypatch.context() as patch:
        patch.setattr(record_module, "write_file", fail)
        refused("store.write", submit, customs, log, old)
    assert customs.size() == old
    submit(customs, log, old)


def test_smaller_tree_is_refused_although_the_replay_is_behind(
    log: Forger, customs: Witness
) -> None:
    first = log.size
    grow(log)
    second = grow(log)
    submit(customs, log, first)
    customs.replay.unlink()
    shorter = new_log()
    grow(shorter)
    assert shorter.size < second
    for since in (0, first):
        with pytest.raises((VerificationError, ConflictError)):
            submit(customs, shorter, since)
    submit(customs, log, 0)


# Lost, damaged and foreign files


def test_lost_replay_is_rebuilt_from_the_beginning(log: Forger, customs: Witness) -> None:
    old = log.size
    grow(log)
    customs.replay.unlink()
    error = refused("witness.size", submit, customs, log, old)
    assert "continues from 0" in error.message
    world = World()
    other = Forger(world)
    while other.size < log.size:
        other.add("set_policy", "policy", by="root")
    other.publish()
    refused("merkle.proof", submit, customs, other, 0)
    assert customs.size() == old
    submit(customs, log, 0)


def test_older_copy_of_the_record_is_refused(log: Forger, customs: Witness, tmp_path: Path) -> None:
    old = log.size
    shutil.copyfile(customs.record, tmp_path / "copy")
    grow(log)
    submit(customs, log, old)
    shutil.copyfile(tmp_path / "copy", customs.record)
    error = refused("witness.replay", submit, customs, log, old)
    assert isinstance(error, StorageError)
    refused("witness.replay", submit, customs, fork(log), old)


def test_replay_of_a_different_tree_is_refused(
    log: Forger, customs: Witness, tmp_path: Path
) -> None:
    world = World()
    other_log = Forger(world)
    while other_log.size < log.size - 1:
        other_log.add("set_policy", "policy", by="root")
    other_log.publish()
    assert other_log.size == log.size
    other = new_witness(CUSTOMS, tmp_path / "other")
    submit(other, other_log, 0)
    old = log.size
    shutil.copyfile(other.replay, customs.replay)
    grow(log)
    refused("witness.replay", submit, customs, log, old)


def test_file_that_is_not_a_replay_is_refused_and_unchanged(log: Forger, customs: Witness) -> None:
    old = log.size
    grow(log)
    customs.replay.write_bytes(b"mine")
    refused("witness.replay", submit, customs, log, old)
    assert customs.replay.read_bytes() == b"mine"


def test_replay_of_a_different_log_or_version_is_refused(log: Forger, customs: Witness) -> None:
    old = log.size
    grow(log)
    intact = customs.replay.read_bytes()
    for field, value in (("origin", "ledger.example/other"), ("version", 9)):
        with closing(Scratch(customs.replay)) as scratch:
            assert scratch.progress is not None
            progress = {**msgspec.msgpack.decode(scratch.progress), field: value}
            scratch.keep(msgspec.msgpack.encode(progress))
        refused("witness.replay", submit, customs, log, old)
        customs.replay.write_bytes(intact)
    with database(customs) as connection:
        (data, trail) = connection.execute(
            "SELECT data, trail FROM state WHERE item = 'ledger'"
        ).fetchone()
        newer = b"\xff" + data[1:]
        connection.execute(
            "UPDATE state SET data = ?, sum = ? WHERE item = 'ledger'",
            (newer, checksum("ledger", newer, trail)),
        )
    error = refused("witness.replay", submit, customs, log, old)
    assert "another version" in error.message
    with database(customs) as connection:
        connection.execute("PRAGMA user_version = 1")
    refused("witness.replay", submit, customs, log, old)


def test_damage_to_the_replay_is_never_blamed_on_the_log(log: Forger, customs: Witness) -> None:
    old = log.size
    log.add("recall", "01/09521234543213/21/U0002", by="approver")
    log.publish()
    files = {path: path.read_bytes() for path in (customs.record, customs.replay)}
    chance = random.Random(8)
    codes: set[str] = set()
    for _ in range(150):
        changed = bytearray(files[customs.replay])
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        for path, data in files.items():
            path.write_bytes(data)
        customs.replay.write_bytes(changed)
        try:
            submit(customs, log, old)
        except StorageError as error:
            codes.add(error.code)
    assert codes == {"witness.replay"}


def test_log_is_accused_only_when_the_replay_is_intact(log: Forger, customs: Witness) -> None:
    old = log.size
    hidden = log.add("recall", "01/09521234543213/21/U0002", by="approver")
    log.publish(hide=hidden)
    refused("seal.false", submit, customs, log, old)
    with database(customs) as connection:
        connection.execute("DELETE FROM map WHERE key = (SELECT max(key) FROM map)")
    refused("witness.replay", submit, customs, log, old)


# Records of the previous version


@pytest.fixture
def earlier() -> Forger:
    """The log whose first checkpoint the witnesses of the previous version cosigned."""
    world = World()
    log = Forger(world)
    log.entries = list(parse_bundle((DATA / "entries").read_bytes(), 32))
    log.notes = {32: (DATA / "checkpoint").read_bytes()}
    return log


def previous_witness(name: str, tmp_path: Path) -> Witness:
    shutil.copyfile(DATA / f"memory-1-{name}", tmp_path / "memory")
    return Witness({"plain": PLAIN, "customs": CUSTOMS}[name], LOG.verifier, tmp_path / "memory")


def test_append_only_witness_of_the_previous_version_continues(
    earlier: Forger, tmp_path: Path
) -> None:
    plain = previous_witness("plain", tmp_path)
    assert plain.size() == 30
    refused("witness.kind", plain.check_replayed, request(earlier, 30), entries(earlier, 30))
    plain.cosign(request(earlier, 30), NOW)
    assert plain.size() == 32


def test_replaying_witness_of_the_previous_version_replays_once_more(
    earlier: Forger, tmp_path: Path
) -> None:
    customs = previous_witness("customs", tmp_path)
    record = read_record(customs.record, LOG.name)
    assert record is not None
    assert (record.size, record.time, record.replayed) == (30, NOW, True)
    refused("witness.kind", customs.check, request(earlier, 30))
    error = refused("witness.size", submit, customs, earlier, 30)
    assert "continues from 0" in error.message
    submit(customs, earlier, 0)
    assert customs.size() == 32


def test_replaying_witness_of_the_previous_version_cosigns_no_fork(tmp_path: Path) -> None:
    customs = previous_witness("customs", tmp_path)
    world = World()
    other = Forger(world)
    while other.size < 40:
        other.add("set_policy", "policy", by="root")
    other.publish()
    for since in (0, 30):
        with pytest.raises((VerificationError, ConflictError)):
            submit(customs, other, since)
    assert customs.size() == 30


def test_record_of_a_newer_version_is_refused(log: Forger, customs: Witness) -> None:
    content = msgspec.msgpack.decode(customs.record.read_bytes()[32:])
    data = msgspec.msgpack.encode({**content, "version": 3})
    customs.record.write_bytes(sha256(data).digest() + data)
    error = refused("witness.memory", submit, customs, log, 0)
    assert "version 3" in error.message


def test_data_of_the_previous_version_is_as_these_tests_assume(earlier: Forger) -> None:
    assert [index for index, entry in enumerate(earlier.entries) if is_seal(entry)] == [29, 31]
    assert parse_token(earlier.entries[0]).kind_name == "found"
