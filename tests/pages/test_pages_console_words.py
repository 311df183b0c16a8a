"""The texts of the console: each in both languages, each used, none missing."""

from __future__ import annotations

import re
import string
from pathlib import Path

from traceledger.audit.fates import FATES
from traceledger_api.pages.customs.words import load_console_words

PACKAGE = Path(__file__).parents[2] / "api" / "traceledger_api"
ENGLISH, CHINESE = (load_console_words(language).texts for language in ("en", "zh-CN"))


def sources() -> str:
    files = [*(PACKAGE / "templates" / "customs").glob("*.html")]
    files += (PACKAGE / "pages" / "customs").glob("*.py")
    return "".join(file.read_text() for file in files)


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    """Defends against a page that fails in one language only."""
    assert list(ENGLISH) == list(CHINESE)
    for key, text in ENGLISH.items():
        assert placeholders(text) == placeholders(CHINESE[key]), key


def test_every_key_that_a_page_names_exists() -> None:
    """Defends against a page that fails when it shows a rare state."""
    named = set(re.findall(r"""\bt\("([a-z._-]+)"[,)]""", sources()))
    assert named <= ENGLISH.keys()
    assert {f"fate.{fate}" for fate in FATES} <= ENGLISH.keys()
    assert len(named) > 100
