"""Batches: one event of a kind for each row of a table, such as the export of a shipment."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from traceledger.errors import MalformedError
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.draft import Draft, DraftRef, check_draft
from traceledger.events.fields import Money
from traceledger.events.kind import Kind
from traceledger.identifiers import excerpt, read_scanned
from traceledger.identifiers.gs1 import new_id
from traceledger.identifiers.suggestion import suggest
from traceledger.manifests.conventions import Encoding
from traceledger.manifests.damage import find_damage, find_error
from traceledger.manifests.faults import RowFault
from traceledger.manifests.reading import read_sheet
from traceledger.manifests.rows import refuse
from traceledger.manifests.sheet import TableRow
from traceledger.planning.declarations import (
    DeclaredLine,
    find_lines,
    is_same_value,
    show_value,
)
from traceledger.planning.plan import Plan
from traceledger.views.ledger import LedgerView

__all__ = ["BATCH_KINDS", "batch_columns", "plan_batch"]

_GOODS = {"core", "component", "unit", "lot", "declaration"}
# Kinds whose events need others in the same request.
_JOINED = {"assemble", "consume", "disassemble", "harvest"}

_NOTE = "nothing was appended"
_MONEY = re.compile(r"([0-9.]+) ([A-Z]{3})")

BATCH_KINDS = tuple(
    name
    for name, kind in CATALOGUE.items()
    if name not in _JOINED
    and _GOODS.intersection(kind.chains)
    and all(rule.at != "target" for rule in kind.refs)
)
"""The kinds whose events can be appended as a batch."""


def batch_columns(kind: Kind) -> tuple[str, ...]:
    """The headings that a batch of a kind may have."""
    return ("item", *kind.fields, *kind.links, "occurred", "site")


def plan_batch(
    ledger: LedgerView,
    kind: Kind,
    data: bytes,
    given: Mapping[str, str],
    *,
    randbytes: Callable[[int], bytes],
    encoding: Encoding | None = None,
) -> Plan:
    """Plans one event for each row of a CSV file or workbook.

    `given` contains the values of missing columns and empty cells. A declared line needs no item
    id: it gets a new one, or is skipped if the ledger already has its list and line with the same
    values. Raises ManifestError with every fault of the file.
    """
    rows, columns = _read(kind, data, encoding)
    faults: list[RowFault] = []
    drafts: list[Draft] = []
    skipped: list[tuple[str, str]] = []
    declares = kind.chains == ("declaration",) and kind.position == "first"
    lines: Mapping[Any, DeclaredLine] = find_lines(ledger, kind.name) if declares else {}
    rows_by_key: dict[Any, int] = {}
    for row in rows:
        own = zip(columns, row.cells, strict=False)
        cells = {**given, **{name: cell for name, cell in own if cell}}
        if declares:
            cells.setdefault("item", f"decl/{new_id(randbytes)}")
        draft, wrong = _draft(kind, row.number, cells)
        faults += wrong
        if draft is None:
            continue
        key: Any = (draft.data["list_no"], draft.data["list_line"]) if declares else draft.item
        if key in rows_by_key:
            faults.append(_repeated(row.number, cells, rows_by_key[key], declares=declares))
        elif declares and key in lines:
            faults += _differences(row.number, draft, lines[key])
            skipped.append((lines[key].item, f"row {row.number}: already declared"))
        else:
            drafts.append(draft)
        rows_by_key[key] = row.number
    if faults:
        raise refuse(faults, _NOTE)
    return Plan(tuple(drafts), tuple(skipped))


def _read(
    kind: Kind, data: bytes, encoding: Encoding | None
) -> tuple[Sequence[TableRow], tuple[str, ...]]:
    """Returns the rows below the headings, and the headings as names of fields and links."""
    allowed = batch_columns(kind)
    hint = f"`traceledger batch {kind.name} --template` writes the headings."
    try:
        sheet = read_sheet(data, encoding, lambda cell: _name(cell) in allowed)
    except MalformedError as error:
        known = "" if error.code == "manifest.heading" else error.hint
        raise MalformedError(error.code, error.message, hint=known or hint) from error
    if not sheet.rows:
        raise MalformedError("manifest.form", "the file is empty; it needs a row of headings")
    head, *rows = sheet.rows
    columns = tuple(map(_name, head.cells))
    faults = [
        RowFault(
            head.number,
            cell,
            excerpt(cell),
            "one column for each field" if name in allowed else _headings(name, allowed),
            "manifest.heading",
        )
        for at, (name, cell) in enumerate(zip(columns, head.cells, strict=True))
        if cell and (name not in allowed or name in columns[:at])
    ]
    faults += [
        RowFault(
            row.number,
            "",
            f"{len(row.cells)} columns",
            f"{len(columns)} columns, as in row {head.number}",
            "manifest.columns",
        )
        for row in rows
        if any(row.cells[len(columns) :]) or len(row.cells) < len(columns)
    ]
    faults += [
        RowFault(row.number, "", excerpt(cell), "a heading above the value", "manifest.heading")
        for row in rows
        for name, cell in zip(columns, row.cells, strict=False)
        if cell and not name
    ]
    if faults:
        raise refuse(faults, _NOTE, hint=hint)
    if not rows:
        raise MalformedError("manifest.form", "the file has no rows below its headings")
    return rows, columns


def _headings(name: str, allowed: Sequence[str]) -> str:
    return f"one of the headings {', '.join(allowed)}{suggest(name, allowed)}"


def _name(heading: str) -> str:
    return heading.strip().lower().replace("-", "_").replace(" ", "_")


def _repeated(number: int, cells: Mapping[str, str], other: int, *, declares: bool) -> RowFault:
    column = "list_line" if declares else "item"
    allowed = f"each only once; row {other} contains it too"
    return RowFault(number, column, excerpt(cells[column]), allowed, "manifest.duplicate")


def _differences(number: int, draft: Draft, line: DeclaredLine) -> list[RowFault]:
    """Lists the fields of a row that differ from the declared line in the ledger."""
    return [
        RowFault(
            number,
            name,
            show_value(value),
            f"{show_value(line.values.get(name))}, as in {line.item}",
            "manifest.amended",
        )
        for name, value in draft.data.items()
        if name != "receipt_sha256" and not is_same_value(name, value, line.values.get(name))
    ]


def _draft(
    kind: Kind, number: int, cells: Mapping[str, str]
) -> tuple[Draft | None, list[RowFault]]:
    faults = [
        RowFault(number, name, excerpt(cell), f"the original value; {damage}", "manifest.value")
        for name, cell in cells.items()
        if (damage := _damage(kind, name, cell))
    ]
    faults += [
        RowFault(
            number,
            rule.name,
            "nothing",
            f"the id of a {' or '.join(rule.chains)}",
            "manifest.value",
        )
        for rule in kind.refs
        if rule.count != "?" and rule.name not in cells
    ]
    damaged = {fault.column for fault in faults}
    identified = {name: cells[name] for name in ("item", *kind.links) if name in cells}
    items: dict[str, str] = {}
    for name, cell in identified.items():
        try:
            items[name] = read_scanned(cell).text
        except MalformedError as error:
            if name not in damaged:
                meant = f"an item id, typed or scanned ({error.message})"
                faults.append(RowFault(number, name, excerpt(cell), meant, error.code))
    fields: dict[str, Any] = {}
    for name, field in kind.fields.items():
        if name not in cells and name not in kind.required:
            continue
        try:
            fields[name] = _value(kind.types[name], cells[name])
        except (KeyError, ValueError):
            given = excerpt(cells[name]) if name in cells else "nothing"
            allowed = f"a value such as {field.example}"
            faults.append(RowFault(number, name, given, allowed, "manifest.value"))
    if faults:
        return None, faults
    draft = Draft(
        kind=kind.name,
        item=items.get("item", ""),
        data=fields,
        occurred=cells.get("occurred") or msgspec.UNSET,
        site=cells.get("site") or msgspec.UNSET,
        refs=tuple(DraftRef(name, items[name]) for name in kind.links if name in items),
    )
    try:
        check_draft(draft)
    except MalformedError as error:
        return None, [_fault(number, draft, error)]
    return draft, []


def _fault(number: int, draft: Draft, error: MalformedError) -> RowFault:
    column = "" if error.where == draft.item else error.where.removeprefix(f"{draft.item}, ")
    given, _, allowed = error.message.partition("; allowed: ")
    return RowFault(
        number, column, given.removesuffix(" given"), allowed or error.message, error.code
    )


def _damage(kind: Kind, name: str, cell: str) -> str:
    identifies = name == "item" or name in kind.links
    return find_error(cell) or (find_damage(cell) if identifies else "")


def _value(expected: Any, cell: str) -> Any:
    """Converts a cell to a field's type; raises ValueError.

    Money is also accepted as `120.00 USD`; all other objects and lists are JSON.
    """
    while get_origin(expected) is Annotated:
        expected = get_args(expected)[0]
    if expected is str or (get_origin(expected) is Literal and get_args(expected) != (True,)):
        return cell
    if expected is Money and (match := _MONEY.fullmatch(cell)):
        return {"amount": match[1], "currency": match[2]}
    if expected is bool or get_origin(expected) is Literal:
        return {"true": True, "false": False}.get(cell.lower(), cell)
    try:
        return json.loads(cell)
    except RecursionError as error:
        raise ValueError(cell) from error
