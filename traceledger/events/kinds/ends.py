"""The other ends of a part's life, and what follows an export."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from traceledger.events.fields import (
    Code,
    Country,
    Decimal,
    Money,
    Sha256,
    Short,
    Struct,
    Text,
    customs,
    internal,
    public,
)
from traceledger.events.kind import kind, ref
from traceledger.events.kinds.values import (
    DECLARATION,
    SHA256,
    LimitedCount,
    SomeCodes,
)

__all__ = ["ENDS"]


class Return(Struct, frozen=True, kw_only=True):
    """The part is returned abroad unprocessed."""

    reason: Annotated[Text, public("why", "water damage")]
    quantity: Annotated[Decimal, customs("quantity", "1")]
    net_kg: Annotated[Decimal, customs("net weight", "0.942", unit="kg")]
    destination: Annotated[Country, customs("country of destination", "ARE")]
    receipt_sha256: Annotated[Sha256, customs("SHA-256 of the customs receipt", SHA256)]


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
    receipt_sha256: Annotated[Sha256, customs("SHA-256 of the customs receipt", SHA256)]


class WarrantyReturn(Struct, frozen=True, kw_only=True):
    """A customer claims the warranty."""

    claim: Annotated[Code, customs("claim number", "W-2025-118")]
    trouble_codes: Annotated[SomeCodes, public("trouble codes read", ["P0841"])] | UnsetType = UNSET
    km: Annotated[LimitedCount, internal("distance driven", 12_400, unit="km")] | UnsetType = UNSET


class Reimport(Struct, frozen=True, kw_only=True):
    """The unit is reimported; its life ends and that of a new core begins."""


class Move(Struct, frozen=True, kw_only=True):
    """The item is moved."""

    location: Annotated[Short, customs("storage location", "WH2-B-11")]


ENDS = (
    kind(
        "return",
        Return,
        chains=("core", "component", "lot"),
        by=("importer",),
        refs=DECLARATION,
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
    kind("divert", Divert, chains=("core", "unit"), by=("importer",), refs=DECLARATION),
    kind("warranty_return", WarrantyReturn, chains=("unit",), by=("distributor", "importer")),
    kind("reimport", Reimport, chains=("unit",), by=("importer",), refs=DECLARATION),
    kind("move", Move, chains=("core", "component", "unit", "lot"), by=("operator",)),
)
