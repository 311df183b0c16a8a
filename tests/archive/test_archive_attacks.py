"""What a dishonest or careless log can do, seen by an auditor who holds its archive."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.forging import Files, Forger, MemorySource, audit, sign
from tests.passports import CUSTOMS, LOG, NOW, policy_text
from tests.world import Actor, World, make_signer
from traceledger.errors import TraceledgerError, UsageError, VerificationError
from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import Jwk, PublicKey
from traceledger.formats.checkpoint import Checkpoint, sign_checkpoint
from traceledger.formats.cosignature import Cosigner, cosign
from traceledger.formats.note import NoteSigner, add_signatures, parse_note
from traceledger.formats.policy import parse_policy
from traceledger.formats.trust import RetiredKey, TrustFile
from traceledger.formats.vkey import format_vkey
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.tree import root_of
from traceledger.verify.archive.growth import prove_fork
from traceledger.verify.archive.verdict import ArchiveVerdict, describe_archive


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def log(world: World) -> Forger:
    return Forger(world)


def refused(code: str, log: Forger, **changes: object) -> TraceledgerError:
    """Asserts that the auditor stops with this code; returns the error."""
    with pytest.raises(VerificationError) as caught:
        audit(log.files(), log.trust(**changes))
    assert caught.value.code == code, caught.value
    # A reader cannot mend what others signed.
    assert " sign" not in describe_archive(caught.value)["hint"].lower()
    return caught.value


def listed(log: Forger) -> ArchiveVerdict:
    """Asserts that the log is honest but refused for illegal events, all others verified."""
    verdict = audit(log.files(), log.trust())
    assert (verdict.result, verdict.codes) == ("refused", ("log.illegal",))
    assert verdict.counts.events == len(log.events)
    assert describe_archive(verdict)["result"] == "refused"
    return verdict


def test_honest_log_is_verified(log: Forger) -> None:
    log.publish()
    verdict = audit(log.files(), log.trust())
    assert (verdict.result, verdict.codes) == ("verified", ())
    assert verdict.as_of == NOW - 60


# Illegal events


def test_illegal_events_are_listed_and_all_others_verified(world: World, log: Forger) -> None:
    unit = world.unit("ASSEMBLED")
    log.follow()
    untested = log.add("approve", unit, by="approver")
    wrong_role = log.add("test", unit, {"overall": "pass"}, by="operator")
    log.publish()
    verdict = listed(log)
    assert [(one.event, one.code) for one in verdict.illegal] == [
        (untested.id, "life.transition"),
        (wrong_role.id, "key.role"),
    ]
    assert [log.entries[one.entry] for one in verdict.illegal] == [untested.token, wrong_role.token]


def test_key_added_later_does_not_make_an_event_legal(world: World, log: Forger) -> None:
    core = world.core("ACCEPTED")
    log.follow()
    signer = make_signer("late station")
    log.actors["late"] = Actor(signer, "party/plant", log.actors["operator"].auth)
    early = log.add("clean", core, by="late")
    world.add_key("late station", "plant", ["operator"])
    log.follow()
    log.publish()
    (illegal,) = listed(log).illegal
    assert (illegal.event, illegal.code) == (early.id, "key.unknown")


def test_event_of_a_key_that_never_was_is_illegal(log: Forger) -> None:
    log.actors["stranger"] = Actor(make_signer("stranger"), "party/plant", log.events[5].id)
    log.add("import", "8004/9521234C000001", by="stranger", refs=[_line(log)])
    log.publish()
    assert [one.code for one in listed(log).illegal] == ["key.unknown"]


def test_join_cut_by_a_seal_is_illegal(world: World, log: Forger) -> None:
    core = world.core("IN_PROCESS")
    log.follow()
    unit = "01/09521234543213/21/U0001"
    head = log.chain(core)[-1].id
    joined = log.add(
        "assemble", unit, {"input_count": 1}, by="operator", refs=[("input", core, head)]
    )
    log.publish()
    log.add("consume", core, by="operator", refs=[("unit", unit, joined.id)])
    log.publish()
    illegal = listed(log).illegal
    assert [one.code for one in illegal] == ["ref.join", "ref.join"]
    assert illegal[0].event == ""


def test_illegal_grant_gives_no_authority(log: Forger) -> None:
    signer = make_signer("smuggled")
    item = f"key/{signer.key.kid}"
    data = {
        "jwk": {"crv": "Ed25519", "kty": "OKP", "x": signer.key.jwk.x},
        "roles": ["operator"],
        "possession": log.world.possession(signer, item),
        "label": "smuggled",
    }
    grant = log.add("add_key", item, data, by="operator")
    log.actors["smuggled"] = Actor(signer, "party/plant", grant.id)
    log.add("import", "8004/9521234C000001", by="smuggled", refs=[_line(log)])
    log.publish()
    assert [one.code for one in listed(log).illegal] == ["key.role", "key.unknown"]


def _line(log: Forger) -> tuple[str, str, str]:
    line = "decl/DECLARATION-IN-1"
    return ("declaration", line, log.chain(line)[0].id)


def test_weak_key_gives_no_authority_and_its_constant_signature_is_not_asked(log: Forger) -> None:
    signer = Weak()
    item = f"key/{signer.key.kid}"
    data = {
        "jwk": {"crv": "Ed25519", "kty": "OKP", "x": "A" * 43},
        "roles": ["operator"],
        "possession": encode_base64url(bytes(64)),
        "label": "weak",
    }
    grant = log.add("add_key", item, data, by="plant admin")
    log.actors["weak"] = Actor(signer, "party/plant", grant.id)
    log.add("import", "8004/9521234C000001", by="weak", refs=[_line(log)])
    log.publish()
    assert [one.code for one in listed(log).illegal] == ["key.weak", "key.unknown"]


class Weak:
    """A key of small order, under which one signature fits every message."""

    key = replace(make_signer("nobody").key, kid=Jwk(crv="Ed25519", kty="OKP", x="A" * 43).kid)

    def sign(self, message: bytes) -> bytes:
        del message
        return bytes(64)


# Dishonesty


class Impostor:
    """Signs with one key in the name of another."""

    def __init__(self, key: PublicKey) -> None:
        self.key = key

    def sign(self, message: bytes) -> bytes:
        return make_signer("impostor").sign(message)


def test_false_signature_stops_the_audit_and_is_named(world: World, log: Forger) -> None:
    core = world.core("ACCEPTED")
    log.follow()
    operator = log.actors["operator"]
    log.actors["operator"] = replace(operator, signer=Impostor(operator.signer.key))
    false = log.add("clean", core, by="operator")
    log.publish()
    error = refused("signature.false", log)
    index = log.entries.index(false.token)
    width = len(log.entries)
    assert error.where == f"tile/entries/000.p/{width}, entry {index}, event {false.id}"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"seq": 9}, "chain.seq"),
        ({"prev": "A" * 43}, "chain.prev"),
        ({"aud": "ledger.example/other"}, "chain.ledger"),
    ],
)
def test_event_out_of_place_stops_the_audit(
    claims: dict[str, Any], code: str, world: World, log: Forger
) -> None:
    core = world.core("ACCEPTED")
    log.follow()
    event = log.add("clean", core, by="operator", **claims)
    log.publish()
    assert event.id in refused(code, log).where


@pytest.mark.parametrize(
    "lies",
    [
        {"map_root": bytes(32)},
        {"items": 3},
        {"previous": 7},
        {"previous": None},
        {"index": 500},
    ],
)
def test_seal_that_lies_stops_the_audit(lies: dict[str, Any], log: Forger) -> None:
    log.publish()
    log.add("set_policy", "policy", by="root")
    size = log.publish(**lies)
    assert f"entry {size - 1}" in refused("seal.false", log).where


def test_hidden_event_is_found_by_the_map_root(world: World, log: Forger) -> None:
    world.unit("PACKED")
    log.follow()
    hidden = log.add("recall", "01/09521234543213/21/U0002", by="approver")
    log.publish(hide=hidden)
    refused("seal.false", log)


def test_two_seals_in_a_row_are_honest_when_both_are_true_and_published(log: Forger) -> None:
    first = log.publish()
    log.publish()
    assert audit(log.files(), log.trust()).counts.seals == 2
    del log.notes[first]
    assert refused("archive.missing", log).where == f"checkpoints/{first}"


def test_checkpoint_that_does_not_end_in_a_seal_is_refused(log: Forger) -> None:
    log.publish(sealed=False)
    assert refused("seal.missing", log).where == "checkpoint"


def test_older_checkpoint_that_does_not_end_in_a_seal_is_refused(log: Forger) -> None:
    size = log.publish(sealed=False)
    log.publish()
    assert refused("seal.missing", log).where == f"checkpoints/{size}"


@pytest.mark.parametrize("entry", [b"", b"hello", b"eyJ.eyJ.eyJ", b"traceledger/seal/v1\n1\n"])
def test_entry_that_is_neither_event_nor_seal_stops_the_audit(entry: bytes, log: Forger) -> None:
    log.enter_raw(entry)
    size = log.publish()
    error = refused("log.entry" if entry.startswith(b"traceledger") else "token.form", log)
    assert f"entry {size - 2}" in error.where


def test_seal_with_disclosures_is_refused(log: Forger) -> None:
    log.publish()
    log.shown[-1] = b"AAAA~"
    error = refused("disclosure.digest", log)
    assert error.where.startswith(f"disclosures/000.p/{log.size}, entry {log.size - 1}, ")


def test_founding_event_must_be_the_trusted_one(log: Forger) -> None:
    log.publish()
    error = refused("trust.founding", log, founding=log.events[1].id)
    assert error.where.endswith(f"entry 0, event {log.events[0].id}")


def test_log_of_another_origin_is_refused(world: World) -> None:
    log = Forger(world)
    log.publish()
    other = NoteSigner("ledger.example/other", LOG.signer)
    root = root_of(leaf_hash(entry) for entry in log.entries)
    text = Checkpoint("ledger.example/other", log.size, root)
    log.notes[log.size] = sign_checkpoint(text, [other])
    assert refused("note.signature", log).where == "checkpoint"


def test_checkpoint_signed_over_another_tree_is_refused(log: Forger) -> None:
    log.publish()
    log.notes[log.size] = sign(log.size, bytes(32))
    assert refused("archive.root", log).where == "checkpoint"


def test_older_checkpoint_over_another_tree_is_refused(log: Forger) -> None:
    old = log.publish()
    log.add("set_policy", "policy", by="root")
    log.publish()
    log.notes[old] = sign(old, bytes(32))
    assert refused("archive.root", log).where == f"checkpoints/{old}"


# What this version cannot judge


def test_unknown_kind_is_not_checked_and_does_not_refuse(world: World, log: Forger) -> None:
    core = world.core("ACCEPTED")
    log.follow()
    log.add("polish", core, {"grain": 400}, by="operator")
    log.add("pack", core, by="operator")  # after polishing, who knows
    log.publish()
    verdict = audit(log.files(), log.trust())
    assert (verdict.result, verdict.codes) == ("incomplete", ("event.kind",))
    assert (verdict.counts.unchecked, verdict.illegal) == (2, ())


def test_unknown_kind_excuses_no_other_chain(world: World, log: Forger) -> None:
    core, other = world.core("ACCEPTED"), world.core("ACCEPTED")
    log.follow()
    log.add("polish", core, {"grain": 400}, by="operator")
    event = log.add("pack", other, by="operator")
    log.publish()
    verdict = audit(log.files(), log.trust())
    assert verdict.result == "refused"
    assert [one.event for one in verdict.illegal] == [event.id]


def test_unknown_kind_must_be_signed_all_the_same(world: World, log: Forger) -> None:
    core = world.core("ACCEPTED")
    log.follow()
    operator = log.actors["operator"]
    log.actors["operator"] = replace(operator, signer=Impostor(operator.signer.key))
    log.add("polish", core, {"grain": 400}, by="operator")
    log.publish()
    refused("signature.false", log)


def test_newer_rules_leave_later_events_unchecked(world: World, log: Forger) -> None:
    core = world.core("ACCEPTED")
    log.follow()
    log.add("rules", "ledger", {"version": 2}, by="root")
    log.add("pack", core, by="operator")
    log.publish()
    verdict = audit(log.files(), log.trust())
    assert (verdict.result, verdict.codes) == ("incomplete", ("rules.newer",))
    assert verdict.counts.unchecked == 1


def test_join_that_a_newer_kind_may_have_closed_is_not_illegal(world: World, log: Forger) -> None:
    core = world.core("IN_PROCESS")
    log.follow()
    log.add("polish", core, {"grain": 400}, by="operator")
    unit = "01/09521234543213/21/U0001"
    head = log.chain(core)[-1].id
    log.add("assemble", unit, {"input_count": 1}, by="operator", refs=[("input", core, head)])
    log.publish()
    verdict = audit(log.files(), log.trust())
    assert (verdict.result, verdict.illegal) == ("incomplete", ())


# Witnesses, age, keys


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


# What was held before, and forks


def forked() -> tuple[Forger, Forger]:
    """Two histories of one log that differ in one event before the first seal."""
    world = World()
    one, other = Forger(world), Forger(world)
    other.add("set_policy", "policy", by="root")
    for log in (one, other):
        log.publish()
        log.add("import", "8004/9521234C000001", by="importer", refs=[_line(log)])
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


# Disclosures


def test_customs_field_neither_shown_nor_erased_is_a_finding(world: World, log: Forger) -> None:
    core = world.core()
    log.follow()
    imported = log.chain(core)[0]
    log.erase_shown(imported, "net_kg")
    log.publish()
    verdict = audit(log.files(), log.trust())
    assert verdict.result == "verified"
    assert verdict.counts.undisclosed == 1
    assert verdict.undisclosed == ((imported.id, "net_kg"),)
    log.add(
        "erase", core, {"fields": ["net_kg"]}, by="importer", refs=[("target", core, imported.id)]
    )
    log.publish()
    verdict = audit(log.files(), log.trust())
    assert (verdict.counts.undisclosed, verdict.counts.erased, verdict.undisclosed) == (0, 1, ())


def test_illegal_erasure_excuses_nothing(world: World, log: Forger) -> None:
    core = world.core()
    log.follow()
    imported = log.chain(core)[0]
    log.erase_shown(imported, "net_kg")
    log.add(
        "erase", core, {"fields": ["net_kg"]}, by="customs", refs=[("target", core, imported.id)]
    )
    log.publish()
    verdict = listed(log)
    assert (verdict.counts.undisclosed, verdict.counts.erased) == (1, 0)


def test_archive_without_disclosures_is_verified_and_says_what_it_does_not_show(
    world: World, log: Forger
) -> None:
    world.core("ACCEPTED")
    log.follow()
    log.publish()
    verdict = audit(log.files(disclosed=False), log.trust())
    assert (verdict.result, verdict.undisclosed) == ("verified", ())
    assert verdict.counts.disclosures == 0
    assert verdict.counts.undisclosed > 0


def test_witness_that_is_ahead_of_the_clock_does_not_count(log: Forger) -> None:
    log.publish(times=(NOW - 60, NOW + 301))
    verdict = audit(log.files(), log.trust())
    assert set(verdict.codes) == {"quorum.missing", "replay.missing"}
    assert CUSTOMS.name not in {one.name for one in verdict.cosigners}
