"""The events of one core and its unit as drafts, with fictitious but plausible values."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from msgspec import UNSET, UnsetType

from traceledger.events.draft import Draft, DraftRef
from traceledger_cli.demo.fates import Fate
from traceledger_cli.demo.models import LIMITS, MODELS, Limit

__all__ = [
    "NEW_PARTS",
    "WASTE",
    "Parts",
    "approve",
    "assemble",
    "calibrate",
    "clean",
    "diagnose",
    "export",
    "inspect",
    "move",
    "pack",
    "receive",
    "repair",
    "return_abroad",
    "scrap",
    "sha256",
    "take_apart",
    "test",
    "update",
    "weigh",
]

_EQUIPMENT = {"id": "STAND-3", "due": "2025-12-31"}
NEW_PARTS = "lot/KIT-2503"
WASTE = "lot/WASTE-2503"
_INSTALLATION = {
    "en": "Program the unit to the vehicle, then adapt the clutches, before driving.",
    "zh-CN": "装车后先做车辆编程，再做离合器自适应，之后方可行驶。",
}
_MAKER = "重庆雨翔智能科技有限公司"


def sha256(text: str) -> str:
    """Returns the SHA-256 of a fictitious document, as hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def receive(fate: Fate) -> Draft:
    """Drafts the receipt of the core."""
    place = int(fate.core[-6:])
    return Draft(
        kind="receive",
        item=fate.core,
        data={
            "result": "ok",
            "condition": "as removed, complete" if fate.grade != "S" else "housing damaged",
            "seal_intact": True,
            "location": f"WH1-{'ABCDEF'[place % 6]}-{place % 40:02}",
        },
    )


def inspect(fate: Fate) -> Draft:
    """Drafts the grading of the core."""
    data: dict[str, Any] = {"grade": fate.grade, "identity_match": fate.row.old_serial is not None}
    if fate.reject_code:
        data["reject_codes"] = [fate.reject_code]
    return Draft(kind="inspect", item=fate.core, data=data)


def clean(item: str, method: str, seconds: int) -> Draft:
    """Drafts the cleaning of a part."""
    data = {"method": method, "duration_s": seconds, "result": "clean"}
    return Draft(kind="clean", item=item, data=data)


def diagnose(fate: Fate, item: str, *, done: bool) -> Draft:
    """Drafts a diagnosis, before or after the work."""
    model = MODELS[fate.row.part_no]
    data: dict[str, Any] = {
        "trouble_codes": [] if done or not fate.needs_repair else list(model.trouble_codes),
        "result": "no_fault" if done or not fate.needs_repair else "repairable",
        "protocol": "ISO 14229 on CAN",
        "software": model.new_software if done else model.software,
    }
    return Draft(kind="diagnose", item=item, data=data)


def repair(fate: Fate, item: str, random: Random) -> Draft:
    """Drafts the repair of a fault."""
    fault = random.choice(MODELS[fate.row.part_no].faults)
    data: dict[str, Any] = {
        "action": "replace" if fault.part else "resolder",
        "faults": [fault.what],
        "replaced": [{"part": fault.part, "quantity": "1"}] if fault.part else [],
        "minutes": random.randrange(12, 55),
    }
    if fault.part:
        data["new_parts"] = [{"lot": NEW_PARTS, "part_no": "KIT-7", "quantity": "1"}]
    return Draft(kind="repair", item=item, data=data)


def update(fate: Fate) -> Draft:
    """Drafts the software update, which erases the previous owner's data."""
    model = MODELS[fate.row.part_no]
    data = {
        "from_version": model.software,
        "to_version": model.new_software,
        "image_sha256": sha256(model.new_software),
        "personal_data_erased": True,
        "tool": "J2534",
        "licence": "OEM 55-1",
    }
    return Draft(kind="update", item=fate.core, data=data)


def calibrate(fate: Fate) -> Draft:
    """Drafts the characterisation of the solenoids."""
    data = {
        "calibration_id": f"{MODELS[fate.row.part_no].new_software}-C",
        "verification_number": sha256(fate.core)[:8].upper(),
        "result": "pass",
        "equipment": _EQUIPMENT,
    }
    return Draft(kind="calibrate", item=fate.core, data=data)


def assemble(
    fate: Fate, day: datetime, *, net_kg: str, inputs: Sequence[str] = (), cycle: int = 1
) -> list[Draft]:
    """Drafts the assembly of a unit from the core, or from other inputs: one request.

    The first input is the primary one. The request also consumes the inputs.
    """
    inputs = inputs or (fate.core,)
    refs = [DraftRef("input", item) for item in inputs]
    if len(inputs) > 1:
        refs.append(DraftRef("primary", inputs[0]))
    unit = Draft(
        kind="assemble",
        item=fate.unit,
        data={
            "part_no": MODELS[fate.row.part_no].unit_part_no,
            "input_count": len(inputs),
            "production_date": day.date().isoformat(),
            "net_kg": net_kg,
            "bom": "B4",
            "reman_cycle": cycle,
        },
        refs=tuple(refs),
    )
    link = (DraftRef("unit", fate.unit),)
    return [unit, *(Draft(kind="consume", item=item, data={}, refs=link) for item in inputs)]


class Parts(NamedTuple):
    """The weights in kg of a core's circuit board and housing, and of what falls off."""

    board: str
    housing: str
    waste: str


def weigh(fate: Fate) -> Parts:
    """Returns what the parts of a core weigh: together as much as the core."""
    whole = Decimal(fate.row.net_kg)
    board = (whole * Decimal("0.3")).quantize(Decimal("0.001"))
    housing = (whole * Decimal("0.68")).quantize(Decimal("0.001"))
    return Parts(str(board), str(housing), str(whole - board - housing))


def take_apart(fate: Fate, *, keeping: str) -> list[Draft]:
    """Drafts the disassembly of a core into a circuit board and a housing: one request.

    `keeping` is the mark of the part that is used again: `B` or `H`.
    """
    weights = weigh(fate)
    parts = (
        ("circuit board", "B", weights.board),
        ("aluminium housing", "H", weights.housing),
    )
    outputs = [f"{fate.core}-{mark}" for _, mark, _ in parts]
    core = Draft(
        kind="disassemble",
        item=fate.core,
        data={
            "output_count": len(parts),
            "work_order": f"WO-{fate.core[-6:]}",
            "waste_kg": weights.waste,
        },
        refs=tuple(DraftRef("output", output) for output in outputs),
    )
    return [
        core,
        *(
            Draft(
                kind="harvest",
                item=output,
                data={
                    "part": part,
                    "net_kg": weight,
                    "disposition": "reuse" if mark == keeping else "scrap",
                },
                refs=(DraftRef("parent", fate.core),),
            )
            for output, (part, mark, weight) in zip(outputs, parts, strict=True)
        ),
    ]


def scrap(item: str, weight: str, reason: str, *, board: bool = True) -> Draft:
    """Drafts the scrapping of a part into the waste lot; a circuit board is hazardous waste."""
    data = {"reason": reason, "net_kg": weight, "material": "aluminium"}
    if board:
        data |= {"material": "e-waste, circuit boards", "hazard_code": "HW49 900-045-49"}
    return Draft(kind="scrap", item=item, data=data, refs=(DraftRef("lot", WASTE),))


def move(item: str, location: str, occurred: str | UnsetType = UNSET) -> Draft:
    """Drafts the move of an item, now or at a time in the past."""
    return Draft(kind="move", item=item, data={"location": location}, occurred=occurred)


def test(fate: Fate, random: Random, *, run: int, passes: bool) -> Draft:
    """Drafts the final test; a failing one has its supply current out of limits."""
    results = [_measure(limit, random, good=passes or limit is not LIMITS[0]) for limit in LIMITS]
    data = {
        "plan": MODELS[fate.row.part_no].plan,
        "results": results,
        "overall": "pass" if passes else "fail",
        "equipment": _EQUIPMENT,
        "run": run,
        "raw_sha256": sha256(f"{fate.unit} {run}"),
    }
    return Draft(kind="test", item=fate.unit, data=data)


def approve(fate: Fate) -> Draft:
    """Drafts the release of the unit, with what its buyer needs to know."""
    model = MODELS[fate.row.part_no]
    data = {
        "decision": "pass",
        "standards": ["GB/T 28618-2012", "Q/YX 001-2025"],
        "warranty": {
            "months": 24,
            "km": 40_000,
            "claim": "Write to service@yuxiang.example with the number of the unit.",
            "proof": "invoice of the workshop with date and mileage",
        },
        "fits": list(model.fits),
        "installation": [{"lang": lang, "text": text} for lang, text in _INSTALLATION.items()],
        "document": {
            "url": f"https://yuxiang.example/fitting/{model.unit_part_no}.pdf",
            "sha256": sha256(f"fitting {model.unit_part_no}"),
            "title": f"Fitting {model.unit_part_no}",
        },
    }
    return Draft(kind="approve", item=fate.unit, data=data)


def pack(fate: Fate, batch: str, net_kg: str) -> Draft:
    """Drafts the labelling and packing of the unit."""
    data = {
        "label_text": "再制造 / Remanufactured",
        "remanufacturer": _MAKER,
        "batch": batch,
        "tamper_label": f"T-{fate.core[-6:]}",
        "photos": [
            {
                "shows": shows,
                "sha256": sha256(f"photo of {shows} {fate.unit}"),
                "media_type": "image/jpeg",
                "url": f"https://yuxiang.example/photos/{fate.core[-6:]}-{shows}.jpg",
            }
            for shows in ("part", "label", "seal")
        ],
        "gross_kg": str(Decimal(net_kg) + Decimal("0.180")),
    }
    return Draft(kind="pack", item=fate.unit, data=data)


def export(fate: Fate, declaration: str, departed_at: str) -> Draft:
    """Drafts the export of the unit."""
    data = {
        "destination": fate.destination,
        "departed_at": departed_at,
        "transport": "MAEU250520017",
        "container": "MSKU1234565",
        "container_seal": "CN1234567",
    }
    refs = (DraftRef("declaration", declaration),)
    return Draft(kind="export", item=fate.unit, data=data, refs=refs)


def return_abroad(fate: Fate, declaration: str) -> Draft:
    """Drafts the return of a rejected core to its origin."""
    data = {
        "reason": f"rejected at inspection: {fate.reject_code}",
        "quantity": "1",
        "net_kg": fate.row.net_kg,
        "destination": "ARE",
        "receipt_sha256": sha256(f"return {declaration}"),
    }
    refs = (DraftRef("declaration", declaration),)
    return Draft(kind="return", item=fate.core, data=data, refs=refs)


def _measure(limit: Limit, random: Random, *, good: bool) -> dict[str, Any]:
    span = limit.high - limit.low
    share = Decimal(random.randrange(20, 81)) / 100 if good else Decimal("1.35")
    value = (limit.low + span * share).quantize(limit.high)
    return {
        "name": limit.name,
        "value": str(value),
        "unit": limit.unit,
        "low": str(limit.low),
        "high": str(limit.high),
        "pass": good,
    }
