"""The catalogue of kinds: the single table behind validation, forms, labels and documentation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from traceledger.events.kind import Kind
from traceledger.events.kinds.account import ACCOUNT
from traceledger.events.kinds.anywhere import ANYWHERE
from traceledger.events.kinds.authority import AUTHORITY
from traceledger.events.kinds.cores import CORES
from traceledger.events.kinds.ends import ENDS
from traceledger.events.kinds.lots import LOTS
from traceledger.events.kinds.units import UNITS

__all__ = ["CATALOGUE"]

CATALOGUE: Mapping[str, Kind] = MappingProxyType(
    {row.name: row for row in (*AUTHORITY, *ACCOUNT, *CORES, *UNITS, *ENDS, *LOTS, *ANYWHERE)}
)
