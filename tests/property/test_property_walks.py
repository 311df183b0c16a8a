"""Random walks of several things through their whole lives, against the design's tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lifetable import ABOUT_EVENTS, ALWAYS, EXPECTED, OPENS, deciding, steps
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
Act = Callable[["Walk", int, int], None]
FOUNDED = World()


class Walk:
    """Each act tries one step on things picked by number, and asks the model first."""

    def __init__(self) -> None:
        self.world = World.__new__(World)
        self.world.__dict__.update(FOUNDED.__dict__)
        self.world.events, self.world.wires = list(FOUNDED.events), list(FOUNDED.wires)
        self.things: dict[str, Model] = {}
        for make in (self.world.line, self.world.lot, self.world.core, self.world.book):
            self.put(make())
        self.put(self.world.lot(sort="new_part"))
        for far in (
            "",
            "test-pass",
            "test-pass approve-pass pack",
            "test-pass approve-pass pack export",
        ):
            self.comes_in(0, 0)
            core = list(self.things)[-1]
            self.take(core, "receive-ok inspect-A")
            if far:
                self.assembled((core,), wanted=True)
                self.take(list(self.things)[-1], far)

    def take(self, item: str, steps: str) -> None:
        for step in steps.split():
            kind, _, value = step.partition("-")
            self.try_step(item, kind, value)

    def put(self, item: str, **more: object) -> None:
        """Begins to follow a thing that the world has just opened."""
        state = self.world.replay.state(item)
        assert isinstance(state, Goods)
        kind = {event.id: event.kind_name for event in self.world.events}[state.first]
        self.things[item] = replace(
            Model(
                state.chain,
                EXPECTED[state.chain, "", kind],
                state.first,
                self.world.first_actor(kind, item),
                kind,
            ),
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
        except NotAllowedError:
            if wanted:
                raise
            world.replay = before
            del world.events[count:], world.wires[count:]
            return False
        assert wanted
        return True

    def cite(self, item: str) -> None:
        """Another chain named the first event of this one."""
        if self.things[item].first:
            self.things[item] = replace(self.things[item], cited=True)

    def happens(self, number: int, which: int) -> None:
        self.try_step(self.pick(number), *STEPS[which % len(STEPS)])

    def goes_on(self, number: int, which: int) -> None:
        """Something that is possible, so that walks come far."""
        item = self.pick(number)
        thing = self.things[item]
        possible = [one for one in STEPS if one[0] not in ALWAYS and thing.after(*one)]
        if possible:
            self.try_step(item, *possible[which % len(possible)])

    def try_step(self, item: str, kind: str, value: str) -> None:
        thing, by = self.things[item], ACTORS.get(kind) or self.world.first_actor(kind, item)
        wire = self.world.sign(kind, item, deciding(kind, value), by=by)
        if self.attempt(lambda: self.world.append(wire), wanted=bool(thing.after(kind, value))):
            event = self.world.events[-1].id
            self.things[item] = thing.step(event, kind, by, value)

    def comes_in(self, number: int, other: int) -> None:
        line = self.pick(number, "declaration")
        units = [item for item, one in self.things.items() if one.chain == "unit"]
        back = [item for item in units if self.things[item].life == "REIMPORTED"]
        parent = ("", *units, *back, *back)[other % (1 + len(units) + 2 * len(back))]
        item = self.world._new_id("8004/9521234C{:06}")
        refs: tuple[tuple[str, ...], ...] = (("declaration", line),)
        wanted, depth = self.things[line].life == "DECLARED", 0
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

    def is_assembled(self, number: int, other: int) -> None:
        ready = [item for item, one in self.things.items() if one.usable()]
        one = ready[number % len(ready)] if ready else self.pick(number, "core", "component")
        two = self.pick(other, "core", "component") if other % 3 else one
        parts = tuple(dict.fromkeys((one, two)))
        self.assembled(parts, wanted=all(self.things[part].usable() for part in parts))

    def assembled(self, parts: tuple[str, ...], *, wanted: bool) -> None:
        unit = self.world._new_id("01/09521234543213/21/U{:04}")
        depth = 1 + max(self.things[part].depth for part in parts)
        act = lambda: self.world.assemble(unit, parts)  # noqa: E731 - one of many acts
        if self.attempt(act, wanted=wanted and depth <= 8):
            self.put(unit, depth=depth, cited=True)
            for part in parts:
                self.grow(part, "consume", "CONSUMED")

    def is_taken_apart(self, number: int, other: int) -> None:
        item, count = self.pick(number), 1 + other % 2
        thing = self.things[item]
        parts: list[str] = []
        depth = thing.depth + 1
        lot = self.pick(other, "lot") if other % 3 else ""
        wanted = bool(thing.after("disassemble", "")) and depth <= 8 and self.takes_waste(lot)

        def act() -> None:
            parts.extend(self.world.take_apart(item, count, lot))

        if self.attempt(act, wanted=wanted):
            if lot:
                self.cite(lot)
            self.grow(item, "disassemble", "DISASSEMBLED")
            self.things[item] = replace(self.things[item], cited=True)
            for part in parts:
                self.put(part, depth=depth)

    def is_scrapped(self, number: int, other: int) -> None:
        item, lot = self.pick(number), self.pick(other, "lot")
        wanted = bool(self.things[item].after("scrap", "")) and self.takes_waste(lot)
        refs = (("lot", lot),)
        if self.attempt(lambda: self.world.add("scrap", item, refs=refs), wanted=wanted):
            self.grow(item, "scrap", "SCRAPPED")
            self.things[item] = replace(self.things[item], lot=lot)
            self.cite(lot)

    def takes_waste(self, lot: str) -> bool:
        """Something may go into the lot; into none always."""
        into = self.things.get(lot)
        if into is None:
            return True
        return (into.life, into.lot_class) == ("OPEN", "waste") and not into.is_on("hold")

    def grow(self, item: str, kind: str, life: str) -> None:
        state = self.world.replay.state(item)
        assert state is not None
        self.things[item] = self.things[item].grown(state.head, kind, "operator", life=life)

    def is_released(self, number: int, which: int) -> None:
        item = self.pick(number)
        thing = self.things[item]
        mark = thing.marks[which % len(thing.marks)] if thing.marks else None
        by, target = (mark.by, mark.event) if mark else ("quality", thing.event)
        wire = self.world.sign("release", item, by=by, refs=(("target", item, target),))
        if self.attempt(lambda: self.world.append(wire), wanted=mark is not None):
            assert mark is not None
            self.things[item] = thing.released(self.world.events[-1].id, by, mark)

    def is_confirmed(self, number: int, other: int) -> None:
        answer = ("confirmed", "confirmed", "refused")[other % 3]
        waiting = [item for item, one in self.things.items() if one.pending[0]]
        item = waiting[number % len(waiting)] if waiting and number % 4 else self.pick(number)
        thing = self.things[item]
        target = thing.pending[0] or thing.event
        wanted = bool(thing.pending[0]) or thing.may_be_confirmed()
        refs = (("target", item, target),)
        wire = self.world.sign("confirm", item, {"result": answer}, by="customs", refs=refs)
        if self.attempt(lambda: self.world.append(wire), wanted=wanted):
            self.things[item] = thing.confirmed(self.world.events[-1].id, answer)

    def is_taken_back(self, number: int, _other: int) -> None:
        item = self.pick(number)
        thing = self.things[item]
        wire = self.world.sign("void", item, by=thing.by)
        gone = thing.kind == "scrap" and self.things[thing.lot].life in {"DESTROYED", "RETURNED"}
        wanted = thing.may_go_back() and not gone
        if self.attempt(lambda: self.world.append(wire), wanted=wanted):
            self.things[item] = thing.voided(self.world.events[-1].id, thing.by)

    def is_corrected_or_erased(self, number: int, other: int) -> None:
        item, kind = self.pick(number), ("correct", "erase")[other % 2]
        thing = self.things[item]
        first = next(event for event in self.world.events if event.payload.sub == item)
        restricted = sorted(CATALOGUE[first.kind_name].restricted)
        data = {"fields": restricted[:1]} if kind == "erase" else {}
        refs = (("target", item, first.id),)
        wire = self.world.sign(kind, item, data, by="importer", refs=refs)
        self.attempt(lambda: self.world.append(wire), wanted=True)
        self.things[item] = thing.step(self.world.events[-1].id, kind, "importer")

    def check(self) -> None:
        for item, thing in self.things.items():
            state = self.world.replay.state(item)
            assert isinstance(state, Goods)
            holds = {mark.event for mark in thing.marks if mark.kind == "hold"}
            recalls = {mark.event for mark in thing.marks if mark.kind == "recall"}
            assert (state.chain, state.life, state.depth) == (thing.chain, thing.life, thing.depth)
            assert {mark.event for mark in state.holds} == holds
            assert {mark.event for mark in state.recalls} == recalls
            assert (state.pending.event if state.pending else "") == thing.pending[0]

    def end(self) -> None:
        """What was logged is replayed from the tokens alone."""
        start = len(FOUNDED.events)
        again = Replay(self.world.origin, dict(FOUNDED.replay.states))
        again.published = self.world.replay.published
        again.trails = {item: dict(trail) for item, trail in FOUNDED.replay.trails.items()}
        for index, event in enumerate(self.world.events[start:], start):
            again.apply(index, parse_token(event.token), signature_checked=True)
        again.seal(len(self.world.events))
        assert again.illegal == []
        assert again.states == self.world.replay.states


ACTS = [
    Walk.goes_on, Walk.goes_on, Walk.goes_on, Walk.goes_on, Walk.goes_on, Walk.goes_on,
    Walk.happens, Walk.happens, Walk.comes_in, Walk.is_assembled, Walk.is_assembled,
    Walk.is_taken_apart, Walk.is_scrapped, Walk.is_released, Walk.is_confirmed, Walk.is_taken_back,
    Walk.is_corrected_or_erased,
]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(ACTS), PICK, PICK), min_size=60, max_size=140))
def test_random_walks_go_as_the_design_says(acts: list[tuple[Act, int, int]]) -> None:
    walk = Walk()
    for act, number, other in acts:
        act(walk, number, other)
        walk.check()
    walk.end()
