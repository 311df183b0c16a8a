"""Words for tests, methods, parts, faults and units in the languages of the pages.

Events contain these words as their writers typed them. `vocabulary.json` lists each term with the
ways in which it is written, and with its text in eight languages. Nothing here is a rule: an
unknown word is shown as it was written.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

import msgspec

__all__ = ["LANGUAGES", "Vocabulary", "describe_vocabulary", "load_vocabulary"]

LANGUAGES = ("en", "zh-CN", "es", "fr", "de", "pt", "ar", "ru")

_SECTIONS = ("tests", "methods", "parts", "faults")
_BETWEEN = (" at ", " in ", " of ")
_NUMBER = re.compile(r"(.+) ([0-9]{1,4})")
_GAPS = re.compile(r"[\s_-]+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The vocabulary for one language.

    `words`, `parts` and `states` map what writers typed, in normal form, to the reader's text;
    `units` maps codes of UN/CEFACT and other spellings to symbols, `codes` the reasons for which
    cores are rejected.
    """

    words: Mapping[str, str]
    parts: Mapping[str, str]
    states: Mapping[str, str]
    patterns: Mapping[str, str]
    units: Mapping[str, str]
    codes: Mapping[str, str]

    def translate(self, text: str) -> str | None:
        """Translates a term, or a phrase such as `worn bearing` or `cracked joint at pin 14`.

        Returns None for words that the vocabulary does not have.
        """
        return self._translate(_normalize(text))

    def symbol(self, unit: str) -> str:
        """Returns the symbol of a unit, empty for plain numbers; an unknown unit as written."""
        return self.units.get(unit, unit)

    def _translate(self, text: str) -> str | None:
        known = self.words.get(text) or self.parts.get(text) or self._state(text)
        if known is not None:
            return known
        for between in _BETWEEN:
            what, found, where = text.partition(between)
            if found:
                parts = self._translate(what), self._translate(where)
                if None not in parts:
                    return self.patterns["at"].format(what=parts[0], where=parts[1])
        if numbered := _NUMBER.fullmatch(text):
            head = self._translate(numbered[1])
            return None if head is None else f"{head} {numbered[2]}"
        return None

    def _state(self, text: str) -> str | None:
        for written, state in self.states.items():
            part = text.removeprefix(f"{written} ")
            if part == text:
                part = text.removesuffix(f" {written}")
            if part != text and part in self.parts:
                return self.patterns["state"].format(state=state, part=self.parts[part])
        return None


@functools.cache
def load_vocabulary(language: str) -> Vocabulary:
    """Reads the vocabulary for one of `LANGUAGES`."""
    data = resources.files(__package__).joinpath("vocabulary.json").read_bytes()
    rows: dict[str, Any] = msgspec.json.decode(data)
    terms = (term for section in _SECTIONS if section != "parts" for term in rows[section].values())
    return Vocabulary(
        words=_by_spelling(terms, language),
        parts=_by_spelling(rows["parts"].values(), language),
        states=_by_spelling(rows["states"].values(), language),
        patterns={name: texts[language] for name, texts in rows["patterns"].items()},
        units={
            written: unit.get(language, unit["text"])
            for unit in rows["units"]
            for written in unit["as"]
        },
        codes={code: rows["faults"][name][language] for code, name in rows["reject_codes"].items()},
    )


def describe_vocabulary(language: str, record: str | None = None) -> dict[str, Any]:
    """Describes the vocabulary for one language as a JSON object, for `static/vocabulary.js`.

    With the text of a `record`, only the terms that occur in it: a page needs few of them.
    """
    rows = asdict(load_vocabulary(language))
    if record is not None:
        normal = _normalize(record)
        for section in ("words", "parts", "states"):
            rows[section] = _occurring(rows[section], normal)
        for section in ("units", "codes"):
            rows[section] = _occurring(rows[section], record)
    return {"language": language, **rows}


def _occurring(rows: Mapping[str, str], text: str) -> dict[str, str]:
    return {written: term for written, term in rows.items() if written in text}


def _by_spelling(terms: Iterable[Mapping[str, Any]], language: str) -> dict[str, str]:
    return {written: term[language] for term in terms for written in term["as"]}


def _normalize(text: str) -> str:
    return _GAPS.sub(" ", unicodedata.normalize("NFKC", text).lower()).strip()
