"""The demo."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "demo.exists": Code(
        "The demo's folder is not empty.",
        "Name a new folder, or empty this one.",
    ),
    "demo.cores": Code(
        "The demo cannot be run with that many cores.",
        "Choose a number in the range given in the message.",
    ),
}
