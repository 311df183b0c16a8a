"""The root key, and the version of the rules that it sets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.acts import WEAK, refuse, registration, sign_as
from tests.world import Actor, World, jwk, make_signer
from traceledger.events.keys import SoftwareSigner
from traceledger.rules.state import LedgerState


def test_old_root_hands_over_and_signs_no_more() -> None:
    world = World()
    event = world.rotate_root()
    ledger = world.replay.state("ledger")
    assert isinstance(ledger, LedgerState)
    assert (ledger.root_kid, ledger.authority) == (make_signer("second root").key.kid, event.id)
    wire = world.sign("set_policy", "policy", by="old root")
    assert refuse(world, wire).code == "key.unknown"
    world.add("set_policy", "policy")
    world.admit("new", ("carrier",))
    world.add("move", world.core("RECEIVED"))  # parties and keys that the old root granted stay


def test_new_root_names_its_rotation_event() -> None:
    world = World()
    found = world.actors["root"].auth
    world.rotate_root()
    actor = world.actors["root"]
    wire = sign_as(world, Actor(actor.signer, "ledger", found), "set_policy", "policy")
    assert refuse(world, wire).code == "key.auth"


def rotation(world: World, signer: SoftwareSigner, **changes: Any) -> dict[str, Any]:
    data = {"root_jwk": jwk(signer.key), "possession": world.possession(signer, "ledger")}
    return data | changes


def test_new_root_key_proves_itself_and_is_new() -> None:
    world, signer = World(), make_signer("second root")
    for name in ("root", "operator", "plant admin", "customs admin"):
        wire = world.sign("rotate_root", "ledger", rotation(world, make_signer(name)))
        assert refuse(world, wire).code == "key.reused"
    other = world.possession(make_signer("root"), "ledger")
    wire = world.sign("rotate_root", "ledger", rotation(world, signer, possession=other))
    assert refuse(world, wire).code == "key.possession"
    wire = world.sign("rotate_root", "ledger", rotation(world, signer, root_jwk=WEAK))
    assert refuse(world, wire).code == "key.weak"


@pytest.mark.parametrize("by", ["plant admin", "operator", "new"])
def test_only_the_root_hands_over(by: str) -> None:
    world, signer = World(), make_signer("second root")
    world.actors["new"] = Actor(signer, "ledger", world.actors["root"].auth)
    error = refuse(world, world.sign("rotate_root", "ledger", rotation(world, signer), by=by))
    assert error.code == ("key.unknown" if by == "new" else "key.role")


def test_root_key_that_was_replaced_is_granted_no_more() -> None:
    world = World()
    world.rotate_root()
    wire = world.sign("rotate_root", "ledger", rotation(world, make_signer("root")))
    assert refuse(world, wire).code == "key.reused"
    world.rotate_root("third root")
    for name in ("root", "second root", "third root"):
        signer = make_signer(name)
        item = f"key/{signer.key.kid}"
        wire = world.sign("add_key", item, registration(world, signer), by="plant admin")
        assert refuse(world, wire).code == "key.reused"


def test_kid_is_granted_once_for_one_purpose() -> None:
    world = World()
    signer = make_signer("twice")
    world.add_key("twice", "plant", ["operator"], signer)
    wire = world.sign("rotate_root", "ledger", rotation(world, signer))
    assert refuse(world, wire).code == "key.reused"
    data = {"admin_jwk": jwk(signer.key), "possession": world.possession(signer, "party/new")}
    assert refuse(world, world.sign("admit", "party/new", data)).code == "key.reused"
    world.add("revoke_key", f"key/{signer.key.kid}", by="root")
    assert refuse(world, world.sign("admit", "party/new", data)).code == "key.reused"


def test_version_of_the_rules_only_rises() -> None:
    world = World()
    world.add("rules", "ledger", {"version": 3})
    for version in (2, 3):
        error = refuse(world, world.sign("rules", "ledger", {"version": version}))
        assert (error.code, error.message) == (
            "life.rules",
            f"rules {version} given, 3 are already in force",
        )
    world.add("rules", "ledger", {"version": 1000})
    ledger = world.replay.state("ledger")
    assert isinstance(ledger, LedgerState)
    assert ledger.rules == 1000
