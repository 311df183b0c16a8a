"""Exit codes, and the table that maps errors to them."""

from __future__ import annotations

from collections.abc import Mapping

from traceledger.errors import (
    BusyError,
    ConflictError,
    MalformedError,
    NoLedgerError,
    NotAllowedError,
    NotFoundError,
    RemoteError,
    StorageError,
    TraceledgerError,
    UsageError,
    VerificationError,
)

__all__ = [
    "BUG",
    "DAMAGED",
    "EXITS",
    "INCOMPLETE",
    "INTERRUPTED",
    "MEANINGS",
    "REFUSED",
    "SUCCESS",
    "exit_of",
]

SUCCESS, BUG, REFUSED, INCOMPLETE, DAMAGED = 0, 1, 3, 4, 9
INTERRUPTED = 130  # 128 plus the number of SIGINT, the shells' convention

EXITS: Mapping[type[TraceledgerError], int] = {
    UsageError: 2,
    MalformedError: 2,
    VerificationError: REFUSED,
    NotFoundError: 5,
    NotAllowedError: 6,
    ConflictError: 7,
    RemoteError: 8,
    StorageError: DAMAGED,
    NoLedgerError: 10,
    BusyError: 11,
}

MEANINGS: Mapping[int, str] = {
    SUCCESS: "success",
    BUG: "a bug in traceledger",
    2: "the command, a file or a value is invalid",
    REFUSED: "refused: a check failed",
    INCOMPLETE: "incomplete: nothing is false, but something could not be checked",
    5: "not found",
    6: "not allowed by the rules",
    7: "conflict: something else already exists there",
    8: "a server gave an invalid response or none",
    DAMAGED: "the disk or the database failed",
    10: "there is no ledger",
    11: "another process is writing",
}


def exit_of(error: TraceledgerError) -> int:
    """Returns the exit code of the error's nearest class in the table."""
    return next(EXITS[kind] for kind in type(error).__mro__ if kind in EXITS)
