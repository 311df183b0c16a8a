"""The bill of discharge of inward processing: what was entered, disposed of and carried forward.

Its particulars are those of Delegated Regulation (EU) 2015/2446, Article 175 and Annex 71-06, and
of HMRC's bill of discharge (BOD1). Neither prescribes a file; the layout is that of holders of
authorisations: three tables one below the other on a sheet. All three are read, and must add up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from traceledger.audit.comparison import ListRow
from traceledger.errors import MalformedError
from traceledger.manifests import cells, list_cells
from traceledger.manifests.headings import Headings, heading_key
from traceledger.manifests.rows import Column, Record, read_rows, refuse
from traceledger.manifests.sheet import Sheet, TableRow
from traceledger.manifests.table import Table, name_columns

__all__ = ["BILL", "is_bill", "read_bill"]

_CURRENCIES = ("EUR", "GBP", "BGN", "CZK", "DKK", "HUF", "PLN", "RON", "SEK")


def _in_each(name: str) -> tuple[str, ...]:
    """Returns a heading alone and with each currency."""
    return (name, *(f"{name} {currency}" for currency in _CURRENCIES))


_ENTRY = {
    "entry_no": ("MRN", "Movement Reference Number", "Declaration reference"),
    "entry_line": ("Item", "Item number"),
    "qty": ("Qty", "Quantity"),
}
_ENTERED = Headings.of(
    {
        **_ENTRY,
        "hs10": ("Commodity code",),
        "unit": ("Unit",),
        "total_value": _in_each("Customs value"),
    },
    ("Description", "Economic code", *_in_each("Duty suspended")),
)
_DISPOSED = Headings.of(
    {
        "entry_no": ("MRN entered", "Declaration entered"),
        "entry_line": ("Item entered",),
        "qty": _ENTRY["qty"],
        "disposal": ("Disposal reference",),
    },
    (
        *("Date", "Method", "Disposal method", "Commodity code", "Rate of yield"),
        *("Free circulation declaration", "Valuation method", *_in_each("Relief")),
    ),
)
_CARRIED = Headings.of({**_ENTRY, "extension": ("Extension until", "Extension")}, ("Date",))
_BLOCKS = {
    "goods entered": (_ENTERED, frozenset({"entry_no", "entry_line", "qty", "total_value"})),
    "disposals": (_DISPOSED, frozenset({"entry_no", "entry_line", "qty", "disposal"})),
    "carried forward": (_CARRIED, frozenset({"entry_no", "entry_line", "qty", "extension"})),
}
BILL = tuple(known for known, _ in _BLOCKS.values())
"""The headings of the three tables."""
_EUROPEAN = re.compile(r"-?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+),[0-9]{1,9}")
# A group of three after a point or comma; a leading zero shows that it is a decimal one.
_UNCLEAR = re.compile(r"-?[1-9][0-9]{0,2}((\.[0-9]{3})+|(,[0-9]{3})+)")
_PIECE = "{piece}"
_UNITS = {**dict.fromkeys(("p/st", "nar", "pcs"), _PIECE), "kgm": "kg", "kg": "kg"}


class _Key(NamedTuple):
    """An entry: its declaration and item."""

    entry_no: str
    entry_line: int


@dataclass(frozen=True, slots=True)
class _Entered:
    row: int
    entry_no: str
    entry_line: int
    hs10: str | None
    qty: Decimal
    unit: str | None
    total_value: Decimal | None


@dataclass(frozen=True, slots=True)
class _Part:
    """A disposal of goods that were entered, or what is carried forward."""

    row: int
    entry_no: str
    entry_line: int
    qty: Decimal


def is_bill(sheet: Sheet) -> bool:
    """Reports whether a sheet contains the disposals of a bill of discharge."""
    return any(_has(row, "disposals") for row in sheet.rows)


def read_bill(sheet: Sheet, name: str) -> tuple[ListRow, ...]:
    """Reads the goods entered, with what is carried forward; `name` is the name of the file.

    Raises MalformedError `manifest.*` with every fault, and for tables that do not add up.
    """
    starts = {block: _start(sheet, block) for block in _BLOCKS}
    key = (Column("entry_no", cells.document_number), Column("entry_line", list_cells.line))
    quantity = Column("qty", _european)
    table = _cut(sheet, starts, "goods entered")
    entered = _read(
        table,
        (
            *(*key, quantity, Column("unit", str.casefold, required=False)),
            Column("hs10", list_cells.tariff_number, required=False),
            Column("total_value", _european, required=False),
        ),
        _Entered,
        key=_Key._fields,
    )
    parts = {
        block: _read(_cut(sheet, starts, block), (*key, quantity), _Part)
        for block in ("disposals", "carried forward")
    }
    _check_pieces(entered, (*parts["disposals"], *parts["carried forward"]))
    carried = _add_up(entered, parts["disposals"], parts["carried forward"])
    return tuple(_row(one, carried[_key(one)], _currency(table), name) for one in entered)


def _has(row: TableRow, block: str) -> bool:
    known, needed = _BLOCKS[block]
    return needed <= {known.fields.get(heading_key(cell)) for cell in row.cells}


def _start(sheet: Sheet, block: str) -> int:
    found = [at for at, row in enumerate(sheet.rows) if _has(row, block)]
    if len(found) != 1:
        raise MalformedError(
            "manifest.form",
            f"the bill of discharge has {len(found)} tables of {block}; allowed: one each of"
            f" {', '.join(_BLOCKS)}, on one sheet",
        )
    return found[0]


def _cut(sheet: Sheet, starts: dict[str, int], block: str) -> Table:
    """Returns a table of the sheet; rows with one cell are titles of sections."""
    first = starts[block]
    end = min((at for at in starts.values() if at > first), default=len(sheet.rows))
    rows = (row for row in sheet.rows[first:end] if sum(map(bool, row.cells)) > 1)
    return name_columns(Sheet(tuple(rows)), known=_BLOCKS[block][0])


def _read(
    table: Table, columns: Sequence[Column], make: type[Record], *, key: tuple[str, ...] = ()
) -> tuple[Record, ...]:
    rows, faults = read_rows(table, columns, make, key=key)
    if faults:
        raise refuse(faults, "a list is never read in part")
    return rows


def _european(cell: str) -> Decimal:
    """Parses a number with a decimal comma or a decimal point; refuses what could be either."""
    if _UNCLEAR.fullmatch(cell):
        raise MalformedError(
            "manifest.value", "a number without thousands separators, such as 1234 or 1234,50"
        )
    if _EUROPEAN.fullmatch(cell):
        cell = cell.replace(".", "").replace(",", ".")
    sign = -1 if cell.startswith("-") else 1
    return sign * list_cells.decimal(cell.removeprefix("-"))


def _key(row: _Entered | _Part) -> _Key:
    return _Key(row.entry_no, row.entry_line)


def _check_pieces(entered: Sequence[_Entered], parts: Sequence[_Part]) -> None:
    """Refuses a fraction of a piece: it is a number that was read in another way than written."""
    counted = {_key(one) for one in entered if _UNITS.get(one.unit or "") == _PIECE}
    rows: tuple[_Entered | _Part, ...] = (*entered, *parts)
    for row in rows:
        if _key(row) in counted and row.qty % 1:
            raise MalformedError(
                "manifest.value",
                f"row {row.row}: {row.qty} pieces of {row.entry_no} item {row.entry_line};"
                " pieces are whole",
            )


def _add_up(
    entered: Sequence[_Entered], disposals: Sequence[_Part], carried: Sequence[_Part]
) -> dict[_Key, Decimal]:
    """Returns what is carried forward of each entry.

    Some programs write what was destroyed with a minus, others what was put back; only the sum
    shows which.
    """
    sums = dict.fromkeys(map(_key, entered), Decimal(0))
    gone: dict[_Key, list[Decimal]] = {key: [] for key in sums}
    rest = dict.fromkeys(sums, Decimal(0))
    for part in (*disposals, *carried):
        if _key(part) not in sums:
            raise MalformedError(
                "manifest.value",
                f"row {part.row}: {part.entry_no} item {part.entry_line} is not among the goods"
                " entered",
            )
    for one in entered:
        sums[_key(one)] += one.qty
    for part in disposals:
        gone[_key(part)].append(part.qty)
    for part in carried:
        rest[_key(part)] += part.qty
    for key, whole in sums.items():
        disposed = {sum(gone[key], Decimal(0)), sum(map(abs, gone[key]), Decimal(0))}
        if whole - rest[key] not in disposed:
            raise MalformedError(
                "manifest.value",
                f"{key.entry_no} item {key.entry_line} does not add up: {whole} entered,"
                f" {max(disposed)} disposed of, {rest[key]} carried forward",
            )
    return rest


def _currency(table: Table) -> str | None:
    """Returns the currency that the heading of the values names."""
    if "total_value" not in table.fields:
        return None
    word = table.headings[table.fields.index("total_value")].rpartition(" ")[2]
    return word if word in _CURRENCIES else None


def _row(one: _Entered, carried: Decimal, currency: str | None, name: str) -> ListRow:
    unit = _UNITS.get(one.unit or "")
    is_counted = unit == _PIECE
    return ListRow(
        file=name,
        row=one.row,
        list_no=None,
        list_line=None,
        entry_no=one.entry_no,
        entry_line=one.entry_line,
        direction="in",
        book_no=None,
        book_line=None,
        part_no=None,
        mode=None,
        hs10=one.hs10,
        quantity=one.qty if is_counted else None,
        unit=unit if is_counted else None,
        net_kg=one.qty if unit == "kg" else None,
        value=one.total_value,
        currency=currency if one.total_value is not None else None,
        country=None,
        open=carried if is_counted else None,
    )
