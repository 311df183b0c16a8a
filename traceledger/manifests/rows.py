"""Every row judged: what is right becomes a record, everything wrong is listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from traceledger.errors import MalformedError
from traceledger.identifiers import excerpt
from traceledger.manifests.damage import find_error
from traceledger.manifests.faults import ManifestError, RowFault
from traceledger.manifests.headings import AMBIGUOUS, SYNONYMS, heading_key
from traceledger.manifests.sheet import TableRow
from traceledger.manifests.table import HeadCell, Table

__all__ = ["MAX_FAULTS", "Column", "judge_rows", "refuse"]

# A file this wrong is the wrong file; the bound keeps the list of its faults small.
MAX_FAULTS = 100_000


class Column(NamedTuple):
    """A field of a record: how its cell is judged, and whether a value is needed.

    A column that is not `kept` is judged only; the record has no such field.
    """

    field: str
    judge: Callable[[str], object]
    required: bool = True
    kept: bool = True


class _Record(Protocol):
    @property
    def row(self) -> int: ...


Record = TypeVar("Record", bound=_Record)


class _Place(NamedTuple):
    """Where a column's values come from: the cells of a column, a head cell, both or neither."""

    column: Column
    at: int | None
    head: HeadCell | None


class _CellError(Exception):
    """What is wrong with one cell."""

    def __init__(self, allowed: str, code: str = "manifest.value") -> None:
        super().__init__(allowed)
        self.allowed = allowed
        self.code = code


def judge_rows(
    table: Table, columns: Sequence[Column], make: Callable[..., Record], *, key: tuple[str, ...]
) -> tuple[tuple[Record, ...], tuple[RowFault, ...]]:
    """Returns the records of the right rows and the faults of all others, both by row.

    `key` names the fields that no two rows may share; if they do, none of them is right. Raises
    ManifestError with the faults of the whole file when a heading or the head is wrong or a needed
    column is not there, and for more than 100,000 faults.
    """
    at = {field: index for index, field in enumerate(table.fields) if field is not None}
    places = [
        _Place(column, at.get(column.field), table.head.get(column.field)) for column in columns
    ]
    heads, wrong_heads = _judge_heads(places)
    of_file = [*table.faults, *_missing(table, places), *wrong_heads]
    faults = list(of_file)
    records: list[Record] = []
    owners: dict[tuple[object, ...], list[int]] = {}
    for row in table.rows:
        values, wrong = _judge(table, places, heads, row)
        if not wrong and not of_file:
            kept = {c.field: values[c.field] for c in columns if c.kept}
            records.append(make(row=row.number, **kept))
        faults += wrong
        if all(values.get(name) is not None for name in key):
            owners.setdefault(tuple(values[name] for name in key), []).append(row.number)
        if len(faults) > MAX_FAULTS:
            raise refuse(faults, "judging stopped there")
    heading = next((table.headings[at[name]] for name in key if name in at), key[0])
    repeated = [fault for found in owners.items() for fault in _repeated(heading, *found)]
    faults = sorted(faults + repeated, key=lambda fault: fault.row)
    if of_file:
        raise _refuse_file(of_file, faults)
    rows_repeated = {fault.row for fault in repeated}
    return tuple(record for record in records if record.row not in rows_repeated), tuple(faults)


def refuse(
    faults: Sequence[RowFault], note: str = "nothing of the file was used", *, hint: str = ""
) -> ManifestError:
    """Makes the error that carries the faults of a file; the hint is its code's unless given."""
    rows = len({fault.row for fault in faults})
    return ManifestError(
        "manifest.rows",
        f"wrong rows: {rows:,}, faults in them: {len(faults):,}; {note}. The first: {faults[0]}",
        hint=hint,
        faults=faults,
    )


def _refuse_file(of_file: Sequence[RowFault], faults: Sequence[RowFault]) -> ManifestError:
    others = len(faults) - len(of_file)
    more = f"; faults in rows: {others:,}" if others else ""
    return ManifestError(
        of_file[0].code,
        f"wrong headings or values for the whole file: {len(of_file):,}{more};"
        f" nothing of the file was used. The first: {of_file[0]}",
        faults=faults,
    )


def _missing(table: Table, places: Sequence[_Place]) -> list[RowFault]:
    """Lists the columns that are needed and not there."""
    # A heading that was refused may have been meant for one of these.
    keys = {heading_key(fault.column) for fault in table.faults} & AMBIGUOUS.keys()
    refused = {field for key in keys for field in AMBIGUOUS[key]}
    return [
        RowFault(
            table.heading_row,
            column.field,
            "no such column",
            f"a column under one of {', '.join(SYNONYMS[column.field])}",
            "manifest.heading",
        )
        for column, at, head in places
        if column.required and at is None and head is None and column.field not in refused
    ]


def _judge_heads(places: Sequence[_Place]) -> tuple[dict[str, object], list[RowFault]]:
    """Returns the values that hold for all rows, and the faults of those that are wrong."""
    values: dict[str, object] = {}
    faults: list[RowFault] = []
    for column, _, head in places:
        if head is None:
            continue
        try:
            values[column.field] = _value(column, head.value)
        except _CellError as fault:
            faults.append(
                RowFault(
                    head.row, head.heading, excerpt(head.value), fault.allowed, "manifest.head"
                )
            )
    return values, faults


def _judge(
    table: Table, places: Sequence[_Place], heads: dict[str, object], row: TableRow
) -> tuple[dict[str, Any], list[RowFault]]:
    """Returns the values of the right cells and the faults of the others."""
    found, wanted = len(row.cells), len(table.headings)
    if found != wanted:
        return {}, [
            RowFault(
                row.number,
                "",
                f"{found} columns",
                f"{wanted} columns, as in row {table.heading_row}",
                "manifest.columns",
            )
        ]
    values: dict[str, Any] = {}
    faults: list[RowFault] = []
    for place in places:
        field = place.column.field
        cell = "" if place.at is None else row.cells[place.at]
        if not cell and (field in heads or place.at is None or not place.column.required):
            values[field] = heads.get(field)
            continue
        heading = "" if place.at is None else table.headings[place.at]
        try:
            values[field] = _value(place.column, cell)
            _check_head(place.head, heads.get(field), values[field])
        except _CellError as fault:
            given = excerpt(cell) if cell else "nothing"
            faults.append(RowFault(row.number, heading, given, fault.allowed, fault.code))
    return values, faults


def _value(column: Column, cell: str) -> object:
    if not cell:
        raise _CellError("a value; where cells were merged over several rows, each of them has it")
    if missing := find_error(cell):
        raise _CellError(missing)
    try:
        return column.judge(cell)
    except MalformedError as error:
        raise _CellError(error.message, error.code) from error


def _check_head(head: HeadCell | None, wanted: object, value: object) -> None:
    if head is not None and wanted is not None and value != wanted:
        source = f"as row {head.row} has it" if head.row else "as given for the whole file"
        raise _CellError(f"{excerpt(str(wanted))}, {source}")


def _repeated(heading: str, key: tuple[object, ...], numbers: list[int]) -> list[RowFault]:
    """Lists the rows that share a key, each with another one; nothing if there is only one."""
    if len(numbers) == 1:
        return []
    given = excerpt(" / ".join(map(str, key)))
    others = [numbers[1]] + [numbers[0]] * (len(numbers) - 1)
    return [
        RowFault(
            number, heading, given, f"each one once, row {other} has it too", "manifest.duplicate"
        )
        for number, other in zip(numbers, others, strict=True)
    ]
