"""Reports for write-off: which periods a log reports, found before the log is read in order.

A report is recomputed as of the size at which it ends, so that size must be known when the reading
of the log arrives there; the `writeoff` that names it comes later.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from traceledger.errors import MalformedError
from traceledger.events.encoding import decode_base64url

__all__ = ["Recomputed", "Report", "find_reports"]

_MARK = b'"kind":"writeoff"'


class Report(NamedTuple):
    """A reported period [start, end) of a book."""

    book: str
    start: int
    end: int

    @property
    def name(self) -> str:
        """The report as text."""
        return f"{self.book} {self.start} {self.end}"


class Recomputed(msgspec.Struct, frozen=True, array_like=True):
    """The SHA-256 of an account of a reported period, in hex, and whether it closes to zero."""

    digest: str
    residual_zero: bool | None


class _Data(msgspec.Struct):
    from_size: int
    to_size: int


class _Claims(msgspec.Struct):
    kind: str
    sub: str
    data: _Data


def find_reports(bodies: Iterable[bytes]) -> frozenset[Report]:
    """Finds the reported periods among the entries of a log, without verifying anything."""
    found = set()
    for body in bodies:
        parts = body.split(b".")
        if len(parts) != 3:
            continue  # a seal
        try:
            payload = decode_base64url(parts[1])
            if _MARK in payload:
                claims = msgspec.json.decode(payload, type=_Claims)
                found.add(Report(claims.sub, claims.data.from_size, claims.data.to_size))
        except (MalformedError, msgspec.DecodeError):
            continue  # the verification reports it
    return frozenset(found)
