"""Random samples: drawn in an order that a seed fixes before anybody sees the list, with results.

The seed is SHA-256 of the checkpoint's root and 16 random bytes of the reader's browser. What was
drawn is recorded and numbered. The page makes the statement of results, which the officer signs
elsewhere: neither a session nor this server can state anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from traceledger.audit.cores import CoreRow
from traceledger.audit.fates import FATES
from traceledger.audit.figures import show
from traceledger.audit.sampling import CHOICES, draw, find_frame
from traceledger.errors import ConflictError, MalformedError, NotAllowedError, VerificationError
from traceledger.events.token import parse_token
from traceledger.formats.sample import (
    LONGEST_REMARK,
    MOST_DRAWN,
    RESULTS,
    RegisteredKey,
    Revocation,
    SampleRow,
    SampleStatement,
    SignedSample,
    format_sample,
    open_registered,
    parse_sample,
    read_signed,
)
from traceledger.identifiers.items import item_of_key
from traceledger.ledger.reading.reader import LedgerReader
from traceledger.reports.samples import describe_bound
from traceledger.rules.state import KeyState
from traceledger.views.history import describe_event
from traceledger_api.pages.customs.figures import Cell, decimals
from traceledger_api.pages.customs.visit import Visit
from traceledger_api.sample_book import Draw, Results, Sample

__all__ = [
    "check_results",
    "draw_sample",
    "draw_samples",
    "make_statement",
    "read_draw",
    "read_kept",
]

_SEED = re.compile(r"[0-9a-f]{64}")
_SIZE = re.compile(r"[0-9]{1,9}")
_DEFAULT = 12


def read_draw(visit: Visit, form: Mapping[str, str], random: Callable[[int], bytes]) -> Draw:
    """Reads what a form wants to be drawn from the account of a visit.

    `random` returns as many random bytes as asked, for a form without a seed: a browser without
    the script chooses none. Raises MalformedError `request.value`.
    """
    seed = form.get("seed", "").lower() or random(32).hex()
    fate, size = form.get("fate", ""), form.get("n", "")
    if not _SEED.fullmatch(seed):
        raise MalformedError("request.value", "the seed has 64 hexadecimal digits")
    if not _SIZE.fullmatch(size) or not 0 < int(size) <= MOST_DRAWN:
        raise MalformedError("request.value", f"a sample has 1 to {MOST_DRAWN} cores")
    if fate not in CHOICES:
        raise MalformedError("request.value", f"{fate[:20]!r} is no fate")
    return Draw(visit.wanted, visit.digest, fate, int(size), seed)


def make_statement(visit: Visit, sample: Sample, revision: int, form: Mapping[str, str]) -> bytes:
    """Makes the statement of the results in a form, to be signed elsewhere.

    The form has `result.N` and `remark.N` of the core at place N. Raises MalformedError
    `sample.form`, ConflictError `sample.differs` if the account has changed.
    """
    statement = _state(visit, sample, revision)
    results = tuple(
        {
            "item": row.item,
            "result": form.get(f"result.{place}", ""),
            "remark": " ".join(form.get(f"remark.{place}", "").split()),
        }
        for place, row in enumerate(statement.results, 1)
    )
    given = {**msgspec.to_builtins(statement), "results": results}
    try:
        filled = msgspec.convert(given, SampleStatement)
    except msgspec.ValidationError as error:
        raise MalformedError("sample.form", str(error)) from error
    parse_sample(data := format_sample(filled))
    return data


def check_results(visit: Visit, sample: Sample, note: bytes, now: float) -> int:
    """Checks signed results: of this sample, by a registered key of the party that drew it.

    `now` is in seconds since 1970. Returns the revision that was signed.

    Raises MalformedError `note.form` or `sample.form`, NotAllowedError `note.signature`,
    `sample.signer`, `sample.time` or `sample.differs`, ConflictError `sample.differs`.
    """
    latest = visit.account.picture.state.as_of
    try:
        signed = open_registered(
            note, lambda kid: _find_key(visit.ledger, kid), latest=latest, now=now
        ).statement
    except VerificationError as error:  # what was sent is false, not the ledger
        raise NotAllowedError(error.code, error.message) from error
    bare = tuple(SampleRow(item=row.item) for row in signed.results)
    if msgspec.structs.replace(signed, results=bare, signed_at=0) != _state(
        visit, sample, signed.revision
    ):
        raise NotAllowedError("sample.differs", f"the file is not of sample {sample.number}")
    return signed.revision


def read_kept(ledger: LedgerReader, note: bytes) -> SignedSample:
    """Reads signed results that were checked before they were kept, and what ended their key."""
    signed = read_signed(note)
    state = ledger.state(item := item_of_key(signed.kid))
    if not isinstance(state, KeyState) or not state.ended:
        return signed
    revoked = next(each for each in ledger.chain(item) if each.kind == "revoke_key")
    at = parse_token(revoked.body).payload.iat
    return signed._replace(revoked=Revocation(revoked.leaf_index, at))


def draw_samples(
    visit: Visit, samples: Sequence[tuple[Sample, Sequence[Results]]]
) -> dict[str, Any]:
    """Returns the values of the page of samples: those drawn before, and the form."""
    return {
        "n": _DEFAULT,
        "fates": [
            fate for fate in CHOICES if fate not in FATES or find_frame(visit.computed.cores, fate)
        ],
        "samples": [
            {
                "number": sample.number,
                "href": visit.at(f"/samples/{sample.number}"),
                "at": visit.clock.moment(sample.at),
                "kid": sample.kid,
                "draw": sample.draw,
                "results": _count(results),
            }
            for sample, results in samples
        ],
    }


def draw_sample(visit: Visit, sample: Sample, results: Sequence[Results]) -> dict[str, Any]:
    """Returns the values of the page of a sample with its newest signed results."""
    frame, drawn = _draw(visit, sample.draw)
    places = decimals(show(row.weight) for row in drawn)
    newest = read_signed(results[0].note).statement if results else None
    stated = {row.item: row for row in newest.results} if newest else {}
    return {
        "number": sample.number,
        "draw": sample.draw,
        "at_time": visit.clock.moment(sample.at),
        "kid": sample.kid,
        "frame": len(frame),
        "is_same": sample.draw.account == visit.digest,
        "rows": [
            {**_row(visit, row, places), "stated": stated.get(row.item, SampleRow(item=row.item))}
            for row in drawn
        ],
        "choices": RESULTS,
        "longest": LONGEST_REMARK,
        "counts": _count(results),
        "shown": describe_bound(newest, visit.words.of_reports) if newest else "",
        "revisions": [_revision(visit, sample, one) for one in results],
    }


def _revision(visit: Visit, sample: Sample, one: Results) -> dict[str, Any]:
    statement, kid, revoked = read_kept(visit.ledger, one.note)
    return {
        "signed": visit.clock.moment(statement.signed_at),
        "received": visit.clock.moment(one.at),
        "kid": kid,
        "revoked": revoked and visit.event(revoked.entry),
        "revoked_entry": revoked and revoked.entry,
        "href": visit.at(f"/samples/{sample.number}/{one.revision}.note"),
    }


def _draw(visit: Visit, wanted: Draw) -> tuple[list[CoreRow], list[CoreRow]]:
    """Returns the cores from which is drawn, and those that are."""
    frame = find_frame(visit.computed.cores, wanted.fate)
    return frame, draw(frame, wanted.seed, wanted.size)


def _state(visit: Visit, sample: Sample, revision: int) -> SampleStatement:
    """Returns the statement of a sample without results."""
    if sample.draw.account != visit.digest:
        raise ConflictError("sample.differs", "the account has changed since the sample was drawn")
    frame, drawn = _draw(visit, sample.draw)
    wanted = sample.draw.wanted
    return SampleStatement(
        origin=visit.ledger.origin,
        party=visit.rights.reader.party,
        number=sample.number,
        revision=revision,
        from_size=wanted.start,
        to_size=wanted.end,
        book=wanted.book,
        as_of=wanted.as_of or 0,
        account=sample.draw.account,
        fate=sample.draw.fate,
        frame=len(frame),
        size=sample.draw.size,
        seed=sample.draw.seed,
        results=tuple(SampleRow(item=row.item) for row in drawn),
    )


def _find_key(ledger: LedgerReader, kid: str) -> RegisteredKey | None:
    state = ledger.state(item_of_key(kid))
    if not isinstance(state, KeyState) or state.ended:
        return None
    return RegisteredKey(state.party, state.jwk)


def _count(results: Sequence[Results]) -> dict[str, int] | None:
    """Returns how many cores have each of the results, None without a statement."""
    if not results:
        return None
    statement = read_signed(results[0].note).statement
    counts: dict[str, int] = {result: statement.count(result) for result in RESULTS}
    return {**counts, "open": len(statement.results) - statement.examined}


def _row(visit: Visit, row: CoreRow, places: int) -> dict[str, Any]:
    picture = visit.account.picture
    return {
        "item": visit.short(row.item),
        "href": visit.item(row.item),
        "kg": Cell.of(row.weight, visit.event(picture.things[row.item].opened.index), places),
        "fate": row.fate,
        "became": (visit.short(row.became), visit.item(row.became)) if row.became else None,
        "left_on": (visit.line_name(row.left_on), visit.item(row.left_on)) if row.left_on else None,
        "line": (visit.line_name(row.line), visit.item(row.line)) if row.line else None,
        "is_open": row.is_open,
        "location": _location(visit, row.became or row.item) if row.is_open else "",
        "events": len(visit.ledger.chain(row.item)),
    }


def _location(visit: Visit, item: str) -> str:
    """Returns where an item was put last, as far as this reader may see it."""
    for entry in reversed(visit.ledger.chain(item)):
        if entry.leaf_index < visit.wanted.end:
            found = describe_event(entry, visit.reader).data.get("location")
            if found:
                return str(found)
    return ""
