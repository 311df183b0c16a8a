"""What the driver's errors mean to the user of a store."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psycopg

from traceledger.errors import BusyError, StorageError, TraceledgerError

__all__ = ["describe", "failure_of", "is_plain", "translated"]

# SQLSTATE (PostgreSQL, appendix A), or its class of two characters.
_CODES = {
    "25006": "store.readonly",
    "42501": "store.rights",
    "08": "store.connect",
    "28": "store.connect",
    "3D": "store.connect",
    "53300": "store.connect",
    "57P": "store.connect",
    "25P03": "store.connect",
}
_LOCK_TIMEOUT = "55P03"


@contextlib.contextmanager
def translated(shown: str) -> Iterator[None]:
    """Raises the store's error for an error of the driver; `shown` names the database."""
    try:
        yield
    except psycopg.Error as error:
        raise failure_of(error, shown) from error


def failure_of(error: psycopg.Error, shown: str) -> TraceledgerError:
    """Returns the store's error for an error of the driver."""
    state = error.sqlstate or ""
    if state == _LOCK_TIMEOUT:
        return BusyError("store.busy", f"another process keeps the turn to write to {shown}")
    code = next((code for prefix, code in _CODES.items() if state.startswith(prefix)), "")
    if not code:
        lost = isinstance(error, psycopg.OperationalError) and not state
        code = "store.connect" if lost else "store.write"
    return StorageError(code, f"{shown}: {describe(error)}")


def is_plain(error: psycopg.Error) -> bool:
    """Reports whether the server refused a statement and undid its transaction.

    After any other error the transaction may have been committed.
    """
    return error.diag.severity_nonlocalized == "ERROR"


def describe(error: psycopg.Error) -> str:
    """Returns the first line of what the server or the driver said."""
    text = error.diag.message_primary or str(error) or type(error).__name__
    return text.strip().splitlines()[0]
