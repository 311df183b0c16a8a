"""Random samples: drawn in an order that a seed fixes before anybody sees the list.

The seed is SHA-256 of the checkpoint's root and 16 random bytes of the reader's browser. Ids are
ordered by SHA-256 of the seed and the id; the first ones are the sample. So another program draws
the same sample from the same account and seed. What was drawn is recorded and numbered.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from traceledger.audit.cores import CoreRow
from traceledger.audit.fates import FATES
from traceledger.audit.figures import show
from traceledger.errors import MalformedError
from traceledger.views.history import describe_event
from traceledger_api.pages.customs.figures import Cell, decimals
from traceledger_api.pages.customs.visit import Visit
from traceledger_api.sample_book import Draw, Sample

__all__ = ["draw_order", "draw_sample", "draw_samples", "read_draw"]

_SEED = re.compile(r"[0-9a-f]{64}")
_SIZES = range(1, 501)
_DEFAULT = 12
_OPEN = "open"


def draw_order(seed: bytes, items: list[str]) -> list[str]:
    """Returns items in the order of SHA-256(seed, id)."""
    return sorted(items, key=lambda item: hashlib.sha256(seed + item.encode()).digest())


def read_draw(visit: Visit, form: Mapping[str, str]) -> Draw:
    """Reads what a form wants to be drawn from the account of a visit.

    Raises MalformedError `request.value`.
    """
    seed, fate, size = form.get("seed", "").lower(), form.get("fate", ""), form.get("n", "")
    if not _SEED.fullmatch(seed):
        raise MalformedError("request.value", "the seed has 64 hexadecimal digits")
    if not size.isdecimal() or int(size[:9]) not in _SIZES:
        raise MalformedError("request.value", f"a sample has 1 to {_SIZES[-1]} cores")
    if fate not in {"", _OPEN, *FATES}:
        raise MalformedError("request.value", f"{fate[:20]!r} is no fate")
    return Draw(visit.wanted, visit.digest, fate, int(size), seed)


def draw_samples(visit: Visit, samples: list[Sample]) -> dict[str, Any]:
    """Returns the values of the page of samples: those drawn before, and the form."""
    return {
        "n": _DEFAULT,
        "fates": ["", _OPEN, *(fate for fate in FATES if _frame(visit, fate))],
        "samples": [
            {
                "number": sample.number,
                "href": visit.at(f"/samples/{sample.number}"),
                "at": visit.clock.moment(sample.at),
                "kid": sample.kid,
                "draw": sample.draw,
            }
            for sample in samples
        ],
    }


def draw_sample(visit: Visit, sample: Sample) -> dict[str, Any]:
    """Returns the values of the page of a sample."""
    draw = sample.draw
    frame = {row.item: row for row in _frame(visit, draw.fate)}
    drawn = [frame[item] for item in draw_order(bytes.fromhex(draw.seed), list(frame))[: draw.size]]
    places = decimals(show(row.weight) for row in drawn)
    return {
        "number": sample.number,
        "draw": draw,
        "at_time": visit.clock.moment(sample.at),
        "kid": sample.kid,
        "frame": len(frame),
        "is_same": draw.account == visit.digest,
        "rows": [_row(visit, row, places) for row in drawn],
    }


def _frame(visit: Visit, fate: str) -> list[CoreRow]:
    """Returns the cores from which is drawn."""
    return [
        row
        for row in visit.computed.cores
        if fate in {"", row.fate} or (fate == _OPEN and row.is_open)
    ]


def _row(visit: Visit, row: CoreRow, places: int) -> dict[str, Any]:
    picture = visit.account.picture
    return {
        "item": visit.short(row.item),
        "href": visit.item(row.item),
        "kg": Cell.of(row.weight, visit.event(picture.things[row.item].opened.index), places),
        "fate": row.fate,
        "became": (visit.short(row.became), visit.item(row.became)) if row.became else None,
        "left_on": (visit.line_name(row.left_on), visit.item(row.left_on)) if row.left_on else None,
        "line": (visit.line_name(row.line), visit.item(row.line)) if row.line else None,
        "is_open": row.is_open,
        "location": _location(visit, row.became or row.item) if row.is_open else "",
        "events": len(visit.ledger.chain(row.item)),
    }


def _location(visit: Visit, item: str) -> str:
    """Returns where an item was put last, as far as this reader may see it."""
    for entry in reversed(visit.ledger.chain(item)):
        if entry.leaf_index < visit.wanted.end:
            found = describe_event(entry, visit.reader).data.get("location")
            if found:
                return str(found)
    return ""
