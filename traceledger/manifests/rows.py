"""Every row judged: what is right becomes a record, everything wrong is listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from traceledger.errors import MalformedError
from traceledger.identifiers import excerpt
from traceledger.manifests.faults import ManifestError, RowFault
from traceledger.manifests.headings import SYNONYMS
from traceledger.manifests.table import Table, TableRow

__all__ = ["MOST_FAULTS", "Column", "judge_rows", "refuse"]

# A file this wrong is the wrong file; the bound keeps the list of its faults small.
MOST_FAULTS = 100_000


class Column(NamedTuple):
    """A field of a record: how its cell is judged, and whether a value is needed."""

    field: str
    judge: Callable[[str], object]
    required: bool = True


class _Record(Protocol):
    @property
    def row(self) -> int: ...


Record = TypeVar("Record", bound=_Record)


def judge_rows(
    table: Table, columns: Sequence[Column], make: Callable[..., Record], *, key: tuple[str, ...]
) -> tuple[tuple[Record, ...], tuple[RowFault, ...]]:
    """Returns the records of the right rows and the faults of all others, both by row.

    `key` names the fields that no two rows may share; if they do, none of them is right. Raises
    ManifestError when a needed column is not there, or for more than 100,000 faults.
    """
    places = _places(table, columns)
    records: list[Record] = []
    faults: list[RowFault] = []
    owners: dict[tuple[object, ...], list[int]] = {}
    for row in table.rows:
        values, wrong = _judge(table, places, row)
        if not wrong:
            records.append(make(row=row.number, **values))
        faults += wrong
        if all(name in values for name in key):
            owners.setdefault(tuple(values[name] for name in key), []).append(row.number)
        if len(faults) > MOST_FAULTS:
            raise refuse(faults, "judging stopped there")
    heading = table.headings[table.fields.index(key[0])]
    repeated = [fault for found in owners.items() for fault in _repeated(heading, *found)]
    rows_repeated = {fault.row for fault in repeated}
    return (
        tuple(record for record in records if record.row not in rows_repeated),
        tuple(sorted(faults + repeated, key=lambda fault: fault.row)),
    )


def refuse(faults: Sequence[RowFault], note: str = "nothing of the file was used") -> ManifestError:
    """Makes the error that carries the faults of a file."""
    rows = len({fault.row for fault in faults})
    return ManifestError(
        "manifest.rows",
        f"wrong rows: {rows:,}, faults in them: {len(faults):,}; {note}. The first: {faults[0]}",
        faults=faults,
    )


def _places(table: Table, columns: Sequence[Column]) -> list[tuple[Column, int | None]]:
    """Finds the cell of each column; None for an optional column that the file does not have."""
    at = {field: index for index, field in enumerate(table.fields) if field is not None}
    missing = [
        RowFault(
            1,
            column.field,
            "no such column",
            f"a column under one of {', '.join(SYNONYMS[column.field])}",
            "manifest.heading",
        )
        for column in columns
        if column.required and column.field not in at
    ]
    if missing:
        names = ", ".join(fault.column for fault in missing)
        raise ManifestError(
            "manifest.heading",
            f"row 1 lacks {names}; allowed is {missing[0].allowed}",
            faults=missing,
        )
    return [(column, at.get(column.field)) for column in columns]


def _judge(
    table: Table, places: Sequence[tuple[Column, int | None]], row: TableRow
) -> tuple[dict[str, Any], list[RowFault]]:
    """Returns the values of the right cells and the faults of the others."""
    found, wanted = len(row.cells), len(table.headings)
    if found != wanted:
        return {}, [
            RowFault(
                row.number,
                "",
                f"{found} columns",
                f"{wanted} columns, as in row 1",
                "manifest.columns",
            )
        ]
    values: dict[str, Any] = {}
    faults: list[RowFault] = []
    for column, place in places:
        cell = "" if place is None else row.cells[place]
        if place is None or (not cell and not column.required):
            values[column.field] = None
            continue
        heading = table.headings[place]
        if not cell:
            faults.append(RowFault(row.number, heading, "nothing", "a value", "manifest.value"))
            continue
        try:
            values[column.field] = column.judge(cell)
        except MalformedError as error:
            faults.append(RowFault(row.number, heading, excerpt(cell), error.message, error.code))
    return values, faults


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
