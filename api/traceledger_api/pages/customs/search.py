"""Search by any number on any document: items, lines, books, containers, receipts."""

from __future__ import annotations

from typing import Any

from traceledger.identifiers.typed import read_typed
from traceledger.views.documents import find_by_number
from traceledger.views.rows import Search
from traceledger_api.pages.customs.visit import Visit

__all__ = ["draw_search"]

_MOST = 100
_LEAST = 3  # characters of a part of an id


def draw_search(visit: Visit, text: str) -> dict[str, Any]:
    """Returns what was found; `only` is the address of a single hit."""
    wanted = text.strip()[:200]
    hits = list(dict.fromkeys(_find(visit, wanted))) if wanted else []
    rows = [
        {"item": item, "name": visit.line_name(item), "href": visit.item(item)} for item in hits
    ]
    return {
        "text": wanted,
        "rows": rows[:_MOST],
        "count": len(rows),
        "only": rows[0]["href"] if len(rows) == 1 else "",
    }


def _find(visit: Visit, text: str) -> list[str]:
    ledger = visit.ledger
    typed = read_typed(text)
    exact = [item for item in (text, typed.item) if item]
    known = [item for item in exact if ledger.read_heads((item,))]
    if known:
        return known
    for code in (one.code for one in visit.computed.findings):
        if text.upper() == code:
            return [one.subject for one in visit.computed.findings if one.code == code]
    lines = [
        item
        for item in visit.account.picture.lines
        if text in {visit.line_name(item), visit.line_numbers(item)[0]}
    ]
    found = find_by_number(ledger, text, visit.reader, Search(limit=_MOST))
    if lines or found:
        return [*lines, *(row.item for row in found)]
    if len(text) < _LEAST:
        return []
    part = typed.serial or text.upper().replace(" ", "")
    return [row.item for row in ledger.search(Search(id_part=part, limit=_MOST))]
