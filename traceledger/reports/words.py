"""The words of a report in English and Chinese, by key, from `words.json`."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Literal, NamedTuple

import msgspec

__all__ = ["LANGUAGES", "Entry", "Language", "Words", "other_of", "words_of"]

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def other_of(language: Language) -> Language:
    """Returns the other language."""
    return "en" if language == "zh" else "zh"


class Entry(NamedTuple):
    """The words of a key."""

    en: str
    zh: str


class Words:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """Returns the words of a key, with values filled in.

        A key `NAME.one` replaces `NAME` where the value `n` is 1.
        """
        entries = _read()
        one = entries.get(f"{key}.one") if str(values.get("n")) == "1" else None
        entry = one or entries[key]
        text = entry.zh if self.language == "zh" else entry.en
        return text.format(**values)

    @property
    def rows(self) -> dict[str, Entry]:
        """The words of all languages by key."""
        return _read()


@functools.cache
def words_of(language: Language) -> Words:
    """Returns the words of a language."""
    return Words(language)


@functools.cache
def _read() -> dict[str, Entry]:
    data = resources.files(__package__).joinpath("words.json").read_bytes()
    rows = msgspec.json.decode(data, type=dict[str, dict[str, str]])
    return {key: Entry(row["en"], row["zh"]) for key, row in rows.items()}
