"""Items as people and programs see them, from the rows of a ledger."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from traceledger.errors import NotFoundError
from traceledger.events.encoding import encode_base64url
from traceledger.rules.goods import possible_kinds
from traceledger.rules.state import Goods, parse_state
from traceledger.views.answers import Hold, Item, ItemRow
from traceledger.views.history import PUBLIC, read_record
from traceledger.views.ledger import LedgerView
from traceledger.views.rows import HeadRow

__all__ = ["describe_item", "describe_row", "find_row"]


def find_row(ledger: LedgerView, item: str) -> HeadRow:
    """Finds what is known of an item; raises NotFoundError `item.unknown`."""
    row = ledger.read_heads((item,)).get(item)
    if row is None:
        raise NotFoundError("item.unknown", f"this ledger has no {item}")
    return row


def describe_row(row: HeadRow) -> ItemRow:
    """Describes an item for a list."""
    return ItemRow(**_members(row))


def describe_item(ledger: LedgerView, row: HeadRow) -> Item:
    """Describes an item as it stands now, with what is on it and what may follow."""
    state = parse_state(row.state)
    goods = state if isinstance(state, Goods) else None
    return Item(
        **_members(row),
        first=state.first,
        rules=msgspec.to_builtins(state),
        holds=[Hold(event=one.event, authority=one.authority) for one in goods.holds]
        if goods
        else UNSET,
        recalls=_recalls(ledger, row.item, goods) if goods else UNSET,
        next=list(possible_kinds(goods)) if goods else UNSET,
    )


def _members(row: HeadRow) -> dict[str, Any]:
    return {
        "item": row.item,
        "chain": row.chain,
        "state": row.life,
        "part_no": row.part_no,
        "declaration": row.declaration,
        "seq": row.seq,
        "event": encode_base64url(row.head),
        "index": row.latest,
    }


def _recalls(ledger: LedgerView, item: str, state: Goods) -> list[dict[str, Any]]:
    on = {mark.event: mark.party for mark in state.recalls}
    records = (read_record(entry, PUBLIC) for entry in ledger.chain(item)) if on else ()
    return [
        {"event": record.event.id, "party": on[record.event.id], **record.values}
        for record in records
        if record.event.id in on
    ]
