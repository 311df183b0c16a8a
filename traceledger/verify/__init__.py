"""Offline verification: returns what was verified or raises; no network, no clock, no database."""

from __future__ import annotations

from traceledger.verify.completeness import needed_chains, needed_order
from traceledger.verify.former import Companion
from traceledger.verify.passport import verify_passport
from traceledger.verify.refusal import RefusedError
from traceledger.verify.result import describe_result
from traceledger.verify.verdict import Verdict

__all__ = [
    "Companion",
    "RefusedError",
    "Verdict",
    "describe_result",
    "needed_chains",
    "needed_order",
    "verify_passport",
]
