"""Taking events in: form, disclosures and door in this thread, signatures in parallel."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from typing import NamedTuple

from msgspec import UNSET

from traceledger.errors import TraceledgerError, VerificationError
from traceledger.events.disclosure import open_disclosures, split_wire
from traceledger.events.door import check_door
from traceledger.events.keys import PublicKey
from traceledger.events.token import Event, parse_token

__all__ = ["Received", "SignatureChecks", "check_signature", "read_wire"]

_CHUNK = 64


class Received(NamedTuple):
    """An event whose form is right, with its disclosures as they follow the token."""

    event: Event
    disclosures: bytes


def read_wire(wire: bytes, now: float) -> Received:
    """Checks everything about an event but its signature and its place.

    `now` is in seconds since 1970. Raises MalformedError or VerificationError that names the field.
    """
    token, disclosures = split_wire(wire)
    event = parse_token(token)
    restricted = open_disclosures(event, disclosures, complete=True)
    if event.kind is not None:
        values = dict(restricted)
        for name in event.kind.fields:
            attribute = f"{name}_" if name == "class" else name
            value = getattr(event.data, attribute, UNSET)
            if value is not UNSET:
                values[name] = value
        claims = event.payload
        check_door(event.kind, values, iat=claims.iat, occurred=claims.occurred, now=now)
    return Received(event, wire[len(token) + 1 :])


def check_signature(event: Event, key: PublicKey) -> None:
    """Checks the event's signature; raises VerificationError `signature.false`."""
    if event.algorithm not in key.algorithms:
        raise VerificationError(
            "signature.false", f"{event.algorithm} is not an algorithm of key {key.kid}"
        )
    key.verify(event.signed, event.signature)


class SignatureChecks:
    """Signature checks that run in other threads while this one goes on."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._waiting: list[tuple[int, Event, PublicKey]] = []
        self._running: list[Future[tuple[int, TraceledgerError] | None]] = []

    def add(self, number: int, event: Event, key: PublicKey) -> None:
        """Takes one check; `number` is the event's place in its request."""
        self._waiting.append((number, event, key))
        if len(self._waiting) >= _CHUNK:
            self._start()

    def finish(self) -> tuple[int, TraceledgerError] | None:
        """Waits for all checks; returns the first failure by number, or None."""
        self._start()
        failures = [found for check in self._running if (found := check.result()) is not None]
        return min(failures, key=lambda failure: failure[0], default=None)

    def _start(self) -> None:
        if self._waiting:
            self._running.append(self._executor.submit(_check_chunk, self._waiting))
            self._waiting = []


def _check_chunk(
    checks: Sequence[tuple[int, Event, PublicKey]],
) -> tuple[int, TraceledgerError] | None:
    for number, event, key in checks:
        try:
            check_signature(event, key)
        except TraceledgerError as error:
            return number, error
    return None
