"""Write-off on the command line: the plant reports, customs recompute and confirm."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.conftest import SmallDemo
from traceledger.audit.output import as_reported, hash_report
from traceledger_cli.main import main

Json = dict[str, Any]


class Office:
    """A copy of the demo that its plant and customs write to."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.trust = ("--trust", str(root / "trust.json"), "--workers", "1")
        passphrase = str(root / "passphrase")
        self.writing = ("--ledger", str(root / "ledger"), "--passphrase-file", passphrase)
        self.signing = (*self.writing, "--key-passphrase-file", passphrase)
        (book,) = self.json("audit", str(root / "archive"), *self.trust)["books"]
        self.book: str = book["book"]
        self.number: str = book["number"]

    def run(self, *args: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, args)
        assert result.exit_code == code, f"{result.output}\n{result.exception!r}"
        return result

    def json(self, *args: str, code: int = 0) -> Json:
        found: Json = json.loads(self.run(*args, "--json", code=code).stdout)
        return found

    def report(self, name: str, *more: str, code: int = 0) -> Json:
        """The plant reports a period."""
        key = ("--key", str(self.root / "keys/plant/import-desk"))
        file = ("-o", str(self.root / name))
        given = ("writeoff", self.number, *file, *self.trust, *self.signing, *key, *more)
        return self.json(*given, code=code)

    def confirm(self, *more: str, code: int = 0) -> Json:
        """Customs answer."""
        key = ("--key", str(self.root / "keys/customs/officer"))
        given = ("confirm-writeoff", self.book, *self.trust, *self.signing, *key, *more)
        return self.json(*given, code=code)

    def draft(self, *args: str, key: str) -> Json:
        keys = ("--key", str(self.root / "keys" / key))
        return self.json("event", *args, *self.signing, *keys)

    def publish(self) -> None:
        self.run("checkpoint", *self.writing)

    def audit(self, *more: str, code: int = 0) -> Json:
        return self.json("audit", str(self.root / "ledger"), *self.trust, *more, code=code)


@pytest.fixture
def office(small_demo: SmallDemo, tmp_path: Path) -> Office:
    return Office(shutil.copytree(small_demo.root, tmp_path / "demo"))


def test_next_period_opens_where_the_confirmed_one_closed(office: Office) -> None:
    """What is still there at the end of a period must be there at the start of the next."""
    reported = office.report("first.json")
    data = (office.root / "first.json").read_bytes()
    assert hashlib.sha256(data).hexdigest() == reported["report_sha256"]
    first = json.loads(data)
    assert (first["from_size"], first["to_size"]) == (1, reported["to_size"])
    text = json.dumps(first, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert data == text.encode()
    confirmed = office.confirm("--report", str(office.root / "first.json"))
    assert confirmed["report"] == reported["events"][0]["event"]
    office.publish()
    second = office.report("second.json", "--dry-run")
    assert second["from_size"] == reported["to_size"]
    assert not (office.root / "second.json").exists()
    # The newest checkpoint has no cosignatures, so the verification is incomplete.
    found = office.audit("--from", str(reported["to_size"]), code=4)
    closing = {row["book_line"]: row["close"] for row in first["books"][0]["cores"]}
    opening = {row["book_line"]: row["opening"] for row in found["books"][0]["cores"]}
    assert opening == closing
    assert not [one for one in found["findings"] if one["code"].startswith("WOF")]


def test_customs_confirm_no_report_that_recomputes_otherwise(office: Office) -> None:
    """A signature of customs must never stand for figures that the log contradicts."""
    size = office.audit()["to_size"]
    wanted = ("--to-size", str(size), "--from-size", "1", "--residual-zero", "true")
    false = ("--report-sha256", "ab" * 32)
    report = office.draft("writeoff", office.book, *wanted, *false, key="plant/import-desk")
    error = office.confirm(code=3)["error"]
    assert error["code"] == "writeoff.differs"
    assert f"SHA-256 {'ab' * 32}, residual_zero true is reported" in error["message"]
    (event,) = report["events"]
    refused = office.confirm("--refuse", "--target", event["event"])
    assert refused["result"] == "refused"
    assert office.confirm(code=5)["error"]["code"] == "writeoff.none"
    assert office.report("again.json")["from_size"] == 1


def test_tampered_file_and_direct_confirmation_are_refused(office: Office) -> None:
    """Customs must sign for the file in front of them, and only after the recomputation."""
    reported = office.report("report.json", "--all-books")
    file = office.root / "report.json"
    file.write_bytes(file.read_bytes().replace(b'"declared":"8"', b'"declared":"9"'))
    assert office.confirm("--report", str(file), code=3)["error"]["code"] == "writeoff.file"
    key = ("--key", str(office.root / "keys/customs/officer"))
    direct = ("event", "confirm", office.book, "--result", "confirmed", *office.signing, *key)
    assert office.json(*direct, code=2)["error"]["code"] == "writeoff.recompute"
    assert office.confirm()["report"] == reported["events"][0]["event"]
    empty = office.report("next.json", code=2)["error"]
    assert f"the period begins at {reported['to_size']}" in empty["message"]


COUNTS = '[{"item_class":"core","part_no":"P","quantity":"0","kg":"0","location":"A"}]'


def open_book(office: Office, *more: str) -> None:
    """The plant records the count that opens a book."""
    given = ("--scope", "all", "--counts", COUNTS, "--opening", "true")
    office.draft("stocktake", office.book, *given, *more, key="plant/receiving")


def test_report_of_a_book_that_starts_in_the_middle_begins_at_its_count(office: Office) -> None:
    """The index of a count is seldom a published size."""
    office.book, office.number = "book/SECOND-BOOK-0001", "H80122500002"
    given = ("--number", office.number, "--office", "A", "--class", "processing")
    started = ("--started", "2025-01-01")
    office.draft("open_book", office.book, *given, *started, key="plant/import-desk")
    open_book(office)
    office.publish()
    books = office.audit("--book", office.book, code=4)["books"]
    reported = office.report("first.json")
    assert reported["from_size"] == books[0]["from_size"] > 1
    assert office.confirm()["result"] == "confirmed"


def test_customs_confirm_no_report_that_leaves_out_a_beginning(office: Office) -> None:
    """After a count that claims to open the book, the rules let its first report begin anywhere."""
    cut = sorted(int(path.name) for path in (office.root / "archive/checkpoints").iterdir())[1]
    open_book(office)
    office.publish()
    account = office.audit("--book", office.book, "--from", str(cut), code=4)
    period = ("--from-size", str(cut), "--to-size", str(account["to_size"]))
    zero = ("--residual-zero", str(account["residual_zero"]).lower())
    digest = ("--report-sha256", hash_report(as_reported(account)))
    report = office.draft("writeoff", office.book, *period, *zero, *digest, key="plant/import-desk")
    error = office.confirm(code=3)["error"]
    assert error["code"] == "writeoff.differs"
    assert f"from_size {cut} is reported, the period begins at 1" in error["message"]
    office.confirm("--refuse", "--target", report["events"][0]["event"])
    # Goods have left the book before that count, so it opens nothing, also for an earlier end.
    assert office.report("part.json", "--to", str(cut), "--dry-run")["from_size"] == 1
    assert office.report("whole.json")["from_size"] == 1
