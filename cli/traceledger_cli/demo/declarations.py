"""The customs declarations of the story: lines out, the line back, and the declared shipment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from traceledger.events.draft import Draft, DraftRef
from traceledger.identifiers import format_decimal, parse_decimal, sum_decimals
from traceledger.manifests.declaration import DeclarationRow
from traceledger.manifests.manifest import ManifestRow
from traceledger_cli.demo.drafts import sha256

__all__ = ["Outbound", "as_shipped", "declare_back"]

_HS10 = "9032899099"


@dataclass(frozen=True, slots=True)
class Outbound:
    """Goods that leave: where they go, and the weight of each in kg.

    `total` is their value in USD; units have a fixed price.
    """

    country: str
    weights: Sequence[str]
    name: str = "变速箱控制模块(再制造)"
    book_line: int = 1
    mode: str = "1371"
    total: Decimal | None = None

    def declare(self, item: str, number: int, book: DraftRef, at: datetime) -> Draft:
        """Drafts the outbound line; `number` counts the lines from 1."""
        entry_no = f"801220250000{number + 90_000:06}"
        value = Decimal(len(self.weights) * 240) if self.total is None else self.total
        data = {
            "entry_no": entry_no,
            "entry_line": 1,
            "list_no": f"QD801225E{number:09}",
            "list_line": 1,
            "book_line": self.book_line,
            "mode": self.mode,
            "hs10": _HS10,
            "goods_name": self.name,
            "quantity": str(len(self.weights)),
            "unit": "007",
            "net_kg": format_decimal(sum_decimals(map(parse_decimal, self.weights))),
            "total": {"amount": f"{value:.2f}", "currency": "USD"},
            "destination": self.country,
            "receipt_sha256": sha256(f"receipt {entry_no}"),
            "declared_at": f"{at:%Y-%m-%dT%H:%M:%S}Z",
        }
        return Draft(kind="declare_out", item=item, data=data, refs=(book,))


def declare_back(item: str, net_kg: str, book: DraftRef, at: datetime) -> Draft:
    """Drafts the inbound line of a unit that comes back."""
    data = {
        "entry_no": "801220251000054321",
        "entry_line": 1,
        "list_no": "QD801225I000005432",
        "list_line": 1,
        "book_line": 11,
        "mode": "1371",
        "hs10": _HS10,
        "goods_name": "变速箱控制模块(质保退回)",
        "quantity": "1",
        "unit": "007",
        "net_kg": net_kg,
        "total": {"amount": "240.00", "currency": "USD"},
        "origin": "CHN",
        "receipt_sha256": sha256("receipt of the return"),
        "declared_at": f"{at:%Y-%m-%dT%H:%M:%S}Z",
    }
    return Draft(kind="declare_in", item=item, data=data, refs=(book,))


def as_shipped(row: DeclarationRow, shipped: Sequence[ManifestRow]) -> DeclarationRow | None:
    """Returns the declared line scaled to the shipped cores; None if it has none."""
    own = [core for core in shipped if core.entry_line == row.entry_line]
    if not own or str(len(own)) == row.qty:
        return row if own else None
    weight = sum_decimals(parse_decimal(core.net_kg) for core in own)
    value = sum_decimals(parse_decimal(core.unit_value) for core in own)
    return replace(
        row,
        qty=str(len(own)),
        net_kg=format_decimal(weight),
        total_value=format_decimal(value),
    )
