"""The database of a ledger: its views are as documented and have the figures of the audit."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.api.site import NOW, make_home
from tests.audit.accounts import Plant
from tests.audit.acts import counted
from tests.conftest import SmallDemo
from traceledger.ledger.reading.databases import export_database
from traceledger.views.history import CUSTOMS
from traceledger_cli.main import main

PAGE = Path(__file__).parents[2] / "docs" / "spec" / "database.md"


def export(small_demo: SmallDemo, path: Path, reader: str, code: int = 0) -> Result:
    arguments = ["export", "--sqlite", str(path), "--as", reader, "--trust", str(small_demo.trust)]
    result = CliRunner().invoke(main, [*arguments, "--ledger", str(small_demo.ledger)])
    assert result.exit_code == code, result.output
    return result


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


@pytest.fixture(scope="module")
def written(small_demo: SmallDemo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("database") / "ledger.sqlite"
    export(small_demo, path, "customs")
    return path


@pytest.fixture
def database(written: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(written)) as opened:
        yield opened


@pytest.fixture(scope="module")
def account(small_demo: SmallDemo) -> dict[str, Any]:
    arguments = ["audit", str(small_demo.root / "archive"), "--trust", str(small_demo.trust)]
    result = CliRunner().invoke(main, [*arguments, "--workers", "1", "--json"])
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_views_are_those_of_the_page(database: sqlite3.Connection) -> None:
    names = database.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
    views = {
        name: [row[1] for row in database.execute(f"PRAGMA table_info({name})")]
        for (name,) in names
    }
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|;]+)[^|]*\|$", PAGE.read_text(), re.MULTILINE)
    assert {name: columns.strip().split(", ") for name, columns in rows} == views


def test_examples_of_the_page_find_something(database: sqlite3.Connection) -> None:
    examples = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(examples) >= 4
    for example in examples:
        assert database.execute(example).fetchall(), example


def test_figures_are_those_of_the_audit(
    database: sqlite3.Connection, account: dict[str, Any]
) -> None:
    """Whoever queries the database must not find another account than customs did."""
    (book,) = account["books"]
    for line in book["lines_in"]:
        found = database.execute(
            "SELECT fate, pieces FROM fates WHERE declaration = ?", [line["declaration"]]
        ).fetchall()
        assert dict(found) == {fate: int(pieces) for fate, pieces in line["fate"].items()}
    for row in book["cores"]:
        terms = ("opening", "imported", "consumed", "close", "residual")
        found = database.execute(
            "SELECT opening, imported, consumed, close, residual FROM book_lines"
            " WHERE book_line = ?",
            [row["book_line"]],
        ).fetchall()
        assert found == [tuple(int(row[term]) for term in terms)]
    codes = database.execute("SELECT code, subject, evidence FROM findings").fetchall()
    assert codes == [(one["code"], one["subject"], one["count"]) for one in account["findings"]]
    about = dict(database.execute("SELECT name, value FROM about"))
    assert about["verdict"] == account["verdict"]


def test_parts_of_a_figure_add_up_to_it(
    database: sqlite3.Connection, account: dict[str, Any]
) -> None:
    paths = {path for (path,) in database.execute("SELECT DISTINCT path FROM figure_entries")}
    assert "/books/0/lines_in/0/imported" in paths
    for path in paths:
        found: Any = account
        for step in path.split("/")[1:]:
            found = found[int(step)] if isinstance(found, list) else found[step]
        (total,) = database.execute(
            "SELECT SUM(value) FROM (SELECT DISTINCT item, value FROM figure_entries"
            " WHERE path = ?)",
            [path],
        ).fetchone()
        assert total == float(found), path


def test_parts_of_a_book_that_starts_in_the_middle_add_up(tmp_path: Path) -> None:
    """What came before the first count of the book is its opening, no flow."""
    plant = Plant()
    line = plant.declare_in(2, "2.000")
    plant.import_core(line, state="RECEIVED")
    counted(plant, "1", opening=True)
    later = plant.import_core(line)
    home = make_home(tmp_path / "ledger", plant)
    with closing(home.read(lambda: float(NOW))) as ledger:
        export_database(ledger, tmp_path / "ledger.sqlite", CUSTOMS, ())
    with closing(connect(tmp_path / "ledger.sqlite")) as opened:
        found = opened.execute(
            "SELECT DISTINCT item, value FROM figure_entries WHERE path LIKE '%/cores/0/imported'"
        ).fetchall()
        (imported,) = opened.execute("SELECT imported FROM book_lines").fetchall()
    assert (found, imported) == ([(later, 1)], (1,))


def test_database_cannot_be_changed_or_replaced(
    small_demo: SmallDemo, written: Path, database: sqlite3.Connection
) -> None:
    assert written.stat().st_mode & 0o222 == 0
    with pytest.raises(sqlite3.OperationalError):
        database.execute("DELETE FROM entry")
    assert "report.exists" in export(small_demo, written, "customs", code=7).stderr


def test_public_reader_has_no_restricted_field(small_demo: SmallDemo, tmp_path: Path) -> None:
    """A database that is passed on must not contain more than its reader may see."""
    export(small_demo, tmp_path / "observer.sqlite", "observer")
    with closing(connect(tmp_path / "observer.sqlite")) as opened:
        names = {name for (name,) in opened.execute("SELECT DISTINCT name FROM event_fields")}
        assert "grade" in names
        assert not names & {"unit_value", "entry_no", "net_kg"}
        assert opened.execute("SELECT COUNT(*) FROM declarations WHERE declared").fetchone() == (0,)


def test_archive_and_database_are_not_written_at_once(
    small_demo: SmallDemo, tmp_path: Path
) -> None:
    arguments = ["export", "--as", "customs", "--ledger", str(small_demo.ledger)]
    for more in ([], [str(tmp_path / "a"), "--sqlite", str(tmp_path / "b")]):
        result = CliRunner().invoke(main, [*arguments, *more])
        assert (result.exit_code, "either TARGET or --sqlite" in result.stderr) == (2, True)
