"""The bonded account as text, for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from traceledger.audit.evidence import Evidence
from traceledger.audit.findings.finding import Finding
from traceledger.audit.fold import AccountFold
from traceledger.audit.output import hash_report
from traceledger.codes import CODES
from traceledger.identifiers.excerpt import printable
from traceledger.reports.extent import Extent, describe_extent, is_later
from traceledger.reports.sides import show_side
from traceledger.reports.verdicts import describe_verdict
from traceledger.reports.words import Words, words_of
from traceledger.verify.archive.verdict import ArchiveVerdict
from traceledger_cli.texts.archive_verdict import render_reasons
from traceledger_cli.texts.layout import pairs, width
from traceledger_cli.texts.passport_verdict import headline, section
from traceledger_cli.texts.terminal import style

__all__ = ["render_account"]

Json = dict[str, Any]

_SIGNS = {"closes": "green", "balances": "green", "differs": "red", "not_evaluated": "yellow"}
_COLOURS = {"H": "red", "M": "yellow", "L": "cyan"}
_WIDTH = 76
_MOST = 12
_SUBJECTS = 3
_ENTRIES = 5
_UNKNOWN = "?"
_LINES_IN = (
    ("list or declaration", "document"),
    ("line", "book_line"),
    ("declared", "declared"),
    ("imported", "imported"),
    ("arrived", "arrived"),
    ("diff.", "difference"),
    ("open", "open"),
    ("overdue", "overdue"),
)
_LINES_OUT = (
    ("list or declaration", "document"),
    ("line", "book_line"),
    ("declared", "declared"),
    ("exported", "exported"),
    ("returned", "returned"),
    ("sold", "diverted"),
    ("pending", "pending"),
    ("diff.", "difference"),
)
_CORES = (
    ("line", "book_line"),
    ("opening", "opening"),
    ("in", "imported"),
    ("built in", "consumed"),
    ("apart", "disassembled"),
    ("returned", "returned"),
    ("scrapped", "scrapped"),
    ("sold", "diverted"),
    ("settled", "short_settled"),
    ("close", "close"),
)
_UNITS = (
    ("line", "book_line"),
    ("opening", "opening"),
    ("built", "assembled"),
    ("exported", "exported"),
    ("sold", "diverted"),
    ("scrapped", "scrapped"),
    ("apart", "disassembled"),
    ("close", "close"),
)
_COMPONENTS = (
    ("part", "part"),
    ("opening", "opening"),
    ("harvested", "harvested"),
    ("built in", "consumed"),
    ("scrapped", "scrapped"),
    ("returned", "returned"),
    ("close", "close"),
)
_NEW_PARTS = (
    ("lot", "lot"),
    ("opening", "opening"),
    ("filled", "filled"),
    ("used", "consumed"),
    ("scrapped", "scrapped"),
    ("returned", "returned"),
    ("short", "short"),
    ("close", "close"),
)
_MASS = {"base": "processed"}
_CONSUMPTION = (
    ("unit", "part_no"),
    ("new part", "new_part"),
    ("units", "units"),
    ("declared", "declared"),
    ("used", "consumed"),
)
_LOSSES = (
    ("new part", "new_part"),
    ("used", "consumed"),
    ("scrapped", "scrapped"),
    ("allowed", "allowed"),
)
_WASTE = (
    ("lot", "lot"),
    ("in kg", "in"),
    ("weighed", "weighed"),
    ("destroyed", "destroyed"),
    ("returned", "returned"),
    ("here", "here"),
)


def render_account(account: Json, fold: AccountFold, verdict: ArchiveVerdict) -> str:
    """Renders an account: the verdict, the balances of each book, lots and findings.

    `account` is the JSON of the finished `fold`.
    """
    words, (summed, found) = words_of("en"), fold.finished
    sign = words(f"word.{account['verdict']}")
    sentence = describe_verdict(account, summed.differences(), words)
    findings = list(zip(account["findings"], found, strict=True))
    sections = [
        f"{headline(sign, _SIGNS[account['verdict']], verdict.origin)}\n{sentence}",
        _scope(account, verdict, summed.unattested),
        *render_reasons(verdict),
        *_figures(account, words),
        section("Findings", list(_findings(findings))),
        section("Not evaluated, because a value is not disclosed", _paths(account)),
    ]
    return "\n\n".join(filter(None, sections))


def _scope(account: Json, verdict: ArchiveVerdict, unattested: int) -> str:
    doubt = f"{unattested:,} by parties that the trust file does not name as customs"
    lists = "compared" if account["customs_list"] else "not compared: ledger only"
    return pairs(
        (
            ("period", f"size {account['from_size']:,} to {account['to_size']:,}"),
            ("as of", account["as_of"]),
            ("open cores", account["open_cores"]),
            ("verification", verdict.result),
            ("customs' list", lists),
            *((("customs' answers", doubt),) if unattested else ()),
            ("SHA-256", hash_report(account)),
        )
    )


def _figures(account: Json, words: Words) -> Iterator[str]:
    """Yields all tables; of a later period, those that it limits stand apart from the others."""
    parts = [(f"Book {book.get('number') or book['book']}", book) for book in account["books"]]
    if account["no_book"]:
        parts.append(("Without a declaration line", account["no_book"]))
    new_parts = section("New parts", _table(_NEW_PARTS, account["new_parts"]))
    if not is_later(account):
        for title, part in parts:
            yield style(printable(title), bold=True)
            yield from _lines(part)
            yield from _balances(part)
            yield from _totals(part)
        yield new_parts
        yield from _of_all(account)
        return
    yield _heading(account, "period", words)
    for title, part in parts:
        yield style(printable(title), bold=True)
        yield from _balances(part)
    yield new_parts
    yield _heading(account, "cumulative", words)
    for title, part in parts:
        yield style(printable(title), bold=True)
        yield from _lines(part)
        yield from _totals(part)
    yield from _of_all(account)


def _heading(account: Json, extent: Extent, words: Words) -> str:
    text = textwrap.fill(printable(describe_extent(account, extent, words)), _WIDTH)
    return f"{'=' * _WIDTH}\n{style(text, bold=True)}"


def _lines(part: Json) -> Iterator[str]:
    yield section("Inbound lines", _table(_LINES_IN, _named(part.get("lines_in", ()))))
    yield section("Outbound lines", _table(_LINES_OUT, _named(part.get("lines_out", ()))))


def _of_all(account: Json) -> Iterator[str]:
    yield section("Consumption of new parts", _table(_CONSUMPTION, account["consumption"]))
    yield section("Losses of new parts", _table(_LOSSES, account["losses"]))
    yield section("Waste", _table(_WASTE, account["waste"]))


def _named(lines: Sequence[Json]) -> list[Json]:
    """Adds the number under which customs know a line: of its list, otherwise its declaration."""
    return [{**line, "document": _document(line)} for line in lines]


def _document(line: Json) -> str:
    for kind in ("list", "entry"):
        if line.get(f"{kind}_no"):
            return f"{line[f'{kind}_no']}/{line.get(f'{kind}_line') or _UNKNOWN}"
    return str(line["declaration"])


def _balances(part: Json) -> Iterator[str]:
    yield section("Cores", _table(_CORES, part["cores"]))
    yield section("Units", _table(_UNITS, part["units"]))
    yield section("Components", _table(_COMPONENTS, part["components"]))


def _totals(part: Json) -> Iterator[str]:
    mass = [
        (_MASS.get(name, name.replace("_", " ")), figure if figure is not None else _UNKNOWN)
        for name, figure in part["mass"].items()
        if figure != "0"
    ]
    yield section("Mass in kg", [_aligned(mass)] if mass else [])
    yield section("Where the cores are", _fates(part.get("lines_in", [part])))


def _fates(lines: Iterable[Json]) -> list[str]:
    counts: dict[str, int] = {}
    for line in lines:
        for fate, count in line["fate"].items():
            counts[fate] = counts.get(fate, 0) + int(count)
    rows = [(fate.replace("_", " "), str(count)) for fate, count in counts.items()]
    return [_aligned(rows)] if rows else []


def _table(heads: Sequence[tuple[str, str]], rows: Sequence[Json]) -> list[str]:
    """Lays out rows; columns that are 0 everywhere are omitted, as is the middle of a long one."""
    used = [
        (head, name)
        for place, (head, name) in enumerate(heads)
        if place == 0 or any(row.get(name, "0") != "0" for row in rows)
    ]
    if not rows:
        return []
    cells = [[style(head, dim=True) for head, _ in used]]
    cells += [[_cell(row, name) for _, name in used] for row in rows[:_MOST]]
    if len(used) == 1 and ("opening", "opening") in heads:
        return ["no movement, and nothing left"]
    lines = [_aligned(cells)]
    more = len(rows) - _MOST
    return [*lines, f"and {more:,} more; --json lists all"] if more > 0 else lines


def _cell(row: Json, name: str) -> str:
    value = row.get(name, "")
    return _UNKNOWN if value is None else printable(str(value))


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """Aligns the first column to the left and all others, which are numbers, to the right."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (size - width(cell)) if place == 0 else " " * (size - width(cell)) + cell
            for place, (cell, size) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _findings(findings: Iterable[tuple[Json, Finding]]) -> Iterator[str]:
    groups: dict[str, list[tuple[Json, Finding]]] = {}
    for described, finding in findings:
        groups.setdefault(finding.code, []).append((described, finding))
    for code, found in sorted(groups.items(), key=lambda group: _weight(group[1][0][1])):
        severity = found[0][1].severity
        sign, entry = f"{severity} {code}", CODES[code]
        text = textwrap.fill(f"{sign}  {entry.meaning}", _WIDTH, subsequent_indent="  ")
        yield text.replace(sign, style(sign, fg=_COLOURS[severity], bold=True), 1)
        hint = f"What to do: {entry.hint}"
        yield textwrap.fill(hint, _WIDTH, initial_indent="  ", subsequent_indent="  ")
        yield f"  {entry.hint_zh}"
        for described, finding in found[:_SUBJECTS]:
            yield f"  {finding.subject}{_sides(described)}"
            if entries := _entries(finding.evidence):
                yield f"    {entries}"
        if len(found) > _SUBJECTS:
            yield f"  and {len(found) - _SUBJECTS:,} more; --json lists all"


def _weight(finding: Finding) -> tuple[int, str]:
    return "HML".index(finding.severity), finding.code


def _entries(evidence: Evidence) -> str:
    """Names the first entries of the log that are the evidence."""
    shown = [f"{index:,}" for index, _ in evidence.places[:_ENTRIES]]
    more = evidence.count - len(shown)
    if not shown:
        return ""
    noun = "entry" if evidence.count == 1 else "entries"
    return f"{noun} {'; '.join(shown)}{f'; and {more:,} more' if more else ''}"


def _sides(finding: Json) -> str:
    words = words_of("en")
    expected, actual = (
        show_side(finding["code"], finding.get(side, ""), words) for side in ("expected", "actual")
    )
    if expected and actual:
        return printable(f": {expected} expected, {actual} found")
    return printable(f": {actual or expected}") if actual or expected else ""


def _paths(account: Json) -> list[str]:
    paths = account["not_evaluated"]
    more = len(paths) - _MOST
    return [*paths[:_MOST], *([f"and {more:,} more; --json lists all"] if more > 0 else [])]
