"""Which fields the account keeps of which kinds of events, by position.

A record holds the values without their names, because a ledger has many more records than kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["KEPT", "POSITIONS"]

_DECLARED = (
    *("entry_no", "entry_line", "list_no", "list_line", "book_line", "mode", "hs10", "goods_name"),
    *("quantity", "unit", "net_kg", "total", "declared_at", "part_no", "receipt_sha256"),
    "documents",
)
KEPT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "import": ("part_no", "unit_value", "net_kg", "old_serial"),
        "receive": ("result",),
        "clean": ("residue_kg",),
        "repair": ("new_parts",),
        "update": ("to_version", "image_sha256", "released"),
        "assemble": ("part_no", "net_kg", "new_parts"),
        "test": ("equipment", "day"),
        "calibrate": ("equipment", "day"),
        "approve": ("certificate_sha256",),
        "pack": ("label_text",),
        "export": ("destination", "departed_at"),
        "return": ("quantity", "net_kg", "destination", "receipt_sha256"),
        "disassemble": ("waste_kg",),
        "harvest": ("part", "part_no", "net_kg"),
        "scrap": ("net_kg", "hazard_code"),
        "divert": ("approval", "vat", "receipt_sha256"),
        "reimport": (),
        "open_lot": ("part_no", "hazard_code"),
        "fill_lot": ("quantity",),
        "draw_lot": ("reason", "quantity", "net_kg", "hazard_code", "receipt_sha256"),
        "close_lot": ("net_kg",),
        "destroy": ("approval", "net_kg", "residue_kg", "certificate_sha256"),
        "customs_check": ("receipt_sha256",),
        "open_book": ("number", "class", "started"),
        "stocktake": ("scope", "counts", "opening", "here"),
        "writeoff": ("from_size", "to_size", "report_sha256", "residual_zero"),
        "declare_in": (*_DECLARED, "origin"),
        "declare_out": (*_DECLARED, "destination"),
        "close_line": ("receipt_sha256",),
        "gate": ("receipt_sha256",),
    }
)
"""The fields by kind, and three that no event states: `here` is the stock at the position of a
count, `released` the place of the policy's list of released software among those of the log, `day`
the date of the event where it happened.
"""

POSITIONS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        kind: MappingProxyType({name: place for place, name in enumerate(names)})
        for kind, names in KEPT.items()
    }
)
"""The positions of these fields."""
