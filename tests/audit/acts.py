"""What happens in a plant, for ledgers of one fault and other tests of the account."""

from __future__ import annotations

from typing import Any

from tests.audit.accounts import Plant
from tests.forging import Forger

LATE = 400  # days after which every limit has passed
SERIAL = "P35PFZAH05XY"
UNIT = "RM-24261870"
CONSUMPTION = [{"part_no": UNIT, "new_part": "CAP", "net": "2", "loss": "0.1"}]


def exported(plant: Plant, **fields: Any) -> str:
    """A unit that left on a line that fits."""
    core = plant.import_core(plant.declare_in(1, "1.000"), state="ACCEPTED")
    unit = plant.build("1.000", core)
    plant.export(unit, plant.declare_out(1, "1.000", destination="USA"), **fields)
    return unit


def core_of(plant: Plant, state: str = "ACCEPTED", kg: str = "1.000", **fields: Any) -> str:
    """A core on a line that fits."""
    return plant.import_core(plant.declare_in(1, kg), kg, state=state, **fields)


def pass_time(plant: Plant) -> None:
    """Enough events that a single correction is rare among them."""
    for _ in range(40):
        plant.add("move", plant.waste)


def correct(plant: Plant, item: str, kind: str, **public: Any) -> None:
    """Corrects public fields of an item's latest event of a kind, among enough others."""
    pass_time(plant)
    events = [one for one in plant.events if (one.payload.sub, one.kind_name) == (item, kind)]
    by = "importer" if kind == "import" else "quality"
    target = ("target", item, events[-1].id)
    plant.add("correct", item, {"set_public": public}, by=by, refs=(target,))


def new_parts(lot: str, quantity: str) -> dict[str, Any]:
    return {"new_parts": [{"lot": lot, "part_no": "CAP", "quantity": quantity}]}


def forged(plant: Plant, kind: str, item: str, *links: tuple[str, str], by: str) -> Forger:
    """The log of a plant with one more event that the rules forbid."""
    log = Forger(plant)
    refs = [(name, other, log.chain(other)[0].id) for name, other in links]
    log.add(kind, item, by=by, refs=refs)
    log.publish()
    return log


def draw(plant: Plant, lot: str, reason: str, quantity: str = "1") -> None:
    """New parts that leave a lot; nobody answers yet."""
    refs = {"scrapped": (("lot", plant.waste),)}.get(reason, ())
    if reason == "returned":
        refs = (("declaration", plant.declare_out(0, "0.010", unit="035")),)
    data = {"reason": reason, "quantity": quantity, "net_kg": "0.010"}
    plant.add("draw_lot", lot, data, refs=refs)


def stocked(plant: Plant, part_no: str = "") -> str:
    """A lot of five new parts."""
    lot = plant._new_id("lot/L{:04}")
    plant.add("open_lot", lot, {"class": "new_part"} | ({"part_no": part_no} if part_no else {}))
    plant.add("fill_lot", lot, {"quantity": "5"}, refs=())
    return lot


def destroyed(plant: Plant, *, confirmed: bool = True, weighed: str = "1.000") -> None:
    """A core that was scrapped and destroyed."""
    plant.scrap(core_of(plant), "1.000")
    plant.add("close_lot", plant.waste, {"net_kg": weighed})
    plant.add("destroy", plant.waste, {"net_kg": weighed, "residue_kg": "0.900"})
    if confirmed:
        plant.confirm(plant.waste)


def withheld(plant: Plant, kind: str, name: str) -> Forger:
    """The log of a plant in which a field of the last event of a kind is not disclosed."""
    log = Forger(plant)
    event = next(event for event in reversed(plant.events) if event.kind_name == kind)
    log.erase_shown(event, name)
    log.publish()
    return log


def sold(plant: Plant, **fields: Any) -> None:
    """A unit that was sold domestically, which customs confirmed."""
    unit = plant.build("1.000", core_of(plant))
    plant.release(unit)
    line = plant.declare_out(1, "1.000", destination="CHN")
    plant.add("divert", unit, fields, refs=(("declaration", line),))
    plant.confirm(unit)


def counted(plant: Plant, quantity: str, **more: Any) -> None:
    """A count of the cores of one part number."""
    row = {"item_class": "core", "part_no": "P-1", "quantity": quantity, "kg": "1", "location": "A"}
    plant.add("stocktake", plant.book_id, {"scope": "hall 1", "counts": [row], **more})


def reported(plant: Plant, *, result: str = "", **lies: Any) -> Forger:
    """A plant that reported its first period after a checkpoint."""
    core_of(plant)
    log = Forger(plant)
    data = {"from_size": 1, "to_size": log.publish(), "residual_zero": True}
    log.add("writeoff", plant.book_id, data | lies, by="importer")
    if result:
        target = [("target", plant.book_id, log.events[-1].id)]
        log.add("confirm", plant.book_id, {"result": result}, by="customs", refs=target)
    log.publish()
    return log
