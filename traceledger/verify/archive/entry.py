"""The check of a single entry: form, signature and disclosures, independent of other entries."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import msgspec

from traceledger.errors import TraceledgerError, VerificationError
from traceledger.events.disclosure import open_disclosures
from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import Jwk, PublicKey, load_jwk
from traceledger.events.packed import PackedEvent, pack_event
from traceledger.events.token import Event, check_signature, parse_token
from traceledger.formats.archive import disclosures_path, entries_path
from traceledger.formats.seal import is_seal
from traceledger.merkle.tiles import TILE_WIDTH

__all__ = ["Entry", "EntryFacts", "check_entry"]

_encode = msgspec.msgpack.Encoder().encode


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An entry of the log, its leaf hash and its disclosures in the archive."""

    index: int
    leaf: bytes
    body: bytes
    disclosures: tuple[bytes, ...]


class EntryFacts(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The facts of an entry; exactly one of `event`, `seal` and `late` is set.

    `late` is an entry that remains to be checked, because its key is not known yet. `shown` counts
    disclosures and `disclosed` contains their values, if they are asked for; `undisclosed` names
    customs fields without a disclosure.
    """

    leaf: bytes
    event: PackedEvent | None = None
    seal: bytes = b""
    late: Entry | None = None
    shown: int = 0
    disclosed: bytes = b""
    undisclosed: tuple[str, ...] = ()


def check_entry(
    entry: Entry, keys: Mapping[str, bytes], *, last: bool, width: int, valued: bool
) -> EntryFacts:
    """Checks an entry's form, its signature by one of `keys` (JWKs by kid), and its disclosures.

    When the key is not among them, the entry is returned as `late`; with `last`, its signature
    remains unchecked, because the rules forbid an event by a key that was never granted. `valued`
    tells whether the values of disclosures are returned. Raises VerificationError with file, entry
    and event; `width` is the number of entries in the bundle.
    """
    disclosing = False
    try:
        if is_seal(entry.body):
            disclosing = True
            if entry.disclosures:
                raise VerificationError("disclosure.digest", "a seal has no disclosures")
            return EntryFacts(entry.leaf, seal=entry.body)
        event = parse_token(entry.body, leaf=entry.leaf)
        key = _find_key(event, keys)
        if key is not None:
            check_signature(event, key)
        elif not last:
            return EntryFacts(entry.leaf, late=entry)
        disclosing = True
        values = open_disclosures(event, entry.disclosures, complete=False)
    except TraceledgerError as error:
        raise _at_entry(error, entry, width, disclosing=disclosing) from error
    shown = len(values)
    undisclosed = _undisclosed(event, values) if shown < len(event.digests) else ()
    disclosed = _encode(dict(values)) if values and valued else b""
    return EntryFacts(
        entry.leaf,
        event=pack_event(event),
        shown=shown,
        disclosed=disclosed,
        undisclosed=undisclosed,
    )


def _at_entry(
    error: TraceledgerError, entry: Entry, width: int, *, disclosing: bool
) -> VerificationError:
    """Converts an error to a VerificationError with the file, entry and event."""
    path = (disclosures_path if disclosing else entries_path)(entry.index // TILE_WIDTH, width)
    place = f"{path}, entry {entry.index}, event {encode_base64url(entry.leaf)}"
    where = f"{place}, {error.where}" if error.where else place
    return VerificationError(error.code, error.message, where=where)


def _find_key(event: Event, keys: Mapping[str, bytes]) -> PublicKey | None:
    jwk = keys.get(event.kid)
    if jwk is not None:
        return _load_key(jwk)
    if event.kind_name == "found" and event.kind is not None:
        return load_jwk(event.data.root_jwk)
    return None


def _undisclosed(event: Event, values: Mapping[str, object]) -> tuple[str, ...]:
    if event.kind is None:
        return ()
    fields = event.kind.fields
    return tuple(
        name
        for name in event.digests
        if name not in values and fields[name].visibility == "customs"
    )


@functools.lru_cache(maxsize=4096)
def _load_key(jwk: bytes) -> PublicKey:
    """Loads a public key from its JWK; cached, because a ledger has few keys for many events."""
    return load_jwk(msgspec.json.decode(jwk, type=Jwk))
