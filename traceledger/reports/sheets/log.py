"""Sheets J and K: what was corrected or voided, and the keys."""

from __future__ import annotations

from traceledger.reports.model import Sheet
from traceledger.reports.sheets.maker import SheetMaker

__all__ = ["make_changes", "make_keys"]


def make_changes(maker: SheetMaker) -> Sheet:
    """Lists corrections and voids, in the order of the log."""
    columns = maker.columns(
        ("entry", "count"),
        ("kind", "text"),
        ("item", "code"),
        ("fields", "code"),
        ("reason", "text"),
        ("signed_at", "text"),
        ("kid", "code"),
        ("event", "code"),
        ("target", "code"),
    )
    rows = (
        {
            "entry": str(change.index),
            "kind": maker.words(f"v.{change.kind}"),
            "item": change.item,
            "fields": list(change.fields),
            "reason": change.reason,
            "signed_at": maker.show_time(change.at),
            "kid": change.kid,
            "event": change.event,
            "target": change.target,
        }
        for change in maker.registry.changes
    )
    return maker.sheet("J", columns, rows)


def make_keys(maker: SheetMaker) -> Sheet:
    """Lists keys with their roles, and how many events they signed."""
    columns = maker.columns(
        ("kid", "code"),
        ("party", "code"),
        ("roles", "text"),
        ("added", "count"),
        ("revoked", "count"),
        ("disputed", "count"),
        ("events", "count"),
    )
    rows = (
        {
            "kid": key.kid,
            "party": key.party,
            "roles": [maker.label("roles", role) for role in key.roles],
            "added": str(key.added),
            "revoked": "" if key.revoked is None else str(key.revoked),
            "disputed": "" if key.disputed is None else str(key.disputed),
            "events": str(key.events),
        }
        for key in maker.registry.keys.values()
    )
    return maker.sheet("K", columns, rows)
