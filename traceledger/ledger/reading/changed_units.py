"""The units whose passports have new events: for copies of passports that grow with the log."""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.identifiers.items import parse_item
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.views.lineage import read_lineage
from traceledger.views.rows import Search
from traceledger.views.searches import search_all

__all__ = ["changed_units"]

_GOODS = frozenset({"unit", "asset", "core", "component"})


def changed_units(ledger: LedgerReader, old: int, size: int) -> Iterator[str]:
    """Yields the units with an event from index `old` to before `size`, of their own or a part's.

    From 0, these are all units. Later events of parties and keys change no passport: it stays true
    as of its checkpoint.
    """
    if not old:
        yield from (row.item for row in search_all(ledger, Search(chain="unit")))
        return
    seen: set[str] = set()
    for entry in ledger.read_entries(old, size):
        if entry.item in seen or not entry.item or parse_item(entry.item).form not in _GOODS:
            continue
        # The whole family: what an item went into shows it, and so does a recall of its parts.
        nodes = [node for node in read_lineage(ledger, entry.item).nodes if node.item not in seen]
        seen.update(node.item for node in nodes)
        yield from (node.item for node in nodes if node.chain == "unit")
