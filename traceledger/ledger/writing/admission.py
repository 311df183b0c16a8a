"""The checks of a request before it reaches the writer: form, acceptance and signatures.

A signature is checked with the key that its kid names. A kid is the thumbprint of its key, so this
check only requires that the ledger has ever granted the key, or that an earlier event of the same
request registers it; the writer decides what the key may do now, in the order of the log.

Nothing that depends on the state of an item is reported before every signature of the request is
verified, so a caller without a key learns nothing by writing. The writer sees verified events only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

from traceledger.errors import NotAllowedError, TraceledgerError, UsageError, VerificationError
from traceledger.events.keys import Jwk, PublicKey, load_jwk
from traceledger.events.token import Event, check_signature
from traceledger.ledger.writing.intake import Received, read_wire
from traceledger.ledger.writing.lookups import Past
from traceledger.ledger.writing.signature_checks import SignatureChecks
from traceledger.ledger.writing.store_world import StoreWorld
from traceledger.rules.authority import find_key
from traceledger.views.appended import MAX_EVENTS, Logged

__all__ = ["MANY", "Admission", "locate", "without_repeats"]

MANY = 256
"""The number of events from which worker processes check a request's signatures."""

_NEW_KEYS: Mapping[str, str] = {
    "found": "root_jwk",
    "rotate_root": "root_jwk",
    "admit": "admin_jwk",
    "add_key": "jwk",
}


class Admission:
    """Admits requests, in any thread; caches the keys of the ledger."""

    def __init__(
        self,
        past: Past,
        clock: Callable[[], float],
        *,
        workers: int | None = None,
        shared: bool = False,
    ) -> None:
        """Starts nothing yet; `workers` is as for `SignatureChecks`.

        Of a store that is `shared` with other processes, a reader may see entries that no standby
        has, and that a fail-over loses. Then only the writer can say where a repeated event is.
        """
        self._past = past
        self._clock = clock
        self._shared = shared
        self._keys: dict[str, PublicKey] = {}
        self._checks = SignatureChecks(workers)
        self._checking = threading.Lock()

    def admit(self, wires: Sequence[bytes]) -> list[Received]:
        """Checks forms and signatures; an event whose place is known to last has its `place`.

        Raises MalformedError, VerificationError `signature.false` or NotAllowedError `key.unknown`
        that names the event.
        """
        if not 1 <= len(wires) <= MAX_EVENTS:
            raise UsageError(
                "append.count", f"{len(wires)} events given, 1 to {MAX_EVENTS} allowed"
            )
        received = self._read(wires)
        if len(wires) > 1:  # the writer recognizes a single event as cheaply
            received = list(self._find_repeats(received))
        self._verify([one for one in without_repeats(received) if not one.checked])
        return [one._replace(checked=True) for one in received]

    def close(self) -> None:
        """Ends the workers that check signatures."""
        self._checks.close()

    def _read(self, wires: Sequence[bytes]) -> list[Received]:
        now = self._clock()
        read: dict[bytes, Received] = {}
        for number, wire in enumerate(wires, 1):
            if wire in read:
                continue
            try:
                read[wire] = read_wire(wire, now)._replace(number=number)
            except TraceledgerError as error:
                raise error.at(f"event {number}") from error
        return [read[wire] for wire in wires]

    def _find_repeats(self, received: Sequence[Received]) -> Iterator[Received]:
        """Yields each event, as checked if it is in the log: its leaf hash is proof enough."""
        heads = self._past.read_heads({one.event.payload.sub: None for one in received})
        places: dict[str, Logged | None] = {}
        for one in received:
            claims = one.event.payload
            head = heads.get(claims.sub)
            if head is None or claims.seq > head.seq:
                yield one
                continue
            if one.event.id not in places:
                places[one.event.id] = self._find_place(one.event)
            place = places[one.event.id]
            lasting = None if self._shared else place
            yield one._replace(place=lasting, checked=place is not None)

    def _find_place(self, event: Event) -> Logged | None:
        item, seq = event.payload.sub, event.payload.seq
        entry = self._past.find_place(item, seq)
        if entry is None or entry.leaf != event.leaf:
            return None
        return Logged(entry.leaf_index, event.id, entry.leaf, item, seq)

    def _verify(self, received: Sequence[Received]) -> None:
        """Verifies signatures under keys of the ledger, or of earlier events that passed."""
        if len(received) < MANY:
            for one, key in self._find_keys(received):
                _check(one, key)
            return
        with self._checking:
            self._checks.begin(len(received))
            for number, (one, key) in enumerate(self._find_keys(received)):
                self._checks.add(number, one.event, key)
            failure = self._checks.finish()
        if failure is not None:
            raise failure.error.at(f"event {received[failure.number].number}") from failure.error

    def _find_keys(self, received: Sequence[Received]) -> Iterator[tuple[Received, PublicKey]]:
        registered: dict[str, Jwk] = {}
        loaded: dict[str, PublicKey] = {}
        for one in received:
            event = one.event
            key = self._keys.get(event.kid) or loaded.get(event.kid)
            if key is None and event.kid in registered:
                key = loaded[event.kid] = load_jwk(registered[event.kid])
            key = key or self._find(event)
            if key is None:
                message = "the event is not signed by a key of this ledger"
                raise NotAllowedError("key.unknown", message).at(f"event {one.number}")
            jwk = _new_key(event)
            if jwk is not None:
                _check(one, key)  # at once: only a verified event registers a key
                registered[jwk.kid] = jwk
            yield one, key

    def _find(self, event: Event) -> PublicKey | None:
        jwk = find_key(StoreWorld(self._past, {}), event)
        if jwk is None or jwk.kid != event.kid:
            return None
        key = load_jwk(jwk)
        if event.kind_name != "found":  # which contains its own key
            self._keys[event.kid] = key
        return key


def _check(one: Received, key: PublicKey) -> None:
    try:
        check_signature(one.event, key)
    except VerificationError as error:
        raise error.at(f"event {one.number}") from error


def without_repeats(received: Sequence[Received]) -> list[Received]:
    """Returns the events that are not in the log, each once."""
    unique: dict[str, Received] = {}
    for one in received:
        if one.place is None:
            unique.setdefault(one.event.id, one)
    return list(unique.values())


def locate(received: Sequence[Received], logged: Sequence[Logged]) -> tuple[Logged, ...]:
    """Returns the position of each event, from those of the events without repeats."""
    places = {one.event: one for one in logged}
    return tuple(one.place or places[one.event.id] for one in received)


def _new_key(event: Event) -> Jwk | None:
    """Returns the key that an event registers, if it registers one."""
    name = _NEW_KEYS.get(event.kind_name)
    if name is None or event.kind is None:
        return None
    jwk: Jwk = getattr(event.data, name)
    return jwk
