"""The trust list: the trust files of many ledgers in one file, signed by an authority.

::

    {"format": "traceledger/trust-list/v1", "key": "<vkey of the authority>",
     "ledgers": [{"customs": ..., "format": "traceledger/trust/v1", ...}], "note": "<signed note>"}

The text of the note names the list, its number, the time of its issue, the time at which it
expires, both in seconds since 1970, and the SHA-256 of its trust files, each ended by LF::

    traceledger/trust-list/v1
    customs.example/ledgers
    7
    1767225600
    1798761600
    Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=

Canonical JSON without line breaks (docs/spec/trust-list.md). No origin begins with `traceledger/`,
so the note cannot be mistaken for a checkpoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from traceledger.errors import MalformedError, UsageError, VerificationError
from traceledger.events.encoding import MAX_INTEGER, format_canonical, parse_canonical
from traceledger.events.fields import Struct
from traceledger.formats.encoding import (
    check_origin,
    decode_hash,
    encode_base64,
    parse_decimal,
    split_lines,
)
from traceledger.formats.note import (
    MAX_NOTE_SIZE,
    NoteSigner,
    NoteVerifier,
    open_note,
    parse_note,
    sign_note,
)
from traceledger.formats.trust import fingerprint, parse_trust
from traceledger.formats.vkey import format_vkey, parse_vkey
from traceledger.identifiers.excerpt import printable

__all__ = [
    "MAX_LEDGERS",
    "MAX_TIME",
    "MAX_TRUST_LIST",
    "ListedLedger",
    "SignedTrustList",
    "TrustList",
    "is_trust_list",
    "list_ledger",
    "open_trust_list",
    "parse_trust_list",
    "sign_trust_list",
]

MAX_TRUST_LIST = 1 << 22
MAX_LEDGERS = 4096
MAX_AHEAD = 300
"""Seconds by which the clock of the authority may be ahead of the reader's."""
MAX_TIME = 253_402_300_799
"""The last second of the year 9999."""

_CODE = "trust-list.form"
_FORMAT: Literal["traceledger/trust-list/v1"] = "traceledger/trust-list/v1"
_BEGINNING = b'{"format":"traceledger/trust-list/'


class ListedLedger(NamedTuple):
    """A trust file as bytes, with the log and the beginnings of ids that it is about.

    The rest of the file is not parsed yet.
    """

    file: bytes
    origin: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrustList:
    """A list of ledgers: whose it is, its number, and when it holds.

    `name` is that of the authority's key; `issued` and `expires` are in seconds since 1970.
    """

    name: str
    sequence: int
    issued: int
    expires: int
    ledgers: tuple[ListedLedger, ...]

    def find(self, origin: str) -> ListedLedger | None:
        """Returns the ledger of that name, if it is listed."""
        return next((ledger for ledger in self.ledgers if ledger.origin == origin), None)

    def choose(self, item: str, origin: str) -> ListedLedger | None:
        """Returns the ledger that speaks for an item, if one does.

        It is one of those with the longest beginning of the id: the ledger `origin`, which the
        record claims, otherwise the first.
        """
        fits = [(_fit(ledger, item), ledger) for ledger in self.ledgers]
        longest = max(fit for fit, _ in fits)
        best = [ledger for fit, ledger in fits if fit == longest > 0]
        claimed = [ledger for ledger in best if ledger.origin == origin]
        return next(iter(claimed or best), None)


@dataclass(frozen=True, slots=True)
class SignedTrustList:
    """A list with the key that its file names, the hash and the note; nothing is verified."""

    trust_list: TrustList
    key: NoteVerifier
    digest: bytes
    note: bytes

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the key."""
        return fingerprint(format_vkey(self.key).encode())


class _Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """What of a trust file the list itself needs; all other members pass unread."""

    origin: str
    items: tuple[str, ...]


class _Document(Struct, frozen=True, kw_only=True):
    format: Literal["traceledger/trust-list/v1"]
    key: str
    ledgers: Annotated[tuple[_Ledger, ...], Meta(min_length=1, max_length=MAX_LEDGERS)]
    note: str


def is_trust_list(data: bytes) -> bool:
    """Reports whether a file claims to be a trust list."""
    return data.startswith(_BEGINNING)


def list_ledger(file: bytes) -> ListedLedger:
    """Checks a trust file for a list; raises MalformedError as `parse_trust` does."""
    trust = parse_trust(file)
    return ListedLedger(file, trust.origin, trust.items)


def sign_trust_list(trust_list: TrustList, signer: NoteSigner) -> bytes:
    """Signs a list with the authority's key, which is named as the list, and returns its file.

    Raises MalformedError for values that no list can have, UsageError `note.key` for another key.
    """
    if signer.name != trust_list.name:
        raise UsageError("note.key", f"{signer.name} does not sign for {trust_list.name}")
    text = b"%s\n%s\n%d\n%d\n%d\n%s\n" % (
        _FORMAT.encode(),
        trust_list.name.encode(),
        trust_list.sequence,
        trust_list.issued,
        trust_list.expires,
        encode_base64(_hash_files(trust_list)),
    )
    document = {
        "format": _FORMAT,
        "key": format_vkey(signer.verifier),
        "ledgers": [msgspec.json.decode(ledger.file) for ledger in trust_list.ledgers],
        "note": sign_note(text, [signer]).decode(),
    }
    data = format_canonical(document)
    if parse_trust_list(data).trust_list != trust_list:
        raise MalformedError(_CODE, "a trust file is not in canonical form")
    return data


def parse_trust_list(data: bytes) -> SignedTrustList:
    """Parses a list of at most 4 MiB without verifying anything.

    Raises MalformedError `trust-list.form`, or the code of the invalid key or note.
    """
    try:
        content = parse_canonical(data, limit=MAX_TRUST_LIST)
        document = msgspec.convert(content, _Document)
    except (MalformedError, msgspec.ValidationError) as error:
        raise MalformedError(_CODE, f"not a trust list: {printable(str(error), 200)}") from error
    ledgers = tuple(
        ListedLedger(format_canonical(file), ledger.origin, ledger.items)
        for file, ledger in zip(content["ledgers"], document.ledgers, strict=True)
    )
    if len({ledger.origin for ledger in ledgers}) != len(ledgers):
        raise MalformedError(_CODE, "a ledger is listed twice", where="ledgers")
    key = parse_vkey(document.key)
    if not isinstance(key, NoteVerifier):
        raise MalformedError("note.key", f"{key.name} is the key of a witness", where="key")
    check_origin(key.name, _CODE)
    note = document.note.encode()
    lines = split_lines(parse_note(note).text, _CODE, limit=MAX_NOTE_SIZE)
    if len(lines) != 6 or lines[:2] != [_FORMAT.encode(), key.name.encode()]:
        raise MalformedError(
            _CODE, f"the note is not {_FORMAT}, the name of the key and four lines", where="note"
        )
    sequence, issued, expires = (parse_decimal(line, _CODE, where="note") for line in lines[2:5])
    if not 1 <= sequence <= MAX_INTEGER or not issued < expires <= MAX_TIME:
        raise MalformedError(
            _CODE, "the number or the times cannot be those of a list", where="note"
        )
    found = TrustList(key.name, sequence, issued, expires, ledgers)
    return SignedTrustList(found, key, decode_hash(lines[5], _CODE, where="note"), note)


def open_trust_list(data: bytes, key: str, *, now: int, since: int = 0) -> TrustList:
    """Verifies a list by the fingerprint of its authority's key.

    `now` is in seconds since 1970, `since` the number of the newest list that the reader has
    accepted from this key. Raises MalformedError as `parse_trust_list` does, and VerificationError
    `trust-list.key`, `note.signature`, `trust-list.changed`, `trust-list.older`, `trust-list.early`
    or `trust-list.expired`, in this order.
    """
    signed = parse_trust_list(data)
    found = signed.trust_list
    if signed.fingerprint != key:
        raise VerificationError(
            "trust-list.key", f"the list is by the key {signed.fingerprint}, not {key}"
        )
    open_note(signed.note, [signed.key])
    if _hash_files(found) != signed.digest:
        raise VerificationError(
            "trust-list.changed", "the trust files are not those that the authority signed"
        )
    if found.sequence < since:
        raise VerificationError(
            "trust-list.older", f"the list has the number {found.sequence}; {since} is known"
        )
    if found.issued > now + MAX_AHEAD:
        raise VerificationError("trust-list.early", f"the list holds from {_date(found.issued)} on")
    if found.expires <= now:
        raise VerificationError("trust-list.expired", f"the list expired on {_date(found.expires)}")
    return found


def _fit(ledger: ListedLedger, item: str) -> int:
    return max((len(prefix) for prefix in ledger.items if item.startswith(prefix)), default=0)


def _date(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"


def _hash_files(trust_list: TrustList) -> bytes:
    return sha256(b"".join(ledger.file + b"\n" for ledger in trust_list.ledgers)).digest()
