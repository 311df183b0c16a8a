"""Making a report: the model that every format renders."""

from __future__ import annotations

from collections.abc import Iterable

from traceledger.reports.front import Basis, make_front
from traceledger.reports.model import Column, Front, Part, Report, Sheet
from traceledger.reports.sheets.all import make_sheets
from traceledger.reports.sheets.source import Source
from traceledger.reports.words import Language, Words, other_of, words_of

__all__ = ["make_report"]


def make_report(source: Source, basis: Basis, language: Language) -> Report:
    """Makes a report: its front page, the summary as sheet A, and sheets B to O."""
    words = words_of(language)
    front = make_front(source, basis, words)
    sheets = make_sheets(source, words)
    return Report(language, front, (_summary(front, sheets, words), *sheets))


def _summary(front: Front, sheets: Iterable[Sheet], words: Words) -> Sheet:
    """The front page as rows of name and content, and which sheets belong together."""
    parts: dict[Part, list[str]] = {}
    for sheet in sheets:
        if sheet.part is not None:
            parts.setdefault(sheet.part, []).append(f"{sheet.id} {sheet.title}")
    columns = (Column("name", words("c.name")), Column("content", words("c.content")))
    rows = (
        (words("report"), front.title),
        (words("scope.ledger"), front.subtitle),
        (words("verdict"), front.verdict),
        (words_of(other_of(words.language))("verdict"), front.verdict_too),
        (words("sheet.A"), front.summary),
        *front.scope.rows,
        *((words("checked"), text) for text in front.checked),
        *((words("not-checked"), text) for text in front.not_checked),
        *front.made_with.rows,
        *((part.heading, words("clauses").join(titles)) for part, titles in parts.items()),
    )
    return Sheet("A", words("sheet.A"), columns, rows)
