"""The check of an event's place: the right ledger and chain, directly after the previous event."""

from __future__ import annotations

from traceledger.errors import VerificationError
from traceledger.events.token import Event
from traceledger.rules.state import State

__all__ = ["check_place"]


def check_place(event: Event, state: State | None, *, origin: str, founding: str) -> None:
    """Checks that the event extends its chain in this ledger (docs/spec/events.md, "The token").

    `founding` is the id of the `found` event, or empty for that event itself. Raises
    VerificationError `chain.ledger`, `chain.seq` or `chain.prev`; in a log, these are dishonesty.
    """
    claims = event.payload
    if not founding and event.kind_name != "found":
        raise VerificationError(
            "chain.prev", f"{event.kind_name} given, a ledger begins with found"
        )
    if claims.aud != origin:
        raise VerificationError(
            "chain.ledger", f"the event was signed for {claims.aud}, this ledger is {origin}"
        )
    seq = 0 if state is None else state.seq + 1
    if claims.seq != seq:
        raise VerificationError("chain.seq", f"seq {claims.seq} given, {seq} comes next")
    prev = founding if state is None else state.head
    if (claims.prev or "") != prev:
        raise VerificationError(
            "chain.prev", f"prev {claims.prev or '-'} given, {prev or '-'} expected"
        )
