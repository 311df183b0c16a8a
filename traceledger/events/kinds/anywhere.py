"""Kinds allowed on any chain of goods: second signatures, holds, recalls, corrections."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from traceledger.events.fields import (
    Code,
    Name,
    Sha256,
    Struct,
    Text,
    customs,
    internal,
    public,
)
from traceledger.events.kind import ANY_ROLE, kind, ref
from traceledger.events.kinds.values import SHA256
from traceledger.events.roles import Holder
from traceledger.identifiers.items import Chain

__all__ = ["ANYWHERE"]

_Values = Annotated[dict[Name, Any], Meta(min_length=1, max_length=64)]


class Confirm(Struct, frozen=True, kw_only=True):
    """Another party confirms or refuses what an event states."""

    result: Annotated[Literal["confirmed", "refused"], public("answer", "confirmed", fixed=True)]
    receipt_sha256: Annotated[Sha256, customs("SHA-256 of the receipt", SHA256)] | UnsetType = UNSET


class Hold(Struct, frozen=True, kw_only=True):
    """Blocks the item until it is released."""

    authority: Annotated[Holder, public("who holds it", "quality", fixed=True)]
    reason: Annotated[Text, customs("why", "sample check")] | UnsetType = UNSET
    case: Annotated[Code, customs("case number", "K-2025-17")] | UnsetType = UNSET


class Recall(Struct, frozen=True, kw_only=True):
    """Recalls the item."""

    campaign: Annotated[Code, public("campaign", "RC-2025-01")]
    criteria: Annotated[Text, public("which items are recalled", "software 24277031")]
    severity: Annotated[Literal["low", "medium", "high"], public("severity", "high")]
    action: Annotated[
        Literal["return", "reflash", "stop_use"], public("what to do", "stop_use", fixed=True)
    ]
    contact: Annotated[Text, public("whom to contact", "recall desk, +86 23 5550 0100")]


class Release(Struct, frozen=True, kw_only=True):
    """Ends a hold or a recall."""

    note: Annotated[Text, public("note", "sample was good")] | UnsetType = UNSET


class Correct(Struct, frozen=True, kw_only=True):
    """Corrects fields of an earlier event of the same party."""

    reason: Annotated[Text, public("why", "typing error")]
    set_public: Annotated[_Values, public("public fields", {"batch": "2025-05"})] | UnsetType = (
        UNSET
    )
    set_customs: Annotated[_Values, customs("customs fields", {"net_kg": "0.95"})] | UnsetType = (
        UNSET
    )
    set_internal: Annotated[_Values, internal("internal fields", {"notes": "x"})] | UnsetType = (
        UNSET
    )
    amendment: Annotated[Code, customs("amended declaration", "A-17")] | UnsetType = UNSET
    receipt_sha256: Annotated[Sha256, customs("SHA-256 of the receipt", SHA256)] | UnsetType = UNSET


class Void(Struct, frozen=True, kw_only=True):
    """Withdraws the latest event of the chain."""

    reason: Annotated[Text, public("why", "scanned the wrong label")]


class Erase(Struct, frozen=True, kw_only=True):
    """Erases restricted fields of an earlier event; the log verifies as before."""

    fields: Annotated[
        Annotated[list[Name], Meta(min_length=1, max_length=64)],
        public("names of the fields", ["old_serial"], fixed=True),
    ]
    ground: Annotated[Text, public("legal ground", "request of the person concerned")]


class CustomsCheck(Struct, frozen=True, kw_only=True):
    """Customs inspect the goods or the documents."""

    result: Annotated[Literal["pass", "fail", "amend"], public("result", "pass")]
    officer: Annotated[Code, customs("officer", "8012-0417")]
    receipt_sha256: Annotated[Sha256, customs("SHA-256 of the receipt", SHA256)] | UnsetType = UNSET
    note: Annotated[Text, customs("note", "two pallets opened")] | UnsetType = UNSET


_GOODS: tuple[Chain, ...] = ("book", "declaration", "core", "component", "unit", "lot")
_TARGET = (ref("target", at="target"),)

ANYWHERE = (
    kind(
        "confirm",
        Confirm,
        chains=_GOODS,
        by=("importer", "carrier", "recycler", "customs"),
        refs=_TARGET,
    ),
    kind("hold", Hold, chains=_GOODS, by=("customs", "quality")),
    kind("recall", Recall, chains=_GOODS, by=("importer", "approver", "customs")),
    kind(
        "release",
        Release,
        chains=_GOODS,
        by=("customs", "quality", "importer", "approver"),
        refs=_TARGET,
    ),
    kind("void", Void, chains=_GOODS, by=ANY_ROLE, refs=_TARGET),
    kind("erase", Erase, chains=_GOODS, by=ANY_ROLE, refs=_TARGET),
    kind("customs_check", CustomsCheck, chains=_GOODS, by=("customs", "importer")),
    kind("correct", Correct, chains=_GOODS, by=ANY_ROLE, refs=_TARGET),
)
