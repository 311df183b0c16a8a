from __future__ import annotations

import json
import re
from datetime import date
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from traceledger.events.catalogue import CATALOGUE
from traceledger.rules.lifecycle import TABLE
from traceledger_api.notices import Kind
from traceledger_api.pages.buyer.standing import STANDINGS
from traceledger_api.pages.words import LANGUAGES, choose_language, load_words

PACKAGE = Path(str(resources.files("traceledger_api")))
ENGLISH = load_words("en").texts
OTHERS = [language for language in LANGUAGES if language != "en"]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def sources() -> str:
    """Returns everything that may name a key: templates, scripts and modules of the pages."""
    files = [*(PACKAGE / "templates").rglob("*.html"), *(PACKAGE / "pages").rglob("*.py")]
    files += (PACKAGE / "static").glob("*.js")
    files.append(PACKAGE / "static" / "verify-page.html")
    return "".join(file.read_text() for file in files if "customs" not in str(file))


@pytest.mark.parametrize("language", OTHERS)
def test_catalogue_has_the_same_keys_in_the_same_order(language: str) -> None:
    assert list(load_words(language).texts) == list(ENGLISH)


@pytest.mark.parametrize("language", OTHERS)
def test_catalogue_has_the_same_placeholders(language: str) -> None:
    texts = load_words(language).texts
    assert {key: placeholders(text) for key, text in texts.items()} == {
        key: placeholders(text) for key, text in ENGLISH.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_contains_markup(language: str) -> None:
    for key, text in load_words(language).texts.items():
        assert text == text.strip() != "", key
        assert not re.search(r"[<>&]", text), key


@pytest.mark.parametrize("language", OTHERS)
def test_texts_are_translated(language: str) -> None:
    texts = load_words(language).texts
    same = [
        key
        for key, text in texts.items()
        if text == ENGLISH[key] and re.sub(r"\{[a-z]+\}", "", text).strip(": ")
    ]
    # A few words are the same in two languages: "Software", "{km} km".
    assert len(same) <= 3, same


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_is_written_as_its_test_reads_it(language: str) -> None:
    text = (PACKAGE / "locales" / f"{language}.json").read_text()
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"


def test_every_key_is_used() -> None:
    text = sources()
    built = (
        *(
            "story.",
            "former.",
            "scene.",
            "standing.",
            "category.",
            "reserve.",
            "action.",
            "checks.",
        ),
        *("former.", "unchecked.", "scans.warning.", "record.", "severity.", "answer."),
        *(f"find.{kind}." for kind in get_args(Kind)),
    )
    unused = [key for key in ENGLISH if key not in text and not key.startswith(built)]
    assert unused == []


def test_every_key_that_the_pages_name_exists() -> None:
    named = set(re.findall(r"""\bt\("([a-z_.]+)"[,)]""", sources()))
    named |= set(re.findall(r"""\bsay\("([a-z_.]+)"[,)]""", sources()))
    assert named <= ENGLISH.keys()
    assert len(named) > 60


def test_every_standing_has_a_title_and_a_note() -> None:
    for standing in STANDINGS:
        assert {f"standing.{standing}", f"standing.{standing}.note"} <= ENGLISH.keys()


def test_every_kind_of_event_about_things_has_words() -> None:
    chains = {"unit", "core", "component"}
    kinds = [name for name, kind in CATALOGUE.items() if chains & set(kind.chains)]
    assert {row.kind for row in TABLE if row.chain in chains} <= set(kinds)
    for kind in kinds:
        assert any(key.startswith(f"story.{kind}") for key in ENGLISH), kind


@pytest.mark.parametrize(
    ("asked", "accepted", "chosen"),
    [
        ("de", "fr", "de"),
        ("zh", None, "zh-CN"),
        ("xx", "pt-BR,en;q=0.5", "pt"),
        (None, "zh-TW,zh;q=0.9,en;q=0.8", "zh-CN"),
        (None, "fi, ru;q=0.3, ar;q=0.7", "ar"),
        (None, "en;q=0.1, es;q=x, fr;q=0", "en"),
        (None, "", "en"),
        (None, None, "en"),
        ("../../etc", ";q=;q=,,,", "en"),
    ],
)
def test_language_is_the_requested_or_the_best_accepted(
    asked: str | None, accepted: str | None, chosen: str
) -> None:
    assert choose_language(asked, accepted) == chosen


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "24 months"), ("zh-CN", "24个月"), ("pt", "24 meses"), ("ar", "24 شهرًا")],
)
def test_a_time_in_months_is_words(language: str, text: str) -> None:
    """Pages stated a warranty of "24 duration-month" where a language has one form only."""
    assert load_words(language).months(24) == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_name_the_month_and_countries_have_names(language: str) -> None:
    words = load_words(language)
    written = words.day(date(2025, 4, 2))
    assert "2025" in written
    assert "04" not in written
    assert words.country("USA") != "USA"
    assert words.country("XXX") == "XXX"
