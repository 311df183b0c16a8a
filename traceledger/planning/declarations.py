"""Declared lines: finding them in the ledger, and planning events for lines that it lacks.

A line is identified by its verification list and its number there: several of them may share a line
of the customs declaration (归并), and a list may have no declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from traceledger.errors import NotFoundError
from traceledger.events.draft import Draft, DraftRef
from traceledger.identifiers import compare_decimals, excerpt, parse_time
from traceledger.identifiers.gs1 import new_id
from traceledger.manifests.coded import show_unit
from traceledger.manifests.declaration import DeclarationRow
from traceledger.manifests.faults import RowFault, RowNotice
from traceledger.manifests.names import SINGLE_PIECES, UNIT_NAMES
from traceledger.rules.effective import read_effective
from traceledger.rules.lifecycle import VOIDED
from traceledger.views.history import EVERYTHING, Record, read_record
from traceledger.views.ledger import LedgerView
from traceledger.views.rows import Search
from traceledger.views.searches import search_all

__all__ = [
    "DeclarationPlan",
    "DeclaredLine",
    "Line",
    "draft_declaration",
    "find_book",
    "find_lines",
    "is_same_value",
    "plan_declarations",
    "read_values",
    "show_value",
]

Line = tuple[str, int]
"""A verification list's number and a line number in it."""


class DeclaredLine(NamedTuple):
    """A declared line: its item, its account book's number, and its fields as corrected.

    A server omits fields that the caller may not read, and the number may be empty.
    """

    item: str
    book_no: str
    values: Mapping[str, Any]


class DeclarationPlan(NamedTuple):
    """Drafts to sign, the number of lines already present, all lines, faults and notices."""

    drafts: tuple[Draft, ...]
    present: int
    lines: Mapping[Line, DeclaredLine]
    faults: tuple[RowFault, ...]
    notices: tuple[RowNotice, ...]


def plan_declarations(
    ledger: LedgerView,
    rows: Sequence[DeclarationRow],
    receipt_sha256: str,
    randbytes: Callable[[int], bytes],
) -> DeclarationPlan:
    """Plans a `declare_in` for every declared line that the ledger does not have yet.

    Each value that differs from a line already present is a fault. Raises NotFoundError
    `item.unknown` for an account book that the ledger does not have.
    """
    known = find_lines(ledger)
    missing = [row for row in rows if (row.list_no, row.list_line) not in known]
    books = {
        number: find_book(ledger, number)
        for number in dict.fromkeys(row.book_no for row in missing)
    }
    lines: dict[Line, DeclaredLine] = {}
    drafts: list[Draft] = []
    faults: list[RowFault] = []
    notices: list[RowNotice] = []
    for row in rows:
        line = (row.list_no, row.list_line)
        if line in known:
            lines[line] = known[line]
            faults += _differences(row, known[line])
            continue
        item = f"decl/{new_id(randbytes)}"
        draft = draft_declaration(row, item, books[row.book_no], receipt_sha256)
        lines[line] = DeclaredLine(item, row.book_no, draft.data)
        drafts.append(draft)
        if row.unit not in SINGLE_PIECES:
            unit = show_unit(row.unit)
            notices.append(RowNotice(row.row, "unit", unit, "a unit of single pieces"))
    present = len(rows) - len(drafts)
    return DeclarationPlan(tuple(drafts), present, lines, tuple(faults), tuple(notices))


def draft_declaration(row: DeclarationRow, item: str, book: str, receipt_sha256: str) -> Draft:
    """Drafts the `declare_in` of a line; `receipt_sha256` is the hash of customs' receipt."""
    data = _data(row) | {"receipt_sha256": receipt_sha256}
    return Draft(kind="declare_in", item=item, data=data, refs=(DraftRef("book", book),))


def find_lines(ledger: LedgerView, kind: str = "declare_in") -> Mapping[Line, DeclaredLine]:
    """Finds the ledger's declared lines of a kind by list and line, if the caller may read these.

    Voided lines are omitted.
    """
    books = {item: values.get("number", "") for item, _, values in _opened(ledger, "book")}
    lines: dict[Line, DeclaredLine] = {}
    for item, record, values in _opened(ledger, "declaration"):
        if record.event.kind_name == kind and {"list_no", "list_line"} <= values.keys():
            book = next((ref.item for ref in record.event.refs if ref.as_ == "book"), "")
            line = (values["list_no"], values["list_line"])
            lines[line] = DeclaredLine(item, books.get(book, ""), values)
    return lines


def find_book(ledger: LedgerView, number: str) -> str:
    """Finds the account book with that number; raises NotFoundError `item.unknown`."""
    for item, _, values in _opened(ledger, "book"):
        if values.get("number") == number:
            return item
    raise NotFoundError(
        "item.unknown",
        f"this ledger has no account book {excerpt(number)}",
        hint="Open the book first, with `traceledger event open_book`, or correct its number.",
    )


def read_values(ledger: LedgerView, item: str, record: Record) -> Mapping[str, Any]:
    """Returns the fields of an item's first event as corrected by later events.

    Voided corrections are ignored.
    """
    records = (read_record(entry, EVERYTHING) for entry in ledger.chain(item))
    chain = read_effective((found.event, found.values) for found in records)
    return next(found.values for found in chain if found.event.id == record.event.id)


def is_same_value(name: str, given: Any, known: Any) -> bool:
    """Reports whether two values of a field are equal, perhaps in different spelling.

    None is an absent value.
    """
    if given is None or known is None or given == known:
        return bool(given == known)
    match name:
        case "quantity" | "net_kg":
            return compare_decimals(given, known) == 0
        case "total" | "unit_value":
            same_amount = compare_decimals(given["amount"], known["amount"]) == 0
            return same_amount and bool(given["currency"] == known["currency"])
        case "unit":
            return bool(given == UNIT_NAMES.get(known, known))
        case "declared_at":
            return parse_time(given) == parse_time(known)
    return False


def show_value(value: Any) -> str:
    """Formats the value of a field for a message; None is an absent value."""
    if value is None:
        return "nothing"
    return excerpt(" ".join(map(str, value.values())) if isinstance(value, Mapping) else str(value))


def _opened(ledger: LedgerView, chain: str) -> Iterator[tuple[str, Record, Mapping[str, Any]]]:
    """Yields item, first event and corrected fields of each chain of that type, unless voided."""
    for row in search_all(ledger, Search(chain=chain)):
        first = ledger.find_place(row.item, 0) if row.life != VOIDED else None
        if first is not None:
            record = read_record(first, EVERYTHING)
            values = read_values(ledger, row.item, record) if row.seq else record.values
            yield row.item, record, values


def _data(row: DeclarationRow) -> dict[str, Any]:
    data: dict[str, Any] = {
        "entry_no": row.entry_no,
        "entry_line": row.entry_line,
        "list_no": row.list_no,
        "list_line": row.list_line,
        "book_line": row.book_line,
        "mode": row.mode,
        "hs10": row.hs10,
        "goods_name": row.goods_name,
        "quantity": row.qty,
        "unit": row.unit,
        "net_kg": row.net_kg,
        "total": {"amount": row.total_value, "currency": row.currency},
        "origin": row.origin,
        "declared_at": row.declared_at,
        "part_no": row.part_no,
        "dispatch": row.dispatch_country,
    }
    return {name: value for name, value in data.items() if value is not None}


def _differences(row: DeclarationRow, line: DeclaredLine) -> list[RowFault]:
    """Lists the values of a row that differ from the ledger; absent fields are ignored."""
    given = _data(row) | {"book_no": row.book_no}
    known = {**line.values, "book_no": line.book_no or row.book_no}
    return [
        RowFault(
            row.row,
            name,
            show_value(value),
            f"{show_value(known.get(name))}, as in {line.item}",
            "manifest.amended",
        )
        for name, value in given.items()
        if not is_same_value(name, value, known.get(name))
    ]
