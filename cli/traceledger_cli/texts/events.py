"""Events as text: every value whole, wrapped at the width of a terminal, measurements in rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from traceledger.events.captions import Section, find_label
from traceledger.events.vocabulary import Vocabulary, load_vocabulary
from traceledger.identifiers.excerpt import printable
from traceledger.reports.words import Language
from traceledger.views.answers import Event
from traceledger_cli.texts.layout import width
from traceledger_cli.texts.terminal import style

__all__ = ["render_event"]

_WIDTH = 80
_INDENT = "   "
_GAP = "  "
_LEAST = 24  # columns for values, however long the longest name is

# Fields whose text is a term of the vocabulary, as in `static/story.js` and `sections.js`.
_TERMS = frozenset({"method", "faults", "action", "part"})
_ENGLISH = {
    "title": "{seq}  {kind}  {occurred}, signed by {party}",
    "title.site": "{seq}  {kind}  {occurred} at {site}, signed by {party}",
    "event": "event",
    "entry": "{event} at entry {index:,}",
    "withheld": "withheld",
    "fail": "FAIL",
    "yes": "yes",
    "no": "no",
    "none": "none",
}
_CHINESE = {
    "title": "{seq}  {kind}  {occurred}  签名方 {party}",
    "title.site": "{seq}  {kind}  {occurred}  {site}  签名方 {party}",
    "event": "事件",
    "entry": "{event}，日志第 {index:,} 条",
    "withheld": "未公开字段",
    "fail": "不合格",
    "yes": "是",
    "no": "否",
    "none": "无",
}


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a language. In English, names are those of options and of JSON."""

    language: Language
    say: Mapping[str, str]
    vocabulary: Vocabulary

    def name(self, section: Section, *path: str) -> str:
        """Returns the name of a kind, a field or a link."""
        if self.language == "zh":
            return find_label(section, *path).zh
        return path[-1].replace("_", " ")

    def text(self, field: str, text: str) -> str:
        """Returns the text of a field, a term or a code by its label."""
        if field in _TERMS:
            return self.vocabulary.translate(text) or text
        return self.vocabulary.codes.get(text, text) if field == "reject_codes" else text


def render_event(event: Event, language: Language = "en") -> str:
    """Returns an event as text, no line wider than 80 columns.

    Terms of the vocabulary are shown by their labels, as on the pages; other text as signed.
    """
    words = _words_of(language)
    title = words.say["title.site" if event.site else "title"].format(
        seq=event.seq,
        kind=style(words.name("kinds", event.kind), bold=True),
        occurred=event.occurred,
        site=printable(event.site),
        party=event.party,
    )
    values = _Values(words, event.kind)
    rows = [
        *((words.name("links", ref.as_), [ref.item]) for ref in event.refs),
        *((values.name(name), list(values.lines(name, one))) for name, one in event.data.items()),
        (words.say["withheld"], [", ".join(map(values.name, event.withheld))]),
        (words.say["event"], [words.say["entry"].format(event=event.event, index=event.index)]),
    ]
    return "\n".join([*_wrap(title, _WIDTH), *_pairs(rows)])


def _words_of(language: Language) -> _Words:
    if language == "zh":
        return _Words(language, _CHINESE, load_vocabulary("zh-CN"))
    return _Words(language, _ENGLISH, load_vocabulary("en"))


def _pairs(rows: Sequence[tuple[str, Sequence[str]]]) -> Iterator[str]:
    filled = [(name, [line for line in lines if line]) for name, lines in rows]
    shown = [(name, lines) for name, lines in filled if lines]
    longest = max((width(name) for name, _ in shown), default=0)
    names = min(longest, _WIDTH - len(_INDENT) - len(_GAP) - _LEAST)
    room = _WIDTH - len(_INDENT) - len(_GAP) - names
    for name, lines in shown:
        label = style(name, dim=True) + " " * (names - width(name))
        for part in (part for line in lines for part in _wrap(line, room)):
            yield f"{_INDENT}{label}{_GAP}{part}".rstrip()
            label = " " * names


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of an event of this kind as text."""

    words: _Words
    kind: str

    def name(self, field: str) -> str:
        return self.words.name("fields", self.kind, field)

    def lines(self, field: str, value: Any) -> Iterator[str]:
        """Yields a value as lines: a line for each member of a list of objects."""
        match value:
            case list() if any(isinstance(one, dict) for one in value):
                for one in value:
                    yield self._plain(field, one)
            case _:
                yield self._plain(field, value)

    def _plain(self, field: str, value: Any) -> str:
        match value:
            case bool():
                return self.words.say["yes" if value else "no"]
            case {"amount": str(amount), "currency": str(currency)}:
                return printable(f"{amount} {currency}")
            case {"name": str(), "value": str(), "unit": str()}:
                return self._measurement(value)
            case {"name": str(), "value": str(), "pass": bool()}:
                return self._measurement(value)
            case dict():
                members = value.items()
                return ", ".join(
                    f"{self.name(name)} {self._plain(name, one)}" for name, one in members
                )
            case list():
                return ", ".join(self._plain(field, one) for one in value) or self.words.say["none"]
            case _:
                return printable(self.words.text(field, str(value)))

    def _measurement(self, result: Mapping[str, Any]) -> str:
        """Formats a measurement: `Supply current 0.70 A (0.30–0.60) FAIL`."""
        vocabulary = self.words.vocabulary
        low, high = (printable(str(result.get(name, ""))) for name in ("low", "high"))
        limits = (
            f"{low}–{high}" if low and high else f"≥ {low}" if low else f"≤ {high}" if high else ""
        )
        failed = result.get("pass") is False
        parts = (
            printable(vocabulary.translate(result["name"]) or result["name"]),
            printable(result["value"]),
            printable(vocabulary.symbol(str(result.get("unit", "")))),
            f"({limits})" if limits else "",
            style(self.words.say["fail"], fg="red", bold=True) if failed else "",
        )
        return " ".join(part for part in parts if part)


def _wrap(text: str, room: int) -> Iterator[str]:
    """Breaks a text at spaces, and a longer word anywhere; nothing is lost."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and width(longer) > room:
            yield line
            longer = word
        while width(longer) > room:
            cut = _fitting(longer, room)
            yield longer[:cut]
            longer = longer[cut:]
        line = longer
    yield line


def _fitting(word: str, room: int) -> int:
    """Counts the leading characters of a word that fit."""
    count = taken = 0
    for character in word:
        taken += width(character)
        if taken > room:
            break
        count += 1
    return max(1, count)
