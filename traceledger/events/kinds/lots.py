"""Lots: new parts that go into repairs, and waste on its way to destruction."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, UnsetType

from traceledger.events.fields import (
    Code,
    Country,
    Decimal,
    Money,
    Sha256,
    Short,
    Struct,
    customs,
    public,
)
from traceledger.events.kind import kind, ref
from traceledger.events.kinds.values import SHA256

__all__ = ["LOTS"]


class OpenLot(Struct, frozen=True, kw_only=True, rename={"class_": "class"}):
    """Opens a lot of new parts or of waste."""

    class_: Annotated[Literal["new_part", "waste"], public("class of the lot", "waste", fixed=True)]
    part_no: Annotated[Code, customs("part number", "CAP-220")] | UnsetType = UNSET
    material: Annotated[Short, customs("material", "e-waste, circuit boards")] | UnsetType = UNSET
    bonded: Annotated[bool, customs("bonded goods", True)] | UnsetType = UNSET
    origin: Annotated[Country, customs("country of origin", "JPN")] | UnsetType = UNSET
    hazard_code: Annotated[Code, customs("hazardous waste code", "HW49 900-045-49")] | UnsetType = (
        UNSET
    )


class FillLot(Struct, frozen=True, kw_only=True):
    """New parts are added to the lot."""

    quantity: Annotated[Decimal, customs("quantity", "500")]
    unit: Annotated[Code, customs("unit of the quantity", "007")]
    value: (
        Annotated[Money, customs("value", {"amount": "60.00", "currency": "USD"})] | UnsetType
    ) = UNSET
    net_kg: Annotated[Decimal, customs("net weight", "2.400", unit="kg")] | UnsetType = UNSET


class DrawLot(Struct, frozen=True, kw_only=True):
    """New parts leave the lot without going into a part.

    Scrapped ones go into a waste lot, returned ones leave on an outbound declaration line, short
    ones were not found when the lot was counted; customs confirm a shortage.
    """

    reason: Annotated[
        Literal["scrapped", "returned", "short"],
        public("scrapped, returned to the supplier, or counted short", "short", fixed=True),
    ]
    quantity: Annotated[Decimal, customs("quantity", "3")]
    net_kg: Annotated[Decimal, customs("net weight", "0.014", unit="kg")]
    hazard_code: Annotated[Code, customs("hazardous waste code", "HW49 900-045-49")] | UnsetType = (
        UNSET
    )
    receipt_sha256: (
        Annotated[Sha256, customs("SHA-256 of the customs receipt", SHA256)] | UnsetType
    ) = UNSET


class CloseLot(Struct, frozen=True, kw_only=True):
    """The waste lot is full and weighed."""

    net_kg: Annotated[Decimal, customs("net weight", "14.130", unit="kg")]


class Destroy(Struct, frozen=True, kw_only=True):
    """The waste is destroyed; it takes effect when customs confirm.

    Where customs do not use the ledger, the importer confirms with customs' receipt.
    """

    approval: Annotated[Code, customs("customs approval", "XH-2025-9")]
    method: Annotated[Literal["shred", "smelt"], public("how", "shred")]
    net_kg: Annotated[Decimal, customs("weight destroyed", "14.130", unit="kg")]
    residue_kg: Annotated[Decimal, customs("residue", "13.900", unit="kg")]
    certificate_sha256: Annotated[Sha256, customs("SHA-256 of the certificate", SHA256)]
    licence: Annotated[Code, customs("licence of the recycler", "CQ-HW-0017")]


LOTS = (
    kind(
        "open_lot",
        OpenLot,
        chains=("lot",),
        by=("operator",),
        position="first",
        refs=(ref("book", "book", at="first", count="?"),),
    ),
    kind(
        "fill_lot",
        FillLot,
        chains=("lot",),
        by=("operator",),
        refs=(ref("declaration", "declaration", at="first", count="?"),),
    ),
    kind(
        "draw_lot",
        DrawLot,
        chains=("lot",),
        by=("operator", "importer"),
        refs=(
            ref("lot", "lot", at="first", count="?"),
            ref("declaration", "declaration", at="first", count="?"),
        ),
    ),
    kind("close_lot", CloseLot, chains=("lot",), by=("operator",)),
    kind("destroy", Destroy, chains=("lot",), by=("recycler",)),
)
