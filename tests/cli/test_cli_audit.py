"""The account on the command line: what it shows, and its exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import SmallDemo
from traceledger_cli.main import main

pytestmark = pytest.mark.usefixtures("small_demo")


def audit(small_demo: SmallDemo, *more: str, source: str = "archive", code: int = 0) -> Result:
    trust = ("--trust", str(small_demo.trust))
    arguments = ["audit", str(small_demo.root / source), *trust, "--workers", "1", *more]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == code, result.output
    return result


def test_account_of_an_archive_shows_the_fate_of_every_core(small_demo: SmallDemo) -> None:
    text = audit(small_demo).stdout
    assert "BALANCES" in text
    assert "Where the cores are" in text
    assert "QD801225E000000002/1" in text  # several outbound lines have the same book line
    assert max(map(len, text.splitlines())) <= 80
    found = json.loads(audit(small_demo, "--json").stdout)
    assert found["format"] == "traceledger/account/v1"
    (book,) = found["books"]
    fates = [int(n) for line in book["lines_in"] for n in line["fate"].values()]
    assert sum(fates) == sum(int(line["imported"]) for line in book["lines_in"]) == 25


def test_demo_closes_with_the_two_findings_of_its_story(small_demo: SmallDemo) -> None:
    """The demo is an example to follow: its figures must hold before customs' eyes."""
    found = json.loads(audit(small_demo, "--json").stdout)
    assert [finding["code"] for finding in found["findings"]] == ["COR-03", "INT-06"]
    assert (found["verdict"], found["residual_zero"]) == ("balances", True)
    (book,) = found["books"]
    assert {line["difference"] for line in (*book["lines_in"], *book["lines_out"])} == {"0"}
    assert book["mass"]["loss"] == "0"


def test_people_read_hours_and_programs_read_seconds(small_demo: SmallDemo) -> None:
    """Nobody sees from 259200 that a record is a day late."""
    found = json.loads(audit(small_demo, "--json").stdout)["findings"]
    (late,) = (one for one in found if one["code"] == "INT-06")
    assert (late["expected"], late["actual"].isdecimal()) == ("259200", True)
    text = audit(small_demo).stdout
    assert ": 72 h expected, " in text
    entry = next(line for line in text.splitlines() if line.startswith("      entr"))
    assert entry.split()[1].rstrip(";").replace(",", "").isdecimal()


def test_folder_of_a_ledger_has_the_account_of_its_archive(small_demo: SmallDemo) -> None:
    archived = audit(small_demo, "--json").stdout
    assert audit(small_demo, "--json", source="ledger").stdout == archived


def test_period_joins_the_one_before(small_demo: SmallDemo) -> None:
    """A plant must not lose pieces between two reports."""
    archive = small_demo.root / "archive"
    sizes = sorted(int(path.name) for path in (archive / "checkpoints").iterdir())
    cut = str(sizes[len(sizes) // 2])
    first = json.loads(audit(small_demo, "--to", cut, "--json").stdout)
    second = json.loads(audit(small_demo, "--from", cut, "--json").stdout)
    closing = {row["book_line"]: row["close"] for row in first["books"][0]["cores"]}
    opening = {row["book_line"]: row["opening"] for row in second["books"][0]["cores"]}
    assert closing == opening
    text = audit(small_demo, "--from", cut).stdout
    period, _, cumulative = text.partition("Cumulative figures: from the beginning to entry ")
    assert f"Figures of the period: entries {int(cut):,} to " in period
    assert "  built in" in period
    for table in ("Inbound lines", "Mass in kg", "Where the cores are", "Waste"):
        assert table in cumulative
        assert table not in period
    assert "\nCores\n" not in cumulative
    assert "umulative" not in audit(small_demo, "--to", cut).stdout
    nothing = audit(small_demo, "--from", str(sizes[-1])).stdout
    assert "Cores\n  no movement, and nothing left" in nothing
    assert first["to_size"] == second["from_size"] == int(cut)


def test_period_begins_and_ends_at_published_sizes(small_demo: SmallDemo) -> None:
    """Between two checkpoints, an assembly may be half done."""
    result = audit(small_demo, "--to", "77", code=2)
    assert "77 is no published size; the nearest is" in result.stderr


def test_finding_of_the_given_severity_fails(small_demo: SmallDemo) -> None:
    assert "finding" not in audit(small_demo, "--fail-on", "H").stderr
    late = ("--as-of", "2027-01-01T00:00:00Z")
    text = audit(small_demo, *late, "--fail-on", "H", code=3).stdout
    assert "TIM-01" in text
    assert " 365 days expected, " in text
    assert "DIFFERS" in text
    assert "Differences are 0, but" in text


def test_book_that_does_not_exist_has_no_account(small_demo: SmallDemo) -> None:
    """An account of nothing would close."""
    result = audit(small_demo, "--book", "book/ANOTHER-BOOK-0001", code=5)
    assert "item.unknown" in result.stderr
    assert result.stdout == ""


def test_list_of_customs_shows_what_was_never_entered(
    small_demo: SmallDemo, tmp_path: Path
) -> None:
    message = Path(__file__).parents[1] / "data" / "lists" / "03-inv101.xml"
    report = ("--report", str(tmp_path / "report"), "--language", "zh")
    given = ("--customs-list", str(message), "--fail-on", "H")
    text = audit(small_demo, *given, *report, code=3).stdout
    assert "LST-01" in text
    compared = (tmp_path / "report" / "L3.csv").read_text("utf-8-sig")
    assert "清单 QD" in compared
    assert "list QD" not in compared
    assert "{piece}" not in compared
    assert ",件," in compared
    assert "customs' list  compared" in text


def test_file_that_is_no_list_is_named(small_demo: SmallDemo, tmp_path: Path) -> None:
    (tmp_path / "list.xml").write_text("<html></html>")
    result = audit(small_demo, "--customs-list", str(tmp_path / "list.xml"), code=2)
    assert "list.xml" in result.stderr


def test_folder_of_documents_is_searched(small_demo: SmallDemo, tmp_path: Path) -> None:
    (tmp_path / "receipt.pdf").write_bytes(b"receipt 801220251000012345")
    found = json.loads(audit(small_demo, "--documents", str(tmp_path), "--json").stdout)
    missing = [one for one in found["findings"] if one["code"] == "DOC-01"]
    inbound = {line["declaration"] for line in found["books"][0]["lines_in"]}
    assert len(inbound & {one["subject"] for one in missing}) == 1


def test_damaged_archive_has_no_account(small_demo: SmallDemo, tmp_path: Path) -> None:
    copy = shutil.copytree(small_demo.root / "archive", tmp_path / "copy")
    tile = copy / "tile" / "0" / "000"
    data = bytearray(tile.read_bytes())
    data[99] ^= 1
    tile.write_bytes(data)
    result = audit(small_demo, source=str(copy), code=3)
    assert "REFUSED" in result.stdout
    assert "Book" not in result.stdout


def test_archive_without_independent_trust_is_incomplete(small_demo: SmallDemo) -> None:
    archive = str(small_demo.root / "archive")
    for command in ("audit", "verify"):
        result = CliRunner().invoke(main, [command, archive, "--first-use", "--workers", "1"])
        assert result.exit_code == 4, result.output
        assert "[trust.first-use]" in result.stdout, command


def test_code_of_a_finding_is_explained_in_both_languages() -> None:
    text = CliRunner().invoke(main, ["explain", "QTY-02"]).stdout
    assert "A core is missing" in text
    assert "改单并经海关确认" in text


@pytest.mark.parametrize("word", ["DIFFERS", "not_evaluated", "incomplete"])
def test_word_of_a_verdict_is_explained(word: str) -> None:
    """It is the first word that an officer sees."""
    result = CliRunner().invoke(main, ["explain", word])
    assert result.exit_code == 0, result.output
    assert "What to do: " in result.stdout
    assert "处理：" in result.stdout
