"""Random samples: drawn in an order that a seed fixes before anybody sees the list.

The seed is SHA-256 of the checkpoint's root and 16 random bytes of the reader's browser. Ids are
ordered by SHA-256 of the seed and the id; the first ones are the sample. So another program draws
the same sample from the same account and seed.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from traceledger.audit.figures import show
from traceledger_api.pages.customs.figures import Cell, decimals
from traceledger_api.pages.customs.visit import Visit

__all__ = ["draw_order", "draw_samples"]

_SEED = re.compile(r"[0-9a-f]{64}")
_SIZES = range(1, 501)
_DEFAULT = 12


def draw_order(seed: bytes, items: list[str]) -> list[str]:
    """Returns items in the order of SHA-256(seed, id)."""
    return sorted(items, key=lambda item: hashlib.sha256(seed + item.encode()).digest())


def draw_samples(visit: Visit) -> dict[str, Any]:
    """Returns the values of the page of samples; without a seed, only the form."""
    seed = visit.query.get("seed", "").lower()
    wanted = visit.number("n", _DEFAULT)
    wanted = wanted if wanted in _SIZES else _DEFAULT
    frame = {row.item: row for row in visit.computed.cores}
    values: dict[str, Any] = {"frame": len(frame), "n": wanted, "seed": "", "rows": []}
    if not _SEED.fullmatch(seed):
        return values
    drawn = [frame[item] for item in draw_order(bytes.fromhex(seed), list(frame))[:wanted]]
    places = decimals(show(row.weight) for row in drawn)
    picture = visit.account.picture
    values["seed"] = seed
    values["rows"] = [
        {
            "item": visit.short(row.item),
            "href": visit.item(row.item),
            "kg": Cell.of(row.weight, visit.event(picture.things[row.item].opened.index), places),
            "fate": row.fate,
            "became": (visit.short(row.became), visit.item(row.became)) if row.became else None,
            "left_on": (visit.line_name(row.left_on), visit.item(row.left_on))
            if row.left_on
            else None,
            "line": (visit.line_name(row.line), visit.item(row.line)) if row.line else None,
            "is_open": row.is_open,
            "events": len(visit.ledger.chain(row.item)),
        }
        for row in drawn
    ]
    return values
