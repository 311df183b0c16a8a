"""Files that the console gives: the account, reports and evidence."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pytest

from tests.api.console.console import open_page, sign_in
from tests.api.site import NOW, Site, running
from tests.api.test_api_account import make_plant
from tests.world import make_signer
from traceledger.audit.fates import FATES
from traceledger.formats.proof import parse_proof
from traceledger.reports.words import words_of
from traceledger.verify import verify_passport


def test_downloads_are_the_account(shared: Site) -> None:
    """Defends against a download that differs from the page."""
    cookie = sign_in(shared)
    answer = open_page(shared, "/customs/reports/account.json", cookie)
    assert answer.content == shared.get("account", "customs").content
    digest = hashlib.sha256(answer.content).hexdigest()
    for language, words in (("en", "Computed by the ledger"), ("zh-CN", "未经核验")):
        page = open_page(shared, f"/customs/reports/report.html?lang={language}", cookie)
        assert page.headers["content-disposition"] == 'attachment; filename="report.html"'
        assert words in page.text
        assert "traceledger audit mirror --to" in page.text
        assert digest in page.text
        assert "every signature" not in page.text
        stated = words_of("en" if language == "en" else "zh")
        assert stated("not.trust.first-use") in page.text
        assert stated("scope.unjudged") in page.text
        shown = open_page(shared, f"/customs?lang={language}", cookie).text
        assert stated("scope.unjudged").partition("：" if language != "en" else ":")[0] in shown
    with zipfile.ZipFile(io.BytesIO(_file(shared, "report.zip", cookie))) as tables:
        assert "B.csv" in tables.namelist()
        keys = tables.read("K.csv").decode("utf-8-sig")
    assert make_signer("customs").key.kid in keys
    book = openpyxl.load_workbook(io.BytesIO(_file(shared, "report.xlsx", cookie)))
    assert "Computed by the ledger" in str(book.worksheets[0]["B6"].value)


@pytest.mark.parametrize(
    ("language", "name", "headings"),
    [
        ("en", "lines-in", {"Declaration no.", "Imported", "Missing", "Value"}),
        ("zh-CN", "lines-in", {"报关单号", "进口", "短少", "金额"}),
        ("en", "fates", {"Book line", "Missing", "Unit here", "Unit here, kg"}),
        ("zh-CN", "fates", {"备案序号", "短少", "产品在区", "产品在区（千克）"}),
        ("en", "lines-out", {"Book line", "Exported", "Difference", "Due"}),
        ("zh-CN", "lines-out", {"备案序号", "复运出境", "差异", "到期"}),
        ("en", "findings", {"Severity", "Expected", "Found", "Entry"}),
        ("zh-CN", "findings", {"级别", "应有", "实为", "记录号"}),
        ("en", "cores", {"Item", "Where", "Went into", "Left on line"}),
        ("zh-CN", "cores", {"物品", "所在", "去向", "出区商品项"}),
    ],
)
def test_single_tables_have_the_words_of_reports(
    shared: Site, language: str, name: str, headings: set[str]
) -> None:
    """An officer opens them in a spreadsheet, and does not know the names of fields."""
    cookie, words = sign_in(shared), words_of("en" if language == "en" else "zh")
    table = open_page(shared, f"/customs/reports/{name}.csv?lang={language}", cookie)
    assert table.headers["content-disposition"] == "attachment"
    found, *rows = csv.reader(io.StringIO(table.text.removeprefix("\ufeff")))
    assert headings <= set(found)
    assert len(set(found)) == len(found)
    assert rows
    counted = [row[found.index(words("c.unit_here"))] for row in rows if name == "fates"]
    assert all(cell.isdecimal() for cell in counted)
    if name == "cores":
        fates = {words(f"c.{fate}") for fate in FATES}
        assert {row[found.index(words("c.fate"))] for row in rows} <= fates


def _file(site: Site, name: str, cookie: str) -> bytes:
    answer = open_page(site, f"/customs/reports/{name}", cookie)
    assert answer.status_code == 200, answer.text
    return answer.content


def test_evidence_is_verified_by_the_reader(tmp_path: Path) -> None:
    """Defends against evidence that only the server which made it can check."""
    plant = make_plant()
    with running(tmp_path / "ledger", plant) as site:
        cookie, trust = sign_in(site), site.context.policy
        data = open_page(site, "/customs/evidence?figure=/books/1/lines_in/0/imported", cookie)
        assert data.headers["content-disposition"] == 'attachment; filename="evidence.zip"'
        with zipfile.ZipFile(io.BytesIO(data.content)) as files:
            claim = json.loads(files.read("claim.json"))
            assert (claim["value"], len(claim["parts"])) == ("2", 2)
            account = site.get("account", "customs").content
            assert claim["account_sha256"] == hashlib.sha256(account).hexdigest()
            entries = [entry for part in claim["parts"] for entry in part["entries"]]
            items = list(dict.fromkeys(entry["item"] for entry in entries))
            for number, item in enumerate(items, 1):
                passport = files.read(f"passports/{number:04}.json")
                verdict = verify_passport(passport, trust, item, now=NOW, first_use=True)
                seen = {one.event.id for thing in verdict.things for one in thing.events}
                assert {entry["event"] for entry in entries if entry["item"] == item} <= seen
            for entry in entries:
                proof = parse_proof(files.read(f"proofs/{entry['index']}.tlog-proof"))
                assert proof.index == entry["index"]
            commands = files.read("README.txt").decode()
            assert f"--item {items[0]} --trust trust.json" in commands
        found = site.json("account/findings", "customs")["findings"][0]
        query = f"code={found['code']}&subject={quote(found['subject'], safe='')}"
        answer = open_page(site, f"/customs/evidence?{query}", cookie)
        with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
            assert json.loads(files.read("claim.json"))["finding"]["code"] == found["code"]
