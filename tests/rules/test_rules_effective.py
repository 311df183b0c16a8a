"""Effective fields: a voided or corrected value must never be used as if it were current."""

from __future__ import annotations

from typing import Any

from tests.world import World
from traceledger.events.disclosure import split_wire
from traceledger.events.token import Event, parse_token
from traceledger.rules.effective import EffectiveEvent, public_fields, read_effective
from traceledger.rules.state import Goods


class Chain:
    """A core's events in order, appended one by one."""

    def __init__(self) -> None:
        self.world = World()
        self.item = self.world.core("RECEIVED")

    @property
    def head(self) -> str:
        state = self.world.replay.state(self.item)
        assert isinstance(state, Goods)
        return state.head

    def add(self, kind: str, target: str, by: str, **values: Any) -> str:
        refs = (("target", self.item, target),)
        self.world.append(self.world.sign(kind, self.item, values, by=by, refs=refs))
        return self.head

    def read(self) -> dict[str, EffectiveEvent]:
        events = [parse_token(split_wire(wire)[0]) for wire in self.world.wires]
        own = [event for event in events if event.payload.sub == self.item]
        found = read_effective((event, public_fields(event)) for event in own)
        assert [effective.event.id for effective in found] == [event.id for event in own]
        return {effective.event.kind_name: effective for effective in found}


def test_corrected_field_has_its_new_value_and_the_last_correction_wins() -> None:
    chain = Chain()
    received = chain.head
    chain.add("correct", received, "operator", reason="x", set_public={"condition": "dented"})
    chain.add("correct", received, "operator", reason="x", set_public={"condition": "rusty"})
    found = chain.read()["receive"]
    assert (found.values["condition"], found.corrected, found.voided) == ("rusty", True, False)


def test_voided_correction_has_no_effect() -> None:
    chain = Chain()
    received = chain.head
    before = chain.read()["receive"].values
    wrong = chain.add(
        "correct", received, "operator", reason="x", set_public={"condition": "rusty"}
    )
    chain.add("void", wrong, "operator", reason="x")
    found = chain.read()["receive"]
    assert (found.values, found.corrected) == (before, False)


def test_earlier_correction_counts_again_when_a_later_one_is_voided() -> None:
    chain = Chain()
    received = chain.head
    chain.add("correct", received, "operator", reason="x", set_public={"condition": "dented"})
    wrong = chain.add(
        "correct", received, "operator", reason="x", set_public={"condition": "rusty"}
    )
    chain.add("void", wrong, "operator", reason="x")
    assert chain.read()["receive"].values["condition"] == "dented"


def test_voided_event_is_marked() -> None:
    chain = Chain()
    chain.add("void", chain.head, "operator", reason="wrong core")
    found = chain.read()
    assert (found["receive"].voided, found["import"].voided) == (True, False)


def test_restricted_fields_are_corrected_where_the_reader_sees_them() -> None:
    chain = Chain()
    events = [parse_token(split_wire(wire)[0]) for wire in chain.world.wires]
    imported = next(event for event in events if event.kind_name == "import")
    correction = chain.add(
        "correct", imported.id, "importer", reason="x", set_customs={"net_kg": "0.95"}
    )
    events = [parse_token(split_wire(wire)[0]) for wire in chain.world.wires]
    own = [event for event in events if event.payload.sub == chain.item]

    def disclosed(event: Event) -> dict[str, Any]:
        customs = {"set_customs": {"net_kg": "0.95"}} if event.id == correction else {}
        return {**public_fields(event), **customs}

    found = read_effective((event, disclosed(event)) for event in own)
    assert found[0].values["net_kg"] == "0.95"
