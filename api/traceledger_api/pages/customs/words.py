"""The texts of the console in English and Chinese, with those of findings and captions."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from babel import Locale

from traceledger.codes import CODES
from traceledger.events.captions import Section, find_label
from traceledger.reports.sides import show_side
from traceledger.reports.words import Words as ReportWords
from traceledger.reports.words import words_of
from traceledger_api.pages.words import Words, choose_language

__all__ = ["LANGUAGES", "ConsoleWords", "choose_words", "load_console_words"]

LANGUAGES: Mapping[str, str] = {"en": "English", "zh-CN": "中文"}
"""The languages by tag (BCP 47), each with its native name."""


class ConsoleWords(Words):
    """The texts of one language."""

    @property
    def of_reports(self) -> ReportWords:
        """The words of reports in the same language."""
        return words_of("en" if self.language == "en" else "zh")

    def label(self, section: Section, *path: str) -> str:
        """Returns the caption of a name of the catalogue."""
        label = find_label(section, *path)
        return label.en if self.language == "en" else label.zh

    def meaning(self, code: str) -> str:
        """Returns what a finding means, or its code if this version does not know it."""
        found = CODES.get(code)
        if found is None:
            return code
        return found.meaning if self.language == "en" else found.meaning_zh or found.meaning

    def stated(self, finding: Mapping[str, Any], side: str) -> str:
        """Returns `expected` or `actual` of a finding, with its unit or as a word."""
        text = finding.get(side, "")
        shown = show_side(finding["code"], text, self.of_reports)
        return self.get(f"stated.{text}", shown)

    def hint(self, code: str) -> str:
        """Returns what to do about a finding."""
        found = CODES.get(code)
        if found is None:
            return ""
        return found.hint if self.language == "en" else found.hint_zh or found.hint


@functools.cache
def load_console_words(language: str) -> ConsoleWords:
    """Loads one of `LANGUAGES`."""
    file = resources.files("traceledger_api") / "locales" / "customs" / f"{language}.json"
    texts: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return ConsoleWords(language, texts, Locale.parse(language, sep="-"))


def choose_words(requested: str | None, accepted: str | None) -> ConsoleWords:
    """Chooses the language that a reader asks for: Chinese if it is preferred, else English."""
    return load_console_words("zh-CN" if choose_language(requested, accepted) == "zh-CN" else "en")
