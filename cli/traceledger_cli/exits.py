"""Exit codes, and the one table from errors to them."""

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
    "FINE",
    "INCOMPLETE",
    "INTERRUPTED",
    "MEANINGS",
    "REFUSED",
    "exit_of",
]

FINE, BUG, REFUSED, INCOMPLETE, DAMAGED = 0, 1, 3, 4, 9
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells count

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
    FINE: "fine",
    BUG: "a bug in traceledger",
    2: "the command, a file or a value makes no sense",
    REFUSED: "refused: a check failed",
    INCOMPLETE: "incomplete: nothing false, but something could not be checked",
    5: "not found",
    6: "not allowed by the rules",
    7: "conflict: something else stands there already",
    8: "a server answered wrongly or not at all",
    DAMAGED: "the disk or the database failed",
    10: "there is no ledger",
    11: "another process is writing",
}


def exit_of(error: TraceledgerError) -> int:
    """The exit code of an error: that of the nearest of its classes in the table."""
    return next(EXITS[kind] for kind in type(error).__mro__ if kind in EXITS)
