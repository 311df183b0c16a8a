"""What a new policy drops: `set_policy` replaces all values, also those that it does not name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from traceledger.events.draft import Draft
from traceledger.events.token import parse_token
from traceledger.views.ledger import Lookups

__all__ = ["find_dropped"]


def find_dropped(ledger: Lookups, drafts: Iterable[Draft]) -> Mapping[str, Any]:
    """Finds the values of the policy in force that the last policy of a request does not name."""
    wanted = [draft.data.get("values") for draft in drafts if draft.kind == "set_policy"]
    if not wanted:
        return {}
    chain = [parse_token(entry.body) for entry in ledger.read_chain("policy")]
    policies = [event for event in chain if event.kind_name == "set_policy"]
    if not policies:
        return {}
    values: dict[str, Any] = msgspec.to_builtins(policies[-1].data.values)
    named = wanted[-1] if isinstance(wanted[-1], Mapping) else {}
    return {name: value for name, value in values.items() if name not in named}
