"""What a party states of itself in its profile."""

from __future__ import annotations

import pytest

from tests.rules.acts import refuse
from tests.world import World
from traceledger.rules.state import PartyState

PROFILE = {"name_latin": "Plant Ltd.", "phone": "+86 23 5550 0100"}


def test_a_party_renews_its_profile_and_keeps_its_authority() -> None:
    """A new telephone number must not need the root key, nor end any key."""
    world = World()
    before = world.replay.state("party/plant")
    assert isinstance(before, PartyState)
    for data in (PROFILE, {"web": "https://plant.example/"}, {}):
        world.append(world.sign("profile", "party/plant", data))
    after = world.replay.state("party/plant")
    assert isinstance(after, PartyState)
    assert (after.authority, after.admin_kid) == (before.authority, before.admin_kid)
    assert after.seq == before.seq + 3
    world.core("ACCEPTED")


def test_no_party_writes_the_profile_of_another() -> None:
    """A competitor could lead buyers to its own telephone."""
    world = World()
    world.admit("rival", ("operator",))
    wire = world.sign("profile", "party/plant", PROFILE, by="rival admin")
    assert refuse(world, wire).code == "key.role"


@pytest.mark.parametrize(("by", "code"), [("root", "key.role"), ("operator", "key.role")])
def test_only_an_admin_key_signs_a_profile(by: str, code: str) -> None:
    world = World()
    assert refuse(world, world.sign("profile", "party/plant", PROFILE, by=by)).code == code


def test_a_profile_does_not_open_the_chain_of_a_party() -> None:
    world = World()
    wire = world.sign("profile", "party/new", PROFILE, by="plant admin")
    assert refuse(world, wire).code == "life.transition"


def test_a_profile_stays_on_the_chain_of_a_party() -> None:
    world = World()
    wire = world.sign("profile", "policy", PROFILE, by="plant admin")
    assert refuse(world, wire).code in {"life.transition", "life.chain", "key.unknown"}


def test_a_dismissed_party_has_no_more_say() -> None:
    world = World()
    world.dismiss("plant")
    wire = world.sign("profile", "party/plant", PROFILE, by="plant admin")
    assert refuse(world, wire).code == "key.ended"
