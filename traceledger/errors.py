"""The errors that traceledger raises, one tree.

::

    TraceledgerError
    ├── UsageError              the request is invalid; nothing was attempted
    ├── MalformedError          bytes or values do not match their format
    ├── VerificationError       evidence does not verify: a signature, hash, proof or rule
    ├── NotAllowedError         a rule forbids the event; nothing was written
    ├── ConflictError           another event already occupies that position
    ├── NotFoundError           no such item, event, file
    ├── StorageError            the disk or the database failed
    ├── RemoteError             a server returned an invalid response or none
    ├── NoLedgerError           there is no ledger at that location
    └── BusyError               another process is writing to the ledger

There is a class wherever callers handle an error differently. The code identifies the exact cause;
`traceledger.codes` lists every code with its meaning and what to do.
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
    """The base class of all errors: a stable code, what happened, where, and what to do."""

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
        """Returns the same error with the caller's location prefixed, outermost first."""
        joined = f"{where}, {self.where}" if self.where else where
        return type(self)(self.code, self.message, where=joined, hint=self.hint)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message} [{self.code}]"

    def __reduce__(self) -> tuple[Any, ...]:
        # Worker processes pickle errors; the default reduction of exceptions drops keywords.
        return _revive, (type(self), self.args, self.__dict__)


def _revive(
    kind: type[TraceledgerError], args: tuple[Any, ...], state: dict[str, Any]
) -> TraceledgerError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class UsageError(TraceledgerError):
    """The request is invalid; nothing was attempted."""


class MalformedError(TraceledgerError):
    """Bytes or values do not match their format."""


class VerificationError(TraceledgerError):
    """Evidence does not verify: a signature, hash, proof or rule."""


class NotAllowedError(TraceledgerError):
    """A rule forbids the event; nothing was written."""


class ConflictError(TraceledgerError):
    """Another event already occupies that position."""


class NotFoundError(TraceledgerError):
    """There is no such item, event or file."""


class StorageError(TraceledgerError):
    """The disk or the database failed."""


class RemoteError(TraceledgerError):
    """A server returned an invalid response or none."""


class NoLedgerError(TraceledgerError):
    """There is no ledger at that location."""


class BusyError(TraceledgerError):
    """Another process is writing to the ledger."""
