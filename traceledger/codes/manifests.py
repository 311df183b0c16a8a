"""Reading manifests and declarations."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "manifest.line": Code(
        "A row names a declaration line that the ledger does not have.",
        "Record the declaration line first, or correct the numbers in the row.",
    ),
    "manifest.present": Code(
        "A row names a core that the ledger has with other values.",
        "Check the scanned id; to change a recorded value, use a correction.",
    ),
    "manifest.form": Code(
        "A file of rows cannot be read as a whole: its encoding, size, quotes, or it is empty.",
        "Save it as CSV in UTF-8 from the original and send it again.",
    ),
    "manifest.heading": Code(
        "Headings in row 1 are missing, unknown or there twice.",
        "Use the headings that docs/guide/manifests.md lists, in any order.",
    ),
    "manifest.columns": Code(
        "A row has more or fewer columns than row 1.",
        "Put quotes round a value that holds the separator, and look for a missing separator.",
    ),
    "manifest.value": Code(
        "A cell does not hold what its column needs.",
        "Correct the cell; the message names row, column and what is allowed.",
    ),
    "manifest.duplicate": Code(
        "Two rows speak of the same core or the same declaration line.",
        "Keep the row that is right; the message names both.",
    ),
    "manifest.rows": Code(
        "Rows of a file are wrong, so nothing of it was used.",
        "Correct the cells that are listed, or use --partial to go on with the good rows.",
    ),
}
