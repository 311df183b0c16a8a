"""An account with its items and events as an SQLite database, for queries (docs/spec/database.md).

The tables contain figures as exact text. The views, which are documented, show them as numbers.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from traceledger.audit.account import Account
from traceledger.audit.balances import TABLES
from traceledger.audit.behind import find_parts, start_of_path
from traceledger.audit.figures import show
from traceledger.audit.findings.finding import Finding
from traceledger.audit.output import Json, hash_report
from traceledger.audit.stock import part_of
from traceledger.audit.values import Unknown
from traceledger.codes import CODES
from traceledger.errors import ConflictError, StorageError
from traceledger.identifiers.values import format_time
from traceledger.verify.archive.fold import ReplayedEntry

__all__ = ["Contents", "write_database"]

Rows = Iterable[tuple[Any, ...]]

_NO_TERMS = frozenset({"kg", "part_nos", "part_no", "part", "book_line", "lot", "book", "pending"})
_LINES = (
    *("declaration", "direction", "book", "book_line", "list_no", "list_line", "entry_no"),
    *("entry_line", "mode", "hs10", "declared", "counted", "difference", "declared_kg", "kg"),
    *("declared_value", "currency", "due"),
)


class Contents(NamedTuple):
    """What a database contains: an account, its JSON and findings, and the entries of the log.

    The entries have the fields that the reader of the database may see. `before` are the accounts
    as of the sizes, above 1, at which a book starts.
    """

    origin: str
    account: Account
    described: Json
    findings: Sequence[Finding]
    entries: Iterable[ReplayedEntry]
    before: Mapping[int, Account] = MappingProxyType({})


def write_database(path: Path, contents: Contents) -> None:
    """Writes a new database, which is readable only; it appears once it is complete.

    Raises ConflictError `report.exists`, StorageError `store.write`.
    """
    if path.exists():
        raise ConflictError("report.exists", f"{path} already exists")
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(temporary, isolation_level=None)) as database:
            _fill(database, contents)
        temporary.chmod(temporary.stat().st_mode & 0o555)
        temporary.replace(path)
    except (OSError, sqlite3.Error) as error:
        raise StorageError("store.write", f"{path} cannot be written: {error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _fill(database: sqlite3.Connection, contents: Contents) -> None:
    script = resources.files(__package__).joinpath("database.sql").read_text("utf-8")
    database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {script}")
    database.execute("BEGIN")
    for entry in contents.entries:
        _add_event(database, entry)
    account, described = contents.account, contents.described
    _insert(database, "about", _about(contents))
    _insert(database, "thing", _things(account))
    _insert(database, "line", _lines(described))
    _insert(database, "term", _terms(described))
    _insert(database, "finding", _findings(contents.findings))
    _insert(
        database,
        "shown",
        (
            (number, at)
            for number, finding in enumerate(contents.findings, 1)
            for at, _ in finding.evidence.places
        ),
    )
    _insert(database, "part", _parts(contents))
    database.execute("COMMIT")


def _insert(database: sqlite3.Connection, table: str, rows: Rows) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        database.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608 - our own names


def _about(contents: Contents) -> Iterator[tuple[str, str]]:
    described = contents.described
    yield "origin", contents.origin
    yield "account_sha256", hash_report(described)
    for name in ("from_size", "to_size", "as_of", "verdict", "open_cores"):
        yield name, str(described[name])


def _add_event(database: sqlite3.Connection, entry: ReplayedEntry) -> None:
    event, index = entry.event, entry.index
    if event is None:
        return
    payload = event.payload
    signed = format_time(payload.iat)
    place = (index, event.id, payload.sub, event.kind_name, payload.seq)
    row = (*place, payload.occurred, signed, event.kid, payload.iss)
    _insert(database, "entry", [row])
    given = event.fields()
    fields = {name: value for name, value in given.items() if not name.startswith("_")}
    fields |= entry.values()
    _insert(database, "field", ((index, name, _text(value)) for name, value in fields.items()))
    _insert(database, "link", ((index, ref.as_, ref.item) for ref in event.refs))


def _things(account: Account) -> Iterator[tuple[Any, ...]]:
    picture = account.picture
    for item, thing in picture.each():
        is_lot = thing.chain == "lot"
        number = None if is_lot else picture.book_line_of(thing)
        yield (
            item,
            thing.chain,
            thing.life,
            part_of(thing),
            None if is_lot else show(picture.weight(thing)),
            picture.book_of(thing),
            None if number is None or isinstance(number, Unknown) else str(number),
            thing.line,
            thing.root or (item if thing.chain == "core" else ""),
            thing.unit,
            thing.left,
            account.fates.of(item, thing) if thing.chain == "core" else "",
            thing.first,
        )


def _lines(described: Json) -> Iterator[tuple[Any, ...]]:
    for book in described["books"]:
        for direction, counted in (("in", "arrived"), ("out", "left")):
            for line in book[f"lines_{direction}"]:
                due = None if line["due"] is None else "yes" if line["due"] else "no"
                more = {"direction": direction, "book": book["book"], "counted": line[counted]}
                row = {**line, **more, "due": due}
                yield tuple(row.get(name) for name in _LINES)


def _terms(described: Json) -> Iterator[tuple[Any, ...]]:
    for part in (*described["books"], described["no_book"]):
        book = part.get("book", "")
        for table in TABLES:
            for row in part.get(table, ()):
                name = row.get("part" if table == "components" else "book_line", "")
                for term in row.keys() - _NO_TERMS:
                    yield table, book, name, term, row[term], row["kg"].get(term)
        for term, kg in part.get("mass", {}).items():
            yield "mass", book, "", term, None, kg
    for row in described["new_parts"]:
        yield from (
            ("new_parts", row.get("book", ""), row["lot"], term, row[term], None)
            for term in row.keys() - _NO_TERMS
        )
    for row in described["waste"]:
        yield from (
            ("waste", row.get("book", ""), row["lot"], term, None, row[term])
            for term in row.keys() - _NO_TERMS
        )


def _findings(findings: Sequence[Finding]) -> Iterator[tuple[Any, ...]]:
    for number, found in enumerate(findings, 1):
        entry = CODES[found.code]
        texts = (entry.meaning, entry.hint, entry.meaning_zh, entry.hint_zh)
        sides = (found.expected, found.actual, found.evidence.count)
        yield (number, found.code, found.severity, found.subject, *sides, *texts)


def _parts(contents: Contents) -> Iterator[tuple[Any, ...]]:
    """Yields what each figure in pieces sums up, unless it is 0."""
    account, described = contents.account, contents.described
    for path in _figures(described):
        before = contents.before.get(start_of_path(account, described, path))
        for part in find_parts(account, described, path, before):
            for place in part.entries or (None,):
                yield path, part.item, show(part.value), place and place.at


def _figures(described: Json) -> Iterator[str]:
    for at, book in enumerate(described["books"]):
        for table in ("lines_in", "lines_out", *TABLES):
            for place, row in enumerate(book[table]):
                for term in _TERMS & row.keys():
                    if row[term] not in {None, "0"}:
                        yield f"/books/{at}/{table}/{place}/{term}"


_TERMS = frozenset(
    {
        *("imported", "missing", "in_transit", "exported", "returned", "diverted", "pending"),
        *("assembled", "harvested", "consumed", "disassembled", "scrapped", "short_settled"),
        *("close", "here", "open", "overdue"),
    }
)


def _text(value: Any) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
