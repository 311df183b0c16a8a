"""Every kind there and back: draft, signature, token, disclosures, rules, replay, schema."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.property.values import data_of
from tests.world import LINE_IN, STEPS, World, jwk, make_signer
from traceledger.errors import MalformedError
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.disclosure import format_wire, open_disclosures, split_wire
from traceledger.events.draft import Draft, Place, parse_draft, sign_draft
from traceledger.events.encoding import decode_base64url
from traceledger.events.kind import Kind
from traceledger.events.schema import data_schema, draft_schema
from traceledger.events.token import Event, parse_token
from traceledger.rules.replay import Replay

KINDS = pytest.mark.parametrize("kind", list(CATALOGUE.values()), ids=lambda kind: kind.name)
PLACE = Place("ledger.example/cq-1", "party/plant", "A" * 43, 1, "A" * 43, 1_750_000_000)
SIGNER = make_signer("any")
SLOW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def read(wire: bytes) -> tuple[Event, dict[str, Any]]:
    token, disclosures = split_wire(wire)
    assert format_wire(token, disclosures) == wire
    event = parse_token(token)
    return event, msgspec.to_builtins(dict(open_disclosures(event, disclosures, complete=True)))


@KINDS
@SLOW
@given(data=st.data())
def test_what_a_draft_says_is_what_its_event_and_the_schemas_say(
    kind: Kind, data: st.DataObject
) -> None:
    values = data.draw(data_of(kind))
    document = {"kind": kind.name, "item": "8004/C1", "data": values}
    draft = parse_draft(json.dumps(document).encode())
    assert draft == Draft(kind=kind.name, item="8004/C1", data=values)
    wire = sign_draft(draft, PLACE, SIGNER, bytes)
    event, disclosed = read(wire)
    claims = json.loads(decode_base64url(event.token.split(b".")[1]))
    sealed = claims["data"].pop("_sd", {})
    assert claims["data"] | disclosed == values
    assert sealed.keys() == disclosed.keys() == values.keys() & kind.restricted
    assert sorted(event.digests) == sorted(sealed)
    links = [{"as": rule.name, "item": "x/core/1"} for rule in kind.refs if rule.count != "?"]
    linked = document | ({"refs": links} if links else {})
    assert list(Draft202012Validator(draft_schema(kind)).iter_errors(linked)) == []
    held = claims["data"] | ({"_sd": sealed} if sealed else {})
    assert list(Draft202012Validator(data_schema(kind)).iter_errors(held)) == []


# Where a kind may happen, and what its rules read.
READY = {
    "receive": ("core", "DECLARED"), "inspect": ("core", "RECEIVED"), "clean": ("unit", "PACKED"),
    "diagnose": ("unit", "FAILED"), "repair": ("core", "ACCEPTED"), "update": ("unit", "FAILED"),
    "calibrate": ("component", "AVAILABLE"), "test": ("unit", "ASSEMBLED"),
    "approve": ("unit", "TESTED"), "pack": ("unit", "APPROVED"), "export": ("unit", "PACKED"),
    "return": ("core", "REJECTED"), "scrap": ("component", "AVAILABLE"),
    "divert": ("core", "DONOR"), "warranty_return": ("unit", "DIVERTED"),
    "reimport": ("unit", "CLAIMED"), "move": ("unit", "DISASSEMBLED"),
    "close_lot": ("lot", "OPEN"), "destroy": ("lot", "CLOSED"), "stocktake": ("book", "OPEN"),
    "writeoff": ("book", "OPEN"), "gate": ("declaration", "DECLARED"),
    "close_line": ("declaration", "DECLARED"), "customs_check": ("core", "SCRAPPED"),
    "recall": ("unit", "EXPORTED"), "hold": ("lot", "OPEN"), "void": ("core", "MISSING"),
    "confirm": ("unit", "EXPORTED"), "erase": ("core", "DECLARED"), "correct": ("core", "DECLARED"),
    "release": ("core", "RECEIVED"), "disassemble": ("core", "DONOR"), "fill_lot": ("lot", "OPEN"),
    "draw_lot": ("lot", "OPEN"),
}  # fmt: skip
OPENING = {
    "import": "8004/9521234C900000", "open_book": "book/ANOTHER-BOOK-9999", "open_lot": "lot/L9999",
    "declare_in": "decl/DECLARATION-9999", "declare_out": "decl/DECLARATION-9999",
}  # fmt: skip
BY = {"hold": "quality", "release": "quality", "confirm": "customs", "erase": "importer",
      "correct": "importer"}  # fmt: skip


class Stage:
    """A ledger with something ready for every kind; each attempt starts from the same moment."""

    def __init__(self) -> None:
        self.world = World()
        self.items = {
            kind: self.world.thing(chain, state) for kind, (chain, state) in READY.items()
        }
        for kind in ("fill_lot", "draw_lot"):
            self.items[kind] = self.world.lot(sort="new_part")
        self.world.add("hold", self.items["release"], by="quality")
        self.before = (self.world.replay, len(self.world.events))

    def back(self) -> None:
        self.world.replay = self.before[0]
        del self.world.events[self.before[1] :], self.world.wires[self.before[1] :]


STAGE = Stage()


def perform(world: World, kind: str, values: dict[str, Any]) -> None:
    """Puts an event with these values where it belongs; what the rules read stays possible."""
    read_by_rules = {
        name: field.example
        for name, field in CATALOGUE[kind].fields.items()
        if field.fixed and name not in {"grade", "overall", "decision", "root_jwk"}
    }
    values = values | {name: one for name, one in read_by_rules.items() if name in values}
    signer = make_signer("somebody new")
    if kind in {"found", "set_policy", "rules", "profile", "dismiss", "revoke_key"}:
        item = {
            "set_policy": "policy",
            "profile": "party/plant",
            "dismiss": "party/carrier",
            "revoke_key": f"key/{world.actors['broker'].signer.key.kid}",
        }
        if kind != "found":  # the world began with one
            world.add(kind, item.get(kind, "ledger"), values)
    elif kind in {"admit", "add_key", "rotate_root"}:
        item = {
            "admit": "party/new", "add_key": f"key/{signer.key.kid}", "rotate_root": "ledger"
        }  # fmt: skip
        proof = {"possession": world.possession(signer, item[kind])}
        name = {"admit": "admin_jwk", "add_key": "jwk", "rotate_root": "root_jwk"}[kind]
        world.add(kind, item[kind], values | proof | {name: jwk(signer.key)})
    elif kind in OPENING:
        refs = (("declaration", LINE_IN),) if kind == "import" else None
        world.add(kind, OPENING[kind], values, refs=refs)
    elif kind in {"assemble", "consume"}:
        core, unit = world.core("ACCEPTED"), "01/09521234543213/21/U9999"
        data = values if kind == "assemble" else {}
        world.add("assemble", unit, data | {"input_count": 1}, refs=(("input", core),))
        world.add("consume", core, refs=(("unit", unit),))
    elif kind in {"disassemble", "harvest"}:
        core, part = STAGE.items["disassemble"], "8004/9521234P900001"
        data = values if kind == "disassemble" else {}
        world.add("disassemble", core, data | {"output_count": 1}, refs=(("output", part),))
        harvested = values if kind == "harvest" else None
        world.add("harvest", part, harvested, refs=(("parent", core),))
    else:
        if kind == "correct":
            values = values | {"set_public": {"make": "GM"}}
        elif kind == "writeoff":
            world.replay.publish(9)
            values = values | {"from_size": 1, "to_size": 9}
        world.add(kind, STAGE.items[kind], values, by=BY.get(kind, ""))


@KINDS
@SLOW
@given(data=st.data())
def test_every_kind_is_signed_logged_and_replayed(kind: Kind, data: st.DataObject) -> None:
    world = STAGE.world
    values = data.draw(data_of(kind))
    try:
        perform(world, kind.name, values)
        added = world.events[STAGE.before[1] :]
        assert kind.name == "found" or kind.name in {event.kind_name for event in added}
        again = Replay(world.origin, dict(STAGE.before[0].states))
        again.trails = {item: dict(trail) for item, trail in STAGE.before[0].trails.items()}
        again.published = world.replay.published
        for index, event in enumerate(added, STAGE.before[1]):
            again.apply(index, parse_token(event.token))
        again.seal(len(world.events))
        assert again.illegal == []
        assert again.states == world.replay.states
    finally:
        STAGE.back()


@SLOW
@given(st.data())
def test_no_other_value_of_a_field_gets_through(data: st.DataObject) -> None:
    """A value that its own type does not allow is refused with the field's name."""
    kind = data.draw(st.sampled_from([one for one in CATALOGUE.values() if one.fields]))
    values, name = data.draw(data_of(kind)), data.draw(st.sampled_from(sorted(kind.fields)))
    odd = data.draw(
        st.none()
        | st.floats(allow_nan=False)
        | st.integers()
        | st.text("\x00\n\u202e", min_size=1)
        | st.just("x" * 501)
    )
    try:
        msgspec.convert(odd, kind.types[name])
    except msgspec.ValidationError:
        with pytest.raises(MalformedError) as caught:
            sign_draft(Draft(kind.name, "8004/C1", values | {name: odd}), PLACE, SIGNER, bytes)
        assert caught.value.code == "event.field"
        assert name in str(caught.value)


def test_stage_has_something_ready_for_every_kind() -> None:
    others = {"assemble", "consume", "harvest"} | OPENING.keys()
    authority = {kind.name for kind in CATALOGUE.values() if not {*kind.chains} & STEPS.keys()}
    assert CATALOGUE.keys() == READY.keys() | others | authority
