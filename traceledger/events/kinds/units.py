"""Units, from assembly to export."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from traceledger.events.fields import (
    Code,
    Country,
    Date,
    Decimal,
    Language,
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
from traceledger.events.kinds.values import (
    DECLARATION,
    EQUIPMENT,
    NEW_PARTS,
    SHA256,
    Equipment,
    NewParts,
    SomeCodes,
)

__all__ = ["UNITS"]

_SomeShorts = Annotated[list[Short], Meta(min_length=1, max_length=64)]


class Assemble(Struct, frozen=True, kw_only=True):
    """A unit is assembled from cores and components."""

    part_no: Annotated[Code, public("the remanufacturer's part number", "RM-24261870")]
    input_count: Annotated[
        Annotated[int, Meta(ge=1, le=64)], public("number of inputs", 1, fixed=True)
    ]
    production_date: Annotated[Date, public("production date", "2025-04-02")]
    net_kg: Annotated[Decimal, customs("net weight", "0.951", unit="kg")]
    bom: Annotated[Code, customs("bill of material", "B4")] | UnsetType = UNSET
    new_parts: Annotated[NewParts, customs("new parts by lot", NEW_PARTS)] | UnsetType = UNSET
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
    equipment: Annotated[Equipment, public("equipment", EQUIPMENT)]
    run: Annotated[Annotated[int, Meta(ge=1, le=999)], public("number of this run", 1)]
    raw_sha256: Annotated[Sha256, internal("SHA-256 of the raw file", SHA256)] | UnsetType = UNSET


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


_NOTES = [{"lang": "en", "text": "Program the unit to the vehicle before driving."}]


class Document(Struct, frozen=True, kw_only=True):
    """A document of the manufacturer's: where it can be had, and the SHA-256 of its bytes."""

    url: Web
    sha256: Sha256
    title: Short | UnsetType = UNSET


_MANUAL = {"url": "https://yuxiang.example/tcm/fitting.pdf", "sha256": SHA256, "title": "Fitting"}


class Approve(Struct, frozen=True, kw_only=True):
    """The unit is approved for sale, or rejected."""

    decision: Annotated[
        Literal["pass", "reject", "concession"], public("decision", "pass", fixed=True)
    ]
    standards: Annotated[_SomeShorts, public("standards met", ["GB/T 28618"])]
    warranty: Annotated[Warranty, public("warranty", {"months": 24, "km": 40_000})]
    certificate_sha256: (
        Annotated[Sha256, public("SHA-256 of the certificate", SHA256)] | UnsetType
    ) = UNSET
    fits: (
        Annotated[SomeCodes, public("part numbers that it replaces", ["24261870", "24259835"])]
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


class Photo(Struct, frozen=True, kw_only=True):
    """A photo: what it shows, the SHA-256 and type of its bytes, and where it can be had."""

    shows: Literal["part", "label", "seal"]
    sha256: Sha256
    media_type: Literal["image/jpeg", "image/png", "image/webp"]
    url: Web | UnsetType = UNSET


_PHOTOS = [
    {
        "shows": "seal",
        "sha256": SHA256,
        "media_type": "image/jpeg",
        "url": "https://yuxiang.example/photos/seal.jpg",
    }
]


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


UNITS = (
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
    kind("export", Export, chains=("unit",), by=("importer", "carrier"), refs=DECLARATION),
)
