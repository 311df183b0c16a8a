"""Offline verification: returns what was verified, or raises; no network, no clock, no database."""

from __future__ import annotations

from traceledger.verify.needs import needed_chains, needed_order
from traceledger.verify.passport import verify_passport
from traceledger.verify.refusal import RefusedError
from traceledger.verify.report import report
from traceledger.verify.verdict import Verdict

__all__ = [
    "RefusedError",
    "Verdict",
    "needed_chains",
    "needed_order",
    "report",
    "verify_passport",
]
