"""Cores from their import on, and the work on them, on components and on units."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from traceledger.events.fields import (
    Code,
    Count,
    Country,
    Decimal,
    EventId,
    Money,
    Origin,
    Part,
    Sha256,
    Short,
    SignedDecimal,
    Struct,
    Text,
    customs,
    internal,
    public,
)
from traceledger.events.kind import kind, ref
from traceledger.events.kinds.values import (
    EQUIPMENT,
    NEW_PARTS,
    SHA256,
    Equipment,
    LimitedCount,
    NewParts,
    SomeCodes,
)

__all__ = ["CORES", "Former"]

_Codes = Annotated[list[Code], Meta(max_length=64)]
_Shorts = Annotated[list[Short], Meta(max_length=64)]


class Former(Struct, frozen=True, kw_only=True):
    """An earlier life in another ledger: its passport, and the checkpoint of that passport."""

    origin: Origin
    item: Part
    size: Count
    root: EventId
    passport_sha256: Sha256


_FORMER = {
    "origin": "ledger.example/cq-0",
    "item": "01/09521234543213/21/7KQ2X4PM9ATRWC",
    "size": 18204,
    "root": "A" * 43,
    "passport_sha256": SHA256,
}


class Import(Struct, frozen=True, kw_only=True):
    """A used part arrives on a declaration line."""

    category: Annotated[Code, public("what the part is", "TCM", fixed=True)]
    part_no: Annotated[Code, public("the original manufacturer's part number", "24261870")]
    origin: Annotated[Country, public("country of origin", "USA")]
    unit_value: Annotated[Money, customs("value per unit", {"amount": "85.00", "currency": "USD"})]
    net_kg: Annotated[Decimal, customs("net weight", "0.942", unit="kg")]
    make: Annotated[Code, public("vehicle make", "GM")] | UnsetType = UNSET
    old_serial: Annotated[Code, internal("original serial number", "P35PFZAH05XY")] | UnsetType = (
        UNSET
    )
    pallet: Annotated[Code, internal("pallet", "PLT-01")] | UnsetType = UNSET
    surplus: Annotated[Literal[True], public("in excess of the declaration", True)] | UnsetType = (
        UNSET
    )
    former: (
        Annotated[Former, public("the part's life in another ledger", _FORMER, fixed=True)]
        | UnsetType
    ) = UNSET


class Receive(Struct, frozen=True, kw_only=True):
    """The plant receives the core, or records it as missing."""

    result: Annotated[
        Literal["ok", "short"], public("received, or short of the declaration", "ok", fixed=True)
    ]
    condition: Annotated[Text, public("condition on arrival", "as removed, complete")]
    seal_intact: Annotated[bool, customs("container seal intact", True)] | UnsetType = UNSET
    location: Annotated[Short, customs("storage location", "WH1-A-03-2")] | UnsetType = UNSET
    photo: Annotated[Sha256, internal("SHA-256 of a photo", SHA256)] | UnsetType = UNSET
    net_kg: Annotated[Decimal, customs("weight on arrival", "0.942", unit="kg")] | UnsetType = UNSET


class Inspect(Struct, frozen=True, kw_only=True):
    """The core or component is graded."""

    grade: Annotated[
        Literal["A", "B", "C", "R", "S"],
        public("A good, B repairable, C parts donor, R rejected, S scrap", "B", fixed=True),
    ]
    reject_codes: Annotated[SomeCodes, public("why it is rejected", ["WATER"])] | UnsetType = UNSET
    identity_match: (
        Annotated[bool, public("matches the number on the declaration", True)] | UnsetType
    ) = UNSET
    notes: Annotated[Text, internal("notes", "corrosion on pin 14")] | UnsetType = UNSET


class Clean(Struct, frozen=True, kw_only=True):
    """The part is cleaned."""

    method: Annotated[Short, public("how", "ultrasonic")]
    duration_s: Annotated[LimitedCount, internal("how long", 420, unit="s")] | UnsetType = UNSET
    residue_kg: Annotated[Decimal, customs("residue", "0.004", unit="kg")] | UnsetType = UNSET
    result: Annotated[Short, public("result", "clean")] | UnsetType = UNSET


class Diagnose(Struct, frozen=True, kw_only=True):
    """The part is checked for faults."""

    trouble_codes: Annotated[_Codes, public("trouble codes read", ["U0073"])]
    result: Annotated[
        Literal["repairable", "donor", "scrap", "no_fault"], public("finding", "repairable")
    ]
    protocol: Annotated[Short, public("diagnostic protocol", "ISO 14229")] | UnsetType = UNSET
    software: Annotated[Code, public("software version read", "24265053")] | UnsetType = UNSET
    vin_hash: Annotated[Sha256, internal("salted SHA-256 of the VIN", SHA256)] | UnsetType = UNSET
    mileage_km: Annotated[LimitedCount, internal("mileage", 143_000, unit="km")] | UnsetType = UNSET


class Replaced(Struct, frozen=True, kw_only=True):
    """A part that was replaced, and how many."""

    part: Short
    quantity: Decimal


class Repair(Struct, frozen=True, kw_only=True):
    """The part is repaired."""

    action: Annotated[Short, public("what was done", "resolder")]
    faults: Annotated[_Shorts, public("faults repaired", ["cracked joint"])]
    replaced: Annotated[
        Annotated[list[Replaced], Meta(max_length=64)],
        public("parts replaced", [{"part": "capacitor", "quantity": "2"}]),
    ]
    new_parts: Annotated[NewParts, customs("new parts by lot", NEW_PARTS)] | UnsetType = UNSET
    minutes: Annotated[LimitedCount, internal("working time", 25, unit="min")] | UnsetType = UNSET


class Update(Struct, frozen=True, kw_only=True):
    """The software is updated."""

    from_version: Annotated[Code, public("version before", "24265053")]
    to_version: Annotated[Code, public("version after", "24277031")]
    image_sha256: Annotated[Sha256, public("SHA-256 of the image", SHA256)]
    personal_data_erased: Annotated[bool, public("previous owner's data erased", True)]
    tool: Annotated[Short, internal("tool", "J2534")] | UnsetType = UNSET
    licence: Annotated[Code, customs("the manufacturer's licence", "OEM 55-1")] | UnsetType = UNSET


class Parameter(Struct, frozen=True, kw_only=True):
    """A calibration parameter."""

    name: Short
    value: SignedDecimal
    unit: Short


class Calibrate(Struct, frozen=True, kw_only=True):
    """The part is calibrated."""

    calibration_id: Annotated[Code, public("calibration", "24277442")]
    result: Annotated[Literal["pass", "fail"], public("result", "pass")]
    equipment: Annotated[Equipment, public("equipment", EQUIPMENT)]
    verification_number: Annotated[Code, public("CVN", "8A3F01C2")] | UnsetType = UNSET
    parameters: (
        Annotated[
            Annotated[list[Parameter], Meta(min_length=1, max_length=64)],
            internal("parameters", [{"name": "offset", "value": "-0.3", "unit": "mA"}]),
        ]
        | UnsetType
    ) = UNSET


CORES = (
    kind(
        "import",
        Import,
        chains=("core",),
        by=("importer",),
        position="first",
        refs=(
            ref("declaration", "declaration", at="first", count="?"),
            ref("parent", "unit", at="head", count="?"),
        ),
    ),
    kind("receive", Receive, chains=("core",), by=("operator",)),
    kind("inspect", Inspect, chains=("core", "component"), by=("operator", "quality")),
    kind(
        "clean",
        Clean,
        chains=("core", "component", "unit"),
        by=("operator",),
        refs=(ref("lot", "lot", at="first", count="?"),),
    ),
    kind("diagnose", Diagnose, chains=("core", "component", "unit"), by=("operator", "quality")),
    kind("repair", Repair, chains=("core", "component", "unit"), by=("operator",)),
    kind("update", Update, chains=("core", "component", "unit"), by=("operator",)),
    kind("calibrate", Calibrate, chains=("core", "component", "unit"), by=("operator",)),
)
