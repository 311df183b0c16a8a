"""The texts of the console: each in both languages, each used, none missing."""

from __future__ import annotations

import re
import string
from pathlib import Path

from traceledger.audit import arithmetic
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


def test_every_term_of_a_finding_has_a_name() -> None:
    """Defends against a finding whose page fails, or shows the name of a variable."""
    source = Path(arithmetic.__file__).read_text()
    named = set(re.findall(r'Term\("[^"]+", "([a-z_]+)",', source))
    counted = ("imported", "arrived", "exported", "returned", "diverted", "pending")
    others = ("weighed", "destroyed_weighed", "in", "imported_at", "first_scrap", "least", "most")
    mass = ("cores_in", "out", "waste", "short_settled", "close", "loss", "transferred")
    for name in (*named, *counted, *others, *mass, "book_line.in", "book_line.out"):
        assert f"term.{name}" in ENGLISH
    assert len(named) > 10
