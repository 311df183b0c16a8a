"""Storage: database and files."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "store.none": Code(
        "There is no ledger at this place.",
        "Check --ledger, or create a ledger with `traceledger init`.",
    ),
    "store.exists": Code(
        "A ledger already exists at this place.",
        "Use it, or choose another place.",
    ),
    "store.busy": Code(
        "Another process is writing to this ledger, or cosigning with this witness.",
        "Wait until it ends; events can also be sent to the ledger's server, if one is running.",
    ),
    "store.version": Code(
        "A file of the ledger was written by an incompatible version of traceledger.",
        "Use that version, or a newer one.",
    ),
    "store.write": Code(
        "A write to the database or the disk failed; nothing was written.",
        "Check free space, permissions and the disk, then send the same request again.",
    ),
    "store.size": Code(
        "The log grew while this write was being prepared; nothing was written.",
        "Send the same request again.",
    ),
}
