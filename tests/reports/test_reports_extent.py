"""Figures of a period and cumulative figures stand apart, in every format and language."""

from __future__ import annotations

import io

import openpyxl
import pytest

from tests.audit.accounts import Plant
from tests.audit.acts import counted
from tests.reports.making import Audited, audit_book
from traceledger.audit.scope import Scope
from traceledger.reports.html_page import format_html_page
from traceledger.reports.words import LANGUAGES, Language, words_of
from traceledger.reports.workbook import format_workbook

PERIOD, CUMULATIVE = {"D", "E", "F", "F2"}, {"B", "B2", "C", "F3", "F4", "F5", "G", "G2"}


@pytest.fixture(scope="module")
def audited() -> Audited:
    """A book that starts in the middle, so that its period is not that of its lines."""
    plant = Plant()
    line = plant.declare_in(3, "3.000")
    plant.import_core(line, state="ACCEPTED")
    counted(plant, "1", opening=True)
    plant.build("1.000", plant.import_core(line, state="ACCEPTED"))
    return audit_book(plant)


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_shows_them_under_headings(audited: Audited, language: Language) -> None:
    """Defends against a sum of two figures that are about different entries."""
    report = audited.report(language)
    page = format_html_page(report).decode()
    _, period, cumulative, lists = page.split('<h1 class="part">')
    start = next(iter(audited.source.account["books"]))["from_size"]
    heading, stated = period.partition("</h1>")[0], f"{start:,}"
    assert start > 1
    assert stated in heading
    assert cumulative.startswith(words_of(language)("extent.cumulative", last="").rstrip()[:4])
    for part, ids in ((period, PERIOD), (cumulative, CUMULATIVE)):
        assert {sheet.id for sheet in report.sheets if f'<section id="{sheet.id}">' in part} == ids
    assert '<section id="H">' in lists


@pytest.mark.parametrize("language", LANGUAGES)
def test_workbook_has_a_divider_and_a_colour_for_each(audited: Audited, language: Language) -> None:
    words = words_of(language)
    book = openpyxl.load_workbook(io.BytesIO(format_workbook(audited.report(language))))
    names = [page.title.partition(" ")[0] for page in book.worksheets]
    assert names[1] == names[6] == "—"
    assert (set(names[2:6]), set(names[7:15])) == (PERIOD, CUMULATIVE)
    assert book.worksheets[1].title == f"— {words('tab.period')} —"
    tabs = [page.sheet_properties.tabColor for page in book.worksheets[1:15]]
    colours = ["" if tab is None else tab.rgb for tab in tabs]
    assert len(set(colours[:5])) == len(set(colours[5:])) == 1
    assert colours[0] != colours[5]
    assert "" not in colours
    assert all(
        words("tab.cumulative").lower() in page.title.lower() for page in book.worksheets[6:15]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_printed_sheet_says_what_it_is_about(audited: Audited, language: Language) -> None:
    """Excel allows 255 characters above a page: a sheet of many books had nothing there."""
    plant = Plant()
    plant.import_core(plant.declare_in(1, "1.000"))
    for _ in range(12):
        plant.add("stocktake", plant.book(), {"opening": True})
    many = audit_book(plant, Scope())
    for report, is_short in ((audited.report(language), False), (many.report(language), True)):
        book = openpyxl.load_workbook(io.BytesIO(format_workbook(report)))
        for sheet in report.sheets:
            if sheet.part is not None:
                page = next(page for page in book if page.title.split(" ")[0] == sheet.id)
                header = page.oddHeader
                assert header is not None
                cut = is_short and sheet.part.extent == "period"
                heading = sheet.part.name if cut else sheet.part.heading
                assert header.left.text == heading


def test_overview_of_a_later_period_has_no_figure_of_the_period(audited: Audited) -> None:
    overview = audited.report("en").front.overview
    assert "cumulative" in overview.title
    assert "residual" not in {column.name for column in overview.columns}
    assert all(len(row) == len(overview.columns) for row in overview.rows)


def test_first_account_has_no_parts() -> None:
    plant = Plant()
    plant.import_core(plant.declare_in(1, "1.000"))
    report = audit_book(plant).report("en")
    assert {sheet.part for sheet in report.sheets} == {None}
    assert [sheet.id for sheet in report.sheets][:5] == ["A", "B", "B2", "C", "D"]
