"""Which events carry figures, and the step that is remembered of each."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import msgspec

from traceledger.audit.things import Step
from traceledger.events.token import Event
from traceledger.identifiers.values import parse_time
from traceledger.verify.archive.fold import ReplayedEntry

__all__ = ["REPEATED", "make_step", "occurred"]

_MARK = "再制造"
_DECLARED = (
    *("entry_no", "entry_line", "list_no", "list_line", "book_line", "mode", "hs10", "goods_name"),
    *("quantity", "unit", "net_kg", "total", "declared_at", "part_no", "receipt_sha256"),
)
_KEPT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "import": ("part_no", "unit_value", "net_kg", "old_serial"),
        "receive": ("result",),
        "repair": ("new_parts",),
        "assemble": ("part_no", "net_kg", "new_parts"),
        "test": ("equipment",),
        "calibrate": ("equipment",),
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
        "close_lot": ("net_kg",),
        "destroy": ("approval", "net_kg", "residue_kg", "certificate_sha256"),
        "customs_check": ("receipt_sha256",),
        "open_book": ("number", "class", "started"),
        "stocktake": ("scope", "counts", "opening"),
        "writeoff": ("from_size", "to_size", "report_sha256", "residual_zero"),
        "declare_in": (*_DECLARED, "origin"),
        "declare_out": (*_DECLARED, "destination"),
        "close_line": ("receipt_sha256",),
        "gate": ("receipt_sha256",),
    }
)

_LINKS = frozenset({"declaration", "lot"})  # the record of an item contains the others
REPEATED = frozenset({"receive", "pack"})
"""Kinds of which only the latest event matters."""


def make_step(event: Event, entry: ReplayedEntry, *, by_customs: bool) -> Step | None:
    """Returns the step of an event that carries figures, otherwise None."""
    fields = _KEPT.get(event.kind_name)
    if fields is None or _is_plain(event, by_customs=by_customs):
        return None
    given = msgspec.to_builtins(event.data) | entry.values()
    return Step(
        kind=event.kind_name,
        index=entry.index,
        leaf=event.leaf,
        iat=event.payload.iat,
        at=occurred(event),
        values={name: given[name] for name in fields if name in given},
        unseen=[name for name in fields if name in event.digests and name not in given],
        links=[(ref.as_, ref.item) for ref in event.refs if ref.as_ in _LINKS],
        customs=by_customs,
    )


def occurred(event: Event) -> int:
    """Returns when the event happened, in seconds since 1970."""
    return _seconds(event.payload.occurred)


@functools.lru_cache(maxsize=1024)
def _seconds(time: str) -> int:
    # Stations record in batches: the same second repeats.
    return int(parse_time(time).timestamp())


def _is_plain(event: Event, *, by_customs: bool) -> bool:
    """Reports whether an event of a kind that can carry figures carries none."""
    match event.kind_name:
        case "repair":
            return "new_parts" not in event.digests
        case "receive":
            return bool(event.data.result == "ok")
        case "pack":
            return _MARK in event.data.label_text
        case "approve":
            return event.data.certificate_sha256 is msgspec.UNSET
        case "test" | "calibrate":
            return not _is_overdue(event)
        case "customs_check":
            return by_customs
        case _:
            return False


def _is_overdue(event: Event) -> bool:
    """Reports whether equipment was used after its own calibration had expired."""
    return date.fromisoformat(event.data.equipment.due) < parse_time(event.payload.occurred).date()
