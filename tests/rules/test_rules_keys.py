"""Registered, revoked and readmitted keys, and the dismissal of a party."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.rules.acts import WEAK, refuse, registration, revoke, sign_as
from tests.world import Actor, World, jwk, make_signer
from traceledger.errors import MalformedError
from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import Jwk, SoftwareSigner
from traceledger.rules.state import KeyState

# Registration


def test_refuses_registration_without_possession() -> None:
    world, signer, other = World(), make_signer("new"), make_signer("other")
    item = f"key/{signer.key.kid}"
    text = f"traceledger/key/v1\n{{}}\n{item}\n{signer.key.kid}\n"
    for possession in (
        "A" * 86,
        world.possession(other, item),
        encode_base64url(signer.sign(text.format("ledger.example/other").encode())),
        encode_base64url(signer.sign(text.format(world.origin).rstrip().encode())),
        world.possession(signer, "party/plant"),
    ):
        data = registration(world, signer, possession=possession)
        error = refuse(world, world.sign("add_key", item, data, by="plant admin"))
        assert error.code == "key.possession"


def test_refuses_proof_of_possession_with_spare_bits() -> None:
    world, signer = World(), make_signer("new")
    item = f"key/{signer.key.kid}"
    possession = world.possession(signer, item)
    data = registration(world, signer, possession=possession[:-1] + "B")
    with pytest.raises(MalformedError, match="possession"):
        world.sign("add_key", item, data, by="plant admin")


def test_refuses_weak_keys_at_every_registration() -> None:
    world, signer = World(), make_signer("new")
    item = f"key/{Jwk(crv='Ed25519', kty='OKP', x=WEAK['x']).kid}"
    data = registration(world, signer, jwk=WEAK)
    wires = [
        world.sign("add_key", item, data, by="plant admin"),
        world.sign("admit", "party/weak", {"admin_jwk": WEAK, "possession": "A" * 86}, by="root"),
    ]
    assert [refuse(world, wire).code for wire in wires] == ["key.weak", "key.weak"]


@pytest.mark.parametrize("crv", ["P-256", "Ed25519"])
def test_refuses_keys_of_a_mixed_form(crv: str) -> None:
    world = World()
    mixed = WEAK | {"crv": crv, "kty": "EC"}
    wire = world.sign("admit", "party/x", {"admin_jwk": mixed, "possession": "A" * 86}, by="root")
    assert refuse(world, wire).code == "key.form"


def test_refuses_a_key_that_was_granted_before() -> None:
    world = World()
    for name in ("root", "plant admin", "carrier admin"):
        signer = make_signer(name)
        item = f"key/{signer.key.kid}"
        wire = world.sign("add_key", item, registration(world, signer), by="plant admin")
        assert refuse(world, wire).code == "key.reused"
    for name in ("root", "operator", "plant admin", "carrier admin"):
        signer = make_signer(name)
        data = {"admin_jwk": jwk(signer.key), "possession": world.possession(signer, "party/new")}
        assert refuse(world, world.sign("admit", "party/new", data)).code == "key.reused"
    signer = make_signer("operator")
    item = f"key/{signer.key.kid}"
    wire = world.sign("add_key", item, registration(world, signer), by="carrier admin")
    assert refuse(world, wire).code == "life.transition"


def test_readmission_needs_a_new_admin_key() -> None:
    world = World()
    signer = make_signer("plant admin")
    data = {"admin_jwk": jwk(signer.key), "possession": world.possession(signer, "party/plant")}
    assert refuse(world, world.sign("admit", "party/plant", data)).code == "key.reused"


def test_refuses_quality_and_approver_on_one_key() -> None:
    world, signer = World(), make_signer("new")
    item = f"key/{signer.key.kid}"
    data = registration(world, signer, roles=["quality", "operator", "approver"])
    error = refuse(world, world.sign("add_key", item, data, by="plant admin"))
    assert error.code == "key.role"
    assert "quality and approver" in error.message


def test_refuses_roles_beyond_those_of_the_party() -> None:
    world, signer = World(), make_signer("new")
    item = f"key/{signer.key.kid}"
    data = registration(world, signer, roles=["operator", "customs"])
    error = refuse(world, world.sign("add_key", item, data, by="plant admin"))
    assert (error.code, error.message) == ("key.role", "party/plant is not admitted as customs")


def test_refuses_a_key_on_the_chain_of_another_key() -> None:
    world, signer, other = World(), make_signer("new"), make_signer("other")
    item = f"key/{other.key.kid}"
    data = registration(world, signer, possession=world.possession(signer, item))
    assert refuse(world, world.sign("add_key", item, data, by="plant admin")).code == "key.auth"


def test_admin_of_another_party_cannot_use_this_name() -> None:
    world, signer = World(), make_signer("new")
    carrier = world.actors["carrier admin"]
    item = f"key/{signer.key.kid}"
    wire = sign_as(
        world,
        Actor(carrier.signer, "party/plant", carrier.auth),
        "add_key",
        item,
        registration(world, signer),
    )
    assert refuse(world, wire).code == "key.unknown"


def test_p256_station_key_registers_and_signs() -> None:
    world = World()
    signer = SoftwareSigner.from_private(ec.derive_private_key(7, ec.SECP256R1()))
    world.add_key("hardware", "plant", ["operator"], signer)
    core = world.core()
    event = world.add("receive", core, by="hardware")
    assert event.algorithm == "ES256"
    assert world.life(core) == "RECEIVED"


# Revocation and readmission


@pytest.mark.parametrize("by", ["plant admin", "root"])
def test_revoked_key_signs_no_more_and_its_earlier_events_stay(by: str) -> None:
    world = World()
    core = world.core("RECEIVED")
    revoke(world, "operator", by)
    assert world.life(core) == "RECEIVED"
    world.add("inspect", core, by="quality")
    error = refuse(world, world.sign("clean", core))
    assert error.code == "key.ended"
    assert world.events[-2].id in error.message


def test_compromise_is_dated_by_log_index() -> None:
    world = World()
    revoke(world, "operator", reason="compromised", compromised_since=7)
    state = world.replay.state(f"key/{make_signer('operator').key.kid}")
    assert isinstance(state, KeyState)
    assert (state.compromised_since, state.ended) == (7, world.events[-1].id)


def test_key_is_revoked_once_and_only_by_its_party_or_root() -> None:
    world = World()
    item = f"key/{make_signer('operator').key.kid}"
    assert refuse(world, world.sign("revoke_key", item, by="carrier admin")).code == "key.role"
    assert refuse(world, world.sign("revoke_key", item, by="operator")).code == "key.role"
    revoke(world, "operator")
    assert refuse(world, world.sign("revoke_key", item, by="plant admin")).code == "key.ended"


def test_revoked_key_cannot_be_registered_again() -> None:
    world = World()
    revoke(world, "operator")
    signer = make_signer("operator")
    item = f"key/{signer.key.kid}"
    wire = world.sign("add_key", item, registration(world, signer), by="plant admin")
    assert refuse(world, wire).code == "life.transition"


def test_readmission_ends_the_old_admin_key_and_narrows_roles() -> None:
    world = World()
    core, old = world.core(), world.actors["plant admin"]
    world.admit("plant", ("importer", "operator"), seed=" 2")
    signer = make_signer("new")
    item = f"key/{signer.key.kid}"
    wire = sign_as(world, old, "add_key", item, registration(world, signer))
    assert refuse(world, wire).code == "key.unknown"
    world.add("receive", core)  # the operator's key is still valid
    error = refuse(world, world.sign("inspect", core, by="quality"))
    assert error.code == "key.role"
    assert "the key has no role" in error.message
    world.add_key("new", "plant", ["operator"])
    data = registration(world, make_signer("newer"), roles=["quality"])
    item = f"key/{make_signer('newer').key.kid}"
    assert refuse(world, world.sign("add_key", item, data, by="plant admin")).code == "key.role"


def test_readmission_gives_station_keys_back_what_is_admitted_again() -> None:
    world = World()
    core = world.core("RECEIVED")
    world.admit("plant", ("operator",), seed=" 2")
    world.admit("plant", ("operator", "quality"), seed=" 3")
    world.add("inspect", core, by="quality")


def test_readmission_changes_prefixes() -> None:
    world = World()
    world.admit("plant", ("importer",), prefixes=["8004/9521235"], seed=" 2")
    assert refuse(world, world.sign("import", "8004/9521234C900000", refs=())).code == "key.prefix"
    world.add("import", "8004/9521235C900000", refs=())


def test_key_without_a_remaining_role_cannot_even_correct() -> None:
    world = World()
    core = world.core()
    first = world.events[-1]
    world.admit("plant", ("operator",), seed=" 2")
    wire = world.sign(
        "correct", core, {"set_public": {"make": "GM"}}, by="importer",
        refs=(("target", core, first.id),),
    )  # fmt: skip
    error = refuse(world, wire)
    assert (error.code, error.message) == (
        "key.role",
        "correct requires any role of a station key; the key has no role",
    )


# Dismissal


def test_dismissal_ends_all_keys_of_a_party_and_what_they_signed_stays() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    exported = world.events[-1]
    dismissed = world.dismiss("plant")
    assert world.life(unit) == "EXPORTED"
    for by in ("operator", "importer", "quality", "approver", "broker"):
        kind = {"quality": "hold", "approver": "recall", "operator": "move"}.get(by, "recall")
        error = refuse(world, world.sign(kind, unit, by=by))
        assert (error.code, error.message) == (
            "key.ended",
            f"party/plant was dismissed by event {dismissed.id}",
        )
    signer = make_signer("new")
    item = f"key/{signer.key.kid}"
    wire = world.sign("add_key", item, registration(world, signer), by="plant admin")
    assert refuse(world, wire).code == "key.ended"
    refs = (("target", unit, exported.id),)
    world.add("confirm", unit, by="carrier", refs=refs)  # others go on


def test_party_is_not_admitted_again_after_its_dismissal() -> None:
    world = World()
    world.dismiss("plant")
    signer = make_signer("plant admin 2")
    data = {"admin_jwk": jwk(signer.key), "possession": world.possession(signer, "party/plant")}
    assert refuse(world, world.sign("admit", "party/plant", data)).code == "key.ended"
    assert refuse(world, world.sign("dismiss", "party/plant")).code == "key.ended"


def test_party_that_was_never_admitted_is_not_dismissed() -> None:
    world = World()
    assert refuse(world, world.sign("dismiss", "party/nobody")).code == "life.transition"


def test_root_revokes_keys_of_a_dismissed_party() -> None:
    world = World()
    world.dismiss("plant")
    world.add("revoke_key", f"key/{make_signer('operator').key.kid}", by="root")


def test_keys_of_a_dismissed_party_cannot_be_registered_again() -> None:
    world = World()
    world.dismiss("plant")
    signer = make_signer("plant admin")
    item = f"key/{signer.key.kid}"
    data = registration(world, signer, roles=["carrier"])
    assert refuse(world, world.sign("add_key", item, data, by="carrier admin")).code == "key.reused"
