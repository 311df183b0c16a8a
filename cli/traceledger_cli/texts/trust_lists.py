"""What commands print about trust lists."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from traceledger.formats.trust import fingerprint
from traceledger.formats.trust_list import TrustList
from traceledger.identifiers.excerpt import printable
from traceledger_cli.output import Output
from traceledger_cli.texts.layout import columns, pairs
from traceledger_cli.texts.terminal import style

__all__ = ["describe_list", "render_list", "report_list"]


def describe_list(trust_list: TrustList, key: str) -> dict[str, Any]:
    """Describes a list as JSON; `key` is the fingerprint of its authority's key."""
    return {
        "name": trust_list.name,
        "fingerprint": key,
        "sequence": trust_list.sequence,
        "issued": trust_list.issued,
        "expires": trust_list.expires,
        "ledgers": [
            {
                "origin": ledger.origin,
                "items": list(ledger.items),
                "fingerprint": fingerprint(ledger.file),
            }
            for ledger in trust_list.ledgers
        ],
    }


def render_list(trust_list: TrustList, key: str) -> str:
    """Renders a list with its ledgers; `key` is the fingerprint of its authority's key."""
    lines = [
        ("fingerprint", style(key, bold=True)),
        ("number", f"{trust_list.sequence:,}"),
        ("issued", _date(trust_list.issued)),
        ("expires", _date(trust_list.expires)),
    ]
    rows = [
        (
            printable(ledger.origin),
            fingerprint(ledger.file),
            printable(", ".join(f"{prefix}…" for prefix in ledger.items)),
        )
        for ledger in trust_list.ledgers
    ]
    return (
        f"Trust list {style(trust_list.name, bold=True)}\n"
        f"{pairs(lines, indent='  ')}\n{columns(rows, indent='  ')}"
    )


def report_list(trust_list: TrustList, key: str, out: Output, *, dry_run: bool) -> None:
    """Writes that a list was stored."""
    text = "Checked; nothing was written." if dry_run else "Stored."
    described = describe_list(trust_list, key) | {"dry_run": dry_run}
    out.result(described, f"{text}\n{render_list(trust_list, key)}")


def _date(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
