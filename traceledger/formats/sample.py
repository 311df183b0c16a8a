"""The results of a sample: what an officer found of each core that was drawn, and its signature.

::

    traceledger/sample/v1
    {"account":"…","frame":1081,"results":[{"item":"8004/…","remark":"…","result":"differs"},…],…,"signed_at":…}

    — <id of the officer's key> <signature>

The second line is canonical JSON (docs/spec/report.md). A statement is signed as a note (C2SP
signed-note); the name in its signature line is the id under which the ledger registers the key. It
is the officer's word, no event of the ledger, and so is the time at which it was signed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, NamedTuple, get_args

import msgspec
from msgspec import Meta

from traceledger.errors import MalformedError, VerificationError
from traceledger.events.acceptance import MAX_AHEAD
from traceledger.events.fields import Count, Struct
from traceledger.events.keys import Jwk, load_jwk
from traceledger.formats.document import format_document, parse_document
from traceledger.formats.encoding import check_origin
from traceledger.formats.note import (
    MAX_NOTE_SIZE,
    NoteSigner,
    NoteVerifier,
    open_note,
    parse_note,
    sign_note,
)
from traceledger.identifiers.characters import TEXT_CHARACTER
from traceledger.identifiers.values import format_time

__all__ = [
    "FORMAT",
    "LATEST_TIME",
    "LONGEST_REMARK",
    "MOST_DRAWN",
    "RESULTS",
    "RegisteredKey",
    "Result",
    "Revocation",
    "SampleRow",
    "SampleStatement",
    "SignedSample",
    "check_not_ahead",
    "format_sample",
    "is_sample",
    "open_registered",
    "open_sample",
    "parse_sample",
    "read_signed",
    "sign_sample",
]

FORMAT = "traceledger/sample/v1"
MOST_DRAWN = 500
"""The cores of a sample."""

LONGEST_REMARK = 200
"""The characters of a remark."""

LATEST_TIME = 253_402_300_799
"""The end of the year 9999, in seconds since 1970."""

_CODE = "sample.form"
_HEAD = f"{FORMAT}\n".encode()

Result = Literal["found", "differs", "not_found"]
RESULTS: tuple[Result, ...] = get_args(Result)
"""What an officer can state about a core; without a result, it was not examined."""

Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}(?!\n)$")]
Id = Annotated[str, Meta(pattern=r"^[\x21-\x7e]*(?!\n)$", max_length=100)]
Remark = Annotated[str, Meta(pattern=rf"^{TEXT_CHARACTER}*(?!\n)$", max_length=LONGEST_REMARK)]
Size = Annotated[int, Meta(ge=1, le=10**15)]


class SampleRow(Struct, frozen=True, kw_only=True):
    """A core that was drawn: the officer's result, empty if it was not examined, and a remark."""

    item: Id
    result: Result | Literal[""] = ""
    remark: Remark = ""


class SampleStatement(Struct, frozen=True, kw_only=True):
    """A sample with its results, in the order in which the cores were drawn.

    `party` drew it as its sample `number`; `revision` counts its statements about that sample, of
    which the last one counts. `account` is the SHA-256 of the account of that scope;
    `as_of` is in seconds since 1970, 0 for the latest time in the log. `fate` is that of the cores
    from which was drawn, empty for all; `frame` is their number, of which at most `size` are drawn.
    `signed_at` is in seconds since 1970, by the signer's clock; 0 until the statement is signed.
    """

    origin: Id
    party: Id
    number: Size
    revision: Size
    from_size: Size
    to_size: Size
    book: Id = ""
    as_of: Count = 0
    account: Hash
    fate: Id = ""
    frame: Count
    size: Annotated[int, Meta(ge=1, le=MOST_DRAWN)]
    seed: Hash
    results: Annotated[tuple[SampleRow, ...], Meta(max_length=MOST_DRAWN)]
    signed_at: Annotated[int, Meta(ge=0, le=LATEST_TIME)] = 0

    def count(self, result: Result) -> int:
        """Returns how many cores have a result."""
        return sum(row.result == result for row in self.results)

    @property
    def examined(self) -> int:
        """The number of cores that have a result."""
        return sum(map(self.count, RESULTS))


class Revocation(NamedTuple):
    """The log index of the event that ended a key, and when it was signed (seconds since 1970)."""

    entry: int
    at: int


class RegisteredKey(NamedTuple):
    """A key that a ledger registers for a party, and what ended it."""

    party: str
    jwk: Jwk
    revoked: Revocation | None = None


class SignedSample(NamedTuple):
    """A statement whose signature was checked, the id of the key that signed it, and what ended it.

    That it was signed before the key ended is the signer's own claim: whoever has the key can state
    any time.
    """

    statement: SampleStatement
    kid: str
    revoked: Revocation | None = None


_decoder = msgspec.json.Decoder(SampleStatement)


def is_sample(data: bytes) -> bool:
    """Reports whether a file claims to be the statement of a sample."""
    return data.startswith(_HEAD)


def format_sample(statement: SampleStatement) -> bytes:
    """Formats a statement; inverse of `parse_sample`."""
    return _HEAD + format_document(statement) + b"\n"


def parse_sample(data: bytes) -> SampleStatement:
    """Parses a statement without a signature; raises MalformedError `sample.form`."""
    if not is_sample(data) or not data.endswith(b"\n"):
        raise MalformedError(_CODE, f"the file does not begin with {FORMAT}, or was cut off")
    document = data[len(_HEAD) : -1]
    statement = parse_document(document, _decoder, _CODE, limit=MAX_NOTE_SIZE)
    check_origin(statement.origin, _CODE)
    return statement


def sign_sample(statement: SampleStatement, signer: NoteSigner, now: float) -> bytes:
    """Signs a statement at a time in seconds since 1970; inverse of `open_sample`."""
    signed = msgspec.structs.replace(statement, signed_at=int(now))
    return sign_note(format_sample(signed), [signer])


def open_sample(note: bytes, key: NoteVerifier) -> SignedSample:
    """Checks the signature of a statement by a known key.

    Raises MalformedError `note.form` or `sample.form`, VerificationError `note.signature`.
    """
    return SignedSample(_parse_signed(open_note(note, [key]).text), key.name)


def check_not_ahead(statement: SampleStatement, now: float) -> None:
    """Checks that a statement was not signed after `now`, in seconds since 1970.

    Raises VerificationError `sample.time`.
    """
    if statement.signed_at > now + MAX_AHEAD:
        signed = format_time(statement.signed_at)
        raise VerificationError(
            "sample.time", f"signed at {signed}, but it is {format_time(int(now))}"
        )


def read_signed(note: bytes) -> SignedSample:
    """Reads a signed statement without checking its signature.

    Raises MalformedError `note.form` or `sample.form`.
    """
    text, lines = parse_note(note)
    return SignedSample(_parse_signed(text), lines[0].name)


def open_registered(
    note: bytes,
    find_key: Callable[[str], RegisteredKey | None],
    *,
    latest: int,
    now: float,
) -> SignedSample:
    """Checks a statement by the key of the party that drew the sample; `find_key` finds it by id.

    `latest` is the latest `iat` among the entries of the account, in seconds since 1970, as is
    `now`. Raises MalformedError `note.form` or `sample.form`, VerificationError
    `note.signature`, `sample.signer` for another key, or one that ended before the sample could be
    drawn or the statement claims to be signed, and `sample.time` for a time that cannot be.
    """
    names = {line.name for line in parse_note(note).signatures}
    kid = names.pop()
    found = find_key(kid)
    if names:
        raise VerificationError("sample.signer", f"{kid[:64]!r} is not the only signer")
    if found is None or found.jwk.kty != "OKP":
        raise VerificationError(
            "sample.signer", f"{kid[:64]!r} is no Ed25519 key that the ledger registers"
        )
    signed = open_sample(note, NoteVerifier(kid, load_jwk(found.jwk)))
    if signed.statement.party != found.party:
        raise VerificationError(
            "sample.signer",
            f"{signed.statement.party} drew the sample, a key of {found.party} signed",
        )
    if signed.statement.signed_at < latest - MAX_AHEAD:
        raise VerificationError(
            "sample.time",
            f"signed at {format_time(signed.statement.signed_at)}, but the latest event of its"
            f" account is of {format_time(latest)}",
        )
    check_not_ahead(signed.statement, now)
    if found.revoked is not None:
        _check_revocation(signed.statement, found.revoked)
    return signed._replace(revoked=found.revoked)


def _parse_signed(text: bytes) -> SampleStatement:
    statement = parse_sample(text)
    if not statement.signed_at:
        raise MalformedError(_CODE, "the signed statement has no time (signed_at)")
    return statement


def _check_revocation(statement: SampleStatement, revoked: Revocation) -> None:
    ended = f"the key was revoked at entry {revoked.entry}"
    if revoked.entry < statement.to_size:
        raise VerificationError("sample.signer", f"{ended}, before the sample was drawn")
    if statement.signed_at > revoked.at + MAX_AHEAD:
        raise VerificationError(
            "sample.signer",
            f"{ended}, at {format_time(revoked.at)}, and the statement claims to be signed at"
            f" {format_time(statement.signed_at)}",
        )
