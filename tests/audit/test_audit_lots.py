"""Lots of new parts and of waste: what goes in and out, and the book to which a lot belongs."""

from __future__ import annotations

from tests.audit.accounts import Json, Plant, account, codes, row
from tests.audit.acts import core_of, draw, stocked
from tests.audit.test_audit_behind import account_of, check, state_of
from traceledger.audit.behind import find_parts
from traceledger.audit.picture import Picture
from traceledger.audit.scope import Scope
from traceledger.audit.snapshot import Sums

TERMS = ("opening", "filled", "consumed", "scrapped", "returned", "short", "close", "residual")


def of_lot(described: Json, table: str, lot: str) -> Json:
    """The row of a lot."""
    found: Json = next(one for one in described[table] if one["lot"] == lot)
    return found


def test_draws_belong_to_the_period_in_which_they_happen() -> None:
    """Defends against parts that are written off twice, or in no period at all."""
    plant = Plant()
    lot = stocked(plant)
    draw(plant, lot, "scrapped", "2")
    opening = state_of(plant)
    start = opening.records.size - 1
    draw(plant, lot, "scrapped")
    for reason in ("returned", "short"):
        draw(plant, lot, reason)
    state = state_of(plant)
    state.snapshots[start] = Sums(Picture(opening.records)).snapshot()
    found, described = account_of(state, Scope(start, book=plant.book_id))
    assert row(described["new_parts"], *TERMS) == ["3", "0", "0", "1", "1", "1", "0", "0"]
    before, _ = account_of(opening, Scope(1, start, book=plant.book_id))
    check(found, described, before)
    (line,) = described["books"][0]["lines_out"]
    assert (line["returned"], line["kg"]) == ("0", "0.01")


def test_returned_lot_takes_along_what_was_not_drawn() -> None:
    plant = Plant()
    lot = stocked(plant)
    draw(plant, lot, "returned", "2")
    plant.send_back(lot, plant.declare_out(0, "1.000", unit="035"), "1.000")
    described = account(plant)
    assert row(described["new_parts"], "returned", "close", "residual") == ["5", "0", "0"]


def test_waste_of_disassembly_and_residue_of_cleaning_count_in_their_lot() -> None:
    """Defends against waste that is destroyed without anybody knowing where it came from."""
    plant = Plant()
    loose, dirty, donor = core_of(plant, "DONOR"), core_of(plant), core_of(plant, "DONOR")
    plant.strip(loose, ("housing", "0.700"), waste_kg="0.300")
    plant.add("clean", dirty, {"residue_kg": "0.004"}, refs=(("lot", plant.waste),))
    part = plant._new_id("8004/9521234P{:06}")
    data = {"output_count": 1, "waste_kg": "0.200"}
    plant.add("disassemble", donor, data, refs=(("output", part), ("lot", plant.waste)))
    plant.add("harvest", part, {"part": "board", "net_kg": "0.800"}, refs=(("parent", donor),))
    found, described = account_of(state_of(plant), Scope(book=plant.book_id))
    place = [lot["lot"] for lot in described["waste"]].index(plant.waste)
    assert described["waste"][place]["in"] == "0.204"
    mass = described["books"][0]["mass"]
    assert (mass["waste"], mass["loose_waste"], mass["residual"]) == ("0.2", "0.3", "0")
    parts = find_parts(found, described, f"/waste/{place}/in")
    assert [(one.item, str(one.value)) for one in parts] == [(dirty, "0.004"), (donor, "0.200")]
    check(found, described)
    assert codes(described) == []


def test_lot_of_a_book_is_in_the_account_of_that_book_alone() -> None:
    """Defends against one shortage that two books report, or neither."""
    plant = Plant()
    other, home = plant.book(), plant.book_id
    lot, waste = "lot/OF-ANOTHER-BOOK", "lot/WASTE-OF-ANOTHER-BOOK"
    for item, sort in ((lot, "new_part"), (waste, "waste")):
        plant.add("open_lot", item, {"class": sort}, refs=(("book", other),))
    plant.add("fill_lot", lot, {"quantity": "5"}, refs=())
    draw(plant, lot, "short")
    for book, there in ((home, False), (other, True), ("", True)):
        described = account(plant, Scope(book=book))
        for table, item in (("new_parts", lot), ("waste", waste)):
            assert (item in {one["lot"] for one in described[table]}) is there
        assert ("QTY-12" in codes(described)) is there
    assert of_lot(account(plant, Scope()), "new_parts", lot)["book"] == other


def test_waste_stays_as_long_as_the_book_of_its_lot_allows() -> None:
    """Defends against waste that a longer limit of another book hides."""
    plant = Plant(max_days=[{"book": "book/ANOTHER", "days": 900}], writeoff_days=3650)
    waste = "lot/WASTE-OF-THE-BOOK"
    plant.add("open_lot", waste, {"class": "waste"}, refs=(("book", plant.book_id),))
    for lot in (waste, plant.waste):
        plant.add("scrap", core_of(plant), {"net_kg": "1.000"}, refs=(("lot", lot),))
    plant.wait(400)
    plant.add("move", waste)
    subjects = [one["subject"] for one in account(plant)["findings"] if one["code"] == "WST-01"]
    assert subjects == [waste]


def test_waste_of_a_disassembly_keeps_its_core_open_until_the_lot_is_gone() -> None:
    """Defends against an account that closes while what was taken out of it lies in the plant."""
    plant = Plant()
    donor, part = core_of(plant, "DONOR"), plant._new_id("8004/9521234P{:06}")
    data = {"output_count": 1, "waste_kg": "0.990"}
    plant.add("disassemble", donor, data, refs=(("output", part), ("lot", plant.waste)))
    plant.add("harvest", part, {"part": "screw", "net_kg": "0.010"}, refs=(("parent", donor),))

    def fate() -> tuple[str, dict[str, str]]:
        described = account(plant)
        (line,) = described["books"][0]["lines_in"]
        return described["verdict"], line["fate"]

    assert fate() == ("balances", {"parts_here": "1"})
    plant.export(plant.build("0.010", part), plant.declare_out(1, "0.010", destination="USA"))
    assert fate() == ("balances", {"waste_here": "1"})
    found, described = account_of(state_of(plant), Scope(book=plant.book_id))
    (core,) = find_parts(found, described, "/books/0/lines_in/0/fate/waste_here")
    assert {donor, part, plant.waste} <= {place.item for place in core.entries}
    plant.add("close_lot", plant.waste, {"net_kg": "0.990"})
    plant.add("destroy", plant.waste, {"net_kg": "0.990", "residue_kg": "0.900"})
    assert fate() == ("balances", {"waste_here": "1"})
    plant.confirm(plant.waste)
    assert fate() == ("closes", {"parts_settled": "1"})
