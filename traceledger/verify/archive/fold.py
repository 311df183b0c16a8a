"""The interface between the pass over a log and the computations that it feeds.

A computation in log order is a fold. Its state is one value, which the scratch file stores, so a
stopped verification resumes every fold where it stopped. Folds receive entries only after they were
checked and replayed, and share one pass.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import msgspec

from traceledger.events.token import Event

__all__ = ["Fold", "ReplayedEntry", "Resumable"]

State = TypeVar("State")
Result_co = TypeVar("Result_co", covariant=True)

_decode = msgspec.msgpack.Decoder(dict[str, Any]).decode


class ReplayedEntry(msgspec.Struct, frozen=True, gc=False):
    """A checked and replayed entry: an event, or a seal, for which `event` is None.

    `refused` is empty if the rules allow the event, otherwise the code: that of the broken rule, or
    `event.kind` if this version cannot judge the event; at a seal, that of an incomplete join.
    `shown` counts disclosures and `disclosed` contains their values; `undisclosed` names customs
    fields without a disclosure.
    """

    index: int
    event: Event | None = None
    refused: str = ""
    shown: int = 0
    disclosed: bytes = b""
    undisclosed: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the rules allow the event."""
        return not self.refused

    def values(self) -> dict[str, Any]:
        """Returns the disclosed values of restricted fields by name, as plain JSON values."""
        return _decode(self.disclosed) if self.disclosed else {}


class Resumable(Protocol[State]):
    """A part of a verification that can stop and resume."""

    @property
    def state(self) -> State:
        """Its complete state between two bundles, of a type that msgspec can encode."""

    def resume(self, state: State) -> None:
        """Continues from the state of a stopped run."""


class Fold(Resumable[State], Protocol[State, Result_co]):
    """A computation over a log's entries in order; a new fold is at the beginning of the log."""

    def step(self, entry: ReplayedEntry) -> None:
        """Processes the next entry."""

    def finish(self) -> Result_co:
        """Runs the checks that are possible only at the end, and returns the result."""
