"""The checks of a request before it reaches the writer: form, acceptance and signatures.

A signature is checked with the key that its kid names. A kid is the thumbprint of its key, so this
check only requires that the ledger has ever granted the key, or that an earlier event of the same
request registers it; the writer decides what the key may do now, in the order of the log.

Nothing that depends on the state of an item is reported before every signature of the request is
verified, so a caller without a key learns nothing by writing. The writer sees verified events only.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from traceledger.errors import NotAllowedError, VerificationError
from traceledger.events.keys import Jwk, PublicKey, load_jwk
from traceledger.events.token import Event, check_signature, read_kid
from traceledger.ledger.writing.intake import Received
from traceledger.ledger.writing.intake_workers import MANY, IntakeWorkers
from traceledger.ledger.writing.lookups import Past
from traceledger.ledger.writing.store_world import StoreWorld
from traceledger.rules.authority import find_key, find_named_key
from traceledger.views.appended import Logged

__all__ = ["Admission", "locate", "without_repeats"]

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
        """Starts nothing yet; `workers` is as for `IntakeWorkers`.

        Of a store that is `shared` with other processes, a reader may see entries that no standby
        has, and that a fail-over loses. Then only the writer can say where a repeated event is.
        """
        self._past = past
        self._clock = clock
        self._shared = shared
        self._keys: dict[str, PublicKey] = {}
        self._intake = IntakeWorkers(workers)
        self._reading = threading.Lock()

    def admit(self, wires: Sequence[bytes]) -> list[Received]:
        """Checks forms and signatures; an event whose place is known to last has its `place`.

        Raises MalformedError, VerificationError `signature.false` or NotAllowedError `key.unknown`
        that names the event.
        """
        received = self._read(wires)
        if len(wires) > 1:  # of a single event too
            received = list(self._find_repeats(received))
        self._verify(received)
        return [one if one.checked else one._replace(checked=True) for one in received]

    def knows_key(self, wire: bytes) -> bool:
        """Reports whether the key of this event was found before, so that its check reads nothing.

        This holds for a request of this event alone.
        """
        return read_kid(wire) in self._keys

    def close(self) -> None:
        """Ends the workers."""
        self._intake.close()

    def _read(self, wires: Sequence[bytes]) -> list[Received]:
        with self._reading if len(wires) >= MANY else contextlib.nullcontext():
            chunks = self._intake.read(wires, self._clock(), self._find_jwk, warn=True)
            return list(chain.from_iterable(chunks))

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
            yield one._replace(place=lasting, checked=one.checked or place is not None)

    def _find_place(self, event: Event) -> Logged | None:
        item, seq = event.payload.sub, event.payload.seq
        entry = self._past.find_place(item, seq)
        if entry is None or entry.leaf != event.leaf:
            return None
        return Logged(entry.leaf_index, event.id, entry.leaf, item, seq)

    def _verify(self, received: Sequence[Received]) -> None:
        """Verifies signatures under keys of the ledger, or of earlier events that passed."""
        registered: dict[str, Jwk] = {}
        for one in without_repeats(received):
            if not one.checked:
                _check(one, self._find(one, registered))
            jwk = _new_key(one.event)
            if jwk is not None:
                registered[jwk.kid] = jwk

    def _find(self, one: Received, registered: Mapping[str, Jwk]) -> PublicKey:
        event = one.event
        if event.kid in self._keys:
            return self._keys[event.kid]
        if event.kid in registered:
            return load_jwk(registered[event.kid])
        jwk = find_key(StoreWorld(self._past, {}), event)
        if jwk is None or jwk.kid != event.kid:
            message = "the event is not signed by a key of this ledger"
            raise NotAllowedError("key.unknown", message).at(f"event {one.number}")
        key = load_jwk(jwk)
        if event.kind_name != "found":  # which contains its own key
            self._keys[event.kid] = key
        return key

    def _find_jwk(self, kid: str) -> Jwk | None:
        if kid in self._keys:
            return self._keys[kid].jwk
        return find_named_key(StoreWorld(self._past, {}), kid)


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
    if len(logged) == len(received):  # there are none, as in nearly every request
        return tuple(logged)
    places = {one.event: one for one in logged}
    return tuple(one.place or places[one.event.id] for one in received)


def _new_key(event: Event) -> Jwk | None:
    """Returns the key that an event registers, if it registers one."""
    name = _NEW_KEYS.get(event.kind_name)
    if name is None or event.kind is None:
        return None
    jwk: Jwk = getattr(event.data, name)
    return jwk
