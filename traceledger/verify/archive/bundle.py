"""Checking one entry bundle on its own: what can be done without knowing the rest of the log.

A pure function from bytes to facts, so that it runs in worker processes; the fold over the facts
stays in one place.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from traceledger.errors import MalformedError, TraceledgerError, VerificationError
from traceledger.events.disclosure import open_disclosures
from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import Jwk, PublicKey, load_jwk
from traceledger.events.packed import pack_event, unpack_event
from traceledger.events.token import Event, check_signature, parse_token
from traceledger.formats.archive import parse_disclosures
from traceledger.formats.seal import is_seal
from traceledger.merkle.bundles import parse_bundle
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.tiles import TILE_WIDTH

__all__ = ["BundleTask", "EntryFacts", "check_bundle", "event_of", "load_key"]


class BundleTask(NamedTuple):
    """A bundle to check: its bytes, its disclosures' bytes (None when the archive has none).

    `keys` are the public keys known so far as JWKs, by kid.
    """

    number: int
    width: int
    entries: bytes
    disclosures: bytes | None
    keys: Mapping[str, bytes]


class EntryFacts(NamedTuple):
    """What a bundle says of one entry.

    For a seal, `seal` is its text and all else is empty. `signature` is what is still to be
    checked, (signed bytes, signature), when the key was not known yet. `undisclosed` names customs
    fields without a disclosure.
    """

    leaf: bytes
    seal: bytes
    packed: tuple[bytes, str, str, bytes]
    known: bool
    signature: tuple[bytes, bytes] | None
    shown: int
    undisclosed: tuple[str, ...]


def check_bundle(task: BundleTask) -> list[EntryFacts]:
    """Checks every entry of a bundle: form, signature, disclosures.

    Raises VerificationError `archive.bundle`, `archive.disclosures` or an event's own code, with
    the entry and event in its place.
    """
    start = task.number * TILE_WIDTH
    try:
        entries = parse_bundle(task.entries, task.width)
        disclosures = (
            parse_disclosures(task.disclosures, task.width)
            if task.disclosures is not None
            else ((),) * task.width
        )
    except MalformedError as error:
        code = error.code if error.code.startswith("archive.") else "archive.bundle"
        raise VerificationError(code, error.message, where=error.where) from error
    facts = []
    for number, (entry, shown) in enumerate(zip(entries, disclosures, strict=True), start):
        leaf = leaf_hash(entry)
        try:
            facts.append(_check_entry(entry, leaf, shown, task))
        except TraceledgerError as error:
            where = f"entry {number}, event {encode_base64url(leaf)}"
            place = f"{where}, {error.where}" if error.where else where
            raise VerificationError(error.code, error.message, where=place) from error
    return facts


def event_of(facts: EntryFacts) -> Event:
    """The event of an entry, without token and signature."""
    return unpack_event(facts.packed, encode_base64url(facts.leaf), known=facts.known)


def _check_entry(
    entry: bytes, leaf: bytes, disclosures: tuple[bytes, ...], task: BundleTask
) -> EntryFacts:
    if is_seal(entry):
        if disclosures:
            raise VerificationError("disclosure.digest", "a seal has no disclosures")
        return EntryFacts(leaf, entry, (b"", "", "", b""), True, None, 0, ())
    event = parse_token(entry)
    values = open_disclosures(event, disclosures, complete=False)
    jwk = task.keys.get(event.kid)
    if jwk is not None:
        check_signature(event, load_key(jwk))
    undisclosed: tuple[str, ...] = ()
    if event.kind is not None:
        fields = event.kind.fields
        undisclosed = tuple(
            name
            for name in event.digests
            if name not in values and fields[name].visibility == "customs"
        )
    return EntryFacts(
        leaf,
        b"",
        pack_event(event),
        event.kind is not None,
        None if jwk is not None else (event.signed, event.signature),
        len(values),
        undisclosed,
    )


@functools.lru_cache(maxsize=4096)
def load_key(jwk: bytes) -> PublicKey:
    """Loads a public key from its JWK; a ledger has few keys for many events."""
    return load_jwk(msgspec.json.decode(jwk, type=Jwk))
