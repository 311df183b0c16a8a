"""Cores, components and units, from import to export."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from traceledger.events.fields import (
    Code,
    Count,
    Country,
    Date,
    Decimal,
    EventId,
    Language,
    Lot,
    Money,
    Origin,
    Part,
    Sha256,
    Short,
    SignedDecimal,
    Sscc,
    Struct,
    Text,
    Time,
    Web,
    customs,
    internal,
    public,
)
from traceledger.events.kind import kind, ref

__all__ = ["PARTS"]

_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_FORMER = {
    "origin": "ledger.example/cq-0",
    "item": "01/09521234543213/21/7KQ2X4PM9ATRWC",
    "size": 18204,
    "root": "A" * 43,
    "passport_sha256": _SHA256,
}
_Count = Annotated[int, Meta(ge=0, le=1_000_000)]
_Codes = Annotated[list[Code], Meta(max_length=64)]
_SomeCodes = Annotated[list[Code], Meta(min_length=1, max_length=64)]
_Shorts = Annotated[list[Short], Meta(max_length=64)]
_SomeShorts = Annotated[list[Short], Meta(min_length=1, max_length=64)]


class Former(Struct, frozen=True, kw_only=True):
    """An earlier life in another ledger: its passport, and the checkpoint of that passport."""

    origin: Origin
    item: Part
    size: Count
    root: EventId
    passport_sha256: Sha256


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
    photo: Annotated[Sha256, internal("SHA-256 of a photo", _SHA256)] | UnsetType = UNSET
    net_kg: Annotated[Decimal, customs("weight on arrival", "0.942", unit="kg")] | UnsetType = UNSET


class Inspect(Struct, frozen=True, kw_only=True):
    """The core or component is graded."""

    grade: Annotated[
        Literal["A", "B", "C", "R", "S"],
        public("A good, B repairable, C parts donor, R rejected, S scrap", "B", fixed=True),
    ]
    reject_codes: Annotated[_SomeCodes, public("why it is rejected", ["WATER"])] | UnsetType = UNSET
    identity_match: (
        Annotated[bool, public("matches the number on the declaration", True)] | UnsetType
    ) = UNSET
    notes: Annotated[Text, internal("notes", "corrosion on pin 14")] | UnsetType = UNSET


class Clean(Struct, frozen=True, kw_only=True):
    """The part is cleaned."""

    method: Annotated[Short, public("how", "ultrasonic")]
    duration_s: Annotated[_Count, internal("how long", 420, unit="s")] | UnsetType = UNSET
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
    vin_hash: Annotated[Sha256, internal("salted SHA-256 of the VIN", _SHA256)] | UnsetType = UNSET
    mileage_km: Annotated[_Count, internal("mileage", 143_000, unit="km")] | UnsetType = UNSET


class Replaced(Struct, frozen=True, kw_only=True):
    """A part that was replaced, and how many."""

    part: Short
    quantity: Decimal


class NewPart(Struct, frozen=True, kw_only=True):
    """New parts taken from a lot."""

    lot: Lot
    part_no: Code
    quantity: Decimal


_NewParts = Annotated[list[NewPart], Meta(min_length=1, max_length=64)]
_NEW = [{"lot": "lot/CAP-2503", "part_no": "CAP-220", "quantity": "2"}]


class Repair(Struct, frozen=True, kw_only=True):
    """The part is repaired."""

    action: Annotated[Short, public("what was done", "resolder")]
    faults: Annotated[_Shorts, public("faults repaired", ["cracked joint"])]
    replaced: Annotated[
        Annotated[list[Replaced], Meta(max_length=64)],
        public("parts replaced", [{"part": "capacitor", "quantity": "2"}]),
    ]
    new_parts: Annotated[_NewParts, customs("new parts by lot", _NEW)] | UnsetType = UNSET
    minutes: Annotated[_Count, internal("working time", 25, unit="min")] | UnsetType = UNSET


class Update(Struct, frozen=True, kw_only=True):
    """The software is updated."""

    from_version: Annotated[Code, public("version before", "24265053")]
    to_version: Annotated[Code, public("version after", "24277031")]
    image_sha256: Annotated[Sha256, public("SHA-256 of the image", _SHA256)]
    personal_data_erased: Annotated[bool, public("previous owner's data erased", True)]
    tool: Annotated[Short, internal("tool", "J2534")] | UnsetType = UNSET
    licence: Annotated[Code, customs("the manufacturer's licence", "OEM 55-1")] | UnsetType = UNSET


class Equipment(Struct, frozen=True, kw_only=True):
    """A piece of test equipment and the date on which its own calibration expires."""

    id: Code
    due: Date


class Parameter(Struct, frozen=True, kw_only=True):
    """A calibration parameter."""

    name: Short
    value: SignedDecimal
    unit: Short


_EQUIPMENT = {"id": "BENCH-3", "due": "2025-12-31"}


class Calibrate(Struct, frozen=True, kw_only=True):
    """The part is calibrated."""

    calibration_id: Annotated[Code, public("calibration", "24277442")]
    result: Annotated[Literal["pass", "fail"], public("result", "pass")]
    equipment: Annotated[Equipment, public("equipment", _EQUIPMENT)]
    verification_number: Annotated[Code, public("CVN", "8A3F01C2")] | UnsetType = UNSET
    parameters: (
        Annotated[
            Annotated[list[Parameter], Meta(min_length=1, max_length=64)],
            internal("parameters", [{"name": "offset", "value": "-0.3", "unit": "mA"}]),
        ]
        | UnsetType
    ) = UNSET


class Assemble(Struct, frozen=True, kw_only=True):
    """A unit is assembled from cores and components."""

    part_no: Annotated[Code, public("the remanufacturer's part number", "RM-24261870")]
    input_count: Annotated[
        Annotated[int, Meta(ge=1, le=64)], public("number of inputs", 1, fixed=True)
    ]
    production_date: Annotated[Date, public("production date", "2025-04-02")]
    net_kg: Annotated[Decimal, customs("net weight", "0.951", unit="kg")]
    bom: Annotated[Code, customs("bill of material", "B4")] | UnsetType = UNSET
    new_parts: Annotated[_NewParts, customs("new parts by lot", _NEW)] | UnsetType = UNSET
    reman_cycle: (
        Annotated[
            Annotated[int, Meta(ge=1, le=99)], public("number of this remanufacturing cycle", 1)
        ]
        | UnsetType
    ) = UNSET


class Consume(Struct, frozen=True, kw_only=True):
    """The part is built into a unit."""


class Measurement(Struct, frozen=True, kw_only=True, rename={"pass_": "pass"}):
    """One test result against its limits."""

    name: Short
    value: SignedDecimal
    unit: Short
    pass_: bool
    low: SignedDecimal | UnsetType = UNSET
    high: SignedDecimal | UnsetType = UNSET


class Test(Struct, frozen=True, kw_only=True):
    """The unit or component is tested."""

    plan: Annotated[Code, public("test plan", "TP-TCM-11@5")]
    results: Annotated[
        Annotated[list[Measurement], Meta(min_length=1, max_length=64)],
        public(
            "results",
            [
                {
                    "name": "supply current",
                    "value": "0.42",
                    "unit": "A",
                    "low": "0.30",
                    "high": "0.60",
                    "pass": True,
                }
            ],
        ),
    ]
    overall: Annotated[Literal["pass", "fail"], public("verdict", "pass", fixed=True)]
    equipment: Annotated[Equipment, public("equipment", _EQUIPMENT)]
    run: Annotated[Annotated[int, Meta(ge=1, le=999)], public("number of this run", 1)]
    raw_sha256: Annotated[Sha256, internal("SHA-256 of the raw file", _SHA256)] | UnsetType = UNSET


class Warranty(Struct, frozen=True, kw_only=True):
    """The manufacturer's warranty for the unit, how to claim it and with which proof."""

    months: Annotated[int, Meta(ge=0, le=600)]
    km: Annotated[int, Meta(ge=0, le=10_000_000)] | UnsetType = UNSET
    claim: Text | UnsetType = UNSET
    proof: Text | UnsetType = UNSET


class Note(Struct, frozen=True, kw_only=True):
    """A text for the workshop, and the language in which it is written."""

    text: Text
    lang: Language | UnsetType = UNSET


class Document(Struct, frozen=True, kw_only=True):
    """A document of the manufacturer's: where it can be had, and the SHA-256 of its bytes."""

    url: Web
    sha256: Sha256
    title: Short | UnsetType = UNSET


class Photo(Struct, frozen=True, kw_only=True):
    """A photo: what it shows, the SHA-256 and type of its bytes, and where it can be had."""

    shows: Literal["part", "label", "seal"]
    sha256: Sha256
    media_type: Literal["image/jpeg", "image/png", "image/webp"]
    url: Web | UnsetType = UNSET


_NOTES = [{"lang": "en", "text": "Program the unit to the vehicle before driving."}]
_MANUAL = {"url": "https://yuxiang.example/tcm/fitting.pdf", "sha256": _SHA256, "title": "Fitting"}
_PHOTOS = [
    {
        "shows": "seal",
        "sha256": _SHA256,
        "media_type": "image/jpeg",
        "url": "https://yuxiang.example/photos/seal.jpg",
    }
]


class Approve(Struct, frozen=True, kw_only=True):
    """The unit is approved for sale, or rejected."""

    decision: Annotated[
        Literal["pass", "reject", "concession"], public("decision", "pass", fixed=True)
    ]
    standards: Annotated[_SomeShorts, public("standards met", ["GB/T 28618"])]
    warranty: Annotated[Warranty, public("warranty", {"months": 24, "km": 40_000})]
    certificate_sha256: (
        Annotated[Sha256, public("SHA-256 of the certificate", _SHA256)] | UnsetType
    ) = UNSET
    fits: (
        Annotated[_SomeCodes, public("part numbers that it replaces", ["24261870", "24259835"])]
        | UnsetType
    ) = UNSET
    installation: (
        Annotated[
            Annotated[list[Note], Meta(min_length=1, max_length=8)],
            public("notes on coding and installing", _NOTES),
        ]
        | UnsetType
    ) = UNSET
    document: Annotated[Document, public("the maker's instructions", _MANUAL)] | UnsetType = UNSET
    deviation: Annotated[Text, customs("deviation permit", "DEV-17")] | UnsetType = UNSET


class Pack(Struct, frozen=True, kw_only=True):
    """The unit is labelled and packed."""

    label_text: Annotated[Short, public("text on the label", "再制造 / Remanufactured")]
    remanufacturer: Annotated[Text, public("manufacturer on the label", "重庆雨翔智能科技有限公司")]
    batch: Annotated[Code, public("batch or date", "2025-04")]
    tamper_label: Annotated[Code, public("tamper label", "T-000123")] | UnsetType = UNSET
    photos: (
        Annotated[
            Annotated[list[Photo], Meta(min_length=1, max_length=8)],
            public("photos of the packed unit", _PHOTOS),
        ]
        | UnsetType
    ) = UNSET
    sscc: Annotated[Sscc, customs("pallet", "395212340000000014")] | UnsetType = UNSET
    gross_kg: Annotated[Decimal, customs("gross weight", "1.1", unit="kg")] | UnsetType = UNSET


class Export(Struct, frozen=True, kw_only=True):
    """The unit leaves the country."""

    destination: Annotated[Country, public("country of destination", "USA", fixed=True)]
    departed_at: Annotated[Time, public("when it left", "2025-05-20T10:00:00+08:00")]
    transport: Annotated[Code, customs("transport document", "MAEU123456789")]
    container: Annotated[Code, customs("container number", "MSKU1234565")] | UnsetType = UNSET
    container_seal: Annotated[Code, customs("container seal", "CN1234567")] | UnsetType = UNSET
    consignee: Annotated[Text, internal("consignee", "Reman Parts LLC")] | UnsetType = UNSET


class Return(Struct, frozen=True, kw_only=True):
    """The part is returned abroad unprocessed."""

    reason: Annotated[Text, public("why", "water damage")]
    quantity: Annotated[Decimal, customs("quantity", "1")]
    net_kg: Annotated[Decimal, customs("net weight", "0.942", unit="kg")]
    destination: Annotated[Country, customs("country of destination", "ARE")]
    receipt_sha256: Annotated[Sha256, customs("SHA-256 of the customs receipt", _SHA256)]


class Disassemble(Struct, frozen=True, kw_only=True):
    """A core or unit is disassembled; each output gets a chain in the same request."""

    output_count: Annotated[
        Annotated[int, Meta(ge=1, le=64)], public("number of outputs", 3, fixed=True)
    ]
    work_order: Annotated[Code, customs("work order", "WO-2503-0117")] | UnsetType = UNSET
    waste_kg: Annotated[Decimal, customs("waste", "0.012", unit="kg")] | UnsetType = UNSET


class Harvest(Struct, frozen=True, kw_only=True):
    """A component is recovered from a disassembled core or unit."""

    part: Annotated[Short, public("what it is", "circuit board")]
    net_kg: Annotated[Decimal, customs("net weight", "0.210", unit="kg")]
    disposition: Annotated[Literal["reuse", "repair", "scrap"], public("intended use", "reuse")]
    part_no: Annotated[Code, public("part number", "PCB-6HP")] | UnsetType = UNSET


class Scrap(Struct, frozen=True, kw_only=True):
    """The part is scrapped into a waste lot."""

    reason: Annotated[Text, public("why", "housing cracked")]
    net_kg: Annotated[Decimal, customs("net weight", "0.942", unit="kg")]
    material: Annotated[Short, customs("material", "e-waste, circuit boards")]
    hazard_code: Annotated[Code, customs("hazardous waste code", "HW49 900-045-49")] | UnsetType = (
        UNSET
    )


class Divert(Struct, frozen=True, kw_only=True):
    """The part is sold domestically with duty paid; it takes effect when customs confirm."""

    approval: Annotated[Code, customs("customs approval", "NX-2025-31")]
    duty: Annotated[Money, customs("duty", {"amount": "118.00", "currency": "CNY"})]
    vat: Annotated[Money, customs("value added tax", {"amount": "96.20", "currency": "CNY"})]
    receipt_sha256: Annotated[Sha256, customs("SHA-256 of the customs receipt", _SHA256)]


class WarrantyReturn(Struct, frozen=True, kw_only=True):
    """A customer claims the warranty."""

    claim: Annotated[Code, customs("claim number", "W-2025-118")]
    trouble_codes: Annotated[_SomeCodes, public("trouble codes read", ["P0841"])] | UnsetType = (
        UNSET
    )
    km: Annotated[_Count, internal("distance driven", 12_400, unit="km")] | UnsetType = UNSET


class Reimport(Struct, frozen=True, kw_only=True):
    """The unit is reimported; its life ends and that of a new core begins."""


class Move(Struct, frozen=True, kw_only=True):
    """The item is moved."""

    location: Annotated[Short, customs("storage location", "WH2-B-11")]


_DECLARATION = (ref("declaration", "declaration", at="first"),)

PARTS = (
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
    kind(
        "assemble",
        Assemble,
        chains=("unit",),
        by=("operator",),
        position="first",
        refs=(
            ref("input", "core", "component", at="head", count="+"),
            ref("primary", "core", "component", at="none", count="?"),
        ),
    ),
    kind(
        "consume",
        Consume,
        chains=("core", "component"),
        by=("operator",),
        refs=(ref("unit", "unit", at="first"),),
    ),
    kind("test", Test, chains=("unit", "component"), by=("quality",)),
    kind("approve", Approve, chains=("unit",), by=("approver",)),
    kind("pack", Pack, chains=("unit",), by=("operator",)),
    kind("export", Export, chains=("unit",), by=("importer", "carrier"), refs=_DECLARATION),
    kind(
        "return",
        Return,
        chains=("core", "component", "lot"),
        by=("importer",),
        refs=_DECLARATION,
    ),
    kind(
        "disassemble",
        Disassemble,
        chains=("core", "unit"),
        by=("operator",),
        refs=(
            ref("output", "component", at="none", count="+"),
            ref("lot", "lot", at="first", count="?"),
        ),
    ),
    kind(
        "harvest",
        Harvest,
        chains=("component",),
        by=("operator",),
        position="first",
        refs=(ref("parent", "core", "unit", at="head"),),
    ),
    kind(
        "scrap",
        Scrap,
        chains=("core", "component", "unit"),
        by=("operator", "quality"),
        refs=(ref("lot", "lot", at="first"),),
    ),
    kind("divert", Divert, chains=("core", "unit"), by=("importer",), refs=_DECLARATION),
    kind("warranty_return", WarrantyReturn, chains=("unit",), by=("distributor", "importer")),
    kind("reimport", Reimport, chains=("unit",), by=("importer",), refs=_DECLARATION),
    kind("move", Move, chains=("core", "component", "unit", "lot"), by=("operator",)),
)
