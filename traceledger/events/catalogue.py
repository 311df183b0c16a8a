"""The catalogue of kinds: the single table behind validation, forms, labels and documentation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from traceledger.events.kind import Kind
from traceledger.events.kinds.account import ACCOUNT
from traceledger.events.kinds.anywhere import ANYWHERE
from traceledger.events.kinds.authority import AUTHORITY
from traceledger.events.kinds.lots import LOTS
from traceledger.events.kinds.parts import PARTS

__all__ = ["CATALOGUE", "CHAIN_FORMS"]

CATALOGUE: Mapping[str, Kind] = MappingProxyType(
    {row.name: row for row in (*AUTHORITY, *ACCOUNT, *PARTS, *LOTS, *ANYWHERE)}
)

# An asset number (8004/...) identifies a core or a component; its first event decides which.
CHAIN_FORMS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "core": frozenset({"asset", "core"}),
        "component": frozenset({"asset", "component"}),
        **{
            name: frozenset({name})
            for name in ("ledger", "policy", "party", "key", "book", "declaration", "unit", "lot")
        },
    }
)
