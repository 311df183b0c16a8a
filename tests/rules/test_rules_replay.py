"""Replay of a log: a dishonest entry ends it, an illegal event changes no state."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.world import BOOK, LINE_IN, ORIGIN, STEPS, World, jwk, make_signer
from traceledger.errors import NotAllowedError, VerificationError
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.encoding import decode_base64url, encode_base64url
from traceledger.events.keys import Signer
from traceledger.events.token import Event, parse_token, sign_token
from traceledger.rules.fold import Joins
from traceledger.rules.replay import Replay
from traceledger.rules.state import Goods, format_state, parse_state

Change = Callable[[dict[str, Any]], None]


def claims_of(token: bytes) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(decode_base64url(token.split(b".")[1]))
    return claims


def resign(wire: bytes, signer: Signer, **changes: Any) -> Event:
    """Returns the event of a wire form with some claims changed (`...` removes), signed again."""
    claims = claims_of(wire.split(b"~")[0]) | changes
    return parse_token(
        sign_token({name: value for name, value in claims.items() if value is not ...}, signer)
    )


def everything(world: World) -> None:
    """One thing in every state, and every kind of event but `found`."""
    for chain, states in STEPS.items():
        for state in states:
            world.thing(chain, state)
    world.component()
    world.core(parent=world.unit("REIMPORTED"))
    for kind in ("fill_lot", "draw_lot"):
        world.add(kind, world.lot(sort="new_part"))
    world.add("erase", world.core(), {"fields": ["old_serial"]}, by="importer")
    world.add("correct", world.core(), {"set_public": {"make": "GM"}}, by="importer")
    for kind in ("stocktake", "writeoff"):
        world.add(kind, BOOK)
    world.add("gate", LINE_IN)
    for kind in ("diagnose", "repair", "update", "calibrate", "move", "recall", "customs_check"):
        world.add(kind, world.unit())
    core = world.core("RECEIVED")
    world.add("hold", core, by="quality")
    world.add("release", core, by="quality")
    world.add("revoke_key", f"key/{world.actors['broker'].signer.key.kid}", by="root")
    world.add("profile", "party/plant")
    world.dismiss("distributor")
    world.rotate_root()
    world.add("rules", "ledger")


def replayed(world: World) -> Replay:
    replay = Replay(world.origin, published=world.replay.published)
    for index, event in enumerate(world.events):
        replay.apply(index, event)
    return replay


@pytest.fixture
def world() -> World:
    return World()


def test_replay_reaches_the_same_states(world: World) -> None:
    everything(world)
    again = replayed(world)
    assert again.states == world.replay.states
    assert again.trails == world.replay.trails
    assert again.illegal == []
    assert again.heads() == {
        item: (state.seq, state.head) for item, state in world.replay.states.items()
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"aud": "ledger.example/other"}, "chain.ledger"),
        ({"seq": 0}, "chain.seq"),
        ({"seq": 3}, "chain.seq"),
        ({"prev": "A" * 43}, "chain.prev"),
        ({"prev": ...}, "chain.prev"),
        ({"sub": "8004/9521234C900000"}, "chain.seq"),
        ({"sub": "8004/9521234C900000", "seq": 0}, "chain.prev"),
    ],
)
def test_event_in_a_false_place_is_dishonest(
    world: World, changes: dict[str, Any], code: str
) -> None:
    core = world.core("RECEIVED")
    event = resign(world.sign("inspect", core), world.actors["operator"].signer, **changes)
    before = dict(world.replay.states)
    with pytest.raises(VerificationError) as caught:
        world.replay.apply(99, event)
    assert caught.value.code == code
    assert world.replay.states == before


def test_replayed_token_is_dishonest(world: World) -> None:
    for event in world.events:
        with pytest.raises(VerificationError):
            world.replay.apply(99, event)


def test_swapped_events_are_dishonest(world: World) -> None:
    world.core("IN_PROCESS")
    replay = Replay(ORIGIN)
    *rest, last, end = world.events
    for index, event in enumerate(rest):
        replay.apply(index, event)
    with pytest.raises(VerificationError, match=r"chain\.seq"):
        replay.apply(len(rest), end)
    replay.apply(len(rest), last)


def test_left_out_event_is_dishonest(world: World) -> None:
    world.core("IN_PROCESS")
    replay = Replay(ORIGIN)
    for index, event in enumerate(world.events[:-2]):
        replay.apply(index, event)
    with pytest.raises(VerificationError):
        replay.apply(99, world.events[-1])


def test_changed_event_under_the_old_signature_is_dishonest(world: World) -> None:
    core = world.core("RECEIVED")
    token = world.sign("inspect", core, {"grade": "R"}).split(b"~")[0]
    header, payload, signature = token.split(b".")
    better = decode_base64url(payload).replace(b'"grade":"R"', b'"grade":"A"')
    forged = b".".join((header, encode_base64url(better).encode(), signature))
    with pytest.raises(VerificationError) as caught:
        world.replay.apply(99, parse_token(forged))
    assert caught.value.code == "signature.false"


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_header_does_not_choose_how_the_key_is_used(world: World, algorithm: str) -> None:
    core = world.core("RECEIVED")
    actor = world.actors["operator"]
    header, payload, _ = world.sign("inspect", core).split(b"~")[0].split(b".")
    changed = decode_base64url(header).replace(b'"Ed25519"', f'"{algorithm}"'.encode())
    signed = encode_base64url(changed).encode() + b"." + payload
    token = signed + b"." + encode_base64url(actor.signer.sign(signed)).encode()
    if algorithm == "EdDSA":
        world.replay.apply(99, parse_token(token))
        assert world.life(core) == "ACCEPTED"
        return
    with pytest.raises(VerificationError, match="ES256 given; allowed for key"):
        world.replay.apply(99, parse_token(token))


def test_log_begins_with_its_founding(world: World) -> None:
    for event in world.events[1:]:
        with pytest.raises(VerificationError):
            Replay(ORIGIN).apply(0, event)
    stray = resign(
        world.sign("import", "8004/9521234C900000", refs=()),
        world.actors["importer"].signer,
        prev=...,
    )
    with pytest.raises(VerificationError, match="a ledger begins with found"):
        Replay(ORIGIN).apply(0, stray)


@pytest.mark.parametrize(
    "changes", [{"auth": "A" * 43}, {"iss": "party/plant"}, {"sub": "policy"}], ids=str
)
def test_founding_that_breaks_a_rule_founds_nothing(world: World, changes: dict[str, Any]) -> None:
    replay = Replay(ORIGIN)
    replay.apply(0, resign(world.wires[0], make_signer("root"), **changes))
    assert len(replay.illegal) == 1
    item = changes.get("sub", "ledger")
    assert getattr(replay.state(item), "life", "") == "ILLEGAL"


def test_founding_with_a_weak_root_key_is_dishonest(world: World) -> None:
    claims = claims_of(world.events[0].token)
    claims["data"]["root_jwk"]["x"] = encode_base64url(b"\x01" + bytes(31))
    with pytest.raises(VerificationError) as caught:
        Replay(ORIGIN).apply(0, parse_token(sign_token(claims, make_signer("root"))))
    assert caught.value.code == "key.weak"


def test_founding_by_another_key_than_the_one_it_names_is_dishonest(world: World) -> None:
    with pytest.raises(VerificationError) as caught:
        Replay(ORIGIN).apply(0, resign(world.wires[0], make_signer("other")))
    assert caught.value.code == "signature.false"


def test_ledger_is_founded_once(world: World) -> None:
    thief = make_signer("thief")
    claims = claims_of(world.events[0].token)
    claims["data"]["root_jwk"] = jwk(thief.key)
    claims["data"]["possession"] = world.possession(thief, "ledger")
    ledger = world.replay.states["ledger"]
    second = claims | {"seq": ledger.seq + 1, "prev": ledger.head}
    world.replay.apply(99, parse_token(sign_token(second, thief)))
    elsewhere = claims | {"sub": "policy", "seq": 1, "prev": world.replay.states["policy"].head}
    world.replay.apply(100, parse_token(sign_token(elsewhere, thief)))
    assert [found.index for found in world.replay.illegal] == [99, 100]
    assert getattr(world.replay.states["ledger"], "root_kid", "") == make_signer("root").key.kid


def illegal(world: World, wire: bytes) -> NotAllowedError:
    """Applies an illegal event as a dishonest ledger would; it must become a finding."""
    count = len(world.replay.illegal)
    event = parse_token(wire.split(b"~")[0])
    world.replay.apply(99, event)
    found = world.replay.illegal[count]
    assert (found.index, found.event) == (99, event.id)
    return found.error


def test_illegal_event_stays_the_head_and_changes_no_state(world: World) -> None:
    core = world.core("RECEIVED")
    before = world.replay.state(core)
    assert isinstance(before, Goods)
    assert illegal(world, world.sign("clean", core)).code == "life.transition"
    after = world.replay.state(core)
    assert isinstance(after, Goods)
    assert (after.life, after.seq) == (before.life, before.seq + 1)
    assert after.head != before.head
    world.add("inspect", core)  # the chain goes on from the illegal head
    assert world.life(core) == "ACCEPTED"


def test_illegal_first_event_leaves_a_chain_that_nothing_can_use(world: World) -> None:
    item = "8004/9521234C900000"
    assert illegal(world, world.sign("import", item, by="operator", refs=())).code == "key.role"
    assert world.life(item) == "ILLEGAL"
    for kind in ("receive", "hold"):
        by = {"hold": "quality"}.get(kind, "")
        assert illegal(world, world.sign(kind, item, by=by)).code == "life.chain"
    wire = world.sign("assemble", "01/09521234543213/21/U9999", refs=(("input", item),))
    assert illegal(world, wire).code == "ref.unknown"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("correct", {"set_public": {"method": "dry ice"}}),
        ("erase", {"fields": ["duration_s"]}),
        ("void", {}),
    ],
)
def test_illegal_event_cannot_be_corrected_erased_or_voided(
    world: World, kind: str, data: dict[str, Any]
) -> None:
    core = world.core("RECEIVED")
    wire = world.sign("clean", core)
    illegal(world, wire)
    target = parse_token(wire.split(b"~")[0]).id
    wire = world.sign(kind, core, data, refs=(("target", core, target),))
    assert illegal(world, wire).code == "life.target"


def test_event_before_an_illegal_event_cannot_be_voided(world: World) -> None:
    core = world.core("RECEIVED")
    received = world.events[-1].id
    illegal(world, world.sign("clean", core))
    wire = world.sign("void", core, refs=(("target", core, received),))
    assert illegal(world, wire).code == "life.void"
    assert world.life(core) == "RECEIVED"


def test_old_root_that_goes_on_signing_changes_nothing(world: World) -> None:
    world.rotate_root()
    wire = world.sign("set_policy", "policy", {"values": {"zone_country": "USA"}}, by="old root")
    before = getattr(world.replay.state("policy"), "zone_country", "")
    assert illegal(world, wire).code == "key.unknown"
    assert getattr(world.replay.state("policy"), "zone_country", "") == before


def test_dismissed_party_that_goes_on_signing_changes_nothing(world: World) -> None:
    core = world.core("RECEIVED")
    world.dismiss("plant")
    assert illegal(world, world.sign("return", core)).code == "key.ended"
    assert world.life(core) == "RECEIVED"


def test_illegal_grants_grant_nothing(world: World) -> None:
    thief = make_signer("thief")
    item = f"key/{thief.key.kid}"
    data = {
        "jwk": jwk(thief.key),
        "roles": ["customs"],
        "possession": world.possession(thief, item),
        "label": "x",
    }
    assert illegal(world, world.sign("add_key", item, data, by="operator")).code == "key.role"
    core = world.core("RECEIVED")
    wire = world.sign("hold", core, {"authority": "customs"}, by="quality")
    event = resign(wire, thief, iss="party/customs", data={"authority": "customs"})
    world.replay.apply(99, event)
    assert world.replay.illegal[-1].error.code == "key.unknown"


def test_unknown_kind_is_refused_and_changes_no_state_on_replay(world: World) -> None:
    core = world.core("RECEIVED")
    event = resign(
        world.sign("inspect", core), world.actors["operator"].signer, kind="teleport", data={}
    )
    with pytest.raises(NotAllowedError) as caught:
        world.append(event.token + b"~")
    assert caught.value.code == "event.kind"
    world.replay.apply(99, event)
    assert world.replay.illegal[-1].error.code == "event.kind"
    assert world.life(core) == "RECEIVED"


def test_incomplete_join_is_reported_once(world: World) -> None:
    core = world.core("IN_PROCESS")
    refs = (("input", core),)
    world.add("assemble", "01/09521234543213/21/U9999", {"input_count": 1}, refs=refs)
    world.replay.seal(50)
    world.replay.seal(51)
    assert [(found.index, found.event) for found in world.replay.illegal] == [(50, "")]


def test_joins_survive_a_stop_of_the_replay(world: World) -> None:
    core = world.core("DONOR")
    refs = (("output", "8004/9521234P900001"),)
    world.add("disassemble", core, {"output_count": 1}, refs=refs)
    world.replay.joins = Joins(world.replay.joins.half_done())
    world.add("harvest", "8004/9521234P900001", refs=(("parent", core),))
    world.replay.seal(50)
    assert world.replay.illegal == []


def test_every_state_is_stored_and_read_back(world: World) -> None:
    everything(world)
    assert {event.kind_name for event in world.events} == CATALOGUE.keys()
    unit = world.unit("PACKED")
    world.add("divert", unit)
    world.add("recall", unit)
    world.add("hold", unit, by="quality")
    for item, state in world.replay.states.items():
        assert parse_state(format_state(state)) == state, item


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_replay_continues_whatever_is_signed(data: st.DataObject) -> None:
    """An event of valid form and place makes the fold fail only by a rule."""
    world = WORLD
    saved = world.replay
    world.replay = replayed(world)
    item = data.draw(st.sampled_from(sorted(world.replay.states)))
    source = data.draw(st.sampled_from(world.events))
    state = world.replay.states[item]
    actor = data.draw(st.sampled_from(sorted(world.actors)))
    claims = claims_of(source.token) | {
        "sub": item,
        "seq": state.seq + 1,
        "prev": state.head,
        "iss": data.draw(st.sampled_from(["ledger", world.actors[actor].iss])),
    }
    if "auth" in claims:
        claims["auth"] = data.draw(st.sampled_from([claims["auth"], world.actors[actor].auth]))
    try:
        world.replay.apply(99, parse_token(sign_token(claims, world.actors[actor].signer)))
    except VerificationError as error:
        assert source.kind_name == "found", error  # noqa: PT017 - only found names its own key
    assert world.replay.state("ledger") is not None
    world.replay = saved


WORLD = World()
everything(WORLD)
