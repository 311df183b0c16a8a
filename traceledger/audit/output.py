"""The account as JSON (docs/spec/account.md, "Output"): every figure is text, unknown is null."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from traceledger.audit.account import Account
from traceledger.audit.ahead import Recomputed
from traceledger.audit.balances import TABLES, Key, Row, balance
from traceledger.audit.comparison import Match, Side
from traceledger.audit.conclusions import Json, conclude
from traceledger.audit.fates import FATES
from traceledger.audit.figures import ZERO, Figure, add, show, subtract
from traceledger.audit.findings.finding import Finding
from traceledger.audit.lines import Line
from traceledger.audit.lots import FLOWS, NewParts, Waste
from traceledger.audit.pieces import Pieces, age_in_days
from traceledger.audit.stocktakes import Count, find_counts
from traceledger.audit.values import Unknown, number, read
from traceledger.identifiers.values import format_time

__all__ = [
    "FORMAT",
    "NAMES",
    "Json",
    "as_reported",
    "describe_account",
    "format_account",
    "hash_report",
    "recompute",
]

FORMAT = "traceledger/account/v1"

NAMES = ("entry_no", "entry_line", "list_no", "list_line", "book_line", "mode", "hs10")
"""The members of a line that identify it or its goods: codes, not figures."""

_INTERNAL = frozenset({"DUP-01"})


def describe_account(account: Account, findings: Sequence[Finding]) -> Json:
    """Describes an account; the same log, disclosures and scope give the same object."""
    picture, scope = account.picture, account.scope
    size = picture.state.size
    books = [_book(account, book) for book in account.books]
    described: Json = {
        "format": FORMAT,
        "size": size,
        "from_size": scope.start,
        "to_size": size,
        "as_of": format_time(picture.as_of),
        "policy": picture.policy.values,
        "customs_list": bool(account.rows),
        "basis": {
            "events": picture.state.events,
            "void": picture.state.voids,
            "correct": picture.state.corrections,
        },
        "books": books,
        "no_book": {} if scope.book else _no_book(account),
        "new_parts": [_new_parts(account, lot) for lot in account.new_parts],
        "waste": [_waste(lot) for lot in account.waste],
        "yield": [
            {"part_no": part, "good": str(found.good), "of": str(found.of)}
            for part, found in sorted(account.sums.yields.parts.items())
        ],
        "consumption": [
            {
                "part_no": use.part_no,
                "new_part": use.new_part,
                "units": str(use.units),
                "declared": show(use.declared),
                "consumed": show(use.consumed),
            }
            for use in account.sums.consumption.uses.values()
        ],
        "losses": [
            {
                "new_part": loss.new_part,
                "consumed": show(loss.consumed),
                "scrapped": show(loss.scrapped),
                "allowed": show(loss.allowed),
            }
            for loss in account.sums.consumption.losses.values()
        ],
        **({"comparison": [_match(match) for match in account.matches]} if account.rows else {}),
        "findings": [_finding(finding) for finding in findings],
    }
    conclude(account, described)
    return described


def format_account(described: Json) -> bytes:
    """Formats an account as canonical JSON (RFC 8785) without a line end.

    It contains no floats and only ASCII names, for which sorting by bytes is canonical.
    """
    return msgspec.json.encode(described, order="sorted")


def hash_report(described: Json) -> str:
    """Returns the SHA-256, in hex, of an account as canonical JSON."""
    return hashlib.sha256(format_account(described)).hexdigest()


def as_reported(described: Json) -> Json:
    """Returns an account as a write-off reports it: without findings that rest on internal fields.

    Customs do not see those fields, and could not recompute the report.
    """
    findings = [one for one in described["findings"] if one["code"] not in _INTERNAL]
    return {**described, "findings": findings}


def recompute(described: Json) -> Recomputed:
    """Returns what an account says about a report of its period."""
    withheld = any(finding["code"] == "INT-09" for finding in described["findings"])
    digest = hash_report(as_reported(described))
    return Recomputed(digest, described["residual_zero"], complete=not withheld)


def _book(account: Account, book: str) -> Json:
    thing = account.picture.books[book]
    opened = thing.opened
    lines = [line for line in account.sums.lines.lines.values() if line.thing.book == book]
    return {
        "book": book,
        **_named(read(thing, opened, "number"), "number"),
        "class": opened.value("class"),
        "from_size": account.start_of(book),
        "lines_in": [_line_in(account, line) for line in lines if line.inbound],
        "lines_out": [_line_out(line) for line in lines if not line.inbound],
        **{table: _balance(account, table, book) for table in TABLES},
        "mass": _mass(account, book),
        "stocktakes": [_count(count) for count in find_counts(thing)],
    }


def _no_book(account: Account) -> Json:
    described: Json = {table: _balance(account, table, "") for table in TABLES}
    if not any(described.values()):
        return {}
    return {**described, "mass": _mass(account, ""), **_fate(account, account.pieces_of(""))}


def _line_in(account: Account, line: Line) -> Json:
    values = {currency: show(amount) for currency, amount in sorted(line.value.items())}
    return {
        **_line(line),
        **_pieces(line, "declared", line.declared),
        "imported": str(line.imported),
        "missing": str(len(line.missing)),
        "arrived": str(line.arrived),
        "in_transit": str(line.in_transit),
        "received": str(line.received),
        **_pieces(line, "difference", line.difference),
        "short_settled": str(len(line.settled)),
        "due": line.due,
        "declared_kg": show(line.declared_kg),
        "kg": show(line.kg),
        "declared_value": show(line.declared_value),
        "currency": line.currency,
        "value": values if line.value_known else None,
        "part_nos": sorted(line.parts),
        **_fate(account, account.pieces_of(line.item)),
    }


def _line_out(line: Line) -> Json:
    return {
        **_line(line),
        **_pieces(line, "declared", line.declared),
        "exported": str(line.exported),
        "returned": str(line.returned),
        "diverted": str(line.diverted),
        "left": str(line.left),
        "pending": str(line.pending),
        **_pieces(line, "difference", line.difference),
        "due": line.due,
        "declared_kg": show(line.declared_kg),
        "kg": show(line.kg),
        "declared_value": show(line.declared_value),
        "currency": line.currency,
    }


def _line(line: Line) -> Json:
    step = line.thing.opened
    described: Json = {"declaration": line.item}
    for name in NAMES:
        described |= _named(read(line.thing, step, name), name)
    return described


def _named(value: Any, name: str) -> Json:
    """Returns a member for a value, unless it is absent; an unknown one is null."""
    if value is None:
        return {}
    return {name: None if isinstance(value, Unknown) else str(value)}


def _pieces(line: Line, name: str, figure: Figure) -> Json:
    """Returns a member in pieces; a line in kilograms has none."""
    return {} if line.by_weight else {name: show(figure)}


def _fate(account: Account, pieces: Pieces) -> Json:
    described: Json = {
        "fate": {fate: str(pieces.counts[fate]) for fate in FATES if fate in pieces.counts},
        "fate_kg": {fate: show(pieces.kg[fate]) for fate in FATES if fate in pieces.counts},
        "open": str(pieces.open),
        "overdue": str(pieces.overdue),
    }
    if pieces.oldest is not None:
        described["oldest_open_days"] = str(age_in_days(account.picture, pieces.oldest))
    return described


def _balance(account: Account, table: str, book: str) -> list[Json]:
    opening = dict(account.snapshot_of(book).rows)
    closing = account.sums.balances.rows
    keys = {key: None for key in (*opening, *closing) if key[:2] == (table, book)}
    return [
        _row(table, key, opening.get(key), closing.get(key)) for key in sorted(keys, key=_order)
    ]


def _row(table: str, key: Key, opening: Row | None, closing: Row | None) -> Json:
    pieces = balance(table, opening, closing, lambda row, term: Decimal(row.pieces.get(term, 0)))
    kg = balance(table, opening, closing, lambda row, term: row.kg.get(term, ZERO))
    del kg["residual"]
    name = "part" if table == "components" else "book_line"
    described: Json = {} if key[2] == "" else {name: key[2]}
    described |= {term: show(figure) for term, figure in pieces.items()}
    described["kg"] = {term: show(figure) for term, figure in kg.items()}
    if table == "cores" and closing is not None:
        described["part_nos"] = sorted(closing.parts)
    return described


def _order(key: Key) -> tuple[bool, int, str]:
    """Orders rows by number, then by name; unknown numbers come last."""
    name = key[2]
    if name is None:
        return True, 0, ""
    return False, int(name) if name.isdecimal() else 0, name


def _mass(account: Account, book: str) -> Json:
    terms = account.sums.mass.books.get(book)
    if terms is None:
        return {}
    residual = account.sums.mass.residual(book)
    return {term: show(figure) for term, figure in {**terms, "residual": residual}.items()}


def _count(count: Count) -> Json:
    rows = None
    if count.rows is not None:
        rows = [
            {"class": chain, "part_no": part, "counted": show(counted), "here": str(here)}
            for (chain, part), (counted, here) in sorted(count.rows.items())
        ]
    return {
        "scope": count.scope,
        "occurred": format_time(count.at),
        "opening": count.opening,
        "rows": rows,
    }


def _new_parts(account: Account, lot: NewParts) -> Json:
    start, end = account.lot_before(lot.lot), lot.terms()
    flows = {"opening": start.get("close", ZERO)}
    flows |= {term: subtract(end[term], start.get(term, ZERO)) for term in FLOWS}
    flows["close"] = end["close"]
    residual = add(flows["opening"], flows["filled"])
    for term in (*FLOWS[1:], "close"):
        residual = subtract(residual, flows[term])
    flows["residual"] = residual
    part = _named(read(lot.thing, lot.thing.opened, "part_no"), "part_no")
    return {**_lot(lot), **part, **{term: show(figure) for term, figure in flows.items()}}


def _waste(lot: Waste) -> Json:
    states = {
        state: lot.scrapped if state == lot.state else ZERO
        for state in ("destroyed", "returned", "here")
    }
    residual = lot.scrapped
    for figure in states.values():
        residual = subtract(residual, figure)
    described: Json = {**_lot(lot), "in": show(lot.scrapped)}
    described |= {state: show(figure) for state, figure in states.items()}
    described["residual"] = show(residual)
    if lot.thing.last("close_lot") is not None:
        described["weighed"] = show(lot.weighed)
    if lot.destruction is not None:
        described["destroyed_weighed"] = show(lot.destroyed_weighed)
        described["residue"] = show(number(lot.thing, lot.destruction, "residue_kg"))
    described["pending"] = bool(lot.thing.pending)
    return described


def _lot(lot: NewParts | Waste) -> Json:
    return {"lot": lot.lot, "book": lot.book} if lot.book else {"lot": lot.lot}


def _match(match: Match) -> Json:
    described: Json = {
        "key": list(match.key),
        "status": match.status,
        "lines": [line.item for line in match.lines],
    }
    if match.fields:
        described["fields"] = list(match.fields)
    for name, side in (("customs", match.customs), ("declared", match.declared)):
        if side is not None:
            described[name] = _side(side)
    if match.counted is not None:
        described["counted"] = str(match.counted)
    return described


def _side(side: Side) -> Json:
    sums = (
        *(("quantity", side.quantity), ("net_kg", side.net_kg)),
        *(("value", side.value), ("open", side.open)),
    )
    described: Json = {name: show(figure) for name, figure in sums if figure is not None}
    described |= {name: sorted(values) for name, values in side.texts.items()}
    return {**described, "merged": side.count} if side.count > 1 else described


def _finding(finding: Finding) -> Json:
    described: Json = {
        "code": finding.code,
        "severity": finding.severity,
        "subject": finding.subject,
        "evidence": finding.evidence.ids,
        "count": finding.evidence.count,
    }
    if finding.expected:
        described["expected"] = finding.expected
    if finding.actual:
        described["actual"] = finding.actual
    return described
