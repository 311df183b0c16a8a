"""The bonded account: books and declaration lines."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from traceledger.events.encoding import MAX_INTEGER
from traceledger.events.fields import (
    Code,
    Country,
    Date,
    Decimal,
    Money,
    Sha256,
    Short,
    Struct,
    Text,
    Time,
    customs,
    public,
)
from traceledger.events.kind import kind, ref
from traceledger.events.kinds.values import SHA256

__all__ = ["ACCOUNT"]

_Line = Annotated[int, Meta(ge=1, le=999_999)]


class OpenBook(Struct, frozen=True, kw_only=True, rename={"class_": "class"}):
    """Opens an electronic account book (电子账册)."""

    number: Annotated[Code, customs("account book number", "H80122500001")]
    office: Annotated[Text, customs("customs office in charge", "两路寸滩海关")]
    class_: Annotated[
        Literal["processing", "logistics"], public("class of the book", "processing", fixed=True)
    ]
    started: Annotated[Date, public("first day of the book", "2025-01-01")]


class _Declare(Struct, frozen=True, kw_only=True):
    """The data of a declaration line, as on the verification list (核注清单)."""

    # A list that is not for declaration, or not declared yet, has no declaration number.
    entry_no: Annotated[Code, customs("declaration number", "801220251000012345")] | UnsetType = (
        UNSET
    )
    entry_line: Annotated[_Line, customs("line of the declaration", 1)] | UnsetType = UNSET
    list_no: Annotated[Code, customs("verification list number", "QD801225I000001234")]
    list_line: Annotated[_Line, customs("line of the verification list", 1)]
    book_line: Annotated[_Line, customs("line of the account book", 11)]
    mode: Annotated[Code, customs("supervision mode", "1371")]
    hs10: Annotated[Code, customs("commodity code", "9032899099")]
    goods_name: Annotated[Text, customs("name of the goods", "变速箱控制模块(旧件)")]
    quantity: Annotated[Decimal, customs("declared quantity", "300")]
    unit: Annotated[Code, customs("unit of the quantity", "007")]
    net_kg: Annotated[Decimal, customs("net weight", "288.197", unit="kg")]
    total: Annotated[Money, customs("total value", {"amount": "25500.00", "currency": "USD"})]
    receipt_sha256: Annotated[Sha256, customs("SHA-256 of the customs receipt", SHA256)]
    declared_at: Annotated[Time, customs("when it was declared", "2025-03-14T09:20:00+08:00")]
    part_no: Annotated[Code, customs("part number", "24261870")] | UnsetType = UNSET
    gross_kg: Annotated[Decimal, customs("gross weight", "301.5", unit="kg")] | UnsetType = UNSET
    dispatch: Annotated[Country, customs("country of dispatch", "ARE")] | UnsetType = UNSET
    transport: Annotated[Code, customs("transport document", "MAEU123456789")] | UnsetType = UNSET
    container: Annotated[Code, customs("container number", "MSKU1234565")] | UnsetType = UNSET
    contract: Annotated[Code, customs("contract number", "YX-2025-003")] | UnsetType = UNSET
    consumption_version: (
        Annotated[Code, customs("version of the declared consumption (单耗)", "1")] | UnsetType
    ) = UNSET
    documents: (
        Annotated[
            Annotated[list[Sha256], Meta(min_length=1, max_length=64)],
            customs("SHA-256 of its other documents, such as the invoice", [SHA256]),
        ]
        | UnsetType
    ) = UNSET


class DeclareIn(_Declare, frozen=True, kw_only=True):
    """Declares inbound goods."""

    origin: Annotated[Country, public("country of origin", "DEU")]


class DeclareOut(_Declare, frozen=True, kw_only=True):
    """Declares outbound goods."""

    destination: Annotated[Country, public("country of destination", "USA")]


class Counted(Struct, frozen=True, kw_only=True):
    """One line of a stocktake."""

    item_class: Literal["core", "component", "unit", "new_part", "waste"]
    part_no: Code
    quantity: Decimal
    kg: Decimal
    location: Short
    book_line: _Line | UnsetType = UNSET


class Stocktake(Struct, frozen=True, kw_only=True):
    """Records a stocktake."""

    scope: Annotated[Text, public("what was counted", "hall 1, all cores")]
    counts: Annotated[
        Annotated[list[Counted], Meta(min_length=1, max_length=64)],
        customs(
            "the counts",
            [
                {
                    "item_class": "core",
                    "part_no": "24261870",
                    "quantity": "298",
                    "kg": "286.3",
                    "location": "WH1-A",
                }
            ],
        ),
    ]
    opening: Annotated[Literal[True], public("the first count of the book", True)] | UnsetType = (
        UNSET
    )


_Size = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]


class Writeoff(Struct, frozen=True, kw_only=True):
    """Reports a period for write-off (核销); it takes effect when customs confirm."""

    from_size: Annotated[_Size, public("log size at the start of the period", 1)]
    to_size: Annotated[_Size, public("log size at the end of the period", 18_025)]
    report_sha256: Annotated[Sha256, public("SHA-256 of the report", SHA256)]
    residual_zero: Annotated[bool, public("nothing is left unaccounted for", True)]
    reference: Annotated[Code, customs("customs reference", "BH-2025-7")] | UnsetType = UNSET


class Gate(Struct, frozen=True, kw_only=True):
    """Goods of a declaration line pass the gate (卡口)."""

    direction: Annotated[Literal["in", "out"], public("into the zone or out of it", "in")]
    pass_no: Annotated[Code, customs("gate pass (核放单)", "HF8012250001")]
    gross_kg: Annotated[Decimal, customs("gross weight", "301.5", unit="kg")]
    receipt_sha256: Annotated[Sha256, customs("SHA-256 of the gate receipt", SHA256)]
    container_seal: Annotated[Code, customs("container seal", "CN1234567")] | UnsetType = UNSET


class CloseLine(Struct, frozen=True, kw_only=True):
    """Closes a declaration line; from then on a customs correction needs an amendment."""

    receipt_sha256: Annotated[Sha256, customs("SHA-256 of the customs receipt", SHA256)]


_BOOK = (ref("book", "book", at="first"),)

ACCOUNT = (
    kind("open_book", OpenBook, chains=("book",), by=("importer",), position="first"),
    kind("stocktake", Stocktake, chains=("book",), by=("operator",)),
    kind("writeoff", Writeoff, chains=("book",), by=("importer",)),
    kind(
        "declare_in",
        DeclareIn,
        chains=("declaration",),
        by=("importer", "broker"),
        position="first",
        refs=_BOOK,
    ),
    kind(
        "declare_out",
        DeclareOut,
        chains=("declaration",),
        by=("importer", "broker"),
        position="first",
        refs=_BOOK,
    ),
    kind("gate", Gate, chains=("declaration",), by=("carrier", "customs")),
    kind("close_line", CloseLine, chains=("declaration",), by=("importer",)),
)
