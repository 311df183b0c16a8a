"""The vocabulary covers what the ledger's own examples say, in every language of the pages."""

from __future__ import annotations

import json
import re
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from traceledger.events.captions import find_label
from traceledger.events.vocabulary import LANGUAGES, describe_vocabulary, load_vocabulary
from traceledger_api.pages import words
from traceledger_cli.demo.models import LIMITS, MODELS

ROWS: dict[str, Any] = json.loads(
    resources.files("traceledger.events").joinpath("vocabulary.json").read_text("utf-8")
)
SECTIONS = ("tests", "methods", "parts", "faults", "states")
TERMS = [(section, name) for section in SECTIONS for name in ROWS[section]]
JAVASCRIPT = Path(__file__).parents[1] / "js" / "translate.mjs"
PHRASES = {
    "supply current": ("Stromaufnahme", "供电电流"),
    "  Supply_Current ": ("Stromaufnahme", "供电电流"),
    "供电电流": ("Stromaufnahme", "供电电流"),
    "leak test": ("Dichtheitsprüfung", "气密性测试"),
    "seized bearing": ("festsitzendes Lager", "轴承卡死"),
    "worn bearing": ("Lager: verschlissen", "轴承磨损"),
    "cracked solder joint at connector pin 14": (
        "gerissene Lötstelle (Steckerpin 14)",
        "插针 14处焊点开裂",
    ),
    "capacitor out of tolerance": ("Kondensator: außerhalb der Toleranz", "电容超差"),
    "failed clutch motor driver": (
        "Treiber des Kupplungsmotors: ausgefallen",
        "离合器电机驱动器失效",
    ),
}
UNKNOWN = (
    "",
    "P0841",
    "frobnicated flux",
    "worn frobnicator",
    "cracked joint at frobnicator",
    "constructor",
    "__proto__",
    "worn constructor",
    "at",
    " at at ",
    "in at of " * 7,
    "<b>supply current</b>",
    "\U0001f527",
)


def test_languages_are_those_of_the_pages() -> None:
    assert set(LANGUAGES) == set(words.LANGUAGES)


@pytest.mark.parametrize(("section", "name"), TERMS)
def test_every_term_has_a_text_in_every_language(section: str, name: str) -> None:
    term = ROWS[section][name]
    assert term.keys() == {"as", *LANGUAGES}
    for language in LANGUAGES:
        assert term[language] == term[language].strip() != ""
        assert not re.search(r"[<>&{}]", term[language])
    assert re.search("[\u4e00-\u9fff]", term["zh-CN"])
    assert re.search("[\u0600-\u06ff]", term["ar"])
    assert re.search("[\u0400-\u04ff]", term["ru"])


def test_no_spelling_has_two_meanings() -> None:
    for group in (SECTIONS[:-1], SECTIONS[-1:]):
        spellings = [
            text for section in group for term in ROWS[section].values() for text in term["as"]
        ]
        assert len(spellings) == len(set(spellings))
    units = [text for unit in ROWS["units"] for text in unit["as"]]
    assert len(units) == len(set(units))


def test_spellings_are_in_the_form_in_which_texts_are_sought() -> None:
    for section, name in TERMS:
        for text in ROWS[section][name]["as"]:
            assert load_vocabulary("en").translate(text) is not None or section == "states"


@pytest.mark.parametrize("text", PHRASES)
def test_finds_terms_and_phrases(text: str) -> None:
    found = [load_vocabulary(language).translate(text) for language in ("de", "zh-CN")]
    assert tuple(found) == PHRASES[text]


@pytest.mark.parametrize("text", UNKNOWN)
def test_unknown_words_stay_as_they_were_written(text: str) -> None:
    """A guess at the meaning of a fault would be worse than the writer's own words."""
    assert load_vocabulary("de").translate(text) is None


def test_knows_every_word_of_the_demo() -> None:
    english = load_vocabulary("en")
    said = [limit.name for limit in LIMITS]
    said += [fault.what for model in MODELS.values() for fault in model.faults]
    said += [fault.part for model in MODELS.values() for fault in model.faults if fault.part]
    said += ["ultrasonic", "ipa", "dry wipe", "clean", "resolder", "replace", "worn out"]
    said += ["circuit board", "aluminium housing", "as removed, complete", "housing damaged"]
    assert [text for text in said if english.translate(text) is None] == []
    assert {limit.unit for limit in LIMITS} <= english.units.keys()


def test_knows_every_reason_for_rejection() -> None:
    """The catalogue names them in two languages only."""
    captions = json.loads(
        resources.files("traceledger.events").joinpath("captions.json").read_text("utf-8")
    )
    for code in captions["reject_codes"]:
        assert load_vocabulary("zh-CN").codes[code] == find_label("reject_codes", code).zh


@pytest.mark.parametrize(
    ("unit", "language", "symbol"),
    [
        ("AMP", "en", "A"),
        ("A", "ru", "А"),
        ("Ohm", "de", "Ω"),
        ("OHM", "ru", "Ом"),
        ("rpm", "de", "U/min"),
        ("1", "en", ""),
        ("C62", "ar", ""),
        ("furlong", "en", "furlong"),
        ("constructor", "en", "constructor"),
    ],
)
def test_units_are_shown_as_readers_write_them(unit: str, language: str, symbol: str) -> None:
    assert load_vocabulary(language).symbol(unit) == symbol


def test_javascript_translates_the_same() -> None:
    texts = [*PHRASES, *UNKNOWN]
    texts += [text for section, name in TERMS for text in ROWS[section][name]["as"]]
    units = ["AMP", "1", "furlong", "constructor"]
    given = {
        "vocabularies": [describe_vocabulary(language) for language in LANGUAGES],
        "texts": texts,
        "units": units,
    }
    answer = subprocess.run(
        ["node", JAVASCRIPT], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    for language, found in zip(LANGUAGES, json.loads(answer.stdout), strict=True):
        vocabulary = load_vocabulary(language)
        assert found["texts"] == [vocabulary.translate(text) for text in texts]
        assert found["units"] == [vocabulary.symbol(unit) for unit in units]
