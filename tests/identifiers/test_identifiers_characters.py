from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceledger.errors import MalformedError
from traceledger.identifiers import check_code, check_text
from traceledger.identifiers.characters import CODE_CHARACTER, TEXT_CHARACTER

EVERY = [chr(code) for code in range(sys.maxunicode + 1)]
TEXT = set(filter(re.compile(TEXT_CHARACTER).fullmatch, EVERY))
CODE = set(filter(re.compile(CODE_CHARACTER).fullmatch, EVERY))
HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Default_Ignorable_Code_Point outside those categories, and the blank braille pattern.
FILLERS = {chr(code) for code in (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)}
SELECTORS = {
    chr(code)
    for first, last in ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
    for code in range(first, last + 1)
}
JAMO = {
    chr(code)
    for first, last in ((0x1100, 0x11FF), (0xA960, 0xA97F), (0xD7B0, 0xD7FF))
    for code in range(first, last + 1)
}


def is_hidden(character: str) -> bool:
    return unicodedata.category(character) in HIDDEN_CATEGORIES or character in FILLERS | SELECTORS


def is_variant(character: str) -> bool:
    return (
        unicodedata.category(character)[0] == "M"
        or (unicodedata.category(character) == "Zs" and character != " ")
        or character in JAMO
        or unicodedata.normalize("NFKC", character) != character
    )


def test_no_text_contains_what_unicode_calls_hidden() -> None:
    """A part number with an invisible character looks like another, and a recall misses it."""
    hidden = set(filter(is_hidden, EVERY))
    assert hidden.isdisjoint(TEXT)
    newer = set(EVERY) - hidden - TEXT  # characters that a Unicode after 14.0 added
    assert not newer or unicodedata.unidata_version > "14.0.0"
    variants = {one for one in TEXT if is_variant(one)}
    assert TEXT - variants == CODE


@given(st.text(st.sampled_from(sorted(CODE)), max_size=12))
def test_codes_of_allowed_characters_have_one_normal_form(code: str) -> None:
    assert unicodedata.normalize("NFKC", code) == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("２４２６１８７０", "24261870"),
        ("2426\u00a01870", "2426 1870"),
        ("2426  1870", "2426 1870"),
        (" 24261870", "24261870"),
        ("24261870\u3000", "24261870"),
        ("№7", "No7"),
        ("Citroe\u0308n", "Citroën"),
    ],
)
def test_refusal_of_a_code_names_the_normal_form(given: str, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        check_code(given)
    assert caught.value.code == "value.text"
    assert caught.value.message.endswith(f"allowed: {code!r}")
    assert check_code(code) == code


@pytest.mark.parametrize(
    "hidden",
    ["\u200b", "\u200e", "\ufeff", "\u00ad", "\u3164", "\u2800", "\U000e0041", "\ue000", "\u0378"],
)
def test_hidden_character_is_refused_and_named(hidden: str) -> None:
    for check in (check_text, check_code):
        with pytest.raises(MalformedError) as caught:
            check(f"2426{hidden}1870")
        assert f"U+{ord(hidden):04X} as character 5" in caught.value.message
        assert caught.value.message.isprintable()


@pytest.mark.parametrize("code", ["24261870", "HW49 900-045-49", "变速箱", "Citroën", "Škoda", "μ"])
def test_codes_in_any_script_are_allowed(code: str) -> None:
    assert check_code(code) == code
