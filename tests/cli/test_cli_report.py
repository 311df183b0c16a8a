"""Reports on the command line: formats, languages, signatures, and what is refused."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import SmallDemo
from tests.samples import STATEMENT, sign_statement
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.note import NoteVerifier
from traceledger.formats.sample import format_sample
from traceledger.formats.vkey import format_vkey
from traceledger.planning.keys import Keys
from traceledger_cli.main import main


def run(*arguments: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert result.exit_code == code, result.output
    return result


def audit(small_demo: SmallDemo, *more: str | Path, code: int = 0) -> Result:
    trust = ("--trust", small_demo.trust, "--workers", "1")
    return run("audit", small_demo.root / "archive", *trust, *more, code=code)


@pytest.fixture(scope="module")
def officer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an officer's key and its passphrase."""
    folder = tmp_path_factory.mktemp("officer")
    (folder / "passphrase").write_text("a long passphrase")
    signer = SoftwareSigner.generate()
    Keys(folder).add("officer", signer, b"a long passphrase")
    verifier = NoteVerifier("customs.example/officer", signer.key)
    (folder / "vkey").write_text(format_vkey(verifier))
    return folder


def signing(officer: Path) -> tuple[str | Path, ...]:
    key = ("--sign", officer / "officer.pem", "--signer", "customs.example/officer")
    return (*key, "--passphrase-file", officer / "passphrase")


def test_json_report_is_the_file_that_the_account_hash_names(
    small_demo: SmallDemo, tmp_path: Path
) -> None:
    shown = audit(small_demo, "--report", tmp_path / "report.json").stdout
    data = (tmp_path / "report.json").read_bytes()
    assert hashlib.sha256(data).hexdigest() in shown
    assert json.loads(data) == json.loads(audit(small_demo, "--json").stdout)


def test_command_on_a_report_stays_true_when_the_log_grows(
    small_demo: SmallDemo, tmp_path: Path
) -> None:
    """A mirror has more entries the day after, and another account."""
    folder = tmp_path / "receipts"
    folder.mkdir()
    report = ("--report", tmp_path / "report.html")
    account = json.loads(audit(small_demo, "--documents", folder, *report, "--json").stdout)
    command = f"traceledger audit archive --to {account['to_size']} --documents receipts;"
    assert command in (tmp_path / "report.html").read_text()


def test_signed_page_is_verified(small_demo: SmallDemo, officer: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    more = ("--language", "zh", "--zone", "+08:00", *signing(officer))
    audit(small_demo, "--report", report, *more)
    assert '<html lang="zh-CN">' in report.read_text()
    assert "+08:00" in report.read_text()
    vkey = ("--key", (officer / "vkey").read_text())
    found = json.loads(run("verify-report", report, *vkey, "--json").stdout)
    assert (found["result"], found["signer"]) == ("signed", "customs.example/officer")
    assert "SIGNED" in run("verify-report", report, *vkey).stdout
    report.write_bytes(report.read_bytes() + b" ")
    assert "report.changed" in run("verify-report", report, *vkey, code=3).stderr


def test_report_whose_signature_cannot_be_written_is_not_left(
    small_demo: SmallDemo, officer: Path, tmp_path: Path
) -> None:
    """An unsigned report would refuse the next attempt, and pass for the one that was wanted."""
    name = "r" * 226 + ".html"  # that of the signature, while it is written, is too long
    command = ("--report", tmp_path / name, *signing(officer))
    assert "store.write" in audit(small_demo, *command, code=9).stderr
    assert list(tmp_path.iterdir()) == []


def test_csv_is_a_zip_or_a_folder(small_demo: SmallDemo, tmp_path: Path) -> None:
    audit(small_demo, "--report", tmp_path / "report.zip")
    audit(small_demo, "--report", tmp_path / "report")
    with zipfile.ZipFile(tmp_path / "report.zip") as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()} == files
    assert {"A.csv", "B.csv", "L.csv", "M.csv"} <= files.keys()


def test_workbook_is_written(small_demo: SmallDemo, tmp_path: Path) -> None:
    audit(small_demo, "--report", tmp_path / "report.xlsx")
    assert zipfile.is_zipfile(tmp_path / "report.xlsx")


@pytest.mark.parametrize(
    ("name", "more", "message"),
    [
        ("report.pdf", (), "allowed: .html"),
        ("there.html", (), "already exists"),
        ("missing/report.html", (), "cannot be written"),
        ("report", ("--sign", "officer.pem"), "a folder cannot be signed"),
        ("report.html", ("--sign", "officer.pem", "--signer", "a b"), "cannot be the name"),
        ("signed.html", ("--sign", "officer.pem"), "signed.html.sig already exists"),
    ],
)
def test_report_that_cannot_be_written_is_refused_before_the_audit(
    small_demo: SmallDemo, tmp_path: Path, name: str, more: tuple[str, ...], message: str
) -> None:
    """An audit of a large archive takes hours; an earlier report is evidence."""
    (tmp_path / "there.html").write_text("kept")
    (tmp_path / "signed.html.sig").write_text("kept")
    arguments = ("audit", small_demo.root / "archive", "--trust", small_demo.trust)
    result = CliRunner().invoke(
        main, [*map(str, arguments), "--report", str(tmp_path / name), *more]
    )
    assert result.exit_code != 0
    assert message in result.stderr
    assert "Verifying" not in result.stderr
    assert (tmp_path / "there.html").read_text() == "kept"


def test_signature_needs_a_report(small_demo: SmallDemo, officer: Path) -> None:
    assert "--sign needs --report" in audit(small_demo, *signing(officer), code=2).stderr


def test_signed_results_state_what_the_sample_shows(tmp_path: Path) -> None:
    key = SoftwareSigner.generate()
    (tmp_path / "a.note").write_bytes(sign_statement(STATEMENT, key))
    vkey = ("--key", format_vkey(NoteVerifier(key.key.kid, key.key)))
    text = run("verify-report", tmp_path / "a.note", *vkey).stdout
    assert "at most 9 of the 9 differ. 1 was not examined and counts as differing." in text
    assert "2025-04-02 10:00 UTC, as the signer states" in text
    found = json.loads(run("verify-report", tmp_path / "a.note", *vkey, "--json").stdout)
    assert found["shows"] == {
        "confidence_percent": 95,
        "frame": 9,
        "drawn": 2,
        "differing": 1,
        "unexamined": 1,
        "most": 9,
    }


def test_results_signed_in_the_future_are_refused(tmp_path: Path) -> None:
    """Defends against a time that nobody compared with any clock."""
    key = SoftwareSigner.generate()
    (tmp_path / "a.note").write_bytes(sign_statement(STATEMENT, key, 32_503_679_999))
    vkey = ("--key", format_vkey(NoteVerifier(key.key.kid, key.key)))
    refused = run("verify-report", tmp_path / "a.note", *vkey, code=3)
    assert "sample.time" in refused.stderr
    assert "SIGNED" not in refused.stdout


def test_wrong_sample_loses_no_account(small_demo: SmallDemo, tmp_path: Path) -> None:
    """An audit of a large archive takes hours; its account does not depend on the samples."""
    (tmp_path / "a.note").write_bytes(sign_statement(STATEMENT, SoftwareSigner.generate()))
    (tmp_path / "a.txt").write_bytes(format_sample(STATEMENT))
    report = ("--report", tmp_path / "report.html", "--sample")
    refused = audit(small_demo, *report, tmp_path / "a.note", code=3)
    assert "sample.signer" in refused.stderr
    assert refused.stdout == audit(small_demo).stdout
    as_json = json.loads(audit(small_demo, *report, tmp_path / "a.note", "--json", code=3).stdout)
    assert as_json.pop("error")["code"] == "sample.signer"
    assert as_json == json.loads(audit(small_demo, "--json").stdout)
    early = audit(small_demo, *report, tmp_path / "a.txt", code=2)
    assert "a.txt" in early.stderr
    assert "Verifying" not in early.stderr
    assert not (tmp_path / "report.html").exists()
