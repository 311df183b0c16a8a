"""From a manifest to events: one `import` per core, on the declared line that its row names.

Planning writes nothing: a plan lists the missing events and the faults of each row. Planning again
after a part was written returns the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from traceledger.errors import UsageError
from traceledger.events.draft import Draft, DraftRef
from traceledger.events.payload import Ref
from traceledger.identifiers import compare_decimals, excerpt
from traceledger.manifests.faults import RowFault, RowNotice
from traceledger.manifests.manifest import ManifestRow
from traceledger.manifests.names import SINGLE_PIECES
from traceledger.planning.declarations import (
    DeclaredLine,
    Line,
    find_lines,
    is_same_value,
    show_value,
)
from traceledger.rules.effective import read_effective
from traceledger.views.history import EVERYTHING, read_record
from traceledger.views.ledger import LedgerView

__all__ = ["ImportPlan", "plan_imports"]

# The columns behind the fields and links of an import that have another name in a manifest.
_COLUMNS = {"declaration": "list_line"}

# A core heavier or lighter than the mean of its line by this factor suggests another unit.
_UNLIKELY = 10


class ImportPlan(NamedTuple):
    """Drafts to sign, the number of cores already imported, and the faults of rows.

    `notices` concern rows that are valid but unusual.
    """

    drafts: tuple[Draft, ...]
    present: int
    faults: tuple[RowFault, ...]
    notices: tuple[RowNotice, ...]


def plan_imports(
    ledger: LedgerView,
    rows: Sequence[ManifestRow],
    category: str,
    *,
    planned: Mapping[Line, DeclaredLine] = MappingProxyType({}),
) -> ImportPlan:
    """Plans the import of every core that the ledger does not have yet.

    `planned` are declared lines that will be written first. A row is a fault if it names an unknown
    line, contradicts its line, or its core is present with other values. Raises UsageError
    `usage.option` for a category other than the one that the cores were imported with.
    """
    lines = {**find_lines(ledger), **planned}
    present = ledger.heads(row.core.text for row in rows)
    twins = _serials(rows)
    drafts: list[Draft] = []
    faults: list[RowFault] = []
    notices: list[RowNotice] = []
    count = 0
    for row in rows:
        line = lines.get((row.list_no, row.list_line))
        if line is None:
            faults.append(_unknown_line(row))
            continue
        if contradictions := list(_contradictions(row, line)):
            faults += contradictions
            continue
        draft = _draft_import(row, line.item, category)
        if row.core.text not in present:
            drafts.append(draft)
            notices += _oddities(row, line)
            notices += _repeated_serial(row, twins)
        elif differences := _differences(ledger, row, draft):
            faults += differences
        else:
            count += 1
    return ImportPlan(tuple(drafts), count, tuple(faults), tuple(notices))


def _unknown_line(row: ManifestRow) -> RowFault:
    return RowFault(
        row.row,
        "list_line",
        f"{row.list_no} / {row.list_line}",
        "a declared line of this ledger",
        "manifest.line",
    )


def _contradictions(row: ManifestRow, line: DeclaredLine) -> Iterator[RowFault]:
    """Yields the contradictions between a row and the declared line that it names."""
    declared = {**line.values, "book_no": line.book_no or row.book_no}
    given: dict[str, Any] = {
        "entry_no": row.entry_no,
        "entry_line": row.entry_line,
        "book_no": row.book_no,
        "book_line": row.book_line,
    }
    for name, value in given.items():
        if value is not None and name in declared and value != declared[name]:
            known = excerpt(str(declared[name]))
            allowed = f"{known}, as in line {row.list_line} of list {row.list_no}"
            yield RowFault(row.row, name, excerpt(str(value)), allowed, "manifest.line")
    part_no = declared.get("part_no", row.part_no)
    if row.part_no != part_no and row.part_no.lstrip("0") == part_no.lstrip("0"):
        allowed = f"{excerpt(part_no)}, as declared; spreadsheets remove leading zeros"
        yield RowFault(row.row, "part_no", excerpt(row.part_no), allowed, "manifest.line")


def _oddities(row: ManifestRow, line: DeclaredLine) -> Iterator[RowNotice]:
    """Yields unusual differences between a row and its declared line."""
    declared = {**line.values, "currency": line.values.get("total", {}).get("currency")}
    given = {"part_no": row.part_no, "origin": row.origin, "currency": row.currency}
    for name, value in given.items():
        known = declared.get(name)
        if known is not None and value != known:
            yield RowNotice(row.row, name, excerpt(value), f"{excerpt(known)}, as declared")
    mean = _mean_kg(declared)
    if mean and not mean / _UNLIKELY < Decimal(row.net_kg) < mean * _UNLIKELY:
        expected = f"about {mean:.3f}, the mean of the declared line"
        yield RowNotice(row.row, "net_kg", excerpt(row.net_kg), expected)
    if compare_decimals(row.unit_value, "0") == 0:
        yield RowNotice(row.row, "unit_value", excerpt(row.unit_value), "a value above zero")


def _mean_kg(declared: Mapping[str, Any]) -> Decimal | None:
    """Returns the declared weight of a piece, if pieces were declared."""
    if declared.get("unit") not in SINGLE_PIECES or not {"net_kg", "quantity"} <= declared.keys():
        return None
    quantity = Decimal(declared["quantity"])
    return Decimal(declared["net_kg"]) / quantity if quantity else None


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


def _differences(ledger: LedgerView, row: ManifestRow, draft: Draft) -> list[RowFault]:
    """Lists how a row differs from the import of its core, as written or as corrected later."""
    records = [read_record(entry, EVERYTHING) for entry in ledger.chain(draft.item)]
    first = records[0]
    if first.event.kind_name != "import":
        allowed = f"a core that is new to this ledger; {draft.item} is in it, without an import"
        return [RowFault(row.row, "core", draft.item, allowed, "manifest.present")]
    links = _links(first.event.refs)
    given = {**draft.data, "declaration": _links(draft.refs)}
    corrected = read_effective((found.event, found.values) for found in records)
    values = next(found.values for found in corrected if found.event.id == first.event.id)
    wrong: dict[str, Any] = {}
    for known in ({**first.values, "declaration": links}, {**values, "declaration": links}):
        wrong = {
            name: known.get(name)
            for name in dict.fromkeys((*given, *known))
            if not is_same_value(name, given.get(name), known.get(name))
        }
        if not wrong:
            return []
    if wrong.keys() == {"category"}:
        known_as = wrong["category"] or ""
        raise UsageError(
            "usage.option",
            f"category {excerpt(draft.data['category'])} given, but {draft.item} was imported as"
            f" {excerpt(known_as)}",
            hint=f"Use --category {known_as}, or correct the ids if other cores are meant.",
        )
    return [
        RowFault(
            row.row,
            _COLUMNS.get(name, name),
            show_value(given.get(name)),
            f"{show_value(value)}, as {draft.item} was imported",
            "manifest.present",
        )
        for name, value in wrong.items()
    ]


def _links(refs: Iterable[Ref | DraftRef]) -> str:
    return " ".join(ref.item for ref in refs if ref.as_ == "declaration")


def _serials(rows: Sequence[ManifestRow]) -> Mapping[str, list[int]]:
    """Returns the rows of each original serial number."""
    found: dict[str, list[int]] = {}
    for row in rows:
        if row.old_serial:
            found.setdefault(row.old_serial, []).append(row.row)
    return found


def _repeated_serial(row: ManifestRow, rows: Mapping[str, list[int]]) -> Iterator[RowNotice]:
    """Yields an original serial number that another row has too, which an audit reports."""
    others = [number for number in rows.get(row.old_serial or "", []) if number != row.row]
    if others:
        expected = f"each only once; row {others[0]} has it too"
        yield RowNotice(row.row, "old_serial", excerpt(row.old_serial or ""), expected)
