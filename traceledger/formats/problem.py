"""Errors on the wire: RFC 9457 problems, and the one table from classes of errors to statuses.

The member `category` names the class of the error, which follows from neither status nor code. With
it a client raises the class that the server raised. Source: docs/guide/api.md, "Errors".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from traceledger.codes import CODES
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
from traceledger.identifiers.excerpt import printable

__all__ = ["CLASSES", "CODE_STATUSES", "Problem", "format_problem", "parse_problem", "status_of"]

Category = Literal[
    "usage",
    "malformed",
    "verification",
    "not-allowed",
    "conflict",
    "not-found",
    "storage",
    "remote",
    "no-ledger",
    "busy",
]


class ErrorClass(NamedTuple):
    """A class of errors on the wire: its name, and its status, which `CODE_STATUSES` refines."""

    category: Category
    status: int


CLASSES: Mapping[type[TraceledgerError], ErrorClass] = MappingProxyType(
    {
        UsageError: ErrorClass("usage", 400),
        MalformedError: ErrorClass("malformed", 400),
        VerificationError: ErrorClass("verification", 422),
        NotAllowedError: ErrorClass("not-allowed", 403),
        ConflictError: ErrorClass("conflict", 409),
        NotFoundError: ErrorClass("not-found", 404),
        StorageError: ErrorClass("storage", 503),
        RemoteError: ErrorClass("remote", 502),
        NoLedgerError: ErrorClass("no-ledger", 503),
        BusyError: ErrorClass("busy", 503),
    }
)
CODE_STATUSES: Mapping[str, int] = MappingProxyType(
    {
        "access.needed": 401,
        "access.refused": 401,
        "ledger.key": 503,
        "request.address": 404,
        "request.method": 405,
        "request.rate": 429,
        "request.size": 413,
        "request.slow": 408,
        "request.type": 415,
        "server.fault": 500,
    }
)
"""Statuses of codes that say more than their class."""

_BY_CATEGORY = {row.category: kind for kind, row in CLASSES.items()}


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error (RFC 9457)."""

    type: Annotated[str, Meta(description="address of a page about the code")]
    title: Annotated[str, Meta(description="what the code means")]
    status: int
    detail: Annotated[str, Meta(description="what happened this time")]
    code: Annotated[str, Meta(description="stable code", examples=["chain.taken"])]
    category: Annotated[Category, Meta(description="class of the error; says how to act on it")]
    hint: Annotated[str, Meta(description="what to do")]
    request_id: str
    where: Annotated[str, Meta(description="which event or parameter")] = ""


class _Read(msgspec.Struct):
    """What a client reads of a problem."""

    code: str
    category: Category
    detail: str
    hint: str = ""
    where: str = ""


_decoder = msgspec.json.Decoder(_Read)


def status_of(error: TraceledgerError) -> int:
    """The HTTP status of an error: that of its code, else that of its class."""
    return CODE_STATUSES.get(error.code) or _class_of(error).status


def format_problem(error: TraceledgerError, *, base: str, request_id: str) -> bytes:
    """Formats an error as a problem; `base` is the address of the server.

    A failure inside the server shows only its code; paths and causes stay in the server's log.
    """
    status = status_of(error)
    inside = status >= 500 and not isinstance(error, BusyError)
    return msgspec.json.encode(
        Problem(
            type=f"{base}/problems/{error.code}",
            title=error.meaning,
            status=status,
            detail=error.meaning if inside else error.message,
            code=error.code,
            category=_class_of(error).category,
            hint=error.hint,
            request_id=request_id,
            where="" if inside else error.where,
        )
    )


def parse_problem(data: bytes) -> TraceledgerError:
    """Parses a problem into the error that the server raised; raises MalformedError `problem.form`.

    The words are the server's own, made safe for a terminal; the code is one of `CODES`.
    """
    try:
        found = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError("problem.form", f"not a problem: {error}") from error
    detail = printable(found.detail, 500)
    if found.code not in CODES:
        raise MalformedError("problem.form", f"unknown code {printable(found.code, 40)}: {detail}")
    return _BY_CATEGORY[found.category](
        found.code, detail, where=printable(found.where, 200), hint=printable(found.hint, 500)
    )


def _class_of(error: TraceledgerError) -> ErrorClass:
    return next(CLASSES[kind] for kind in type(error).__mro__ if kind in CLASSES)
