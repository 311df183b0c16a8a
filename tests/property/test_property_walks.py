"""Random walks of several things through their whole lives, against the design's tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.lifetable import ABOUT_EVENTS, EXPECTED, OPENS, deciding, steps
from tests.property.model import Model
from tests.world import World
from traceledger.errors import NotAllowedError
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.token import parse_token
from traceledger.rules.replay import Replay
from traceledger.rules.state import Goods

ACTORS = {"test": "quality", "approve": "approver", "gate": "carrier", "destroy": "recycler",
          "warranty_return": "distributor", "hold": "quality", "recall": "importer",
          "customs_check": "customs"}  # fmt: skip
JOINED = {"assemble", "consume", "disassemble", "harvest"}
STEPS = [
    (kind, value)
    for kind, value in steps()
    if kind not in OPENS and kind not in ABOUT_EVENTS and kind not in JOINED | {"scrap"}
]
PICK = st.integers(0, 10_000)
FOUNDED = World()


class Walk(RuleBasedStateMachine):
    """Each rule tries one step on random things, asks the model first and compares afterwards."""

    @initialize()
    def begin(self) -> None:
        self.world = World.__new__(World)
        self.world.__dict__.update(FOUNDED.__dict__)
        self.world.events, self.world.wires = list(FOUNDED.events), list(FOUNDED.wires)
        self.things: dict[str, Model] = {}
        for make in (self.world.line, self.world.lot, self.world.core):
            self.put(make())
        self.put(self.world.lot(sort="new_part"))

    def put(self, item: str, **more: object) -> None:
        """Begins to follow a thing that the world has just opened."""
        state = self.world.replay.state(item)
        assert isinstance(state, Goods)
        kind = {event.id: event.kind_name for event in self.world.events}[state.first]
        self.things[item] = replace(
            Model(state.chain, EXPECTED[state.chain, "", kind], state.first, "importer", kind),
            lot_class=state.lot_class,
            **more,  # type: ignore[arg-type]  # any of the fields
        )

    def pick(self, number: int, *chains: str) -> str:
        found = [item for item, one in self.things.items() if not chains or one.chain in chains]
        return found[number % len(found)]

    def attempt(self, act: Callable[[], object], *, wanted: bool) -> bool:
        """Does something whole or not at all; says whether it was done."""
        world, before, count = self.world, self.world.replay, len(self.world.events)
        try:
            act()
        except NotAllowedError as error:
            assert not wanted, error
            world.replay = before
            del world.events[count:], world.wires[count:]
            return False
        assert wanted
        return True

    def cite(self, item: str) -> None:
        """Another chain named the first event of this one."""
        if self.things[item].first:
            self.things[item] = replace(self.things[item], cited=True)

    @rule(number=PICK, step=st.sampled_from(STEPS))
    def happens(self, number: int, step: tuple[str, str]) -> None:
        (kind, value), item = step, self.pick(number)
        thing, by = self.things[item], ACTORS.get(step[0], "")
        wanted = bool(thing.after(kind, value))
        wire = self.world.sign(kind, item, deciding(kind, value), by=by)
        if self.attempt(lambda: self.world.append(wire), wanted=wanted):
            event = self.world.events[-1].id
            self.things[item] = thing.step(event, kind, by or "operator", value)

    @rule(number=PICK, other=PICK, again=st.booleans())
    def comes_in(self, number: int, other: int, *, again: bool) -> None:
        line = self.pick(number, "declaration")
        units = [item for item, one in self.things.items() if one.chain == "unit"]
        parent = units[other % len(units)] if again and units else ""
        item = self.world._new_id("8004/9521234C{:06}")
        refs: tuple[tuple[str, ...], ...] = (("declaration", line),)
        wanted, depth = self.things[line].life != "VOIDED", 0
        if parent:
            refs += (("parent", parent),)
            unit, depth = self.things[parent], self.things[parent].depth + 1
            successor = self.things.get(unit.successor)
            free = successor is None or successor.life == "VOIDED"
            wanted = wanted and unit.life == "REIMPORTED" and free and depth <= 8
        if self.attempt(lambda: self.world.add("import", item, refs=refs), wanted=wanted):
            self.put(item, depth=depth)
            self.cite(line)
            if parent:
                self.things[parent] = replace(self.things[parent], cited=True, successor=item)

    @rule(numbers=st.lists(PICK, min_size=1, max_size=2))
    def is_assembled(self, numbers: list[int]) -> None:
        parts = tuple(dict.fromkeys(self.pick(number, "core", "component") for number in numbers))
        unit = self.world._new_id("01/09521234543213/21/U{:04}")
        depth = 1 + max(self.things[part].depth for part in parts)
        wanted = all(self.things[part].usable() for part in parts) and depth <= 8
        if self.attempt(lambda: self.world.assemble(unit, parts), wanted=wanted):
            self.put(unit, depth=depth, cited=True)
            for part in parts:
                self.grow(part, "consume", "CONSUMED")

    @rule(number=PICK, count=st.integers(1, 2))
    def is_taken_apart(self, number: int, count: int) -> None:
        item = self.pick(number)
        thing, made = self.things[item], []
        depth = thing.depth + 1
        wanted = bool(thing.after("disassemble", "")) and depth <= 8
        act = lambda: made.extend(self.world.take_apart(item, count))  # noqa: E731 - one of many acts
        if self.attempt(act, wanted=wanted):
            self.grow(item, "disassemble", "DISASSEMBLED")
            self.things[item] = replace(self.things[item], cited=True)
            for part in made:
                self.put(part, depth=depth)

    @rule(number=PICK, other=PICK)
    def is_scrapped(self, number: int, other: int) -> None:
        item, lot = self.pick(number), self.pick(other, "lot")
        thing, into = self.things[item], self.things[lot]
        open_waste = (into.life, into.lot_class) == ("OPEN", "waste") and not into.is_on("hold")
        wanted = bool(thing.after("scrap", "")) and open_waste
        refs = (("lot", lot),)
        if self.attempt(lambda: self.world.add("scrap", item, refs=refs), wanted=wanted):
            self.grow(item, "scrap", "SCRAPPED")
            self.cite(lot)

    def grow(self, item: str, kind: str, life: str) -> None:
        state = self.world.replay.state(item)
        assert state is not None
        self.things[item] = self.things[item].grown(state.head, kind, "operator", life=life)

    @rule(number=PICK, which=PICK)
    def is_released(self, number: int, which: int) -> None:
        item = self.pick(number)
        thing = self.things[item]
        mark = thing.marks[which % len(thing.marks)] if thing.marks else None
        by, target = (mark.by, mark.event) if mark else ("quality", thing.event)
        wire = self.world.sign("release", item, by=by, refs=(("target", item, target),))
        if self.attempt(lambda: self.world.append(wire), wanted=mark is not None):
            assert mark is not None
            self.things[item] = thing.released(self.world.events[-1].id, by, mark)

    @rule(number=PICK, answer=st.sampled_from(["confirmed", "refused"]))
    def is_confirmed(self, number: int, answer: str) -> None:
        item = self.pick(number)
        thing = self.things[item]
        target = thing.pending[0] or thing.event
        wanted = bool(thing.pending[0]) or thing.may_be_confirmed()
        refs = (("target", item, target),)
        wire = self.world.sign("confirm", item, {"result": answer}, by="customs", refs=refs)
        if self.attempt(lambda: self.world.append(wire), wanted=wanted):
            self.things[item] = thing.confirmed(self.world.events[-1].id, answer)

    @rule(number=PICK)
    def is_taken_back(self, number: int) -> None:
        item = self.pick(number)
        thing = self.things[item]
        wire = self.world.sign("void", item, by=thing.by)
        if self.attempt(lambda: self.world.append(wire), wanted=thing.may_go_back()):
            self.things[item] = thing.voided(self.world.events[-1].id, thing.by)

    @rule(number=PICK, kind=st.sampled_from(["correct", "erase"]))
    def is_corrected_or_erased(self, number: int, kind: str) -> None:
        item = self.pick(number)
        thing = self.things[item]
        first = next(event for event in self.world.events if event.payload.sub == item)
        restricted = sorted(CATALOGUE[first.kind_name].restricted)
        data = {"fields": restricted[:1]} if kind == "erase" else {}
        refs = (("target", item, first.id),)
        wire = self.world.sign(kind, item, data, by="importer", refs=refs)
        self.attempt(lambda: self.world.append(wire), wanted=True)
        self.things[item] = thing.step(self.world.events[-1].id, kind, "importer")

    @precondition(lambda self: hasattr(self, "things"))
    @invariant()
    def world_is_as_the_design_says(self) -> None:
        for item, thing in self.things.items():
            state = self.world.replay.state(item)
            assert isinstance(state, Goods)
            holds = {mark.event for mark in thing.marks if mark.kind == "hold"}
            recalls = {mark.event for mark in thing.marks if mark.kind == "recall"}
            assert (state.chain, state.life, state.depth) == (thing.chain, thing.life, thing.depth)
            assert {mark.event for mark in state.holds} == holds
            assert {mark.event for mark in state.recalls} == recalls
            assert (state.pending.event if state.pending else "") == thing.pending[0]

    def teardown(self) -> None:
        """What was logged is replayed from the tokens alone."""
        if not hasattr(self, "things"):
            return
        start = len(FOUNDED.events)
        again = Replay(self.world.origin, dict(FOUNDED.replay.states))
        again.trails = {item: dict(trail) for item, trail in FOUNDED.replay.trails.items()}
        for index, event in enumerate(self.world.events[start:], start):
            again.apply(index, parse_token(event.token), signature_checked=True)
        again.seal(len(self.world.events))
        assert again.illegal == []
        assert again.states == self.world.replay.states


TestWalks = pytest.mark.usefixtures()(Walk.TestCase)
TestWalks.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
