"""Validation of rows: valid rows become records, and all faults of the others are listed."""

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

__all__ = ["MAX_FAULTS", "Column", "read_rows", "refuse"]

# With more faults, the file is most likely the wrong one; the limit bounds the list.
MAX_FAULTS = 100_000


class Column(NamedTuple):
    """A field of a record: the parser of its cells, and whether a value is required.

    A column that is not `kept` is only validated; the record has no such field.
    """

    field: str
    parse: Callable[[str], object]
    required: bool = True
    kept: bool = True


class _Record(Protocol):
    @property
    def row(self) -> int: ...


Record = TypeVar("Record", bound=_Record)


class _Source(NamedTuple):
    """The source of a field's values: a column of the file, a head cell, both or neither."""

    column: Column
    at: int | None
    head: HeadCell | None


class _CellError(Exception):
    """The fault of one cell."""

    def __init__(self, allowed: str, code: str = "manifest.value") -> None:
        super().__init__(allowed)
        self.allowed = allowed
        self.code = code


def read_rows(
    table: Table,
    columns: Sequence[Column],
    make: Callable[..., Record],
    *,
    key: tuple[str, ...] = (),
) -> tuple[tuple[Record, ...], tuple[RowFault, ...]]:
    """Returns the records of the valid rows and the faults of all others, both by row.

    `key` names the fields whose values must be unique, if any; rows that repeat a key are all
    invalid.
    Raises ManifestError with the faults of the whole file if a heading or a head value is invalid
    or a required column is missing, and for more than 100,000 faults.
    """
    at = {field: index for index, field in enumerate(table.fields) if field is not None}
    sources = [
        _Source(column, at.get(column.field), table.head.get(column.field)) for column in columns
    ]
    head_values, head_faults = _read_head(sources)
    file_faults = [*table.faults, *_missing(table, sources), *head_faults]
    faults = list(file_faults)
    records: list[Record] = []
    rows_by_key: dict[tuple[object, ...], list[int]] = {}
    for row in table.rows:
        values, row_faults = _read_row(table, sources, head_values, row)
        if not row_faults and not file_faults:
            kept = {c.field: values[c.field] for c in columns if c.kept}
            records.append(make(row=row.number, **kept))
        faults += row_faults
        if key and all(values.get(name) is not None for name in key):
            rows_by_key.setdefault(tuple(values[name] for name in key), []).append(row.number)
        if len(faults) > MAX_FAULTS:
            raise refuse(faults, "the rows after these were not checked")
    heading = next((table.headings[at[name]] for name in key if name in at), "".join(key[:1]))
    repeated = [fault for found in rows_by_key.items() for fault in _repeated(heading, *found)]
    faults = sorted(faults + repeated, key=lambda fault: fault.row)
    if file_faults:
        raise _refuse_file(file_faults, faults)
    repeated_rows = {fault.row for fault in repeated}
    return tuple(record for record in records if record.row not in repeated_rows), tuple(faults)


def refuse(
    faults: Sequence[RowFault], note: str = "nothing was imported", *, hint: str = ""
) -> ManifestError:
    """Returns the error that lists the faults of a file; the default hint is that of its code."""
    rows = len({fault.row for fault in faults})
    return ManifestError(
        "manifest.rows",
        f"invalid rows: {rows:,}, faults: {len(faults):,}; {note}. First fault: {faults[0]}",
        hint=hint,
        faults=faults,
    )


def _refuse_file(file_faults: Sequence[RowFault], faults: Sequence[RowFault]) -> ManifestError:
    others = len(faults) - len(file_faults)
    more = f", faults in rows: {others:,}" if others else ""
    return ManifestError(
        file_faults[0].code,
        f"faults in headings or values for the whole file: {len(file_faults):,}{more};"
        f" nothing was imported. First fault: {file_faults[0]}",
        faults=faults,
    )


def _missing(table: Table, sources: Sequence[_Source]) -> list[RowFault]:
    """Lists the required columns that are missing."""
    # A refused heading may have been intended for one of these fields.
    keys = {heading_key(fault.column) for fault in table.faults} & AMBIGUOUS.keys()
    refused = {field for key in keys for field in AMBIGUOUS[key]}
    return [
        RowFault(
            table.heading_row,
            column.field,
            "no such column",
            f"a column with one of the headings {', '.join(SYNONYMS[column.field])}",
            "manifest.heading",
        )
        for column, at, head in sources
        if column.required and at is None and head is None and column.field not in refused
    ]


def _read_head(sources: Sequence[_Source]) -> tuple[dict[str, object], list[RowFault]]:
    """Returns the values for the whole file, and the faults of invalid ones."""
    values: dict[str, object] = {}
    faults: list[RowFault] = []
    for column, _, head in sources:
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


def _read_row(
    table: Table, sources: Sequence[_Source], head_values: dict[str, object], row: TableRow
) -> tuple[dict[str, Any], list[RowFault]]:
    """Returns the values of the valid cells and the faults of the others."""
    found, expected = len(row.cells), len(table.headings)
    if found != expected:
        return {}, [
            RowFault(
                row.number,
                "",
                f"{found} columns",
                f"{expected} columns, as in row {table.heading_row}",
                "manifest.columns",
            )
        ]
    values: dict[str, Any] = {}
    faults: list[RowFault] = []
    for column, at, head in sources:
        field = column.field
        cell = "" if at is None else row.cells[at]
        if not cell and (field in head_values or at is None or not column.required):
            values[field] = head_values.get(field)
            continue
        heading = "" if at is None else table.headings[at]
        try:
            values[field] = _value(column, cell)
            _check_head(head, head_values.get(field), values[field])
        except _CellError as fault:
            given = excerpt(cell) if cell else "nothing"
            faults.append(RowFault(row.number, heading, given, fault.allowed, fault.code))
    return values, faults


def _value(column: Column, cell: str) -> object:
    if not cell:
        raise _CellError("a value; if cells were merged, repeat the value in each row")
    if expected := find_error(cell):
        raise _CellError(expected)
    try:
        return column.parse(cell)
    except MalformedError as error:
        raise _CellError(error.message, error.code) from error


def _check_head(head: HeadCell | None, expected: object, value: object) -> None:
    if head is not None and expected is not None and value != expected:
        source = f"as in row {head.row}" if head.row else "as given for the whole file"
        raise _CellError(f"{excerpt(str(expected))}, {source}")


def _repeated(heading: str, key: tuple[object, ...], numbers: list[int]) -> list[RowFault]:
    """Lists the rows that share a key, each with another such row; empty for a single row."""
    if len(numbers) == 1:
        return []
    given = excerpt(" / ".join(map(str, key)))
    others = [numbers[1]] + [numbers[0]] * (len(numbers) - 1)
    return [
        RowFault(
            number, heading, given, f"each only once; row {other} repeats it", "manifest.duplicate"
        )
        for number, other in zip(numbers, others, strict=True)
    ]
