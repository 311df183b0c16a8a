"""What an auditor held before, and what proves that a log signed two histories."""

from __future__ import annotations

import pytest

from tests.archive.judging import line_of
from tests.forging import Files, Forger, MemorySource, audit, sign
from tests.passports import LOG
from tests.world import World, make_signer
from traceledger.errors import UsageError, VerificationError
from traceledger.formats.checkpoint import Checkpoint, sign_checkpoint
from traceledger.formats.note import NoteSigner
from traceledger.verify.archive.growth import prove_fork
from traceledger.verify.archive.verdict import describe_archive


def forked() -> tuple[Forger, Forger]:
    """Two histories of one log that differ in one event before the first seal."""
    world = World()
    one, other = Forger(world), Forger(world)
    other.add("set_policy", "policy", by="root")
    for log in (one, other):
        log.publish()
        log.add("import", "8004/9521234C000001", by="importer", refs=[line_of(log)])
        log.publish()
    return one, other


def test_archive_that_extends_the_checkpoint_held_is_verified(log: Forger) -> None:
    size = log.publish()
    held = log.notes[size]
    log.add("set_policy", "policy", by="root")
    log.publish()
    verdict = audit(log.files(), log.trust(), at_least=held)
    assert (verdict.result, verdict.at_least) == ("verified", size)
    assert describe_archive(verdict)["at_least"] == verdict.at_least
    assert "at_least" not in describe_archive(audit(log.files(), log.trust()))
    newest = log.notes[log.size]
    assert audit(log.files(), log.trust(), at_least=newest).result == "verified"


def test_archive_older_than_the_checkpoint_held_is_refused(log: Forger) -> None:
    log.publish()
    old = log.files()
    log.add("set_policy", "policy", by="root")
    held = log.notes[log.publish()]
    with pytest.raises(VerificationError) as caught:
        audit(old, log.trust(), at_least=held)
    assert caught.value.code == "archive.older"


def test_archive_that_contradicts_the_checkpoint_held_is_refused() -> None:
    one, other = forked()
    for held in one.notes.values():
        if held.splitlines()[1] <= str(other.size).encode():
            with pytest.raises(VerificationError) as caught:
                audit(other.files(), other.trust(), at_least=held)
            assert caught.value.code == "archive.fork"


def test_checkpoint_held_of_another_log_proves_nothing(log: Forger) -> None:
    log.publish()
    other = NoteSigner(LOG.name, make_signer("another log"))
    held = sign_checkpoint(Checkpoint(LOG.name, 1, bytes(32)), [other])
    with pytest.raises(VerificationError) as caught:
        audit(log.files(), log.trust(), at_least=held)
    assert (caught.value.code, caught.value.where) == ("note.signature", "the given checkpoint")


def test_fork_is_proven_from_two_archives_each_of_which_is_verified() -> None:
    one, other = forked()
    trust = one.trust()
    assert audit(one.files(), trust).result == audit(other.files(), trust).result == "verified"
    first, second = MemorySource(one.files()), MemorySource(other.files())
    fork = prove_fork(first, second, trust)
    assert fork == prove_fork(second, first, trust)._replace(roots=fork.roots)
    assert (fork.size, len(set(fork.roots))) == (min(one.size, other.size), 2)


def test_fork_is_proven_from_an_archive_and_a_checkpoint() -> None:
    one, other = forked()
    small = min(one.notes)
    fork = prove_fork(one.notes[small], MemorySource(other.files()), one.trust())
    assert fork.size == small
    same_size = sign(small, bytes(32))
    assert prove_fork(one.notes[small], same_size, one.trust()).size == small


def test_one_history_is_no_fork(log: Forger) -> None:
    log.publish()
    old, note = log.files(), log.notes[log.size]
    log.add("set_policy", "policy", by="root")
    log.publish()
    new = log.files()
    for other in (MemorySource(old), note):
        with pytest.raises(UsageError) as caught:
            prove_fork(MemorySource(new), other, log.trust())
        assert caught.value.code == "archive.no-fork"


def test_checkpoint_newer_than_all_archives_cannot_be_compared(log: Forger) -> None:
    log.publish()
    old = log.files()
    newer = sign(log.size + 5, bytes(32))
    with pytest.raises(UsageError) as caught:
        prove_fork(MemorySource(old), newer, log.trust())
    assert caught.value.code == "archive.not-compared"


def test_false_tiles_prove_no_fork() -> None:
    one, other = forked()
    larger, smaller = sorted((one, other), key=lambda log: log.size, reverse=True)
    files: Files = larger.files()
    path = next(path for path in files if path.startswith("tile/0/"))
    files[path] = bytes(len(files[path]))
    with pytest.raises(VerificationError) as caught:
        prove_fork(MemorySource(files), MemorySource(smaller.files()), one.trust())
    assert caught.value.code == "archive.root"
