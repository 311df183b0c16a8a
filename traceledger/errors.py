"""The errors that traceledger raises, one tree.

::

    TraceledgerError
    ├── UsageError              the request makes no sense; nothing was tried
    ├── MalformedError          given bytes or values do not fit their format
    ├── VerificationError       evidence is false: a signature, a hash, a proof, a rule
    ├── NotAllowedError         a rule forbids the event; nothing was written
    ├── ConflictError           another event already stands at that place
    ├── NotFoundError           no such item, event, file
    ├── StorageError            the disk or the database failed
    ├── RemoteError             a server answered wrongly or not at all
    ├── NoLedgerError           there is no ledger at that place
    └── BusyError               another process is writing to the ledger

A class exists where a caller acts differently; what exactly happened is the code, listed in
`traceledger.codes` with its meaning and what to do.
"""

from __future__ import annotations

from typing import Any

from traceledger.codes import CODES

__all__ = [
    "BusyError",
    "ConflictError",
    "MalformedError",
    "NoLedgerError",
    "NotAllowedError",
    "NotFoundError",
    "RemoteError",
    "StorageError",
    "TraceledgerError",
    "UsageError",
    "VerificationError",
]


class TraceledgerError(Exception):
    """The root of all errors: a stable code, what happened, where, and what to do."""

    def __init__(self, code: str, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(code, message, where, hint)
        self.code = code
        self.message = message
        self.where = where
        self.hint = hint or CODES[code].hint

    @property
    def meaning(self) -> str:
        """What the code means, in one plain sentence."""
        return CODES[self.code].meaning

    def at(self, where: str) -> TraceledgerError:
        """The same error at a place that only the caller knows, outermost first."""
        joined = f"{where}, {self.where}" if self.where else where
        return type(self)(self.code, self.message, where=joined, hint=self.hint)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message} [{self.code}]"

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors come back from worker processes; an exception's own way knows no keywords.
        return _revive, (type(self), self.args, self.__dict__)


def _revive(
    kind: type[TraceledgerError], args: tuple[Any, ...], state: dict[str, Any]
) -> TraceledgerError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class UsageError(TraceledgerError):
    """The request makes no sense; nothing was tried."""


class MalformedError(TraceledgerError):
    """Given bytes or values do not fit their format."""


class VerificationError(TraceledgerError):
    """Evidence is false: a signature, a hash, a proof, a rule."""


class NotAllowedError(TraceledgerError):
    """A rule forbids the event; nothing was written."""


class ConflictError(TraceledgerError):
    """Another event already stands at that place."""


class NotFoundError(TraceledgerError):
    """There is no such item, event or file."""


class StorageError(TraceledgerError):
    """The disk or the database failed."""


class RemoteError(TraceledgerError):
    """A server answered wrongly or not at all."""


class NoLedgerError(TraceledgerError):
    """There is no ledger at that place."""


class BusyError(TraceledgerError):
    """Another process is writing to the ledger."""
