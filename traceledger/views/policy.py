"""The values of the ledger's policy that decide who may read."""

from __future__ import annotations

from traceledger.events.token import parse_token
from traceledger.views.ledger import Lookups

__all__ = ["has_public_entries"]


def has_public_entries(ledger: Lookups) -> bool:
    """Reports whether the ledger's policy makes the entries of the log public."""
    policy = ledger.read_heads(("policy",)).get("policy")
    if policy is None:
        return False
    last = ledger.find_place("policy", policy.seq)
    if last is None or last.kind != "set_policy":
        return False
    return parse_token(last.body).data.values.public_entries is True
