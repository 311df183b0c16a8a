"""Descriptions of items for lists and details, from the rows of a ledger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET

from traceledger.errors import NotFoundError
from traceledger.events.encoding import encode_base64url
from traceledger.rules.effective import read_effective
from traceledger.rules.goods import possible_kinds
from traceledger.rules.state import Goods, parse_state
from traceledger.views.answers import Hold, Item, ItemRow
from traceledger.views.history import PUBLIC, read_record
from traceledger.views.ledger import LedgerView, Lookups
from traceledger.views.parts import describe_marked_parts, overlays_of
from traceledger.views.rows import HeadRow

__all__ = ["describe_item", "describe_rows", "find_row", "read_overlays"]


def find_row(ledger: LedgerView, item: str) -> HeadRow:
    """Finds the row of an item; raises NotFoundError `item.unknown`."""
    row = ledger.read_heads((item,)).get(item)
    if row is None:
        raise NotFoundError("item.unknown", f"this ledger has no {item}")
    return row


def describe_rows(ledger: Lookups, rows: Iterable[HeadRow]) -> list[ItemRow]:
    """Describes items for a list, with the marks on them and on parts inside them."""
    return [ItemRow(**_members(ledger, row)) for row in rows]


def describe_item(ledger: LedgerView, row: HeadRow) -> Item:
    """Describes an item's current state, its holds and recalls, and the kinds that may follow."""
    state = parse_state(row.state)
    goods = state if isinstance(state, Goods) else None
    return Item(
        **_members(ledger, row),
        first=state.first,
        rules=msgspec.to_builtins(state),
        holds=[Hold(event=hold.event, authority=hold.authority) for hold in goods.holds]
        if goods
        else UNSET,
        recalls=_recalls(ledger, row.item, goods) if goods else UNSET,
        marked_parts=describe_marked_parts(ledger, row.item) if goods else UNSET,
        next=list(possible_kinds(goods)) if goods else UNSET,
    )


def read_overlays(ledger: Lookups, row: HeadRow) -> list[str]:
    """Lists the marks in force on an item, and whether parts inside it are marked."""
    state = parse_state(row.state)
    if not isinstance(state, Goods):
        return []
    parts = describe_marked_parts(ledger, row.item) if state.depth else ()
    marks = {mark for part in parts for mark in part.overlays}
    inner = {"part_recalled" if mark == "recalled" else "part_held" for mark in marks}
    return [*overlays_of(state), *sorted(inner)]


def _members(ledger: Lookups, row: HeadRow) -> dict[str, Any]:
    return {
        "item": row.item,
        "chain": row.chain,
        "state": row.life,
        "part_no": row.part_no,
        "declaration": row.declaration.partition(" ")[0],
        "seq": row.seq,
        "event": encode_base64url(row.head),
        "index": row.latest,
        "overlays": read_overlays(ledger, row),
    }


def _recalls(ledger: LedgerView, item: str, state: Goods) -> list[dict[str, Any]]:
    parties = {recall.event: recall.party for recall in state.recalls}
    records = (read_record(entry, PUBLIC) for entry in ledger.chain(item)) if parties else ()
    return [
        {"event": found.event.id, "party": parties[found.event.id], **found.values}
        for found in read_effective((record.event, record.values) for record in records)
        if found.event.id in parties
    ]
