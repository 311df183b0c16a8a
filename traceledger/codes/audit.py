"""Findings of an audit, of which the command line warns before an event is appended."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "audit.future": Code(
        "A time or date lies in the future.",
        "Correct the date, or the clock of the station.",
    ),
    "audit.equipment": Code(
        "A test or calibration was made with equipment whose own calibration had expired.",
        "Correct the date, or repeat the work with calibrated equipment.",
    ),
    "audit.verdict": Code(
        "A test passed although one of its measurements failed.",
        "Correct the measurement or the verdict.",
    ),
    "audit.quantity": Code(
        "More pieces are recorded on a declared line than it declares.",
        "Name the right line, or have the declaration amended and correct its quantity.",
    ),
    "audit.book": Code(
        "A second account book has the same number.",
        "Use the existing book, or correct the number.",
    ),
}
