"""Ledgers with exactly one fault each, by the finding that the fault must provoke.

A fault is a function that takes a plant without any fault and returns its log, and the codes that
the account then has. What the door would refuse is written by `Forger`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.audit.accounts import Plant, day
from tests.audit.acts import (
    CONSUMPTION,
    LATE,
    SERIAL,
    UNIT,
    core_of,
    correct,
    counted,
    destroyed,
    draw,
    exported,
    forged,
    new_parts,
    pass_time,
    reported,
    sold,
    stocked,
    withheld,
)
from tests.forging import Forger

__all__ = ["FAULTS", "Fault"]

Make = Callable[[Plant], Forger]
EQUIPMENT = {"id": "B-1", "due": "2025-01-01"}


class Fault(NamedTuple):
    """What to do with a plant of this policy, and which findings there are afterwards."""

    make: Make
    codes: tuple[str, ...]
    severity: str
    policy: dict[str, Any]


FAULTS: dict[str, Fault] = {}


def fault(
    code: str, *also: str, severity: str = "H", **policy: Any
) -> Callable[[Callable[[Plant], Forger | None]], Make]:
    """Registers a fault; one that returns nothing has the log of everything in the plant."""

    def register(act: Callable[[Plant], Forger | None]) -> Make:
        def make(plant: Plant) -> Forger:
            log = act(plant)
            if log is None:
                log = Forger(plant)
                log.publish()
            return log

        name = act.__name__.replace("_", " ")
        FAULTS[name] = Fault(make, tuple(sorted((code, *also))), severity, policy)
        return make

    return register


@fault("INT-05")
def signed_without_right(plant: Plant) -> Forger:
    core = core_of(plant)
    log = Forger(plant)
    log.add("hold", core, {"authority": "customs"}, by="operator")
    log.publish()
    return log


@fault("INT-06", severity="M")
def recorded_late(plant: Plant) -> None:
    plant.add("move", core_of(plant), occurred=day(-10))


@fault("INT-06", severity="M")
def recorded_late_on_the_policy(plant: Plant) -> None:
    plant.add("set_policy", "policy", {"values": {"zone_country": "CHN"}}, occurred=day(-10))


@fault("INT-06", severity="M")
def taken_back_late(plant: Plant) -> None:
    core = core_of(plant)
    plant.add("move", core)
    plant.add("void", core, occurred=day(-9))


@fault("INT-06", severity="M")
def recorded_before_it_happened(plant: Plant) -> None:
    plant.add("move", core_of(plant), occurred=day(1))


@fault("INT-07")
def against_the_rules(plant: Plant) -> Forger:
    core = core_of(plant, "RECEIVED")
    log = Forger(plant)
    log.add("clean", core, by="operator")
    log.publish()
    return log


@fault("INT-08", severity="M")
def key_compromised(plant: Plant) -> None:
    kid = plant.actors["broker"].signer.key.kid
    data = {"reason": "compromised", "compromised_since": 5}
    plant.add("revoke_key", f"key/{kid}", data, by="plant admin")


@fault("INT-09", severity="M")
def field_withheld(plant: Plant) -> Forger:
    core = core_of(plant)
    log = Forger(plant)
    imported = next(event for event in plant.events if event.payload.sub == core)
    log.erase_shown(imported, "net_kg")
    log.publish()
    return log


@fault("INT-10", severity="M")
def unknown_kind(plant: Plant) -> Forger:
    core = core_of(plant)
    log = Forger(plant)
    log.add("glow", core, {"colour": "blue"}, by="operator")
    log.publish()
    return log


@fault("QTY-01")
def declared_more_than_imported(plant: Plant) -> None:
    line = plant.declare_in(2, "2.000")
    plant.import_core(line)
    plant.add("close_line", line)


@fault("QTY-01")
def declared_at_a_time_in_the_future(plant: Plant) -> None:
    plant.import_core(plant.declare_in(2, "2.000", declared_at=day(3650)))
    plant.wait(10)
    plant.add("move", plant.waste)


@fault("QTY-01")
def declared_later_as_corrected(plant: Plant) -> None:
    line = plant.declare_in(2, "2.000")
    plant.import_core(line)
    plant.amend(line, declared_at=day(3650))
    plant.wait(10)
    pass_time(plant)


@fault("QTY-01")
def opening_count_after_goods_have_left(plant: Plant) -> None:
    line = plant.declare_in(2, "2.000")
    unit = plant.build("1.000", plant.import_core(line, state="ACCEPTED"))
    plant.export(unit, plant.declare_out(1, "1.000", destination="USA"))
    plant.add("close_line", line)
    counted(plant, "0", opening=True)


@fault("QTY-02")
def core_missing(plant: Plant) -> None:
    core_of(plant, "MISSING")


@fault("QTY-02", "COR-03")
def core_missing_with_an_amendment_that_customs_did_not_confirm(plant: Plant) -> None:
    line = plant.declare_in(1, "1.000")
    plant.import_core(line, state="MISSING")
    pass_time(plant)
    plant.amend(line, confirmed=False, quantity="0")


@fault("QTY-03")
def more_arrived_than_declared(plant: Plant) -> None:
    line = plant.declare_in(1, "1.000")
    plant.import_core(line)
    plant.import_core(line)


@fault("QTY-04")
def declared_more_than_left(plant: Plant) -> None:
    core = core_of(plant)
    line = plant.declare_out(2, "2.000")
    plant.export(plant.build("1.000", core), line)
    plant.add("close_line", line)


@fault("QTY-04", severity="M")
def returned_core_counts_as_two(plant: Plant) -> None:
    plant.send_back(core_of(plant), plant.declare_out(1, "1.000"), "1.000", quantity="2")


@fault("QTY-05", severity="M")
def lighter_than_declared(plant: Plant) -> None:
    line = plant.declare_in(1, "2.000")
    plant.import_core(line)
    plant.add("close_line", line)


@fault("QTY-05", severity="M")
def heavier_than_declared_in_kilograms(plant: Plant) -> None:
    line = plant.declare("declare_in", "1", "1.000", unit="035")
    plant.import_core(line, "1.200")
    plant.add("close_line", line)


@fault("QTY-05", severity="M")
def quantity_in_kilograms_is_not_the_net_weight(plant: Plant) -> None:
    value = {"amount": "1.00", "currency": "USD"}
    line = plant.declare("declare_in", "50", "1.000", unit="035", total=value)
    plant.import_core(line)
    plant.add("close_line", line)


@fault("QTY-06", "INT-07")
def assembly_half_done(plant: Plant) -> Forger:
    core = core_of(plant)
    log = Forger(plant)
    unit = plant._new_id("01/09521234543213/21/U{:04}")
    head = log.chain(core)[-1].id
    data = {"input_count": 1, "net_kg": "1.000"}
    log.add("assemble", unit, data, by="operator", refs=[("input", core, head)])
    log.publish()
    return log


@fault("QTY-07", severity="M")
def dearer_than_declared(plant: Plant) -> None:
    line = plant.declare_in(1, "1.000", total={"amount": "0.50", "currency": "USD"})
    plant.import_core(line)
    plant.add("close_line", line)


@fault("QTY-08", severity="M")
def lost_in_processing(plant: Plant) -> None:
    plant.build("0.985", core_of(plant))


@fault("QTY-09")
def returned_on_an_inbound_line(plant: Plant) -> Forger:
    core, line = core_of(plant), plant.declare_in(0, "0.000")
    return forged(plant, "return", core, ("declaration", line), by="importer")


@fault("QTY-09")
def imported_on_a_closed_line(plant: Plant) -> Forger:
    line = plant.declare_in(0, "0.000")
    plant.add("close_line", line)
    core = plant._new_id("8004/9521234C{:06}")
    return forged(plant, "import", core, ("declaration", line), by="importer")


@fault("QTY-09", severity="M")
def exported_to_another_country(plant: Plant) -> None:
    exported(plant, destination="DEU")


@fault("QTY-10")
def worked_on_after_it_left(plant: Plant) -> Forger:
    unit = exported(plant)
    plant.add("warranty_return", unit)
    return forged(plant, "repair", unit, by="operator")


@fault("QTY-11")
def reimported_without_a_core(plant: Plant) -> None:
    unit = exported(plant)
    plant.add("reimport", unit, refs=(("declaration", plant.declare_in(0, "0.000")),))


@fault("QTY-11")
def reimported_on_another_line(plant: Plant) -> None:
    unit = exported(plant)
    plant.add("reimport", unit, refs=(("declaration", plant.declare_in(0, "0.000")),))
    line, core = plant.declare_in(1, "1.000"), plant._new_id("8004/9521234C{:06}")
    data = {"net_kg": "1.000", "unit_value": {"amount": "1.00", "currency": "USD"}}
    plant.add("import", core, data, refs=(("declaration", line), ("parent", unit)))


@fault("QTY-12")
def new_parts_counted_short(plant: Plant) -> None:
    draw(plant, stocked(plant), "short")


@fault("QTY-12")
def shortage_of_new_parts_confirmed_by_the_carrier_only(plant: Plant) -> None:
    lot = stocked(plant)
    draw(plant, lot, "short")
    plant.confirm(lot, by="carrier")


@fault("QTY-12")
def shortage_of_new_parts_refused(plant: Plant) -> None:
    lot = stocked(plant)
    draw(plant, lot, "short")
    plant.confirm(lot, result="refused")


@fault("CUS-02")
def returned_new_parts_refused(plant: Plant) -> None:
    lot = stocked(plant)
    draw(plant, lot, "returned")
    plant.confirm(lot, by="carrier", result="refused")


@fault("WST-06", severity="M")
def new_parts_scrapped_into_waste_of_another_sort(plant: Plant) -> None:
    plant.waste = plant._new_id("lot/L{:04}")
    plant.add("open_lot", plant.waste, {"class": "waste", "hazard_code": "HW49"})
    data = {"reason": "scrapped", "hazard_code": "HW08 900-249-08", "quantity": "1"}
    plant.add("draw_lot", stocked(plant), data, refs=(("lot", plant.waste),))


@fault("LIN-05")
def drew_more_than_was_there(plant: Plant) -> None:
    draw(plant, stocked(plant), "scrapped", "6")


@fault("LIN-04", severity="M")
def new_parts_from_no_lot(plant: Plant) -> None:
    plant.add("repair", core_of(plant), new_parts("lot/NONE", "1"))


@fault("LIN-05")
def lot_overdrawn(plant: Plant) -> None:
    lot = plant.lot(sort="new_part")
    plant.add("repair", core_of(plant), new_parts(lot, "1"))


@fault("LIN-05", severity="M")
def lot_filled_too_late(plant: Plant) -> None:
    lot = plant.lot(sort="new_part")
    plant.add("repair", core_of(plant), new_parts(lot, "1"))
    plant.add("fill_lot", lot, {"quantity": "5"}, refs=())


@fault("LIN-05", "INT-09")
def lot_overdrawn_before_a_quantity_that_is_withheld(plant: Plant) -> Forger:
    lot = plant.lot(sort="new_part")
    plant.add("repair", core_of(plant), new_parts(lot, "1"))
    filled = plant.add("fill_lot", lot, {"quantity": "5"}, refs=())
    log = Forger(plant)
    log.erase_shown(filled, "quantity")
    log.publish()
    return log


@fault("LIN-07", "QTY-08", severity="M")
def parts_weigh_half(plant: Plant) -> None:
    plant.strip(core_of(plant, "DONOR"), ("housing", "0.500"))


@fault("LIN-07", severity="M")
def parts_weigh_more(plant: Plant) -> None:
    plant.strip(core_of(plant, "DONOR"), ("housing", "1.100"))


@fault("LIN-07", severity="M")
def scrap_weighs_nothing_beside_much_that_was_processed(plant: Plant) -> None:
    plant.build("200.000", core_of(plant, kg="200.000"))
    plant.scrap(core_of(plant), "0.001")


@fault("LIN-07", "QTY-08", severity="M")
def return_weighs_half(plant: Plant) -> None:
    plant.send_back(core_of(plant), plant.declare_out(1, "0.500"), "0.500")


@fault("LIN-07", severity="M")
def scrapped_unit_weighs_more_than_was_assembled(plant: Plant) -> None:
    plant.scrap(plant.build("1.000", core_of(plant)), "1.100")


@fault("LIN-08")
def parts_of_two_books(plant: Plant) -> None:
    one = core_of(plant)
    home, plant.book_id = plant.book_id, plant.book()
    two = core_of(plant)
    plant.book_id = home
    plant.build("2.000", one, two)


@fault("LIN-08")
def new_parts_of_another_book(plant: Plant) -> None:
    core, lot = core_of(plant), plant._new_id("lot/L{:04}")
    plant.add("open_lot", lot, {"class": "new_part"}, refs=(("book", plant.book_id),))
    plant.add("fill_lot", lot, {"quantity": "5"}, refs=())
    home, plant.book_id = plant.book_id, plant.book()
    other = core_of(plant)
    plant.book_id = home
    for item in (core, other):
        plant.add("repair", item, new_parts(lot, "1"))


@fault("LIN-08")
def waste_of_another_book(plant: Plant) -> None:
    plant.waste = plant._new_id("lot/L{:04}")
    plant.add("open_lot", plant.waste, {"class": "waste"}, refs=(("book", plant.book_id),))
    home, plant.book_id = plant.book_id, plant.book()
    other = core_of(plant)
    plant.book_id = home
    for item in (core_of(plant), other):
        plant.scrap(item, "1.000")


@fault("LIN-08")
def processed_in_a_logistics_book(plant: Plant) -> None:
    plant.book_id = plant._new_id("book/LOGISTICS-BOOK-{:04}")
    plant.add("open_book", plant.book_id, {"class": "logistics"})
    plant.add("clean", core_of(plant))


@fault("LIN-09", severity="M")
def returned_under_another_book_line(plant: Plant) -> None:
    line = plant.declare_out(1, "1.000", book_line=12)
    plant.send_back(core_of(plant), line, "1.000")


@fault("REL-05", severity="M")
def tested_with_expired_equipment(plant: Plant) -> None:
    unit = plant.build("1.000", core_of(plant))
    plant.add("test", unit, {"overall": "pass", "equipment": EQUIPMENT})


@fault("REL-05", severity="M")
def equipment_expired_as_corrected(plant: Plant) -> None:
    unit = plant.build("1.000", core_of(plant))
    plant.add("test", unit, {"overall": "pass", "equipment": {**EQUIPMENT, "due": "2030-01-01"}})
    correct(plant, unit, "test", equipment=EQUIPMENT)


@fault("REL-06")
def left_while_its_line_was_held(plant: Plant) -> None:
    unit = plant.build("1.000", core_of(plant))
    line = plant.declare_out(1, "1.000", destination="USA")
    plant.add("hold", line, {"authority": "customs"}, by="customs")
    plant.export(unit, line)


@fault("REL-07")
def left_while_a_part_was_recalled(plant: Plant) -> None:
    core = core_of(plant)
    unit = plant.build("1.000", core)
    plant.add("recall", core, by="approver")
    plant.export(unit, plant.declare_out(1, "1.000", destination="USA"))


@fault("REL-08", severity="M")
def label_without_the_mark(plant: Plant) -> None:
    unit = plant.build("1.000", core_of(plant))
    plant.release(unit, label_text="Remanufactured")


@fault("REL-08", severity="M")
def mark_corrected_away(plant: Plant) -> None:
    unit = plant.build("1.000", core_of(plant))
    plant.release(unit)
    correct(plant, unit, "pack", label_text="Remanufactured")


@fault("TIM-01", "TIM-03")
def core_overdue(plant: Plant) -> None:
    core = core_of(plant)
    plant.wait(LATE)
    plant.add("move", core)


@fault("TIM-02", severity="L", writeoff_days=3650)
def core_nearly_overdue(plant: Plant) -> None:
    core = core_of(plant)
    plant.wait(340)
    plant.add("move", core)


@fault("TIM-03", severity="M")
def period_open_for_too_long(plant: Plant) -> None:
    plant.wait(LATE)
    core_of(plant)


@fault("TIM-03", severity="M")
def book_that_starts_in_the_future(plant: Plant) -> None:
    plant.book_id = plant._new_id("book/FUTURE-BOOK-{:04}")
    plant.add("open_book", plant.book_id, {"started": "2099-01-01"})
    plant.wait(LATE)
    core_of(plant)


@fault("TIM-04", severity="M")
def departed_before_it_was_declared(plant: Plant) -> None:
    exported(plant, departed_at=day(-5))


@fault("WST-01", "TIM-01", "TIM-03")
def waste_overdue(plant: Plant) -> None:
    plant.scrap(core_of(plant), "1.000")
    plant.wait(LATE)
    plant.add("move", plant.waste)


@fault("WST-02", "INT-09")
def certificate_withheld(plant: Plant) -> Forger:
    destroyed(plant)
    return withheld(plant, "destroy", "certificate_sha256")


@fault("WST-03", "INT-09")
def approval_of_destruction_withheld(plant: Plant) -> Forger:
    destroyed(plant)
    return withheld(plant, "destroy", "approval")


@fault("WST-04")
def waste_weighs_less(plant: Plant) -> None:
    destroyed(plant, weighed="0.500")


@fault("WST-05")
def waste_returned_into_the_country(plant: Plant) -> None:
    plant.scrap(core_of(plant), "1.000")
    line = plant.declare_out(0, "0.000", unit="035")
    plant.send_back(plant.waste, line, "1.000", destination="CHN")


@fault("WST-06", severity="M")
def waste_of_another_sort(plant: Plant) -> None:
    plant.waste = plant._new_id("lot/L{:04}")
    plant.add("open_lot", plant.waste, {"class": "waste", "hazard_code": "HW49"})
    plant.scrap(core_of(plant), "1.000", hazard_code="HW08 900-249-08")


@fault("WST-07", severity="M")
def destruction_pending(plant: Plant) -> None:
    destroyed(plant, confirmed=False)


@fault("WST-07", severity="M")
def destruction_refused(plant: Plant) -> None:
    destroyed(plant, confirmed=False)
    plant.confirm(plant.waste, result="refused")


@fault("DOM-01")
def sold_without_tax(plant: Plant) -> None:
    sold(plant, vat={"amount": "0", "currency": "CNY"})


@fault("DOM-01")
def core_returned_into_the_country(plant: Plant) -> None:
    line = plant.declare_out(1, "1.000", destination="CHN")
    plant.send_back(core_of(plant), line, "1.000", destination="CHN")


@fault("DOM-02", "INT-09")
def approval_of_sale_withheld(plant: Plant) -> Forger:
    sold(plant)
    return withheld(plant, "divert", "approval")


@fault("DOC-03", severity="M", mode_codes=["1300"])
def unusual_mode(plant: Plant) -> None:
    plant.declare_in(1, "1.000")


@fault("COR-02", severity="L")
def corrected_often(plant: Plant) -> None:
    core = core_of(plant, "RECEIVED")
    received = plant.events[-1].id
    for note in ("dirty", "wet", "bent"):
        data = {"set_public": {"condition": note}}
        plant.add("correct", core, data, by="operator", refs=(("target", core, received),))


@fault("COR-03", severity="M")
def correction_unanswered(plant: Plant) -> None:
    pass_time(plant)
    plant.amend(plant.declare_in(1, "1.000"), confirmed=False, goods_name="module")


@fault("CUS-01", severity="L")
def check_only_asserted(plant: Plant) -> None:
    plant.add("customs_check", core_of(plant), by="importer")


@fault("CUS-01", severity="L")
def destruction_only_asserted(plant: Plant) -> None:
    destroyed(plant, confirmed=False)
    plant.confirm(plant.waste, by="importer", receipt_sha256="ab" * 32)


@fault("CUS-02")
def export_refused(plant: Plant) -> None:
    exported(plant, answer="refused")


@fault("CUS-03", severity="M")
def export_unanswered(plant: Plant) -> None:
    unit = exported(plant, answer="")
    plant.wait(4)
    plant.add("move", unit)


@fault("STK-01")
def counted_less(plant: Plant) -> None:
    core_of(plant)
    counted(plant, "0")


@fault("CON-01", severity="M", consumption=CONSUMPTION)
def unit_with_more_new_parts_than_declared(plant: Plant) -> None:
    core, lot = core_of(plant), stocked(plant)
    plant.add("repair", core, new_parts(lot, "2"))
    unit = plant.build("1.000", core, part_no=UNIT)
    plant.add("repair", unit, new_parts(lot, "1"))


@fault("CON-02", severity="M", consumption=CONSUMPTION)
def more_new_parts_scrapped_than_declared(plant: Plant) -> None:
    lot = stocked(plant, "CAP")
    plant.build("1.000", core_of(plant), part_no=UNIT, **new_parts(lot, "2"))
    draw(plant, lot, "scrapped")


@fault("REL-09", firmware=[{"part_no": UNIT, "version": "2", "image_sha256": "ab" * 32}])
def software_installed_that_was_not_released(plant: Plant) -> None:
    unit = plant.build("1.000", core_of(plant), part_no=UNIT)
    plant.add("update", unit, {"to_version": "2", "image_sha256": "cd" * 32})


@fault("YLD-01", severity="M", yield_limits=[{"part_no": "P-1", "low": "0.9", "high": "1"}])
def good_core_scrapped(plant: Plant) -> None:
    plant.scrap(core_of(plant), "1.000")


@fault("DUP-01", severity="M")
def serial_number_twice(plant: Plant) -> Forger:
    for _ in range(2):
        core_of(plant, old_serial=SERIAL)
    log = Forger(plant)
    for wire, event in zip(log.wires, log.events, strict=True):
        # The serial number is internal: the plant's own archive shows it.
        log.shown[log.entries.index(event.token)] = wire.partition(b"~")[2]
    log.publish()
    return log


@fault("WOF-01")
def report_begins_elsewhere(plant: Plant) -> Forger:
    return reported(plant, from_size=5)


@fault("WOF-01")
def report_begins_before_the_opening(plant: Plant) -> Forger:
    counted(plant, "0", opening=True)
    return reported(plant, from_size=5)


@fault("WOF-02")
def report_ends_at_no_checkpoint(plant: Plant) -> Forger:
    return reported(plant, to_size=7)


@fault("WOF-04", severity="M")
def report_refused(plant: Plant) -> Forger:
    return reported(plant, result="refused")
