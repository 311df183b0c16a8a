"""All formats of a report say the same, and nothing in them runs."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from importlib import resources
from pathlib import Path

import openpyxl
import pypdfium2  # type: ignore[import-untyped]
import pytest
from openpyxl.utils import get_column_letter
from playwright.sync_api import Browser

from tests.audit.accounts import Plant, day
from tests.reports.making import Audited, audit_book, model_rows, read_csv, read_page, read_workbook
from traceledger.reports.csv_files import format_csv_files
from traceledger.reports.html_page import format_html_page
from traceledger.reports.model import Column, Front, Report, Section, Sheet
from traceledger.reports.numbers import show_number
from traceledger.reports.overview import MOST_LINES
from traceledger.reports.words import LANGUAGES, Language, words_of
from traceledger.reports.workbook import format_workbook
from traceledger.verify.archive.verdict import ArchiveVerdict, Illegal

HOSTILE = '=HYPERLINK("http://evil.example","x")'
MARKUP = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def audited() -> Audited:
    """A ledger with something on most sheets: differences, waste, a correction, hostile texts."""
    plant = Plant()
    line = plant.declare_in(1005, "1005.000", goods_name="Module", origin="DEU")
    cores = [plant.import_core(line, part_no="P-1") for _ in range(5)]
    one, two, three, four, five = cores
    plant.add("receive", five, {"result": "short"})
    for core, grade in ((one, "A"), (two, "C"), (three, "B"), (four, "R")):
        plant.add("receive", core, {"result": "ok"})
        plant.add("inspect", core, {"grade": grade})
    housing, board = plant.strip(two, (HOSTILE, "0.500"), (MARKUP, "0.400"), waste_kg="0.090")
    plant.scrap(board, "0.400")
    unit = plant.build("1.000", one, housing)
    plant.export(unit, plant.declare_out(1, "1.000", destination="USA"))
    plant.send_back(four, plant.declare_out(1, "1.000", destination="ARE"), "1.000")
    plant.amend(line, quantity="5", net_kg="5.000", confirmed=False)
    return audit_book(plant)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_format_has_the_cells_of_the_model(audited: Audited, language: Language) -> None:
    """A court must not find another figure on paper than in the file."""
    report = audited.report(language)
    expected = model_rows(report)
    assert {"A", "B", "B2", "C", "D", "E", "F", "G", "H", "J", "K", "L", "L2", "M"} <= {
        name for name, rows in expected.items() if rows
    }
    assert read_csv(report) == expected
    assert read_workbook(report) == expected
    page = read_page(report)
    for sheet in report.sheets[1:]:
        for printed, row in zip(filter(None, page[sheet.id]), expected[sheet.id], strict=True):
            # A page shows a dash for no figure, and omits columns that say nothing.
            left = [cell for cell in row if cell]
            for cell in printed:
                if cell != "–":
                    left.remove(cell)
            book = {
                cell
                for cell, column in zip(row, sheet.columns, strict=True)
                if column.name == "book"
            }
            assert set(left) <= book, (sheet.id, left)


def test_overview_adds_up_to_what_was_imported(audited: Audited) -> None:
    overview = audited.report("en").front.overview
    *lines, pieces, kg = overview.rows
    assert lines == [("11", "P-1", "5", "1", "1", "0", "0", "0", "3", "0")]
    assert pieces[2:] == ("5", "1", "1", "0", "0", "0", "3", "0")
    assert kg[2:] == ("5", "1", "1", "0", "0", "0", "3", "")


def test_verdict_is_in_both_languages(audited: Audited) -> None:
    english, chinese = audited.report("en").front, audited.report("zh").front
    assert (english.verdict, english.verdict_too) == (chinese.verdict_too, chinese.verdict)
    assert english.digest == chinese.digest
    assert english.verdict.startswith("DIFFERS: ")
    assert chinese.verdict.startswith("不符：")
    assert [row[0] for row in audited.report("en").sheets[0].rows][2:5] == [
        "Verdict",
        "结论",
        "Summary",
    ]


def test_refused_and_incomplete_verifications_are_stated(audited: Audited) -> None:
    """Figures of a ledger that was refused must not look like those of a verified one."""
    illegal = Illegal(7, "event", "life.step", "not allowed")
    given = audited.basis.verdict
    assert isinstance(given, ArchiveVerdict)
    for verdict, words in (
        (replace(given, result="verified"), ""),
        (replace(given, result="incomplete"), "The verification is incomplete."),
        (
            replace(given, result="refused", illegal=(illegal,)),
            "refuses the ledger: 1 event breaks the rules",
        ),
    ):
        front = Audited(audited.source, replace(audited.basis, verdict=verdict)).report("en").front
        assert words in front.summary
        assert ("verification" in front.summary) == bool(words)


def test_answers_by_parties_that_the_trust_file_does_not_name_are_stated(
    audited: Audited,
) -> None:
    """Whoever runs a ledger can admit a party as customs; a reader must not take its word."""
    for count, words in ((0, ""), (1, "1 answer in the name"), (2, "2 answers in the name")):
        details = audited.source.details._replace(unattested=count)
        source = audited.source._replace(details=details)
        stated = " ".join(Audited(source, audited.basis).report("en").front.not_checked)
        assert ("in the name of customs" in stated) == bool(count)
        assert words in stated


def test_waste_that_no_lot_has_is_stated(audited: Audited) -> None:
    """A core can be taken apart into waste that nobody ever sees again."""
    stated = [" ".join(audited.report(language).front.not_checked) for language in LANGUAGES]
    assert "where 0.09 kg of loose waste of disassembly went" in stated[0]
    assert "0.09千克拆解散落废料的去向" in stated[1]
    plant = Plant()
    plant.import_core(plant.declare_in(1, "1.000"))
    assert "loose" not in " ".join(audit_book(plant).report("en").front.not_checked)
    donor = plant.import_core(plant.declare_in(1, "1.000"), state="DONOR")
    plant.strip(donor, ("housing", "0.900"), waste_kg="0.100")
    withheld = audit_book(plant, disclosed=False).report("en").front
    assert "where unknown kg of loose waste" in " ".join(withheld.not_checked)


def test_policy_that_allows_more_than_the_defaults_is_stated() -> None:
    """A plant must not switch checks off where no reader of the report sees it."""
    limits = [{"book": "book/OTHER", "days": 400}]
    wide = {"tolerances": {"weight": "1", "mass": "0.02"}, "late_hours": 8760, "max_days": limits}
    report = audit_book(Plant(**wide)).report
    assert (
        "The policy allows more than the defaults: weight 100% instead of 0.5%;"
        " late after 8,760 h instead of 72; goods stay up to 400 days instead of 365."
    ) in report("en").front.summary
    assert "策略宽于默认值：重量100%（默认0.5%）；" in report("zh").front.summary
    narrow = {"tolerances": {"weight": "0"}, "late_hours": 1, "process_loss": "0.01"}
    assert "defaults" not in audit_book(Plant(**narrow)).report("en").front.summary


def test_texts_that_begin_like_formulas_stay_texts(audited: Audited) -> None:
    """A part's name must not run in an officer's spreadsheet."""
    report = audited.report("en")
    files = format_csv_files(report)
    assert f'"\'{HOSTILE.replace(chr(34), chr(34) * 2)}"' in files["F.csv"].decode("utf-8-sig")
    data = format_workbook(report)
    for cell in (
        cell
        for sheet in openpyxl.load_workbook(io.BytesIO(data)).worksheets
        for row in sheet.iter_rows()
        for cell in row
    ):
        assert cell.data_type in {"s", "n"}
        assert cell.hyperlink is None
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        sheets = [name for name in opened.namelist() if name.startswith("xl/worksheets/sheet")]
        assert not any(re.search(rb"<f[ />]", opened.read(name)) for name in sheets)


def test_page_neither_runs_nor_loads_anything(audited: Audited) -> None:
    page = format_html_page(audited.report("en")).decode()
    assert MARKUP not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "default-src 'none'" in page
    assert not re.search(r"<(?:script|link|img|iframe|a|form)\b", page)
    assert not re.search(r"url\(|@import", page)


def test_sheet_that_holds_no_more_rows_says_so(
    audited: Audited, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("traceledger.reports.workbook._MOST_ROWS", 2)
    report = audited.report("en")
    sheet = next(sheet for sheet in report.sheets if len(sheet.rows) > 2)
    book = openpyxl.load_workbook(io.BytesIO(format_workbook(report)))
    page = next(page for page in book.worksheets if page.title.startswith(sheet.id))
    assert page.max_row == 3
    assert f"{len(sheet.rows) - 1} more rows" in str(page.cell(3, 1).value)


def test_words_of_the_console_and_of_reports_are_the_same() -> None:
    """An officer who compares both must not wonder whether they are two figures."""
    texts = resources.files("traceledger_api") / "locales" / "customs"
    known = {code: json.loads((texts / f"{code}.json").read_text()) for code in ("en", "zh-CN")}
    words = json.loads((resources.files("traceledger.reports") / "words.json").read_text())
    both = {
        name: word["zh"]
        for name, word in words.items()
        if known["en"].get(f"term.{name.removeprefix('c.')}") == word["en"]
    }
    assert len(both) > 20
    assert both == {name: known["zh-CN"][f"term.{name.removeprefix('c.')}"] for name in both}


def test_same_report_is_the_same_file(audited: Audited) -> None:
    """A signature over a report must hold for whoever makes it again."""
    report = audited.report("zh")
    assert format_workbook(report) == format_workbook(report)
    assert format_html_page(report) == format_html_page(report)


def test_workbook_is_ready_to_work_with(audited: Audited) -> None:
    book = openpyxl.load_workbook(io.BytesIO(format_workbook(audited.report("en"))))
    sheet = book["B Inbound lines"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:AC2")
    heads = {cell.value: get_column_letter(cell.column) for cell in sheet[1] if cell.column}
    assert [sheet[f"{heads[name]}2"].value for name in ("Goods", "Origin", "Declared at")] == [
        *("Module", "DEU", f"{day()[:10]} {day()[11:19]} +00:00"),
    ]
    declared, kg = sheet[f"{heads['Declared']}2"], sheet[f"{heads['Declared kg']}2"]
    assert (declared.value, declared.number_format) == (5, "#,##0")
    assert (kg.value, kg.number_format) == (5, "#,##0")
    assert sheet.column_dimensions[heads["Line"]].width >= len("decl/DECLARED-LINE-0001")


def test_unknown_figure_is_a_word_and_never_zero() -> None:
    """A withheld weight that counts as 0 would make an account balance."""
    plant = Plant()
    plant.import_core(plant.declare_in(1, "1.000"))
    report = audit_book(plant, disclosed=False).report("en")
    kg = next(at for at, one in enumerate(report.sheets[1].columns) if one.name == "kg")
    assert report.sheets[1].rows[0][kg] is None
    for tables in (read_csv(report), read_workbook(report)):
        assert tables["B"][0][kg] == "unknown"
    assert "unknown" in read_page(report)["B"][1]


def test_figures_are_grouped_and_never_rounded() -> None:
    assert show_number("-1234567.125", 3) == "−1,234,567.125"
    assert show_number("12", 3) == "12.000"


def test_words_exist_in_both_languages_with_the_same_values() -> None:
    english, chinese = words_of("en"), words_of("zh")
    for key, row in english.rows.items():
        assert row.en.strip() or key == "sentences", key
        assert row.zh.strip() or key == "sentences", key
        names = [set(re.findall(r"\{(\w+)\}", text)) for text in row]
        assert names[0] <= names[1] | {"n"} or key.endswith(".one"), key
    assert chinese("v.H") == "高"


def test_front_page_is_one_sheet_of_paper(browser: Browser, tmp_path: Path) -> None:
    """What an officer signs must not run over to a second sheet."""
    page = browser.new_page()
    for language in LANGUAGES:
        html = tmp_path / f"{language}.html"
        html.write_bytes(format_html_page(_full(language)))
        page.goto(html.as_uri())
        for width in (768, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") == width
        printed = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
        first = printed[0].get_textpage().get_text_range()
        assert words_of(language)("officer") in first
        assert "B · " in printed[1].get_textpage().get_text_range()
    page.close()


def _full(language: Language) -> Report:
    """A report whose front page is as full as it gets."""
    words = words_of(language)
    names = ("imported", "exported", "returned", "destroyed", "diverted", "parts_settled")
    columns = (
        Column("book_line", words("c.book_line"), "code"),
        Column("part_no", words("c.part_no"), "code"),
        *(Column(name, words(f"c.{name}"), "pieces") for name in (*names, "short_settled")),
        Column("open", words("c.open"), "pieces"),
        Column("residual", words("c.residual"), "pieces"),
    )
    figures = ("123456",) * 9
    rows = [(str(line), f"A00344603{line}", *figures) for line in range(1, MOST_LINES + 1)]
    totals = [(words("overview.total"), "", *figures), (words("overview.total_kg"), "", *figures)]
    section = Section("Scope", tuple((name, "value " * 12) for name in "abcdef"))
    items = tuple(words(f"not.{name}", n=2) for name in ("goods", "entered", "list", "documents"))
    front = Front(
        title="Account book H80122500001",
        subtitle="ledger.example/cq-demo",
        verdict=words("verdict.closes"),
        verdict_too=words("verdict.closes"),
        summary=words("summary.zero") * 3,
        scope=section,
        overview=Sheet("A1", words("overview"), columns, (*rows, *totals)),
        checked=items * 2,
        not_checked=items * 2,
        made_with=Section("Audited", section.rows[:4]),
        digest="0" * 64,
    )
    sheet = Sheet("B", "Inbound", columns, tuple(rows))
    return Report(language, front, (Sheet("A", "A", columns[:1], ()), sheet))
