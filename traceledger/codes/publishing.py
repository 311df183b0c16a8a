"""Static copies of a ledger."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "publish.folder": Code(
        "The folder for a static copy contains other files.",
        "Name a new folder, or one that `traceledger publish` wrote.",
    ),
    "publish.file": Code(
        "A file of a static copy never changes, but the one at the target is different.",
        "Compare the two. If the copy was altered, keep it as evidence, and publish to a new"
        " target.",
    ),
    "publish.race": Code(
        "Another process published to the same target at the same time.",
        "Run the command again, and let one machine publish to a target.",
    ),
    "publish.store": Code(
        "An object store refused a request or did not answer.",
        "Check the address of the bucket and the variables AWS_ENDPOINT_URL, AWS_REGION,"
        " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, for http also AWS_ALLOW_HTTP=true; then run"
        " the command again.",
    ),
    "publish.other": Code(
        "The target contains the static copy of another ledger.",
        "Name another target.",
    ),
    "publish.ahead": Code(
        "The static copy is newer than the ledger.",
        "Check whether the ledger was restored from an old back-up before it signs anything.",
    ),
    "publish.fork": Code(
        "The static copy has another history than the ledger.",
        "Keep both as evidence, and find out which of them was altered; publish nothing more.",
    ),
}
