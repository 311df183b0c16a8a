"""Reading an incoming event: its form, disclosures and acceptance, not its signature or place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import UNSET

from traceledger.events.acceptance import check_acceptance
from traceledger.events.disclosure import open_disclosures, split_wire
from traceledger.events.token import Event, parse_token
from traceledger.views.appended import Logged

__all__ = ["Received", "read_wire"]


class Received(NamedTuple):
    """A well-formed event, with its disclosures as they follow the token.

    `values` contains all fields, public and restricted; it is empty for an unknown kind. `checked`
    states that the signature was verified with the key that its kid names. `number` is the position
    in the request, from 1, or 0; `place` is the position in a log that has the event already.
    """

    event: Event
    disclosures: bytes
    values: Mapping[str, Any]
    checked: bool = False
    number: int = 0
    place: Logged | None = None


def read_wire(wire: bytes, now: float) -> Received:
    """Checks an event except for its signature and its place.

    `now` is in seconds since 1970. Raises MalformedError or VerificationError, which name the
    field.
    """
    token, disclosures = split_wire(wire)
    event = parse_token(token)
    restricted = open_disclosures(event, disclosures, complete=True)
    values: dict[str, Any] = {}
    if event.kind is not None:
        values.update(restricted)
        for name in event.kind.fields:
            attribute = f"{name}_" if name == "class" else name
            value = getattr(event.data, attribute, UNSET)
            if value is not UNSET:
                values[name] = value
        claims = event.payload
        check_acceptance(event.kind, values, iat=claims.iat, occurred=claims.occurred, now=now)
    return Received(event, wire[len(token) + 1 :], values)
