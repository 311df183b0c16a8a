"""The printed form of a Chinese declaration (报关单) as a sheet: several rows for each item.

Below each other stand the line of the declaration and, in brackets, that of the book; statutory and
declared quantities, in an order that depends on the program; unit price, total and currency; and
the name of a country and its code. `unfold` writes each item as one row of a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from traceledger.errors import MalformedError
from traceledger.manifests.headings import heading_key
from traceledger.manifests.sheet import Sheet, TableRow

__all__ = ["find_headings", "unfold"]

_LINE, _CODE, _QUANTITY, _PRICE = "项号", "商品编号", "数量及单位", "单价/总价/币制"
_ORIGIN, _DESTINATION = "原产国(地区)", "最终目的国(地区)"
_NEEDED = frozenset({_LINE, _CODE, _QUANTITY, _PRICE})
_NAMES = (
    *(_LINE, "备案序号", _CODE, "成交数量", "成交计量单位", "净重", "总价", "币制"),
    *(_ORIGIN, _DESTINATION),
)
_AMOUNT = re.compile(r"([0-9.,]+)\s*(\D+)")
_BRACKETS = re.compile(r"\((.+)\)")
_KILOGRAM = "千克"
_TITLE_ROWS = 30
# Goods may have a name that begins so, which stands in a row of its own.
_TOTAL = re.compile(r"(合计|总计|小计)\s*([：:(（].*)?")


def find_headings(sheet: Sheet) -> TableRow | None:
    """Returns the row with the headings of such a form, None if the sheet is none."""
    for row in sheet.rows[:_TITLE_ROWS]:
        if {heading_key(name) for name in _NEEDED} <= {heading_key(cell) for cell in row.cells}:
            return row
    return None


def unfold(sheet: Sheet, headings: TableRow) -> Sheet:
    """Returns the sheet with one row for each item; the rows above the headings stay.

    Raises MalformedError `manifest.value` with the row of an item whose quantities or prices are
    unclear.
    """
    columns = {heading_key(cell): place for place, cell in enumerate(headings.cells)}
    above = [row for row in sheet.rows if row.number < headings.number]
    below = [row for row in sheet.rows if row.number > headings.number]
    items = [_item(rows, columns) for rows in _items(below, columns[heading_key(_LINE)])]
    return Sheet((*above, TableRow(headings.number, _NAMES), *items))


def _items(rows: Sequence[TableRow], place: int) -> Iterator[list[TableRow]]:
    """Yields the rows of each item; its first has the line, and totals end the form."""
    found: list[TableRow] = []
    for row in rows:
        is_first = place < len(row.cells) and row.cells[place].isdecimal()
        if not is_first and any(map(_TOTAL.fullmatch, row.cells)):
            break
        if is_first:
            if found:
                yield found
            found = []
        found.append(row)
    if found:
        yield found


def _item(rows: Sequence[TableRow], columns: dict[str, int]) -> TableRow:
    def under(name: str) -> list[str]:
        place = columns.get(heading_key(name), -1)
        cells = (row.cells[place] for row in rows if 0 <= place < len(row.cells))
        return [cell for cell in cells if cell]

    def in_brackets(name: str) -> str:
        return next((match[1] for cell in under(name) if (match := _BRACKETS.fullmatch(cell))), "")

    number = rows[0].number
    quantity, unit, kg = _quantities(under(_QUANTITY), number)
    prices = under(_PRICE)
    if len(prices) != 3:
        raise _unclear(number, _PRICE, prices, "unit price, total and currency")
    line, code = under(_LINE), under(_CODE)
    cells = (
        *(line[0] if line else "", in_brackets(_LINE), code[0] if code else ""),
        *(quantity, unit, kg, *prices[1:], in_brackets(_ORIGIN), in_brackets(_DESTINATION)),
    )
    return TableRow(number, cells)


def _quantities(written: Sequence[str], number: int) -> tuple[str, str, str]:
    """Returns quantity and unit, and the weight in kilograms, empty if there is none.

    A declared quantity in pieces is the only one that is no weight, wherever it stands.
    """
    amounts: set[tuple[str, str]] = set()
    for cell in written:
        match = _AMOUNT.fullmatch(cell)
        if match is None:
            raise _unclear(number, _QUANTITY, written, "numbers with their units")
        amounts.add((match[1], match[2].strip()))
    weights = {amount for amount in amounts if amount[1] == _KILOGRAM}
    counts = amounts - weights or weights
    if len(counts) != 1 or len(weights) > 1:
        raise _unclear(number, _QUANTITY, written, "one quantity, and at most one weight in 千克")
    (quantity, unit), kg = counts.pop(), next(iter(weights), ("", ""))[0]
    return quantity, unit, kg


def _unclear(number: int, name: str, written: Sequence[str], allowed: str) -> MalformedError:
    given = ", ".join(written) or "nothing"
    return MalformedError(
        "manifest.value", f"row {number}, {name}: given {given}; allowed: {allowed}"
    )
