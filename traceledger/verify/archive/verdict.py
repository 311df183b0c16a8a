"""The outcome of the verification of an archive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from traceledger.errors import TraceledgerError
from traceledger.verify.refusal import hint_for_reader
from traceledger.verify.verdict import Cosigner

__all__ = ["ArchiveVerdict", "Counts", "Illegal", "Undisclosed", "describe_archive"]


class Counts(NamedTuple):
    """Counts of what was verified and what was not.

    `erased` counts erased fields, `undisclosed` customs fields that are neither disclosed nor
    erased, `unchecked` events that this version cannot judge, and `unknown_lines` signature lines
    on checkpoints by keys that the trust file does not name.
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
    """A logged event that the rules forbid; with an empty event, a join left open at a seal."""

    entry: int
    event: str
    code: str
    message: str


class Undisclosed(NamedTuple):
    """A customs field that is neither disclosed in the archive nor erased in the log."""

    event: str
    field: str


@dataclass(frozen=True, slots=True)
class ArchiveVerdict:
    """The result: `refused` when the log contains illegal events, otherwise as for a passport.

    `undisclosed` is filled only for an archive that contains disclosures. `at_least` is the size of
    the given checkpoint that this history extends, None if none was given.
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
    at_least: int | None = None


def describe_archive(outcome: ArchiveVerdict | TraceledgerError) -> dict[str, Any]:
    """Describes a verdict, or the error that verification raised (docs/spec/archive.md)."""
    if isinstance(outcome, TraceledgerError):
        return {
            "result": "refused",
            "codes": [outcome.code],
            "where": outcome.where,
            "message": outcome.message,
            "hint": hint_for_reader(outcome),
        }
    described: dict[str, Any] = {
        "result": outcome.result,
        "codes": list(outcome.codes),
        "origin": outcome.origin,
        "size": outcome.size,
        "cosigners": [cosigner._asdict() for cosigner in outcome.cosigners],
        "counts": outcome.counts._asdict(),
        "illegal": [illegal._asdict() for illegal in outcome.illegal],
        "undisclosed": [field._asdict() for field in outcome.undisclosed],
    }
    if outcome.as_of is not None:
        described["as_of"] = outcome.as_of
    if outcome.at_least is not None:
        described["at_least"] = outcome.at_least
    return described
