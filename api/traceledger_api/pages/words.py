"""The texts of the pages in eight languages, with dates, numbers and countries in each.

One catalogue per language in `locales/`: flat JSON, keys by meaning, `{name}` for placeholders.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources

from babel import Locale
from babel.core import get_global
from babel.dates import format_skeleton
from babel.units import format_unit

__all__ = ["LANGUAGES", "SERVER_WORDS", "Words", "choose_language", "load_words"]

LANGUAGES = {
    "en": "English",
    "zh-CN": "中文",
    "es": "Español",
    "fr": "Français",
    "de": "Deutsch",
    "pt": "Português",
    "ar": "العربية",
    "ru": "Русский",
}
"""The languages by tag (BCP 47), each with its native name."""

SERVER_WORDS = ("find.", "large.", "share.", "unknown.")
"""The beginnings of the keys that only templates use; scripts have all others."""

_MAX_HEADER = 500
_MONTH = "duration-month"


@dataclass(frozen=True, slots=True)
class Words:
    """A language's catalogue, with its formats of dates, numbers and countries."""

    language: str
    texts: Mapping[str, str]
    locale: Locale

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return str(self.locale.text_direction)

    def __call__(self, key: str, **values: object) -> str:
        """Returns the text of a key; raises KeyError for a key that no catalogue has."""
        return self.texts[key].format(**values)

    def get(self, key: str, otherwise: str) -> str:
        """Returns the text of a key, or the given text: for codes that come from data."""
        return self.texts.get(key, otherwise)

    def around(self, key: str) -> tuple[str, str]:
        """Returns a text before and after its `value`, which a page shows as an element."""
        before, _, after = self.texts[key].partition("{value}")
        return before, after

    def without(self, prefixes: tuple[str, ...]) -> dict[str, str]:
        """Returns all texts but those whose keys begin with a prefix, for the script of a page."""
        return {key: text for key, text in self.texts.items() if not key.startswith(prefixes)}

    def day(self, when: date) -> str:
        """Formats a date with the month's name, which reads the same in every country."""
        at = when if isinstance(when, datetime) else datetime(when.year, when.month, when.day)  # noqa: DTZ001 - a day has no time zone
        return str(format_skeleton("yMMMd", at, locale=self.locale))

    def months(self, count: int) -> str:
        """Formats a time in months."""
        # Where both forms are the same, Babel has only the short one, and writes the unit's code.
        forms = (
            str(format_unit(count, _MONTH, length, locale=self.locale))
            for length in ("long", "short")
        )
        return next(text for text in forms if _MONTH not in text)

    def country(self, alpha3: str) -> str:
        """Returns a country's name, or the code where the language has none."""
        alpha2 = get_global("territory_aliases").get(alpha3, [alpha3])[0]
        return str(self.locale.territories.get(alpha2, alpha3))


@functools.cache
def load_words(language: str) -> Words:
    """Loads one of `LANGUAGES`."""
    file = resources.files("traceledger_api") / "locales" / f"{language}.json"
    texts: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return Words(language, texts, Locale.parse(language, sep="-"))


def choose_language(requested: str | None, accepted: str | None) -> str:
    """Chooses among `LANGUAGES`: the requested tag, else the best of an Accept-Language header.

    Source: RFC 9110 section 12.5.4. Unreadable parts are ignored.
    """
    if requested is not None and (found := _match(requested)):
        return found
    preferences = []
    for place, part in enumerate((accepted or "")[:_MAX_HEADER].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            preferences.append((-float(weight or "1"), place, tag))
        except ValueError:
            continue
    for _, _, tag in sorted(each for each in preferences if each[0] < 0):
        if found := _match(tag):
            return found
    return "en"


def _match(tag: str) -> str | None:
    primary = tag.strip().lower().partition("-")[0]
    return next((known for known in LANGUAGES if known.partition("-")[0] == primary), None)
