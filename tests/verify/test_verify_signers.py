from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.passports import Log, change_chain, refused, tampered, verify
from tests.world import LINE_IN, Actor, World, jwk, make_signer
from traceledger.events.keys import Signer, SoftwareSigner
from traceledger.verify import Verdict, describe_result

ADMIN = "plant admin"


@pytest.fixture
def world() -> World:
    return World()


def key_of(log: Log, name: str) -> str:
    return f"key/{log.actors[name].signer.key.kid}"


def admit(
    log: Log, party: str, roles: list[str], prefixes: list[str], signer: Signer | None = None
) -> None:
    """Admits a party again, with another admin key."""
    signer = signer or make_signer(f"{party} second admin")
    item = f"party/{party}"
    data = {
        "name": party,
        "roles": roles,
        "prefixes": prefixes,
        "admin_jwk": jwk(signer.key),
        "possession": log.world.possession(signer, item),
    }
    event = log.add("admit", item, data, by="root")
    log.actors[f"{party} admin"] = Actor(signer, item, event.id)


def add_key(log: Log, name: str, roles: list[str], *, by: str = "plant admin") -> None:
    signer = make_signer(name)
    item = f"key/{signer.key.kid}"
    data = {"jwk": jwk(signer.key), "roles": roles, "label": name}
    data["possession"] = log.world.possession(signer, item)
    event = log.add("add_key", item, data, by=by)
    log.actors[name] = Actor(signer, log.actors[by].iss, event.id)


# Keys that ended


def test_what_a_key_signed_before_it_was_revoked_stays_valid(world: World) -> None:
    unit = world.unit("PACKED")
    log = Log(world)
    revoked = log.add("revoke_key", key_of(log, "approver"), by="plant admin")
    passport = log.passport(unit)
    approved = next(event for event in log.chain(unit) if event.kind_name == "approve")
    assert {entry.event for entry in passport.order} == {approved.id, revoked.id}
    assert verify(passport, log.trust(), unit).result == "verified"


def test_rejects_what_a_key_signed_after_it_was_revoked(world: World) -> None:
    unit = world.unit("TESTED")
    log = Log(world)
    log.add("revoke_key", key_of(log, "approver"), by="plant admin")
    event = log.add("approve", unit, by="approver")
    error = refused("key.ended", log.passport(unit), log, unit)
    assert (error.chain, error.event) == (unit, event.id)


def test_the_root_may_revoke_a_key_too(world: World) -> None:
    unit = world.unit("TESTED")
    log = Log(world)
    log.add("revoke_key", key_of(log, "quality"), by="root")
    log.add("approve", unit, by="approver")
    assert verify(log.passport(unit), log.trust(), unit).result == "verified"


def test_events_after_a_key_was_compromised_are_disputed(world: World) -> None:
    unit = world.unit("TESTED")
    log = Log(world)
    event = log.add("approve", unit, by="approver")
    earlier = log.chain(unit)[1]
    data = {"reason": "compromised", "compromised_since": len(log.events) - 1}
    log.add("revoke_key", key_of(log, "approver"), data, by="plant admin")
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert verdict.result == "verified"
    assert [one.event for one in verdict.disputed] == [event.id]
    assert verdict.things[0].overlays == ("disputed",)
    assert earlier.id not in str(describe_result(verdict)["disputed"])


def test_events_before_a_key_was_compromised_are_not_disputed(world: World) -> None:
    unit = world.unit("PACKED")
    log = Log(world)
    data = {"reason": "compromised", "compromised_since": len(log.events)}
    log.add("revoke_key", key_of(log, "approver"), data, by="plant admin")
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert (verdict.disputed, verdict.things[0].overlays) == ((), ())


def test_a_party_admitted_again_keeps_its_past_and_loses_its_roles(world: World) -> None:
    unit = world.unit("TESTED")
    log = Log(world)
    admit(log, "plant", ["operator", "quality"], ["01/0952123"])
    passport = log.passport(unit)
    assert verify(passport, log.trust(), unit).result == "verified"
    event = log.add("approve", unit, by="approver")
    error = refused("key.role", log.passport(unit), log, unit)
    assert (error.chain, error.event) == (unit, event.id)


def test_a_station_key_goes_on_after_its_party_was_admitted_again(world: World) -> None:
    unit = world.unit("TESTED")
    log = Log(world)
    admit(log, "plant", ["operator", "approver"], ["01/0952123"])
    log.add("approve", unit, by="approver")
    add_key(log, "new operator", ["operator"])
    log.add("pack", unit, by="new operator")
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert (verdict.result, verdict.things[0].life) == ("verified", "PACKED")


def test_an_admin_key_ends_when_its_party_is_admitted_again(world: World) -> None:
    unit = world.unit("TESTED")
    log = Log(world)
    old = log.actors["plant admin"]
    admit(log, "plant", ["operator", "approver"], ["01/0952123"])
    log.actors["plant admin"] = old
    add_key(log, "new approver", ["approver"])
    log.add("approve", unit, by="new approver")
    error = refused("key.unknown", log.passport(unit), log, unit)
    assert error.chain == key_of(log, "new approver")


def test_customs_word_counts_only_while_its_trusted_admission_lasts(world: World) -> None:
    unit = world.unit("EXPORTED")
    log = Log(world)
    trust = log.trust()
    export = log.chain(unit)[-1]
    admit(log, "customs", ["customs"], [])
    log.add("confirm", unit, by="customs", refs=[("target", unit, export.id)])
    assert verify(log.passport(unit), trust, unit).attested == ()


# Parties that were dismissed, roots that were replaced


def test_what_a_party_signed_before_its_dismissal_stays_valid(world: World) -> None:
    unit = world.unit("EXPORTED")
    dismissed = world.dismiss("plant")
    log = Log(world)
    passport = log.passport(unit)
    assert dismissed.id in {entry.event for entry in passport.order}
    verdict = verify(passport, log.trust(), unit)
    assert (verdict.result, verdict.things[0].life) == ("verified", "EXPORTED")
    assert verdict.parties == (("party/plant", "plant", {}),)


@pytest.mark.parametrize("by", ["operator", "approver", "plant admin"])
def test_rejects_what_a_party_signed_after_its_dismissal(world: World, by: str) -> None:
    unit = world.unit("PACKED")
    world.dismiss("plant")
    log = Log(world)
    if by == "plant admin":
        add_key(log, "new approver", ["approver"])
        log.add("recall", unit, by="new approver")
        chain = key_of(log, "new approver")
    else:
        log.add({"operator": "move", "approver": "recall"}[by], unit, by=by)
        chain = unit
    error = refused("key.ended", log.passport(unit), log, unit)
    assert (error.chain, error.event) == (chain, log.chain(chain)[-1].id)


def test_rejects_a_party_that_is_admitted_after_its_dismissal(world: World) -> None:
    unit = world.unit("PACKED")
    world.dismiss("plant")
    log = Log(world)
    admit(log, "plant", ["operator"], [])
    error = refused("key.ended", log.passport(unit), log, unit)
    assert (error.chain, error.event) == ("party/plant", log.chain("party/plant")[-1].id)


def test_rejects_a_hidden_dismissal(world: World) -> None:
    unit = world.unit("PACKED")
    world.dismiss("plant")
    log = Log(world)
    passport = log.passport(unit)
    shown = next(chain for chain in passport.chains if chain.item == "party/plant")
    cut = change_chain(replace(passport, order=()), "party/plant", events=shown.events[:-1])
    assert refused("map.proof", cut, log, unit).chain == "party/plant"


def test_word_of_customs_stays_attested_after_their_dismissal(world: World) -> None:
    unit = world.unit("EXPORTED")
    export = world.events[-1]
    confirm = world.confirm(unit)
    log = Log(world)
    trust = log.trust()
    world.dismiss("customs")
    log = Log(world)
    verdict = verify(log.passport(unit), trust, unit)
    assert [one.event for one in verdict.attested] == [export.id, confirm.id]


def test_what_the_old_root_signed_stays_valid(world: World) -> None:
    unit = world.unit("PACKED")
    rotated = world.rotate_root()
    world.add_key("late", "plant", ["approver"])
    world.add("recall", unit, by="late")
    world.admit("plant", ("operator", "approver"), seed=" 2")
    log = Log(world)
    passport = log.passport(unit)
    assert rotated.id in {entry.event for entry in passport.order}
    verdict = verify(passport, log.trust(), unit)
    assert (verdict.result, verdict.things[0].overlays) == ("verified", ("recalled",))


def test_root_is_replaced_more_than_once(world: World) -> None:
    unit = world.unit("PACKED")
    for name in ("second root", "third root"):
        world.rotate_root(name)
        world.admit("plant", ("operator", "approver"), seed=name)
    log = Log(world)
    log.add("recall", unit, by="approver")
    assert verify(log.passport(unit), log.trust(), unit).result == "verified"


@pytest.mark.parametrize("kind", ["admit", "revoke_key", "dismiss", "rotate_root"])
def test_rejects_what_the_old_root_signed_after_it_was_replaced(world: World, kind: str) -> None:
    unit = world.unit("PACKED")
    world.rotate_root()
    log = Log(world)
    log.actors["root"] = log.actors["old root"]
    chain = {"revoke_key": key_of(log, "approver"), "rotate_root": "ledger"}.get(
        kind, "party/plant"
    )
    if kind == "admit":
        admit(log, "plant", ["operator"], [])
    else:
        signer = make_signer("third root")
        data = {
            "root_jwk": jwk(signer.key),
            "possession": log.world.possession(signer, "ledger"),
        }
        log.add(kind, chain, data if kind == "rotate_root" else {}, by="root")
    error = refused("key.unknown", log.passport(unit), log, unit)
    assert (error.chain, error.event) == (chain, log.chain(chain)[-1].id)


def test_rejects_a_root_that_names_the_founding_as_its_authority(world: World) -> None:
    unit = world.unit("PACKED")
    world.rotate_root()
    log = Log(world)
    log.add("revoke_key", key_of(log, "approver"), by="root", auth=log.events[0].id)
    refused("key.auth", log.passport(unit), log, unit)


def test_rejects_a_rotation_that_the_new_root_did_not_agree_to(world: World) -> None:
    unit = world.unit("PACKED")
    log = Log(world)
    data = {
        "root_jwk": jwk(make_signer("second root").key),
        "possession": world.possession(make_signer("root"), "ledger"),
    }
    event = log.add("rotate_root", "ledger", data, by="root")
    error = refused("key.possession", log.passport(unit), log, unit)
    assert (error.chain, error.event) == ("ledger", event.id)


def test_rejects_a_root_key_that_was_granted_to_a_party(world: World) -> None:
    unit = world.unit("PACKED")
    log = Log(world)
    signer = make_signer("plant admin")
    data = {"root_jwk": jwk(signer.key), "possession": world.possession(signer, "ledger")}
    log.add("rotate_root", "ledger", data, by="root")
    refused("key.reused", log.passport(unit), log, unit)


def test_rejects_a_hidden_rotation(world: World) -> None:
    unit = world.unit("PACKED")
    world.rotate_root()
    log = Log(world)
    passport = log.passport(unit)
    shown = next(chain for chain in passport.chains if chain.item == "ledger")
    cut = change_chain(replace(passport, order=()), "ledger", events=shown.events[:-1])
    assert refused("map.proof", cut, log, unit).chain == "ledger"


def test_rejects_a_position_that_puts_an_event_before_the_dismissal(world: World) -> None:
    unit = world.unit("PACKED")
    check = world.add("customs_check", LINE_IN)
    world.dismiss("plant")
    log = Log(world)
    late = log.add("recall", unit, by="approver")
    passport = log.passport(unit)
    earlier = log.events.index(check)
    order = tuple(
        replace(entry, index=earlier) if entry.event == late.id else entry
        for entry in passport.order
    )
    lying = replace(passport, order=tuple(sorted(order, key=lambda entry: entry.index)))
    error = refused("merkle.proof", lying, log, unit)
    assert error.event == late.id


# Profiles


def profile_of(verdict: Verdict, party: str) -> Any:
    found = {one["party"]: one for one in describe_result(verdict)["parties"]}
    return found[party].get("profile")


def test_the_latest_profile_of_a_party_is_reported(world: World) -> None:
    """A buyer must not call a number that the party replaced, nor one of another party."""
    unit = world.unit("PACKED")
    log = Log(world)
    log.add("profile", "party/plant", {"phone": "+86 23 1", "web": "https://a.example"}, by=ADMIN)
    log.add("profile", "party/plant", {"phone": "+86 23 2222"}, by=ADMIN)
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert verdict.result == "verified"
    assert profile_of(verdict, "party/plant") == {"phone": "+86 23 2222"}


@pytest.mark.parametrize("last", [None, {}])
def test_a_party_without_a_profile_has_none(world: World, last: Any) -> None:
    unit = world.unit("PACKED")
    log = Log(world)
    if last is not None:
        log.add("profile", "party/plant", {"phone": "+86 23 2222"}, by=ADMIN)
        log.add("profile", "party/plant", last, by=ADMIN)
    verdict = verify(log.passport(unit), log.trust(), unit)
    assert profile_of(verdict, "party/plant") is None


def test_a_profile_needs_no_positions_of_other_events(world: World) -> None:
    """Each renewed address would otherwise add a proof for each event of the party."""
    unit = world.unit("PACKED")
    log = Log(world)
    log.add("profile", "party/plant", {"phone": "+86 23 2222"}, by=ADMIN)
    assert log.passport(unit).order == ()


def test_a_profile_survives_a_later_admission(world: World) -> None:
    unit = world.unit("PACKED")
    log = Log(world)
    profile = log.add("profile", "party/plant", {"phone": "+86 23 2222"}, by=ADMIN)
    admit(log, "plant", ["operator", "quality", "approver"], ["01/0952123"])
    passport = log.passport(unit)
    assert profile.id in {entry.event for entry in passport.order}
    verdict = verify(passport, log.trust(), unit)
    assert profile_of(verdict, "party/plant") == {"phone": "+86 23 2222"}


def test_rejects_a_profile_by_an_admin_key_that_was_replaced(world: World) -> None:
    unit = world.unit("PACKED")
    log = Log(world)
    old = log.actors[ADMIN]
    admit(log, "plant", ["operator", "quality", "approver"], ["01/0952123"])
    log.actors[ADMIN] = old
    event = log.add("profile", "party/plant", {"phone": "+86 23 2222"}, by=ADMIN)
    error = refused("key.unknown", log.passport(unit), log, unit)
    assert (error.chain, error.event) == ("party/plant", event.id)


def test_rejects_a_profile_that_another_party_signed(world: World) -> None:
    unit = world.unit("PACKED")
    log = Log(world)
    event = log.add("profile", "party/plant", {"phone": "+86 23 2222"}, by="carrier admin")
    error = refused("key.role", log.passport(unit), log, unit)
    assert (error.chain, error.event) == ("party/plant", event.id)


def test_rejects_a_hidden_profile(world: World) -> None:
    """A server must not serve the profile of before a telephone number was withdrawn."""
    unit = world.unit("PACKED")
    log = Log(world)
    log.add("profile", "party/plant", {"phone": "+86 23 2222"}, by=ADMIN)
    passport = log.passport(unit)
    shown = next(chain for chain in passport.chains if chain.item == "party/plant")
    cut = change_chain(passport, "party/plant", events=shown.events[:-1])
    assert refused("map.proof", cut, log, unit).chain == "party/plant"


# Positions


@pytest.fixture
def revoked(world: World) -> tuple[Log, str]:
    unit = world.unit("TESTED")
    log = Log(world)
    log.add("approve", unit, by="approver")
    log.add("revoke_key", key_of(log, "approver"), by="plant admin")
    return log, unit


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (lambda order: order.pop(), "passport.order"),
        (lambda order: order.clear(), "passport.order"),
        (lambda order: order[1].update(index=order[1]["index"] + 1), "merkle.proof"),
        (lambda order: order[1].update(index=4_000), "merkle.proof"),
        (lambda order: order[0].update(proof=order[0]["proof"][1:]), "merkle.proof"),
        (lambda order: order[0].update(event=order[1]["event"]), "passport.order"),
        (lambda order: order[0].update(event="A" * 43), "passport.order"),
        (lambda order: order.reverse(), "passport.form"),
        (lambda order: order.append(order[1]), "passport.form"),
    ],
)
def test_rejects_positions_that_are_not_proven(
    revoked: tuple[Log, str], tamper: Callable[[list[Any]], None], code: str
) -> None:
    log, unit = revoked
    data = tampered(log.passport(unit), lambda document: tamper(document["order"]))
    refused(code, data, log, unit)


def test_rejects_positions_that_nothing_needs(revoked: tuple[Log, str]) -> None:
    log, unit = revoked
    entries = log.passport(unit).order
    other = log.world.core("DECLARED")
    log = Log(log.world)
    extra = replace(log.passport(other), order=entries[:1])
    refused("passport.order", extra, log, other)


def test_rejects_a_log_that_puts_a_chain_in_another_order(world: World) -> None:
    unit = world.unit("APPROVED")
    log = Log(world)
    for campaign in ("RC-1", "RC-2"):
        log.add("recall", unit, {"campaign": campaign}, by="approver")
    log.add("revoke_key", key_of(log, "approver"), by="plant admin")
    chain = log.passport(unit).chains[0]
    head = log.chain(unit)[-1]
    log.events[-3:-1] = log.events[-2:-4:-1]
    log.wires[-3:-1] = log.wires[-2:-4:-1]
    swapped = log.passport(unit, heads={unit: (head.payload.seq, head.leaf)})
    shown = change_chain(swapped, unit, events=chain.events)
    error = refused("passport.order", shown, log, unit)
    assert (error.chain, error.event) == (unit, head.id)


# Roles, prefixes, possession


@pytest.mark.parametrize(
    ("by", "code"),
    [("operator", "key.role"), ("plant admin", "key.role"), ("root", "key.role")],
)
def test_rejects_a_signer_without_the_role(world: World, by: str, code: str) -> None:
    unit = world.unit("TESTED")
    log = Log(world)
    event = log.add("approve", unit, by=by)
    error = refused(code, log.passport(unit), log, unit)
    assert (error.chain, error.event) == (unit, event.id)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"auth": "A" * 43}, "key.auth"),
        ({"iss": "party/carrier"}, "key.unknown"),
        ({"iss": "ledger"}, "key.unknown"),
    ],
)
def test_rejects_a_claim_of_authority_that_is_not_there(
    world: World, claims: dict[str, Any], code: str
) -> None:
    unit = world.unit("TESTED")
    log = Log(world)
    log.add("approve", unit, by="approver", **claims)
    refused(code, log.passport(unit), log, unit)


def test_rejects_an_item_outside_the_partys_prefixes(world: World) -> None:
    log = Log(world)
    admit(log, "plant", ["importer"], ["8004/9521234C9"])
    add_key(log, "new importer", ["importer"])
    core = "8004/9521234C000077"
    log.add("import", core, by="new importer")
    refused("key.prefix", log.passport(core), log, core)


def test_rejects_an_approval_by_another_maker(world: World) -> None:
    unit = world.unit("TESTED")
    log = Log(world)
    admit(log, "carrier", ["approver"], [])
    add_key(log, "other approver", ["approver"], by="carrier admin")
    log.add("approve", unit, by="other approver")
    refused("key.maker", log.passport(unit), log, unit)


def test_rejects_a_key_that_nobody_proved_to_hold(world: World) -> None:
    unit = world.unit("TESTED")
    log = Log(world)
    signer = make_signer("new approver")
    item = f"key/{signer.key.kid}"
    other = world.possession(make_signer("somebody"), item)
    data = {"jwk": jwk(signer.key), "roles": ["approver"], "label": "x", "possession": other}
    event = log.add("add_key", item, data, by="plant admin")
    log.actors["new approver"] = Actor(signer, "party/plant", event.id)
    log.add("approve", unit, by="new approver")
    error = refused("key.possession", log.passport(unit), log, unit)
    assert (error.chain, error.event) == (item, event.id)


def test_rejects_a_role_that_the_party_was_not_admitted_for(world: World) -> None:
    unit = world.unit("TESTED")
    log = Log(world)
    add_key(log, "own customs", ["customs"])
    log.add("hold", unit, {"authority": "customs"}, by="own customs")
    refused("key.role", log.passport(unit), log, unit)


def test_rejects_a_hold_in_the_name_of_another_authority(world: World) -> None:
    unit = world.unit("TESTED")
    log = Log(world)
    log.add("hold", unit, {"authority": "customs"}, by="quality")
    refused("key.role", log.passport(unit), log, unit)


def test_rejects_an_admission_that_the_root_did_not_sign(world: World) -> None:
    unit = world.unit("TESTED")
    log = Log(world)
    log.actors["root"] = log.actors["carrier admin"]
    admit(log, "plant", ["operator"], [])
    refused("key.role", log.passport(unit), log, unit)


def test_rejects_a_key_granted_twice(world: World) -> None:
    unit = world.unit("TESTED")
    log = Log(world)
    signer = log.actors["approver"].signer
    admit(log, "carrier", ["approver"], [], signer)
    log.add("approve", unit, by="approver")
    add_key(log, "other", ["approver"], by="carrier admin")
    log.add("recall", unit, by="other")
    error = refused("key.reused", log.passport(unit), log, unit)
    assert error.chain == key_of(log, "approver")


def test_a_p256_key_signs_too(world: World) -> None:
    unit = world.unit("TESTED")
    signer = SoftwareSigner.from_private(ec.derive_private_key(7, ec.SECP256R1()))
    world.add_key("hardware", "plant", ["approver"], signer)
    world.add("approve", unit, by="hardware")
    log = Log(world)
    assert verify(log.passport(unit), log.trust(), unit).result == "verified"
