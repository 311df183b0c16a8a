from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.passports import Log, change_wire, refused, verify
from tests.world import Actor, World, jwk, make_signer
from traceledger.events.disclosure import format_wire, split_wire
from traceledger.events.keys import PublicKey
from traceledger.verify import describe_result


@dataclass(frozen=True, slots=True)
class Impostor:
    """Signs with one key in the name of another."""

    key: PublicKey

    def sign(self, message: bytes) -> bytes:
        return STRANGER.sign(message)


STRANGER = make_signer("stranger")


@pytest.fixture
def log() -> Log:
    world = World()
    world.unit("PACKED")
    return Log(world)


@pytest.fixture
def unit() -> str:
    return "01/09521234543213/21/U0002"


@pytest.fixture
def core() -> str:
    return "8004/9521234C000001"


def test_an_unknown_kind_is_not_refused_but_not_verified_either(log: Log, unit: str) -> None:
    event = log.add("polish", unit, {"grain": 400}, by="operator")
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert (verdict.result, verdict.codes) == ("incomplete", ("event.kind",))
    assert [(one.event, one.kind) for one in verdict.unchecked] == [(event.id, "polish")]
    assert verdict.things[0].life == "PACKED"
    assert describe_result(verdict)["unchecked"] == [
        {"chain": unit, "event": event.id, "kind": "polish"}
    ]


def test_the_signature_of_an_unknown_kind_is_checked_all_the_same(log: Log, unit: str) -> None:
    approver = log.actors["approver"]

    log.actors["approver"] = Actor(Impostor(approver.signer.key), approver.iss, approver.auth)
    log.add("polish", unit, by="approver")
    refused("signature.false", log.passport(unit), log, unit)


def test_the_chain_of_an_unknown_kind_is_checked_all_the_same(log: Log, unit: str) -> None:
    event = log.add("polish", unit, by="approver", prev="A" * 43)
    place = (len(log.chain(unit)) - 1, event.leaf)
    refused("chain.prev", log.passport(unit, heads={unit: place}), log, unit)


def test_the_key_of_an_unknown_kind_must_be_one_of_the_ledger(log: Log, unit: str) -> None:
    log.actors["stranger"] = Actor(STRANGER, "ledger", log.events[0].id)
    log.add("polish", unit, by="stranger")
    refused("key.unknown", log.passport(unit), log, unit)


def test_a_disclosure_of_an_unknown_kind_must_be_the_signed_one(log: Log, unit: str) -> None:
    log.add("polish", unit, by="operator")
    passport = log.passport(unit)
    wire = passport.chains[0].events[-1]
    extra = split_wire(passport.chains[0].events[0])[1]
    changed = change_wire(passport, unit, 4, format_wire(wire[:-1], extra))
    refused("disclosure.digest", changed, log, unit)


def test_what_follows_an_unknown_kind_is_not_refused(log: Log, unit: str) -> None:
    log.add("reopen", unit, by="operator")
    log.add("test", unit, by="quality")
    recall = log.add("recall", unit, by="approver")
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert verdict.codes == ("event.kind",)
    assert [one.kind for one in verdict.unchecked] == ["reopen", "test"]
    assert [one.event for one in verdict.recalls] == [recall.id]


def test_an_unknown_kind_in_one_chain_excuses_nothing_in_another(
    log: Log, unit: str, core: str
) -> None:
    log.add("polish", core, by="operator")
    log.add("test", unit, by="quality")
    refused("life.transition", log.passport(unit), log, unit)


def test_an_unknown_kind_does_not_excuse_a_missing_role(log: Log, unit: str) -> None:
    log.add("polish", unit, by="operator")
    log.add("recall", unit, by="operator")
    refused("key.role", log.passport(unit), log, unit)


def test_a_thing_that_opens_with_an_unknown_kind_shows_its_recall(log: Log) -> None:
    item = "x/component/1"
    log.add("salvage", item, by="operator")
    log.add("clean", item, by="operator")
    log.add("recall", item, by="importer")
    verdict = verify(log.passport(item), log.trust(items=("x/component/",)), item)
    assert verdict.result == "incomplete"
    assert (verdict.things[0].life, verdict.things[0].overlays) == ("UNKNOWN", ("recalled",))
    assert [one.kind for one in verdict.unchecked] == ["salvage", "clean"]


def test_parents_are_followed_whatever_the_kind(log: Log, core: str) -> None:
    item = "x/component/1"
    parent = log.chain(core)[-1]
    log.add("salvage", item, by="operator", refs=[("parent", core, parent.id)])
    verdict = verify(log.passport(item), log.trust(items=("x/component/",)), item)
    assert [thing.item for thing in verdict.things] == [item, core]


def test_newer_rules_make_everything_uncertain(log: Log, unit: str) -> None:
    log.add("rules", "ledger", {"version": 2}, by="root")
    log.add("test", unit, by="operator")
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert (verdict.result, verdict.codes) == ("incomplete", ("rules.newer",))
    assert {one.kind for one in verdict.unchecked} == {"rules", "test"}


@pytest.mark.parametrize("item", ["party/plant", "the approver's key"])
def test_a_change_of_rights_of_an_unknown_kind_is_beyond_this_version(
    log: Log, unit: str, item: str
) -> None:
    if item != "party/plant":
        item = f"key/{log.actors['approver'].signer.key.kid}"
    log.add("suspend", item, {"until": "2026-01-01"}, by="root")
    log.add("recall", unit, by="approver")
    passport = log.passport(unit)
    assert passport.order
    verdict = verify(passport, log.trust(), unit)
    assert (verdict.result, verdict.codes) == ("incomplete", ("event.kind",))
    assert "suspend" in {one.kind for one in verdict.unchecked}


def test_founding_by_newer_rules_makes_everything_uncertain() -> None:
    world = World(rules=2)
    unit = world.unit("PACKED")
    log = Log(world)
    log.add("test", unit, by="operator")
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert (verdict.result, verdict.codes) == ("incomplete", ("rules.newer",))
    assert [one.kind for one in verdict.unchecked] == ["test", "found"]


@pytest.mark.parametrize(("kind", "data"), [("rules", {"version": 2}), ("found", {"rules": 2})])
def test_newer_rules_are_named_in_the_ledgers_own_chain_only(
    log: Log, unit: str, kind: str, data: dict[str, int]
) -> None:
    event = log.add(kind, unit, data, by="root")
    error = refused("life.chain", log.passport(unit), log, unit)
    assert error.event == event.id


def test_what_newer_rules_erase_is_only_withheld(log: Log, core: str) -> None:
    log.add("rules", "ledger", {"version": 2}, by="root")
    target = ("target", core, log.chain(core)[0].id)
    data = {"fields": ["net_kg"]}
    log.add("erase", core, data, by="carrier", refs=[target])
    passport = log.passport(core)
    token = split_wire(passport.chains[0].events[0])[0]
    verdict = verify(change_wire(passport, core, 0, token + b"~"), log.trust(), core)
    assert describe_result(verdict)["erased"] == []
    assert "erase" in {one.kind for one in verdict.unchecked}


def test_a_confirmation_that_could_not_be_judged_attests_nothing(log: Log, unit: str) -> None:
    log.add("rules", "ledger", {"version": 2}, by="root")
    log.add("confirm", unit, by="customs")
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert verdict.attested == ()
    assert "confirm" in {one.kind for one in verdict.unchecked}


def test_newer_rules_do_not_let_an_event_bring_its_own_key(log: Log, unit: str) -> None:
    approver = log.actors["approver"]
    log.add("rules", "ledger", {"version": 2}, by="root")
    log.actors["forger"] = Actor(Impostor(approver.signer.key), approver.iss, approver.auth)
    data = {"root_jwk": jwk(STRANGER.key), "possession": log.world.possession(STRANGER, unit)}
    event = log.add("found", unit, data, by="forger")
    log.add("recall", unit, by="forger")
    error = refused("signature.false", log.passport(unit), log, unit)
    assert error.event == event.id
