"""Reading manifests and declarations."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "manifest.line": Code(
        "A row names a declaration line that is not in the ledger.",
        "Record the declaration line first, or correct the numbers in the row.",
    ),
    "manifest.present": Code(
        "A row names a core that is already in the ledger with different values.",
        "Check the scanned id; to change a recorded value, use a correction.",
    ),
    "manifest.form": Code(
        "A file cannot be read as a table: it is empty, too large, or has invalid encoding or"
        " quotes.",
        "Export it again from the original as CSV in UTF-8.",
    ),
    "manifest.encoding": Code(
        "The encoding of a file is uncertain: in the most likely one its text is implausible.",
        "Save it as CSV in UTF-8, or name its encoding with --encoding.",
    ),
    "manifest.head": Code(
        "A value given for a whole file is invalid, or the file of such values contains none.",
        "Correct it where it is given: above the headings, in the --head file, or in --set.",
    ),
    "manifest.amended": Code(
        "A declared line is already in the ledger with different values.",
        "If customs accepted an amendment, record it with `traceledger event correct`;"
        " otherwise correct the file.",
    ),
    "manifest.heading": Code(
        "Headings are missing, unknown or repeated.",
        "Use the headings that docs/guide/manifests.md lists, in any order.",
    ),
    "manifest.columns": Code(
        "A row has more or fewer columns than there are headings.",
        "Put quotes around a value that contains the separator, and look for a missing separator.",
    ),
    "manifest.value": Code(
        "A cell has a value that its column does not allow.",
        "Correct the cell; the message gives the row, the column and what is allowed.",
    ),
    "manifest.duplicate": Code(
        "Two rows describe the same core or the same line of a verification list.",
        "Keep the correct row; the message names both.",
    ),
    "manifest.rows": Code(
        "Some rows of a file are invalid, so none of it was used.",
        "Correct the cells listed.",
    ),
}
