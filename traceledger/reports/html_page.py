"""The report as one HTML file without scripts, links or other files, made to be printed on A4.

The first page contains everything that an officer signs; the sheets follow. Pieces and their kg
share a cell. Everything from the ledger is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import resources

from traceledger.identifiers.excerpt import printable
from traceledger.reports.model import Cell, Column, Front, Part, Report, Section, Sheet
from traceledger.reports.numbers import decimals_of, show_number
from traceledger.reports.words import Words, words_of

__all__ = ["MOST_ROWS", "format_html_page"]

MOST_ROWS = 500
"""The rows of a sheet that are printed; the other formats contain all."""

# Even if something escaped the escaping, it could neither run nor load anything.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy"'
    " content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)
_TAGS = {"en": "en", "zh": "zh-CN"}
_NOT_PRINTED = frozenset({"A"})  # the front page has it


def format_html_page(report: Report) -> bytes:
    """Formats the report as a page."""
    words, front = words_of(report.language), report.front
    style = resources.files(__package__).joinpath("report.css").read_text("utf-8")
    foot = words("account-short", digest=front.digest[:8])
    margins = (
        f"@page {{ @bottom-left {{ content: {_quoted(front.title + ' · ' + foot)} }}"
        ' @bottom-right { content: counter(page) " / " counter(pages) } }'
    )
    sheets = [sheet for sheet in report.sheets if sheet.id not in _NOT_PRINTED]
    lines = [
        "<!doctype html>",
        f'<html lang="{_TAGS[report.language]}">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        _POLICY,
        f"<title>{_text(front.title)} · {_text(words('report'))}</title>",
        f"<style>\n{style}{margins}\n</style>",
        "</head>",
        "<body>",
        *_front(front, words),
        "<main>",
        *_sheets(sheets, words),
        "</main>",
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(lines).encode()


def _front(front: Front, words: Words) -> Iterator[str]:
    yield '<section class="front">'
    yield (
        f'<p class="head"><span>traceledger · {_text(words("report"))}</span>'
        f"<span>{_text(words('account-short', digest=front.digest[:8]))}</span></p>"
    )
    yield f"<h1>{_text(front.title)}</h1>"
    yield f'<p class="sub">{_text(front.subtitle)}</p>'
    yield (
        f'<div class="verdict"><p class="first">{_text(front.verdict)}</p>'
        f"<p>{_text(front.verdict_too)}</p><p>{_text(front.summary)}</p></div>"
    )
    yield from _section(front.scope)
    yield f"<h2>{_text(front.overview.title)}</h2>"
    yield from _table(front.overview, words, totals=2)
    yield '<div class="two">'
    yield from _list(words("checked"), front.checked)
    yield from _list(words("not-checked"), front.not_checked)
    yield "</div>"
    yield from _section(front.made_with)
    yield (
        f'<div class="two signed"><p>{_text(words("officer"))}</p>'
        f"<p>{_text(words('seal'))}</p></div>"
    )
    yield "</section>"


def _section(section: Section) -> Iterator[str]:
    yield f"<h2>{_text(section.title)}</h2>"
    yield "<dl>"
    for name, value in section.rows:
        yield f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>"
    yield "</dl>"


def _list(title: str, items: Iterable[str]) -> Iterator[str]:
    yield f"<div><h2>{_text(title)}</h2><ul>"
    yield from (f"<li>{_text(item)}</li>" for item in items)
    yield "</ul></div>"


def _sheets(sheets: Sequence[Sheet], words: Words) -> Iterator[str]:
    part: Part | None = None
    for sheet in sheets:
        if sheet.part is not None and sheet.part != part:
            part = sheet.part
            yield f'<h1 class="part">{_text(part.heading)}</h1>'
        yield from _sheet(sheet, words)


def _sheet(sheet: Sheet, words: Words) -> Iterator[str]:
    yield f'<section id="{sheet.id}">'
    yield f"<h2>{_text(sheet.id)} · {_text(sheet.title)}</h2>"
    if not sheet.rows:
        yield f"<p>{_text(words('nothing'))}</p>"
    else:
        if any(column.name.startswith("kg.") for column in sheet.columns):
            yield f'<p class="note">{_text(words("over"))}</p>'
        yield from _table(sheet, words)
        more = len(sheet.rows) - MOST_ROWS
        if more > 0:
            yield f'<p class="note">{_text(words("more", n=f"{more:,}"))}</p>'
    yield "</section>"


def _table(sheet: Sheet, words: Words, *, totals: int = 0) -> Iterator[str]:
    """Renders a table; its last `totals` rows are sums, each with a unit of its own."""
    rows = sheet.rows[:MOST_ROWS]
    body = rows[: len(rows) - totals] if totals else rows
    groups = _group(sheet, rows)
    decimals = _decimals(sheet, body)
    yield f'<div class="wide"><table class="of-{len(groups)}">'
    yield f"<thead><tr>{''.join(_heading(sheet.columns, group) for group in groups)}</tr></thead>"
    yield "<tbody>"
    for row in body:
        yield _row(sheet.columns, row, groups, decimals, words)
    yield "</tbody>"
    if totals:
        yield "<tfoot>"
        for row in rows[len(body) :]:
            yield _row(sheet.columns, row, groups, [decimals_of(row)] * len(row), words)
        yield "</tfoot>"
    yield "</table></div>"


def _group(sheet: Sheet, rows: Sequence[tuple[Cell, ...]]) -> list[list[int]]:
    """Returns the columns that share each cell; columns without any value are omitted.

    So is the book, if there is only one, which the front page names.
    """
    groups: dict[str, list[int]] = {}
    for at, column in enumerate(sheet.columns):
        values = {row[at] for row in rows}
        if column.name == "book" and len(values) == 1:
            continue
        if column.is_number or values != {""}:
            name = column.under if column.under in groups else column.name
            groups.setdefault(name, []).append(at)
    return list(groups.values())


def _decimals(sheet: Sheet, rows: Sequence[tuple[Cell, ...]]) -> list[int]:
    """Returns the decimals of each column; all columns in kg have the same."""
    found = [decimals_of(row[at] for row in rows) for at in range(len(sheet.columns))]
    kg = [decimals for decimals, one in zip(found, sheet.columns, strict=True) if one.kind == "kg"]
    return [
        max(kg) if column.kind == "kg" else decimals
        for decimals, column in zip(found, sheet.columns, strict=True)
    ]


def _heading(columns: Sequence[Column], group: Sequence[int]) -> str:
    first = columns[group[0]]
    captions = [_text(first.caption)]
    captions += [
        f"<small>{_text(columns[at].caption)}</small>"
        for at in group[1:]
        if not columns[at].name.startswith("kg.")
    ]
    return f'<th scope="col"{_class(first)}>{"<br>".join(captions)}</th>'


def _row(
    columns: Sequence[Column],
    row: tuple[Cell, ...],
    groups: Sequence[Sequence[int]],
    decimals: Sequence[int],
    words: Words,
) -> str:
    cells = []
    for group in groups:
        first, *others = (_cell(columns[at], row[at], decimals[at], words) for at in group)
        content = "<br>".join([first, *(f"<small>{other}</small>" for other in others)])
        cells.append(f"<td{_class(columns[group[0]])}>{content}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def _cell(column: Column, cell: Cell, decimals: int, words: Words) -> str:
    if cell is None:
        return f"<em>{_text(words('unknown'))}</em>"
    if column.is_number:
        return show_number(cell, decimals) if cell else "–"
    return _text(cell)


def _class(column: Column) -> str:
    kind = "n" if column.is_number else "c" if column.kind == "code" else ""
    return f' class="{kind}"' if kind else ""


def _text(text: str) -> str:
    return escape(printable(text))


def _quoted(text: str) -> str:
    """Quotes a text for CSS inside a style element, which escapes nothing."""
    safe = "".join(c if c.isalnum() or c in " ·.-_" else f"\\{ord(c):x} " for c in printable(text))
    return f'"{safe}"'
