"""What a dishonest or careless log can do, seen by an auditor who holds its archive."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.archive.judging import line_of, refused
from tests.forging import Forger, audit, sign
from tests.passports import LOG, NOW
from tests.world import Actor, World, make_signer
from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import Jwk, PublicKey
from traceledger.formats.checkpoint import Checkpoint, sign_checkpoint
from traceledger.formats.note import NoteSigner
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.tree import root_of
from traceledger.verify.archive.verdict import ArchiveVerdict, describe_archive


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
    log.add("import", "8004/9521234C000001", by="stranger", refs=[line_of(log)])
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
    log.add("import", "8004/9521234C000001", by="smuggled", refs=[line_of(log)])
    log.publish()
    assert [one.code for one in listed(log).illegal] == ["key.role", "key.unknown"]


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
    log.add("import", "8004/9521234C000001", by="weak", refs=[line_of(log)])
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
