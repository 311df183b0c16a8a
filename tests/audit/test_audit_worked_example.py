"""The worked example of docs/spec/account.md, figure by figure."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.audit.accounts import Plant, account, codes


class FiveCores(NamedTuple):
    plant: Plant
    line: str


@pytest.fixture
def five() -> FiveCores:
    plant = Plant()
    line = plant.declare_in(5, "5.000")
    one, two, three, four, five = (plant.import_core(line) for _ in range(5))
    plant.add("receive", five, {"result": "short"})
    for core in (one, two, three, four):
        plant.add("receive", core, {"result": "ok"})
    for core, grade in ((one, "A"), (two, "C"), (three, "B"), (four, "R")):
        plant.add("inspect", core, {"grade": grade})
    first = plant.build("1.000", one)
    housing, board = plant.strip(two, ("housing", "0.500"), ("board", "0.400"), waste_kg="0.090")
    plant.scrap(board, "0.400")
    plant.add("close_lot", plant.waste, {"net_kg": "0.400"})
    plant.add("destroy", plant.waste, {"net_kg": "0.400", "residue_kg": "0.390"})
    third = plant.build("1.480", three, housing)
    plant.export(first, plant.declare_out(1, "1.000", destination="USA"))
    plant.send_back(four, plant.declare_out(1, "1.000", destination="ARE"), "1.000")
    plant.release(third)
    sold = plant.declare_out(1, "1.480", destination="CHN")
    plant.add("divert", third, refs=(("declaration", sold),))
    return FiveCores(plant, line)


def test_five_cores_have_exactly_the_figures_of_the_page(five: FiveCores) -> None:
    described = account(five.plant)
    (book,) = described["books"]
    (line,) = book["lines_in"]
    declared = {name: line[name] for name in ("declared", "imported", "missing", "arrived")}
    assert declared == {"declared": "5", "imported": "5", "missing": "1", "arrived": "4"}
    assert line["difference"] == "1"
    (cores,) = book["cores"]
    assert {name: value for name, value in cores.items() if value != "0"} == {
        "book_line": "11",
        "imported": "5",
        "consumed": "2",
        "disassembled": "1",
        "returned": "1",
        "close": "1",
        "missing": "1",
        "kg": cores["kg"],
        "part_nos": ["P-1"],
    }
    (units,) = book["units"]
    assert [units[name] for name in ("assembled", "exported", "close")] == ["2", "1", "1"]
    board, housing = book["components"]
    assert (board["part"], board["harvested"], board["scrapped"]) == ("board", "1", "1")
    assert (housing["part"], housing["harvested"], housing["consumed"]) == ("housing", "1", "1")
    waste = next(lot for lot in described["waste"] if lot["lot"] == five.plant.waste)
    assert [waste[name] for name in ("in", "weighed", "here")] == ["0.4", "0.4", "0.4"]
    assert book["mass"] == {
        "cores_in": "5",
        "out": "1",
        "returned": "1",
        "waste": "0.4",
        "loose_waste": "0.09",
        "short_settled": "0",
        "close": "2.48",
        "loss": "0.03",
        "base": "3.5",
        "transferred": "0",
        "residual": "0",
    }
    assert line["fate"] == {
        "exported": "1",
        "returned": "1",
        "missing": "1",
        "unit_here": "1",
        "parts_here": "1",
    }
    assert line["open"] == described["open_cores"] == "3"
    assert codes(described) == ["QTY-02", "WST-07"]
    assert described["verdict"] == "differs"


def test_confirmed_amendment_discharges_the_missing_core(five: FiveCores) -> None:
    five.plant.amend(five.line, quantity="4", net_kg="4.000")
    described = account(five.plant)
    (line,) = described["books"][0]["lines_in"]
    (cores,) = described["books"][0]["cores"]
    figures = (line["difference"], line["short_settled"], cores["close"], line["open"])
    assert figures == ("0", "1", "0", "2")
    assert described["verdict"] == "balances"


def test_amendment_by_half_a_piece_discharges_no_core(five: FiveCores) -> None:
    """Pieces are never split: half a core of difference covers no missing one."""
    for quantity, settled in (("4.5", "0"), ("4.01", "0"), ("3.5", "1"), ("4", "1")):
        five.plant.amend(five.line, quantity=quantity, net_kg="4.000")
        (line,) = account(five.plant)["books"][0]["lines_in"]
        assert line["short_settled"] == settled
