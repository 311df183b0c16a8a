"""What a report lists beside the account: open cores, what units consist of, entry numbers.

It is no part of the account's JSON, whose hash write-offs name, and is computed only for a report.
Ages are in whole 24 hours, indexes those of the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from traceledger.audit.account import Account
from traceledger.audit.fates import OPEN, Fate
from traceledger.audit.figures import Figure
from traceledger.audit.findings.finding import Finding
from traceledger.audit.lines import Line
from traceledger.audit.pieces import age_in_days, moment_of
from traceledger.audit.stock import part_of
from traceledger.audit.things import Thing
from traceledger.audit.values import Unknown, read, when
from traceledger.events.encoding import encode_base64url

__all__ = ["Details", "Input", "LineFacts", "OpenCore", "describe_details"]


class OpenCore(NamedTuple):
    """A core that is still in the account; `at` is when it came, in seconds since 1970.

    `limit` is the number of days that its book allows. An unknown book line or weight is None, an
    absent book line empty.
    """

    item: str
    line: str
    book_line: str | None
    part_no: str
    at: int
    days: int
    limit: int
    fate: Fate
    kg: Figure


class Input(NamedTuple):
    """A part that went into a unit; `root` is the core from which the part descends."""

    unit: str
    unit_kg: Figure
    left: str
    part: str
    chain: str
    part_no: str
    kg: Figure
    root: str
    line: str


class LineFacts(NamedTuple):
    """What a declaration line states beside its figures; None is unknown, empty is absent.

    `country` is the origin of inbound and the destination of outbound goods. `declared_at` is in
    seconds since 1970, None if it is unknown. `attested` counts the events on it that a party of
    the trust file's `customs` confirmed.
    """

    goods_name: str | None
    country: str | None
    declared_at: int | None
    attested: int


class Details(NamedTuple):
    """The lists of a report; `entries` are the log indexes of the evidence shown, by event id.

    `lines` are the facts of declaration lines by item. `differences` are those of due lines that do
    not close, None where the weight decides. `unattested` counts the answers of customs by parties
    that the trust file does not name.
    """

    open: tuple[OpenCore, ...]
    inputs: tuple[Input, ...]
    entries: dict[str, int]
    lines: dict[str, LineFacts]
    differences: dict[str, Figure]
    unattested: int


def describe_details(account: Account, findings: Sequence[Finding]) -> Details:
    """Lists what a report shows of an account beside its JSON."""
    opened: list[OpenCore] = []
    inputs: list[Input] = []
    for item, thing in account.picture.each():
        if thing.chain not in {"core", "unit"} or not _is_covered(account, thing):
            continue
        if thing.chain == "unit":
            inputs += _inputs(account, item, thing)
        elif (fate := account.fates.of(item, thing)) in OPEN:
            opened.append(_open_core(account, item, thing, fate))
    entries = {
        encode_base64url(leaf): at for finding in findings for at, leaf in finding.evidence.places
    }
    facts = {item: _facts(line) for item, line in account.sums.lines.lines.items()}
    return Details(
        tuple(opened), tuple(inputs), entries, facts, account.differences(), account.unattested
    )


def _is_covered(account: Account, thing: Thing) -> bool:
    """Reports whether a thing belongs to the book of the scope; goods without a book do to all."""
    return not account.scope.book or account.picture.book_of(thing) == account.scope.book


def _facts(line: Line) -> LineFacts:
    thing, opened = line.thing, line.thing.opened
    names = ("goods_name", "origin" if line.inbound else "destination")
    values = (read(thing, opened, name) for name in names)
    goods, country = (None if isinstance(value, Unknown) else str(value or "") for value in values)
    return LineFacts(goods, country, when(thing, opened, "declared_at"), line.attested)


def _open_core(account: Account, item: str, core: Thing, fate: Fate) -> OpenCore:
    picture = account.picture
    number = picture.book_line_of(core)
    return OpenCore(
        item=item,
        line=core.line,
        book_line=None if isinstance(number, Unknown) else str(number or ""),
        part_no=part_of(core),
        at=moment_of(core),
        days=age_in_days(picture, moment_of(core)),
        limit=picture.policy.max_days(picture.book_of(core)),
        fate=fate,
        kg=picture.weight(core),
    )


def _inputs(account: Account, item: str, unit: Thing) -> Iterator[Input]:
    picture = account.picture
    for name in unit.parts:
        part = picture.things[name]
        root = part.root or name
        yield Input(
            unit=item,
            unit_kg=picture.weight(unit),
            left=unit.left,
            part=name,
            chain=part.chain,
            part_no=part_of(part),
            kg=picture.weight(part),
            root=root,
            line=picture.things[root].line,
        )
