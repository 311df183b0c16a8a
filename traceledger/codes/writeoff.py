"""Reports for write-off."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "writeoff.none": Code(
        "No report of the book waits for an answer of customs.",
        "Run `traceledger history BOOK`; report a period with `traceledger writeoff`.",
    ),
    "writeoff.several": Code(
        "Several reports of the book wait for an answer of customs.",
        "Name one with --target.",
    ),
    "writeoff.unknown": Code(
        "The account of the period cannot be evaluated: values that decide are unknown.",
        "Compute it from an archive for customs, which contains all customs fields. If nothing is"
        " withheld, correct the values or units that the message names.",
    ),
    "writeoff.differs": Code(
        "A report for write-off has other figures, or another period, than the log.",
        "Do not confirm it. Refuse it with --refuse, and ask for a new report.",
    ),
    "writeoff.file": Code(
        "The file is not the report that the event names.",
        "Ask for the file that was reported; confirm nothing by this one.",
    ),
    "writeoff.refused": Code(
        "The ledger contains events that the rules forbid, so nothing is signed for it.",
        "Run `traceledger audit` and ask about each illegal event.",
    ),
    "writeoff.recompute": Code(
        "A report for write-off is confirmed only after it was recomputed.",
        "Use `traceledger confirm-writeoff BOOK`.",
    ),
}
