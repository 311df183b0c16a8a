"""What later entries state about earlier ones, found before the log is read in order.

A report for write-off is recomputed as of the size at which it ends, so that size must be known
when the reading of the log arrives there; the `writeoff` that names it comes later. So does the
revocation that disputes the events of a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from traceledger.errors import MalformedError
from traceledger.events.encoding import decode_base64url
from traceledger.identifiers.items import kid_of

__all__ = ["Ahead", "Recomputed", "Report", "differs", "look_ahead"]

_WRITEOFF, _REVOCATION = b'"kind":"writeoff"', b'"kind":"revoke_key"'


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
    """The SHA-256 of an account of a reported period, in hex, and whether it closes to zero.

    `complete` tells whether all that customs may see was disclosed.
    """

    digest: str
    residual_zero: bool | None
    complete: bool = True


def differs(reported: Recomputed, recomputed: Sequence[Recomputed]) -> bool | None:
    """Reports whether a report contradicts the accounts of its period; None if that is unknown.

    Whoever sees fewer fields computes another hash, which proves nothing about the report.
    """
    equal = [account for account in recomputed if account.digest == reported.digest]
    if equal:
        return all(account.residual_zero != reported.residual_zero for account in equal)
    return True if all(account.complete for account in recomputed) else None


class Ahead(NamedTuple):
    """The reported periods, and by key id the log indexes from which its events are disputed."""

    reports: frozenset[Report] = frozenset()
    disputes: Mapping[str, frozenset[int]] = MappingProxyType({})


class _Period(msgspec.Struct):
    from_size: int
    to_size: int


class _WriteOff(msgspec.Struct):
    kind: str
    sub: str
    data: _Period


class _Since(msgspec.Struct):
    compromised_since: int | None = None


class _Revocation(msgspec.Struct):
    kind: str
    sub: str
    data: _Since


def look_ahead(bodies: Iterable[bytes]) -> Ahead:
    """Finds reports and disputes among the entries of a log, without verifying anything.

    Periods that do not end at a size published before are omitted: they are illegal and not
    recomputed.
    """
    reports: set[Report] = set()
    disputes: dict[str, set[int]] = {}
    published: set[int] = set()
    for size, body in enumerate(bodies, 1):
        parts = body.split(b".")
        if len(parts) != 3:
            published.add(size)  # a seal
            continue
        try:
            payload = decode_base64url(parts[1])
            if _WRITEOFF in payload:
                claims = msgspec.json.decode(payload, type=_WriteOff)
                report = Report(claims.sub, claims.data.from_size, claims.data.to_size)
                if report.start < report.end and report.end in published:
                    reports.add(report)
            elif _REVOCATION in payload:
                revocation = msgspec.json.decode(payload, type=_Revocation)
                since = revocation.data.compromised_since
                if since is not None:
                    disputes.setdefault(kid_of(revocation.sub), set()).add(since)
        except (MalformedError, msgspec.DecodeError):
            continue  # the verification reports it
    return Ahead(frozenset(reports), {kid: frozenset(found) for kid, found in disputes.items()})
