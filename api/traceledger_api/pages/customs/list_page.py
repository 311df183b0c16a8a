"""Customs' own list, compared with the declarations of the account and then forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from traceledger.audit.account import Account
from traceledger.audit.comparison import Match, Side
from traceledger.audit.figures import Figure, show
from traceledger.audit.findings.lists import find_in_lists
from traceledger.errors import UsageError
from traceledger.manifests.conventions import Codes, Conventions, Encoding
from traceledger.manifests.customs_list import read_customs_list, read_list_head
from traceledger.reports.front import GivenList
from traceledger.reports.repeating import list_options
from traceledger.reports.sides import show_measure
from traceledger_api.forms import Upload
from traceledger_api.pages.customs.downloads import format_rows
from traceledger_api.pages.customs.figures import Cell, decimals
from traceledger_api.pages.customs.reports import FORMATS, Compared
from traceledger_api.pages.customs.visit import Visit

__all__ = ["CODES", "ENCODINGS", "compare_list", "draw_comparison", "draw_form", "format_matches"]

_FILES = ("list", "head")

CODES: tuple[Codes, ...] = ("iso", "customs")
ENCODINGS: tuple[Encoding, ...] = ("UTF-8", "GBK", "windows-1252", "Shift-JIS")
_STATUSES = ("only_customs", "only_ledger", "ambiguous", "differs", "equal")
_SHOWN = 500  # lines on the page; the table as CSV has all
_MAX_UNPACKED = 64 * 1024 * 1024  # bytes of a workbook: a server has other readers, too
_FIGURES = ("quantity", "net_kg", "value", "open")


def draw_form(_visit: Visit) -> dict[str, Any]:
    """Returns the values of the page before a list is given."""
    return {
        "encodings": ENCODINGS,
        "codes": CODES,
        "compared": None,
        "reports": [name for name, one in FORMATS.items() if one.is_installed],
    }


def compare_list(visit: Visit, form: Mapping[str, Upload]) -> Compared:
    """Compares the file of a form with the account; nothing of it is kept.

    Raises MalformedError `manifest.*`, UsageError `usage.option` for a form without a file.
    """
    given, head = (found if (found := form.get(name)) and found.file else None for name in _FILES)
    if given is None:
        raise UsageError("usage.option", "the form contains no list", hint="Choose a file.")
    codes, encoding = (form[name].text if name in form else "" for name in ("codes", "encoding"))
    zone = visit.clock.zone
    conventions = Conventions(
        codes=next((known for known in CODES if known == codes), "iso"),
        encoding=next((known for known in ENCODINGS if known == encoding), None),
        zone=zone,
        unpacked=_MAX_UNPACKED,
    )
    values = read_list_head(head.data, conventions) if head else {}
    rows = read_customs_list(given.data, given.file, conventions, values)
    options = list_options(
        [given.file],
        head=head.file if head else "",
        codes=conventions.codes,
        encoding=conventions.encoding or "",
        zone=datetime.fromtimestamp(0, zone).isoformat()[-6:],
    )
    file = GivenList.of(given.file, given.data)
    return Compared(visit.account.compared_with(rows), file, tuple(options))


def draw_comparison(visit: Visit, compared: Compared) -> dict[str, Any]:
    """Returns the values of the page of a comparison, differences first."""
    account = compared.account
    counts = Counter(match.status for match in account.matches)
    ordered = sorted(account.matches, key=lambda match: _STATUSES.index(match.status))
    shown = ordered[:_SHOWN]
    places = {name: _places(shown, name) for name in _FIGURES}
    return {
        **draw_form(visit),
        "compared": {
            "file": compared.file.name,
            "digest": compared.file.digest,
            "rows": len(account.rows),
            "statuses": [(name, counts[name]) for name in _STATUSES],
            "matches": [_draw(visit, match, places) for match in shown],
            "more": len(ordered) - len(shown),
            "findings": [
                {"finding": finding, "name": visit.line_name(finding.subject)}
                for finding in find_in_lists(account)
                if finding.code == "LST-05"
            ],
        },
    }


def format_matches(visit: Visit, account: Account) -> bytes:
    """Formats a comparison as CSV, a row for each key."""
    return format_rows(list(_rows(visit, account)), visit.words.of_reports)


def _rows(visit: Visit, account: Account) -> Iterator[dict[str, Any]]:
    words = visit.words.of_reports
    for match in account.matches:
        kind, number, line = match.key
        row: dict[str, Any] = {
            "key": words(f"key.{kind}", number=number, line=line),
            "status": words(f"v.{match.status}"),
            "fields": [words(f"c.{name}") for name in match.fields],
        }
        for name, side in (("customs", match.customs), ("declared", match.declared)):
            if side is not None:
                figures = {figure: show(getattr(side, figure)) for figure in _FIGURES}
                known = {figure: text for figure, text in figures.items() if text is not None}
                texts = {text: sorted(values) for text, values in side.texts.items()}
                if "measure" in texts:
                    texts["measure"] = [show_measure(unit, words) for unit in texts["measure"]]
                row |= {f"{name}.{cell}": value for cell, value in (known | texts).items()}
        row["counted"] = "" if match.counted is None else str(match.counted)
        row["lines"] = [visit.line_name(line.item) for line in match.lines]
        row["places"] = list(match.places)
        yield row


def _draw(visit: Visit, match: Match, places: Mapping[str, int]) -> dict[str, Any]:
    return {
        "number": f"{match.key[1]} / {match.key[2]}",
        "status": match.status,
        "figures": [
            (
                _cell(match.customs, name, places[name]),
                _cell(match.declared, name, places[name], differs=name in match.fields),
            )
            for name in _FIGURES
        ],
        "texts": [
            {
                "name": name,
                "customs": _text(visit, match.customs, name),
                "ledger": _text(visit, match.declared, name),
            }
            for name in match.fields
            if name not in _FIGURES and match.customs and match.declared
        ],
        "counted": Cell("" if match.counted is None else str(match.counted)),
        "lines": [(visit.short(line.item), visit.item(line.item)) for line in match.lines],
        "places": match.places if match.status in {"only_customs", "ambiguous"} else (),
    }


def _text(visit: Visit, side: Side, name: str) -> str:
    """Returns the values of a column on one side."""
    values = sorted(side.texts.get(name, ()))
    if name == "measure":
        values = [show_measure(unit, visit.words.of_reports) for unit in values]
    return " ".join(values)


def _cell(side: Side | None, name: str, places: int, *, differs: bool = False) -> Cell:
    """Returns a figure of one side, which a list may lack."""
    figure: Figure = getattr(side, name, None)
    return Cell("" if figure is None else show(figure), "", places, differs)


def _places(matches: list[Match], name: str) -> int:
    sides = (side for match in matches for side in (match.customs, match.declared))
    return decimals(show(getattr(side, name)) for side in sides if side is not None)
