"""From a manifest to events: one `import` a core, on the declaration line that its row names.

Nothing is written here: the plan says what is missing in the ledger, and what is wrong in which
row. Planning again after part of it was written gives the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from traceledger.errors import NotFoundError
from traceledger.events.draft import Draft, DraftRef
from traceledger.identifiers.gs1 import new_id
from traceledger.manifests.declaration import DeclarationRow
from traceledger.manifests.faults import RowFault
from traceledger.manifests.manifest import ManifestRow
from traceledger.rules.lifecycle import VOIDED
from traceledger.views.history import EVERYTHING, read_record
from traceledger.views.ledger import LedgerView
from traceledger.views.rows import Search

__all__ = [
    "DeclarationPlan",
    "ImportPlan",
    "draft_declaration",
    "find_book",
    "find_lines",
    "plan_declarations",
    "plan_imports",
]

Line = tuple[str, int]
"""A declaration's number and the line in it."""


class ImportPlan(NamedTuple):
    """What is to be signed, how many cores the ledger has already, and the rows that do not fit."""

    drafts: tuple[Draft, ...]
    present: int
    faults: tuple[RowFault, ...]


class DeclarationPlan(NamedTuple):
    """What is to be signed, how many lines the ledger has already, and the items of all of them."""

    drafts: tuple[Draft, ...]
    present: int
    lines: Mapping[Line, str]


def plan_declarations(
    ledger: LedgerView,
    rows: Sequence[DeclarationRow],
    receipt_sha256: str,
    randbytes: Callable[[int], bytes],
) -> DeclarationPlan:
    """Plans a `declare_in` for every declared line that the ledger does not have yet.

    Raises NotFoundError `item.unknown` for an account book that the ledger does not have.
    """
    known = find_lines(ledger)
    lines: dict[Line, str] = {}
    drafts: list[Draft] = []
    for row in rows:
        line = (row.entry_no, row.entry_line)
        lines[line] = known.get(line) or f"decl/{new_id(randbytes)}"
        if line not in known:
            book = find_book(ledger, row.book_no)
            drafts.append(draft_declaration(row, lines[line], book, receipt_sha256))
    return DeclarationPlan(tuple(drafts), len(rows) - len(drafts), lines)


def plan_imports(
    ledger: LedgerView,
    rows: Sequence[ManifestRow],
    category: str,
    *,
    coming: Mapping[Line, str] = MappingProxyType({}),
) -> ImportPlan:
    """Plans the import of every core that the ledger does not have yet.

    `coming` are declaration lines that will be written before. A row whose declaration line is
    unknown, or whose core is there with other values, is a fault.
    """
    lines = {**find_lines(ledger), **coming}
    present = ledger.store.read_heads(row.core.text for row in rows)
    drafts: list[Draft] = []
    faults: list[RowFault] = []
    count = 0
    for row in rows:
        line = lines.get((row.entry_no, row.entry_line))
        if line is None:
            faults.append(
                RowFault(
                    row.row,
                    "entry_line",
                    f"{row.entry_no} / {row.entry_line}",
                    "a declaration line of this ledger",
                    "manifest.line",
                )
            )
            continue
        draft = _draft_import(row, line, category)
        if row.core.text not in present:
            drafts.append(draft)
        elif _is_imported(ledger, draft):
            count += 1
        else:
            faults.append(
                RowFault(
                    row.row,
                    "core",
                    row.core.text,
                    "a core that is new to this ledger, or the same values as before",
                    "manifest.present",
                )
            )
    return ImportPlan(tuple(drafts), count, tuple(faults))


def draft_declaration(row: DeclarationRow, item: str, book: str, receipt_sha256: str) -> Draft:
    """The `declare_in` of one declared line; `receipt_sha256` is that of customs' receipt."""
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
        "receipt_sha256": receipt_sha256,
        "declared_at": row.declared_at,
    }
    optional = {"part_no": row.part_no, "dispatch": row.dispatch_country}
    data |= {name: value for name, value in optional.items() if value}
    return Draft(kind="declare_in", item=item, data=data, refs=(DraftRef("book", book),))


def find_lines(ledger: LedgerView) -> Mapping[Line, str]:
    """The ledger's declaration lines by number and line, as far as these can be read here.

    A line that was taken back is none.
    """
    return {
        (values["entry_no"], values["entry_line"]): item
        for item, values in _opened(ledger, "declaration")
        if {"entry_no", "entry_line"} <= values.keys()
    }


def find_book(ledger: LedgerView, number: str) -> str:
    """The item of the account book with that number; raises NotFoundError `item.unknown`."""
    for item, values in _opened(ledger, "book"):
        if values.get("number") == number:
            return item
    raise NotFoundError("item.unknown", f"this ledger has no account book {number}")


def _opened(ledger: LedgerView, chain: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """The first event of each chain of that sort that stands, as far as it can be read here."""
    wanted = Search(chain=chain, limit=1000)
    while rows := ledger.search(wanted):
        for row in rows:
            first = ledger.store.find_place(row.item, 0) if row.life != VOIDED else None
            if first is not None:
                yield row.item, read_record(first, EVERYTHING).values
        wanted = wanted._replace(after=rows[-1].item)


def _draft_import(row: ManifestRow, line: str, category: str) -> Draft:
    data: dict[str, Any] = {
        "category": category,
        "part_no": row.part_no,
        "origin": row.origin,
        "unit_value": {"amount": row.unit_value, "currency": row.currency},
        "net_kg": row.net_kg,
    }
    optional = {"make": row.make, "old_serial": row.old_serial, "pallet": row.pallet}
    data |= {name: value for name, value in optional.items() if value}
    return Draft(
        kind="import", item=row.core.text, data=data, refs=(DraftRef("declaration", line),)
    )


def _is_imported(ledger: LedgerView, draft: Draft) -> bool:
    first = ledger.store.find_place(draft.item, 0)
    if first is None or first.kind != "import":
        return False
    record = read_record(first, EVERYTHING)
    lines = [ref.item for ref in record.event.refs if ref.as_ == "declaration"]
    return dict(record.values) == draft.data and lines == [ref.item for ref in draft.refs]
