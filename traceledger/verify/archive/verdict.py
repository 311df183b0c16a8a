"""What the verification of an archive found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from traceledger.verify.verdict import Cosigner

__all__ = ["ArchiveVerdict", "Counts", "Illegal", "Undisclosed", "describe_archive"]


class Counts(NamedTuple):
    """What was verified. `erased` and `undisclosed` count fields, the latter customs fields only."""

    entries: int = 0
    events: int = 0
    seals: int = 0
    items: int = 0
    checkpoints: int = 0
    disclosures: int = 0
    erased: int = 0
    undisclosed: int = 0


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

    `undisclosed` is a finding of an archive that shows customs fields at all. `unknown` counts
    events of kinds that this version does not know.
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
    unknown: int


def describe_archive(verdict: ArchiveVerdict) -> dict[str, Any]:
    """The verdict as one JSON object (docs/spec/results.md)."""
    described: dict[str, Any] = {
        "result": verdict.result,
        "codes": list(verdict.codes),
        "origin": verdict.origin,
        "size": verdict.size,
        "cosigners": [one._asdict() for one in verdict.cosigners],
        "counts": verdict.counts._asdict(),
        "illegal": [one._asdict() for one in verdict.illegal],
        "undisclosed": [one._asdict() for one in verdict.undisclosed],
        "unknown": verdict.unknown,
    }
    if verdict.as_of is not None:
        described["as_of"] = verdict.as_of
    return described
