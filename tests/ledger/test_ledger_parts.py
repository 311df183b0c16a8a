"""Units that contain a held or recalled part: refused at the door, accepted on replay, shown."""

from __future__ import annotations

import pytest

from tests.ledger.bench import Bench
from traceledger.errors import MalformedError, NotAllowedError
from traceledger.ledger.keeping.rebuild import rebuild
from traceledger.views.items import describe_item, find_row, read_overlays
from traceledger.views.rows import Search

STEPS = {"approve": "TESTED", "pack": "APPROVED", "export": "PACKED"}


def mark(bench: Bench, kind: str, item: str) -> str:
    data = {"authority": "customs"} if kind == "hold" else {}
    return bench.world.add(kind, item, data, by="customs").id


def deep_unit(bench: Bench, life: str) -> tuple[str, str, str]:
    """A unit with a component of a donor; returns unit, component and donor."""
    world = bench.world
    core, donor = world.core("ACCEPTED"), world.core("DONOR")
    (component,) = world.take_apart(donor, 1)
    return world.unit(life, (core, component)), component, donor


@pytest.mark.parametrize("place", [1, 2], ids=["part", "donor of the part"])
@pytest.mark.parametrize("kind", ["hold", "recall"])
@pytest.mark.parametrize("step", STEPS)
def test_a_marked_part_blocks_the_release_of_its_unit(
    bench: Bench, step: str, kind: str, place: int
) -> None:
    """A part recalled after assembly must not leave the plant inside a unit."""
    items = deep_unit(bench, STEPS[step])
    marked = items[place]
    target = mark(bench, kind, marked)
    bench.feed()
    wire = bench.world.sign(step, items[0])
    with pytest.raises(NotAllowedError) as caught:
        bench.ledger.append([wire])
    assert caught.value.code == ("part.held" if kind == "hold" else "part.recalled")
    assert marked in caught.value.message
    refs = (("target", marked, target),)
    release = bench.world.sign("release", marked, refs=refs, by="customs")
    assert len(bench.ledger.append([release, wire]).events) == 2


def test_a_mark_in_the_same_request_blocks_too(bench: Bench) -> None:
    unit, component, _ = deep_unit(bench, "PACKED")
    recall = bench.world.sign("recall", component, by="customs")
    with pytest.raises(NotAllowedError) as caught:
        bench.ledger.append(
            [*bench.world.wires[bench.fed :], recall, bench.world.sign("export", unit)]
        )
    assert caught.value.code == "part.recalled"


def test_a_unit_with_a_marked_part_may_be_rejected(bench: Bench) -> None:
    unit, component, _ = deep_unit(bench, "TESTED")
    mark(bench, "recall", component)
    bench.feed()
    bench.ledger.append([bench.world.sign("approve", unit, {"decision": "reject"})])


def test_a_unit_with_a_marked_part_gets_no_concession(bench: Bench) -> None:
    unit, component, _ = deep_unit(bench, "TESTED")
    mark(bench, "recall", component)
    bench.feed()
    with pytest.raises(NotAllowedError):
        bench.ledger.append([bench.world.sign("approve", unit, {"decision": "concession"})])


def test_a_replay_accepts_the_export_of_a_unit_with_a_marked_part(bench: Bench) -> None:
    """The rule is the door's: a log in which it happened is still a legal log."""
    unit, component, _ = deep_unit(bench, "PACKED")
    mark(bench, "recall", component)
    bench.world.add("export", unit)
    assert bench.world.replay.illegal == []


def test_marked_parts_are_shown_with_their_unit(bench: Bench) -> None:
    """A plant that looks at a unit must learn of the recall inside it, as its buyer does."""
    unit, component, donor = deep_unit(bench, "PACKED")
    bench.feed()
    assert describe_item(bench.ledger, find_row(bench.ledger, unit)).marked_parts == []
    mark(bench, "recall", component)
    mark(bench, "hold", donor)
    bench.feed()
    row = find_row(bench.ledger, unit)
    parts = describe_item(bench.ledger, row).marked_parts
    assert parts
    assert {part.item: part.overlays for part in parts} == {
        component: ["recalled"],
        donor: ["hold_customs"],
    }
    assert read_overlays(bench.ledger, row) == ["part_held", "part_recalled"]
    listed = {found.item: found.overlays for found in bench.ledger.find_items(Search())}
    assert listed[unit] == ["part_held", "part_recalled"]
    assert listed[component] == ["recalled", "part_held"]
    assert listed[donor] == ["hold_customs"]
    assert not rebuild(bench.ledger).differing


def test_new_parts_come_from_a_lot_of_new_parts(bench: Bench) -> None:
    """Parts from nowhere could stand for foreign parts that were never declared."""
    world = bench.world
    core, waste, lot = world.core("ACCEPTED"), world.lot(), world.lot(sort="new_part")
    world.add("void", voided := world.lot(sort="new_part"))
    bench.feed()

    def taking(item: str) -> dict[str, object]:
        return {"new_parts": [{"lot": item, "part_no": "CAP", "quantity": "1"}]}

    for wrong in ("lot/NONE", waste, voided):
        with pytest.raises(NotAllowedError, match=wrong) as caught:
            bench.ledger.append([world.sign("repair", core, taking(wrong))])
        assert caught.value.code == "part.lot"
    repair = world.add("repair", core, taking(lot))
    bench.feed()
    refs = (("target", core, repair.id),)
    wrong_set = {"set_customs": taking("lot/NONE")}
    with pytest.raises(NotAllowedError) as caught:
        bench.ledger.append([world.sign("correct", core, wrong_set, refs=refs)])
    assert caught.value.code == "part.lot"
    for malformed in ("lot/NONE", ["lot/NONE"], [{"part_no": "CAP"}], [{"lot": 7}]):
        wrong_set = {"set_customs": {"new_parts": malformed}}
        with pytest.raises(MalformedError):
            bench.ledger.append([world.sign("correct", core, wrong_set, refs=refs)])


def test_new_parts_of_a_core_are_refused_by_their_form(bench: Bench) -> None:
    """An id of a core is no lot, whatever the ledger contains."""
    core = bench.world.core("ACCEPTED")
    data = {"new_parts": [{"lot": core, "part_no": "CAP", "quantity": "1"}]}
    with pytest.raises(MalformedError, match="lot"):
        bench.world.sign("repair", core, data)
