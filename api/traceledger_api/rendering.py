"""What the API says of items and events, as JSON values."""

from __future__ import annotations

from typing import Any

import msgspec

from traceledger.errors import NotFoundError
from traceledger.events.disclosure import format_wire
from traceledger.events.encoding import encode_base64url
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.rights import Rights
from traceledger.rules.goods import possible_kinds
from traceledger.rules.state import Goods, parse_state
from traceledger.views.appended import Logged
from traceledger.views.history import PUBLIC, Reader, Record, read_record, visible
from traceledger.views.lineage import Lineage, read_lineage
from traceledger.views.rows import Entry, HeadRow

__all__ = [
    "describe_event",
    "describe_head",
    "describe_item",
    "describe_lineage",
    "describe_logged",
    "describe_row",
    "read_row",
]


def read_row(ledger: Ledger, item: str) -> HeadRow:
    """What is known of an item; raises NotFoundError `item.unknown`."""
    row = ledger.store.read_heads((item,)).get(item)
    if row is None:
        raise NotFoundError("item.unknown", f"this ledger has no {item}")
    return row


def describe_logged(logged: Logged) -> dict[str, Any]:
    """Where an event stands."""
    return {
        "index": logged.leaf_index,
        "event": logged.event,
        "item": logged.item,
        "seq": logged.seq,
    }


def describe_head(row: HeadRow) -> dict[str, Any]:
    """What a signer must know of an item."""
    state = parse_state(row.state)
    event = encode_base64url(row.head)
    return {"seq": row.seq, "event": event, "first": state.first, "state": row.life}


def describe_row(row: HeadRow) -> dict[str, Any]:
    """An item in a list."""
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


def describe_item(ledger: Ledger, row: HeadRow) -> dict[str, Any]:
    """An item as it stands now. `rules` is what the rules remember of it."""
    state = parse_state(row.state)
    found = {**describe_row(row), "first": state.first, "rules": msgspec.to_builtins(state)}
    if isinstance(state, Goods):
        found["holds"] = [{"event": one.event, "authority": one.authority} for one in state.holds]
        found["recalls"] = _recalls(ledger, row.item, state)
        found["next"] = list(possible_kinds(state))
    return found


def describe_event(entry: Entry, reader: Reader) -> dict[str, Any]:
    """An event as this reader sees it; `wire` is its token with the disclosures shown."""
    record = read_record(entry, reader)
    claims, event = record.event.payload, record.event
    shown = [part.text for part in visible(event, entry.disclosures, reader)]
    return {
        "index": record.leaf_index,
        "event": event.id,
        "item": claims.sub,
        "seq": claims.seq,
        "kind": event.kind_name,
        "occurred": claims.occurred,
        "site": claims.site or "",
        "party": claims.iss,
        "kid": event.kid,
        "signed": claims.iat,
        "refs": [{"as": ref.as_, "item": ref.item, "event": ref.event or ""} for ref in event.refs],
        "data": record.values,
        "withheld": record.withheld,
        "wire": format_wire(entry.body, shown).decode(),
    }


def describe_lineage(ledger: Ledger, item: str, caller: Rights) -> dict[str, Any]:
    """What an item came from, and for whoever knows ids also what it went into.

    A stranger gets what the item's passport shows: the way on would lead to other units.
    """
    found = read_lineage(ledger, item)
    kept = {node.item for node in found.nodes} if caller.knows_ids else _origins(found)
    return {
        "item": item,
        "nodes": [
            {"item": node.item, "chain": node.chain, "state": node.life, "part_no": node.part_no}
            for node in found.nodes
            if node.item in kept
        ],
        "edges": [edge._asdict() for edge in found.edges if {edge.source, edge.target} <= kept],
    }


def _origins(lineage: Lineage) -> set[str]:
    kept = {lineage.item}
    waiting = [lineage.item]
    while waiting:
        target = waiting.pop()
        for edge in lineage.edges:
            source = edge.source
            if edge.target == target and source not in kept and not source.startswith("decl/"):
                kept.add(source)
                waiting.append(source)
    return kept


def _recalls(ledger: Ledger, item: str, state: Goods) -> list[dict[str, Any]]:
    on = {mark.event: mark.party for mark in state.recalls}
    records: list[Record] = []
    if on:
        records = [read_record(entry, PUBLIC) for entry in ledger.chain(item)]
    return [
        {"event": record.event.id, "party": on[record.event.id], **record.values}
        for record in records
        if record.event.id in on
    ]
