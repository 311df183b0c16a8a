"""The checks of a request before it reaches the writer: form, acceptance and signatures.

A signature is checked with the key that its kid names. A kid is the thumbprint of its key, so this
check only requires that the ledger has ever granted the key; the writer decides what the key may do
now, in the order of the log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from traceledger.errors import NotAllowedError, TraceledgerError, UsageError, VerificationError
from traceledger.events.keys import PublicKey, load_jwk
from traceledger.events.token import Event, check_signature
from traceledger.ledger.writing.appending import MAX_EVENTS
from traceledger.ledger.writing.intake import Received, read_wire
from traceledger.ledger.writing.store_world import StoreWorld
from traceledger.rules.authority import find_key
from traceledger.views.ledger import Lookups

__all__ = ["MANY", "Admission"]

MANY = 256
"""The number of events from which the writer's workers check a request's signatures."""


class Admission:
    """Admits requests, in any thread; caches the keys that signed them."""

    def __init__(self, past: Lookups, clock: Callable[[], float]) -> None:
        self._past = past
        self._clock = clock
        self._keys: dict[str, PublicKey] = {}

    def admit(self, wires: Sequence[bytes]) -> list[Received]:
        """Checks the forms of all events, and the signatures of a request that is not large.

        Raises MalformedError or VerificationError, which name the event. A caller whose first event
        is not signed by a key of this ledger learns nothing else: NotAllowedError `key.unknown`.
        """
        if not 1 <= len(wires) <= MAX_EVENTS:
            raise UsageError(
                "append.count", f"{len(wires)} events given, 1 to {MAX_EVENTS} allowed"
            )
        now = self._clock()
        received = []
        for number, wire in enumerate(wires, 1):
            try:
                received.append(read_wire(wire, now))
            except TraceledgerError as error:
                raise error.at(f"event {number}") from error
        first = self._check(1, received[0])
        if not first.checked:
            raise NotAllowedError("key.unknown", "the first event is not signed by a known key")
        if len(received) >= MANY:
            return [first, *received[1:]]
        return [first, *(self._check(n, other) for n, other in enumerate(received[1:], 2))]

    def _check(self, number: int, received: Received) -> Received:
        """Checks a signature if the ledger knows the key; the request may register a new one."""
        key = self._keys.get(received.event.kid) or self._find(received.event)
        if key is None:
            return received
        try:
            check_signature(received.event, key)
        except VerificationError as error:
            raise error.at(f"event {number}") from error
        return received._replace(checked=True)

    def _find(self, event: Event) -> PublicKey | None:
        jwk = find_key(StoreWorld(self._past, {}), event)
        if jwk is None or jwk.kid != event.kid:
            return None
        key = load_jwk(jwk)
        if event.kind_name != "found":  # which contains its own key
            self._keys[event.kid] = key
        return key
