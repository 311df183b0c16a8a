"""Repeated events never reach the writer, and requests reveal nothing before their signatures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.api.site import Site, both_engines, problem_of
from tests.ledger.bench import break_signature
from tests.world import LINE_IN, World, make_signer

CORE = "8004/9521234C000777"
NOWHERE = "8004/9521234C999999"


def imported(world: World, item: str) -> bytes:
    return world.sign("import", item, refs=(("declaration", LINE_IN),))


@pytest.fixture
def public(site: Site) -> list[bytes]:
    """Events that are in the log, some of which anyone can read."""
    site.world.unit("EXPORTED")
    site.feed()
    return list(site.world.wires)


def forged(site: Site, item: str) -> bytes:
    """An event about an item by a key that the ledger does not know."""
    stranger = World(seed=9)
    stranger.events, stranger.wires = list(site.world.events), list(site.world.wires)
    stranger.actors = dict(site.world.actors)
    own = site.world.actors["operator"]
    stranger.actors["stranger"] = replace(own, signer=make_signer("stranger"))
    return stranger.sign("clean", item, by="stranger")


def test_copies_of_a_logged_event_do_not_reach_the_writer(site: Site, public: list[bytes]) -> None:
    before = site.context.service.counts
    answer = site.post([public[-1]] * 1_000)
    assert answer.status_code == 200
    assert len(answer.json()["events"]) == 1_000
    assert len({one["index"] for one in answer.json()["events"]}) == 1
    assert site.context.service.counts == before


@both_engines
def test_copies_of_a_new_event_reach_the_writer_once(site: Site) -> None:
    before = site.context.service.counts.events
    answer = site.post([imported(site.world, CORE)] * 1_000)
    assert len(answer.json()["events"]) == 1_000
    assert site.context.service.counts.events == before + 1


@both_engines
def test_logged_and_new_events_of_a_request_get_their_positions(
    site: Site, public: list[bytes]
) -> None:
    first, second = imported(site.world, CORE), imported(site.world, "8004/9521234C000778")
    answer = site.post([public[-1], first, public[-2], second, first], "?wait=sealed").json()
    places = [one["index"] for one in answer["events"]]
    assert places[0] > places[2]
    assert places[1] == places[4] == places[3] - 1 > places[0]
    assert answer["proofs"][1] == answer["proofs"][4]


def test_error_names_the_event_by_its_position_in_the_request(
    site: Site, public: list[bytes]
) -> None:
    assert site.post([imported(site.world, CORE)]).status_code == 200
    other = imported(site.world, CORE)
    problem = site.post([public[-1], public[-2], other]).json()
    assert (problem["code"], problem["where"]) == ("chain.taken", f"event 3 (import {CORE})")


@pytest.mark.parametrize("count", [1, 300])
@pytest.mark.parametrize("query", ["", "?dry_run=true"])
@both_engines
def test_public_event_does_not_open_the_state_of_items(
    site: Site, public: list[bytes], count: int, query: str
) -> None:
    """The first event is one that a stranger has read, the last one asks about an item."""
    core = next(event.payload.sub for event in site.world.events if event.kind_name == "import")
    details = set()
    for item in (core, NOWHERE, CORE):
        answer = site.post([*public[:count], forged(site, item)], query)
        assert problem_of(answer) == (403, "key.unknown")
        details.add((answer.json()["detail"], answer.json()["where"]))
    assert len(details) == 1


@pytest.mark.parametrize("count", [1, 300])
@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_false_signature_hides_the_state_of_every_item_in_the_request(
    site: Site, count: int, query: str
) -> None:
    """Events that conflict with the state come first; the false signature is the last."""
    wires = [imported(site.world, f"8004/9521234C{number:06}") for number in range(count)]
    assert site.post(wires).status_code == 200
    others = [imported(site.world, f"8004/9521234C{number:06}") for number in range(count)]
    bad = break_signature(imported(site.world, NOWHERE))
    answer = site.post([*others, bad], query)
    assert problem_of(answer) == (422, "signature.false")
    assert answer.json()["where"] == f"event {count + 1}"
    assert problem_of(site.post(others, query)) == (409, "chain.taken")


@pytest.mark.parametrize("count", [1, 300])
def test_forged_registration_gives_no_key_to_its_request(site: Site, count: int) -> None:
    """A stranger registers a key in the name of an admin, and signs the other events with it."""
    world = World(seed=9)
    before = len(world.wires)
    world.add_key("stranger", "plant", ["operator"])
    forgery = break_signature(world.wires[before])
    events = [world.sign("clean", NOWHERE, by="stranger") for _ in range(count)]
    assert problem_of(site.post([forgery, *events])) == (422, "signature.false")


@pytest.mark.parametrize("count", [1, 300])
def test_key_may_sign_in_the_request_that_registers_it(site: Site, count: int) -> None:
    before = len(site.world.wires)
    site.world.add_key("second", "plant", ["operator", "importer"])
    registration = site.world.wires[before:]
    events = [
        site.world.sign(
            "import", f"8004/9521234C{n:06}", by="second", refs=(("declaration", LINE_IN),)
        )
        for n in range(count)
    ]
    assert site.post([*registration, *events]).status_code == 200


def test_second_founding_is_refused_without_its_own_key(site: Site) -> None:
    """A `found` event contains the key that signs it, which founds nothing here."""
    other = World(seed=9, origin="ledger.example/other")
    assert problem_of(site.post([other.wires[0], forged(site, NOWHERE)])) == (403, "key.unknown")
