"""Witnesses, age and replaced keys: when the verification of an archive is final."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.archive.judging import refused
from tests.forging import Forger, audit
from tests.passports import CUSTOMS, LOG, NOW, policy_text
from tests.world import make_signer
from traceledger.errors import VerificationError
from traceledger.formats.cosignature import Cosigner, cosign
from traceledger.formats.note import NoteSigner, add_signatures, parse_note
from traceledger.formats.policy import parse_policy
from traceledger.formats.trust import RetiredKey, TrustFile
from traceledger.formats.vkey import format_vkey
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.tree import root_of


def test_result_without_quorum_is_incomplete(log: Forger) -> None:
    log.publish(times=(0, NOW - 30))
    verdict = audit(log.files(), log.trust())
    assert (verdict.result, verdict.codes) == ("incomplete", ("quorum.missing",))
    assert audit(log.files(), log.trust(quorum="customs")).result == "verified"


def test_result_without_a_replaying_witness_is_incomplete(log: Forger) -> None:
    log.publish(times=(NOW - 60, 0))
    verdict = audit(log.files(), log.trust(quorum="plain"))
    assert (verdict.result, verdict.codes) == ("incomplete", ("replay.missing",))


def test_old_cosignatures_make_the_result_stale(log: Forger) -> None:
    log.publish()
    verdict = audit(log.files(), log.trust(), now=NOW + 90_000)
    assert (verdict.result, verdict.codes) == ("incomplete", ("age.stale",))


def test_trust_file_from_the_archive_is_first_use(log: Forger) -> None:
    log.publish()
    verdict = audit(log.files(), log.trust(), first_use=True)
    assert (verdict.result, verdict.codes) == ("incomplete", ("trust.first-use",))


def test_lines_of_unknown_witnesses_are_counted_not_checked(log: Forger) -> None:
    size = log.publish()
    stranger = Cosigner("witness.example/stranger", make_signer("strange witness"))
    line = cosign(parse_note(log.notes[size]).text, NOW, stranger)
    log.notes[size] = add_signatures(log.notes[size], [line])
    verdict = audit(log.files(), log.trust())
    assert verdict.result == "verified"
    assert verdict.counts.unknown_lines == 2  # in the checkpoint and where it is kept


def test_line_under_another_name_is_refused(log: Forger) -> None:
    size = log.publish()
    assert log.notes[size].count(b"customs.example/w1") == 1
    log.notes[size] = log.notes[size].replace(b"customs.example/w1", b"customs.example/w2")
    refused("note.signature", log)


NEW = NoteSigner(LOG.name, make_signer("new log"))


def replaced_key(trust: TrustFile, size: int, root: bytes) -> TrustFile:
    """The trust file after the log got a new key; the old one counts up to a size and root."""
    old = format_vkey(LOG.verifier)
    text = policy_text().replace("witness plain", f"log {format_vkey(NEW.verifier)}\nwitness plain")
    trust = replace(trust, until=(RetiredKey(old, size, root),))
    return replace(trust, policy_text=text, policy=parse_policy(text.encode()))


def test_replaced_log_key_counts_only_up_to_its_end(log: Forger) -> None:
    old = log.publish()
    root = root_of(leaf_hash(entry) for entry in log.entries)
    trust = replaced_key(log.trust(), old, root)
    assert audit(log.files(), trust).result == "verified"
    log.add("set_policy", "policy", by="root")
    new = log.publish()
    with pytest.raises(VerificationError) as caught:
        audit(log.files(), trust)
    assert (caught.value.code, caught.value.where) == ("note.signature", "checkpoint")
    text = parse_note(log.notes[new]).text
    log.notes[new] = add_signatures(log.notes[new], [NEW.sign(text)])
    verdict = audit(log.files(), trust)
    assert (verdict.result, verdict.counts.checkpoints) == ("verified", 2)


def test_root_at_which_a_key_was_replaced_must_be_the_trees(log: Forger) -> None:
    size = log.publish()
    with pytest.raises(VerificationError) as caught:
        audit(log.files(), replaced_key(log.trust(), size, bytes(32)))
    assert (caught.value.code, caught.value.where) == ("archive.root", "until")


def test_witness_that_is_ahead_of_the_clock_does_not_count(log: Forger) -> None:
    log.publish(times=(NOW - 60, NOW + 301))
    verdict = audit(log.files(), log.trust())
    assert set(verdict.codes) == {"quorum.missing", "replay.missing"}
    assert CUSTOMS.name not in {one.name for one in verdict.cosigners}
