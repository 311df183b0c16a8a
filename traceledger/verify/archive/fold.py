"""The seam between one pass over a log and what is computed from it, entry by entry.

What is computed in log order is a fold. Its state is one value, which it carries and which the
scratch file stores, so a verification that stops resumes every fold where it was. Folds see entries
only after they were checked and replayed; they share one pass.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

import msgspec

from traceledger.events.token import Event

__all__ = ["Fold", "ReplayedEntry", "Resumable"]

State = TypeVar("State")
Result_co = TypeVar("Result_co", covariant=True)


class ReplayedEntry(msgspec.Struct, frozen=True, gc=False):
    """An entry that was checked and replayed: an event, or a seal, for which `event` is None.

    `allowed` tells whether the rules allow the event. `shown` counts disclosures, `undisclosed`
    names customs fields without one.
    """

    index: int
    event: Event | None = None
    allowed: bool = True
    shown: int = 0
    undisclosed: tuple[str, ...] = ()


class Resumable(Protocol[State]):
    """What stops and resumes with a verification."""

    @property
    def state(self) -> State:
        """All that it carries from one bundle to the next, of a type that msgspec can encode."""

    def resume(self, state: State) -> None:
        """Continues from the state in which another run stopped."""


class Fold(Resumable[State], Protocol[State, Result_co]):
    """What is computed from a log's entries, in their order.

    A new fold is at the beginning of the log.
    """

    def step(self, entry: ReplayedEntry) -> None:
        """Takes the next entry."""

    def finish(self) -> Result_co:
        """Checks what can be checked only at the end, and returns what was computed."""
