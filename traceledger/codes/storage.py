"""Storage: database and files."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "store.none": Code(
        "There is no ledger at this place.",
        "Check --ledger, or make one with `traceledger init`.",
    ),
    "store.exists": Code(
        "A ledger exists at this place already.",
        "Use it, or choose another place.",
    ),
    "store.busy": Code(
        "Another process is writing to this ledger, or cosigning with this witness.",
        "Wait for it to end; events can also be sent to the address of the ledger's server.",
    ),
    "store.version": Code(
        "A file of the ledger was written by another version of traceledger.",
        "Use that version, or a newer one.",
    ),
    "store.write": Code(
        "The database or the disk refused; nothing was written.",
        "Check free space, permissions and the disk, then send the same again.",
    ),
    "store.size": Code(
        "The log grew while this was being prepared; nothing was written.",
        "Send the same again.",
    ),
}
