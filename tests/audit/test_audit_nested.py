"""Units that were taken apart and assembled again, several times: each item is visited once."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.audit.accounts import Plant
from tests.audit.test_audit_behind import state_of
from traceledger.audit.notes import Place
from traceledger.audit.observing import note_departure
from traceledger.audit.picture import Picture
from traceledger.audit.recording import RecorderState
from traceledger.audit.things import Thing, Things
from traceledger.audit.trail import trail

LEVELS, PARTS = 4, 5


class CountedThings(Things):
    """Records that count how often each of them is read."""

    def __init__(self, packed: dict[str, bytes]) -> None:
        super().__init__(packed)
        self.visits: Counter[str] = Counter()

    def __getitem__(self, item: str) -> Thing:
        self.visits[item] += 1
        return super().__getitem__(item)

    def get(self, item: str) -> Thing | None:
        self.visits[item] += 1
        return super().get(item)


@pytest.fixture(scope="module")
def nested() -> tuple[Plant, str, str, RecorderState]:
    """A plant, the core and the unit at both ends, and the records."""
    plant = Plant()
    core = thing = plant.import_core(plant.declare_in(1, "1.000"), state="DONOR")
    for _ in range(LEVELS):
        parts = plant.strip(thing, *[("c", "0.001")] * PARTS)
        thing = plant.build("1.000", *parts)
    plant.export(thing, plant.declare_out(1, "1.000", destination="USA"))
    return plant, core, thing, state_of(plant).records


def test_departure_looks_at_each_input_once(nested: tuple[Plant, str, str, RecorderState]) -> None:
    """Not at each way to it: there are as many as parts to the power of levels."""
    _, core, unit, records = nested
    things = CountedThings(records.things)
    left = things[unit]
    (line,) = {step.linked for step in left.all("export")}
    note_departure(things, left, line, Place(bytes(32), 0))
    assert things.visits[core] == 1
    assert max(things.visits.values()) == 1


def test_trail_looks_at_each_item_once(nested: tuple[Plant, str, str, RecorderState]) -> None:
    _, core, unit, records = nested
    picture = Picture(records)
    picture.things = things = CountedThings(records.things)
    places = trail(picture, core, things[core])
    assert max(things.visits.values()) == 1
    assert {place.item for place in places} == set(things.visits)
    assert places[-1].item == unit
    assert len(things.visits) == 1 + LEVELS * (PARTS + 1)
