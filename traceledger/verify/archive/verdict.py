"""What the verification of an archive found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from traceledger.errors import TraceledgerError
from traceledger.verify.verdict import Cosigner

__all__ = ["ArchiveVerdict", "Counts", "Illegal", "Undisclosed", "describe_archive"]


class Counts(NamedTuple):
    """What was verified, and what was not.

    `erased` and `undisclosed` count fields, the latter customs fields that were not erased;
    `unchecked` events that this version cannot judge; `unknown_lines` signature lines on
    checkpoints by keys that the trust file does not name.
    """

    entries: int = 0
    events: int = 0
    seals: int = 0
    items: int = 0
    checkpoints: int = 0
    disclosures: int = 0
    erased: int = 0
    undisclosed: int = 0
    unchecked: int = 0
    unknown_lines: int = 0


class Illegal(NamedTuple):
    """A logged event that the rules forbid, or, with an empty event, a join cut by a seal."""

    entry: int
    event: str
    code: str
    message: str


class Undisclosed(NamedTuple):
    """A customs field that the archive neither shows nor says to be erased."""

    event: str
    field: str


@dataclass(frozen=True, slots=True)
class ArchiveVerdict:
    """The result: `refused` when the log holds illegal events, else as for a passport.

    `undisclosed` is a finding of an archive that shows customs fields at all.
    """

    result: Literal["verified", "incomplete", "refused"]
    codes: tuple[str, ...]
    origin: str
    size: int
    as_of: int | None
    cosigners: tuple[Cosigner, ...]
    counts: Counts
    illegal: tuple[Illegal, ...]
    undisclosed: tuple[Undisclosed, ...]


def describe_archive(outcome: ArchiveVerdict | TraceledgerError) -> dict[str, Any]:
    """The verdict, or the error that ended the verification, for JSON (docs/spec/archive.md)."""
    if isinstance(outcome, TraceledgerError):
        return {
            "result": "refused",
            "codes": [outcome.code],
            "where": outcome.where,
            "message": outcome.message,
            "hint": outcome.hint,
        }
    described: dict[str, Any] = {
        "result": outcome.result,
        "codes": list(outcome.codes),
        "origin": outcome.origin,
        "size": outcome.size,
        "cosigners": [one._asdict() for one in outcome.cosigners],
        "counts": outcome.counts._asdict(),
        "illegal": [one._asdict() for one in outcome.illegal],
        "undisclosed": [one._asdict() for one in outcome.undisclosed],
    }
    if outcome.as_of is not None:
        described["as_of"] = outcome.as_of
    return described
