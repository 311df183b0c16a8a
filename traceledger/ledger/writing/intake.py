"""Reading an incoming event: its form, disclosures and acceptance, not its signature or place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import UNSET

from traceledger.events.acceptance import check_acceptance
from traceledger.events.disclosure import open_disclosures, split_wire
from traceledger.events.token import Event, parse_token
from traceledger.ledger.writing.new_parts import lots_of
from traceledger.planning.warnings import Warned, find_event_warnings
from traceledger.views.appended import Logged

__all__ = ["Received", "open_values", "read_wire"]


class Received(NamedTuple):
    """A well-formed event, with its disclosures as they follow the token.

    `lots` are those that it takes new parts from; `warnings` is what an audit would report about
    the event alone, if the reader of the request wanted to know. `checked` states that the
    signature was verified with the key that its kid names. `number` is the position in the request,
    from 1, or 0; `place` is the position in a log that has the event already.
    """

    event: Event
    disclosures: bytes
    lots: tuple[str, ...] = ()
    warnings: tuple[Warned, ...] = ()
    checked: bool = False
    number: int = 0
    place: Logged | None = None

    @property
    def values(self) -> Mapping[str, Any]:
        """All fields, public and restricted; empty for an unknown kind."""
        _, disclosures = split_wire(self.event.token + b"~" + self.disclosures)
        return open_values(self.event, disclosures)


def read_wire(wire: bytes, now: float, *, number: int = 0, warn: bool = False) -> Received:
    """Checks an event except for its signature and its place; with `warn`, finds warnings too.

    `now` is in seconds since 1970. Raises MalformedError or VerificationError, which name the
    field.
    """
    token, disclosures = split_wire(wire)
    event = parse_token(token)
    values = open_values(event, disclosures)
    if event.kind is not None:
        claims = event.payload
        check_acceptance(event.kind, values, iat=claims.iat, occurred=claims.occurred, now=now)
    return Received(
        event,
        wire[len(token) + 1 :],
        lots_of(values),
        find_event_warnings(event, values, now) if warn else (),
        number=number,
    )


def open_values(event: Event, disclosures: Sequence[bytes]) -> Mapping[str, Any]:
    """Returns all fields of an event, public and restricted; empty for an unknown kind.

    Raises what `open_disclosures` raises; every digest must have its disclosure.
    """
    restricted = open_disclosures(event, disclosures, complete=True)
    if event.kind is None:
        return {}
    values = dict(restricted)
    for name in event.kind.fields:
        attribute = f"{name}_" if name == "class" else name
        value = getattr(event.data, attribute, UNSET)
        if value is not UNSET:
            values[name] = value
    return values
