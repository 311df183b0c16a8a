"""Untrusted text in messages: short, and without characters that control a terminal."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from traceledger.identifiers.excerpt import excerpt, printable, quote


@given(st.text())
def test_excerpt_is_short_and_printable(text: str) -> None:
    shown = excerpt(text)
    assert shown.isprintable()
    assert len(shown) < 550


@given(st.text(max_size=200))
def test_messages_contain_only_short_printable_text(text: str) -> None:
    assert quote(text).isprintable()
    assert len(quote(text)) <= 800


def test_quotes_what_json_cannot_represent() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert quote(deep) == "[[[…"
    assert quote(b"x") == "\"b'x'\""
    assert quote("\u202e\ud800") == '"\\u202e\\ud800"'
    while deep:
        deep = deep[0]


def test_escapes_are_unambiguous() -> None:
    """Five digits after `\\u` would read as another character and a digit."""
    assert printable("\U000e00411") == "\\U000e00411"
    assert printable("\ue0041") == "\\ue0041"


def test_keeps_only_the_characters_named() -> None:
    assert printable("a\tb\nc\r", keep="\n\t") == "a\tb\nc\\u000d"
