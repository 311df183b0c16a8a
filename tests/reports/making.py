"""Reports of small ledgers in memory, and what each format says, read back.

report = audit_book(plant).report("en")                        # of a plant's book
read_csv(report), read_workbook(report), read_page(report)     # rows of cells by sheet, as figures
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import openpyxl

from tests.audit.accounts import Plant
from tests.forging import Forger, audit
from traceledger.audit.fold import AccountFold
from traceledger.audit.registry import RegistryFold
from traceledger.audit.scope import Scope
from traceledger.reports.csv_files import format_csv_files
from traceledger.reports.front import Basis
from traceledger.reports.html_page import format_html_page
from traceledger.reports.model import Report
from traceledger.reports.report import make_report
from traceledger.reports.sheets.source import Source
from traceledger.reports.words import Language, words_of
from traceledger.reports.workbook import format_workbook

__all__ = ["Audited", "Table", "audit_book", "model_rows", "read_csv", "read_page", "read_workbook"]

Table = list[list[str]]
_NUMBER = re.compile(r"[-−]?[0-9,]+(?:\.[0-9]+)?")


@dataclass(frozen=True)
class Audited:
    """An audit from which a test builds the report in each language."""

    source: Source
    basis: Basis

    def report(self, language: Language) -> Report:
        return make_report(self.source, self.basis, language)


def audit_book(plant: Plant, scope: Scope | None = None, **options: Any) -> Audited:
    """Audits a plant's book, or a scope, for a report; options are those of the archive."""
    log = Forger(plant)
    log.publish()
    trust = log.trust()
    scope = scope or Scope(book=plant.book_id)
    account, registry = AccountFold(scope, trust.customs), RegistryFold(scope)
    folds = {"account": account, "registry": registry}
    verdict = audit(log.files(**options), trust, folds=folds)
    source = Source(account.finish(), account.details(), registry.finish(), UTC)
    program = ("traceledger-bonded", "1.0", "0" * 64)
    basis = Basis(verdict, "A" * 43 + "=", "0000 " * 8, program, "traceledger audit a", (), False)
    return Audited(source, basis)


def model_rows(report: Report) -> dict[str, Table]:
    """The cells of the model by sheet, an unknown figure as the word for it."""
    unknown = words_of(report.language)("unknown")
    return {
        sheet.id: [
            [_plain(unknown if cell is None else cell) for cell in row] for row in sheet.rows
        ]
        for sheet in report.sheets
    }


def read_csv(report: Report) -> dict[str, Table]:
    """The cells of the CSV files."""
    tables = {}
    for name, data in format_csv_files(report).items():
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]
        tables[name.removesuffix(".csv")] = [[_plain(cell) for cell in row] for row in rows]
    return tables


def read_workbook(report: Report) -> dict[str, Table]:
    """The cells of the workbook."""
    book = openpyxl.load_workbook(io.BytesIO(format_workbook(report)))
    return {
        sheet.title.partition(" ")[0]: [
            [_plain("" if cell.value is None else str(cell.value)) for cell in row]
            for row in sheet.iter_rows(min_row=2)
        ]
        for sheet in book.worksheets
    }


def read_page(report: Report) -> dict[str, list[list[str]]]:
    """The texts of each table of the page, all that share a cell apart, sorted within a row."""
    parser = _Page()
    parser.feed(format_html_page(report).decode())
    return parser.tables


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, Table] = {}
        self._id = ""
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self._id = dict(attrs).get("id") or "front"
            self.tables.setdefault(self._id, [])
        elif tag == "tr":
            self.tables[self._id].append([])
        elif tag == "td":
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.tables[self._id][-1].append(_plain(data))


def _plain(text: str) -> str:
    """A figure in its shortest form, whatever the format adds; a text without its apostrophe."""
    text = text.removeprefix("'")
    if not _NUMBER.fullmatch(text) or (text.startswith("0") and len(text.partition(".")[0]) > 1):
        return text
    value = Decimal(text.replace(",", "").replace("−", "-"))
    shortest = format(value, "f")
    return shortest.rstrip("0").rstrip(".") if "." in shortest else shortest
